"""Proving a password that is not sent (OPAQUE)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FLOW_SECONDS
from synctv.application.accounts.password_proofs import OpaqueStarted
from synctv.application.accounts.proofs import Anybody, Known, Named, OpaqueProof, Proof, Proven, Subject
from synctv.application.ports.opaque import Opaque, OpaqueLogin
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import PasswordRecords
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Denied, FlowOver, Invalid, InvalidCredentials, RateLimited, Unavailable
from synctv.domain.ids import AccountId
from tests.application.accounts.people import (
    ELSEWHERE,
    Page,
    Person,
    Recorded,
    RecordedOpaque,
    actor_of,
    changed,
    entries,
    person,
    with_records,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD

RESPONSE_BYTES = 320


@pytest.fixture
async def anna(opaque_house: House) -> Person:
    return await person(opaque_house)


async def start(house: House, subject: Subject, request: bytes | None = None) -> OpaqueStarted:
    page = Page() if request is None else None
    message = request if page is None else page.request
    assert message is not None
    return await house.application.prover.passwords.start_opaque(subject, message, CLIENT)


async def prove(house: House, proof: Proof, subject: Subject | None = None) -> Proven:
    return await house.application.prover.prove(subject or Anybody(), proof, CLIENT)


async def test_the_page_proves_a_password_without_sending_it(opaque_house: House, anna: Person) -> None:
    for subject, finish in ((Named("aNNa"), Anybody()), (Named("Anna"), Named("Anna")), (anna.subject, anna.subject)):
        proven = await prove(opaque_house, await anna.opaque(subject), finish)
        assert (proven.account_id, proven.factor) == (anna.id, Factor.PASSWORD)
        assert proven.password == anna.account.password
    assert PASSWORD not in str(opaque_house.state.audit)


async def test_it_signs_in(opaque_house: House, anna: Person) -> None:
    signed_in = await opaque_house.application.sign_in.first_step(Anybody(), await anna.opaque(Named("Anna")), CLIENT)
    assert (await actor_of(opaque_house, signed_in)).id == anna.id  # type: ignore[arg-type]


async def test_a_wrong_password_shows_in_the_page(anna: Person) -> None:
    assert await anna.opaque(Named("Anna"), password="wrong password") is None


async def test_whoever_is_named_the_answer_has_the_same_form(
    opaque_house: House, anna: Person, recorded: Recorded
) -> None:
    bare, hashed = await person(opaque_house, "Bob"), await person(opaque_house, "Cem")
    await with_records(bare, argon2=False, opaque=False)
    await with_records(hashed, argon2=True, opaque=False)
    names: list[Subject] = [
        Named(name) for name in ("Anna", "Bob", "Cem", "nobody", "nobody@example.org", "", "x" * 60_000, "\ud800")
    ]
    paths, calls, forms = [], [], set()
    for subject in (*names, bare.subject, Known(AccountId("usr_gone"))):
        recorded.taken()
        opaque_house.short_lived.called.clear()
        started = await start(opaque_house, subject)
        paths.append(recorded.taken())
        calls.append(list(opaque_house.short_lived.called))
        forms.add((len(started.response), len(started.flow)))
    assert forms == {(RESPONSE_BYTES, 43)}
    assert paths == [["opaque answer"]] * 10
    assert calls == [calls[0]] * 10


async def test_a_name_that_nobody_has_answers_as_steadily_as_any_other(opaque_house: House, anna: Person) -> None:
    """The evaluated element (the first 32 bytes) is the same for the same name and request, and another for others."""
    request = Page().request
    for name in ("Anna", "nobody"):
        spelt = [name, name.upper(), f" {name} "]
        answers = [(await start(opaque_house, Named(one), request)).response for one in spelt]
        assert len({answer[:32] for answer in answers}) == 1
        assert len({answer[32:] for answer in answers}) == 3
    answers = [(await start(opaque_house, Named(name), request)).response for name in ("Anna", "nobody", "somebody")]
    assert len({answer[:32] for answer in answers}) == 3


async def test_nobody_gets_in_as_nobody(opaque_house: House, anna: Person) -> None:
    good = await anna.opaque(Named("Anna"))
    for subject in (Named("nobody"), Known(AccountId("usr_gone"))):
        started = await start(opaque_house, subject)
        with pytest.raises(InvalidCredentials):
            await prove(opaque_house, OpaqueProof(started.flow, good.finalization))
    noted = entries(opaque_house, Action.SIGN_IN_FAILED)
    assert [entry.target.kind for entry in noted] == ["unknown", "unknown"]


async def test_a_last_message_works_once(opaque_house: House, anna: Person) -> None:
    proof = await anna.opaque(Named("Anna"))
    await prove(opaque_house, proof)
    with pytest.raises(FlowOver):
        await prove(opaque_house, proof)


async def test_of_many_at_once_one_is_taken(opaque_house: House, anna: Person) -> None:
    proof = await anna.opaque(Named("Anna"))
    results = await asyncio.gather(*(prove(opaque_house, proof) for _ in range(10)), return_exceptions=True)
    assert [isinstance(result, Proven) for result in results].count(True) == 1
    assert [isinstance(result, FlowOver) for result in results].count(True) == 9


async def test_a_last_message_belongs_to_its_flow(opaque_house: House, anna: Person) -> None:
    one, other = await anna.opaque(Named("Anna")), await anna.opaque(Named("Anna"))
    with pytest.raises(InvalidCredentials):
        await prove(opaque_house, replace(one, flow=other.flow))
    (noted,) = entries(opaque_house, Action.SIGN_IN_FAILED)
    assert noted.target.id == anna.id
    with pytest.raises(FlowOver):
        await prove(opaque_house, other)
    await prove(opaque_house, one)


async def test_the_flow_of_another_account_proves_nothing_of_this_one(opaque_house: House, anna: Person) -> None:
    eve = await person(opaque_house, "Eve")
    proof = await eve.opaque(Named("Eve"))
    with pytest.raises(FlowOver):
        await prove(opaque_house, proof, anna.subject)
    theirs = await eve.opaque(eve.subject)
    started = await start(opaque_house, anna.subject)
    with pytest.raises(InvalidCredentials):
        await prove(opaque_house, OpaqueProof(started.flow, theirs.finalization), anna.subject)


async def test_a_flow_of_another_browser_is_over(opaque_house: House, anna: Person) -> None:
    proof = await anna.opaque(Named("Anna"), client=ELSEWHERE)
    with pytest.raises(FlowOver):
        await prove(opaque_house, proof)


async def test_it_takes_ten_minutes_at_most(opaque_house: House, anna: Person) -> None:
    proof = await anna.opaque(Named("Anna"))
    opaque_house.clock.advance(FLOW_SECONDS)
    with pytest.raises(FlowOver):
        await prove(opaque_house, proof)


@pytest.mark.parametrize("message", [b"", b"x", b"x" * 95, b"\xff" * 96, b"x" * 97, b"x" * 60_000])
async def test_what_is_no_first_message_is_named(opaque_house: House, anna: Person, message: bytes) -> None:
    for subject in (Named("Anna"), Named("nobody")):
        with pytest.raises(Invalid) as error:
            await start(opaque_house, subject, message)
        assert error.value.errors[0].path == "message"
    assert not [key for key in opaque_house.short_lived.remembered() if key.startswith("flow:")]


@pytest.mark.parametrize("spoil", [lambda m: b"", lambda m: m[:-1], lambda m: m + b"x", lambda m: m * 1_000])
async def test_what_is_no_last_message_is_named_and_ends_the_flow(
    opaque_house: House, anna: Person, spoil: Callable[[bytes], bytes]
) -> None:
    proof = await anna.opaque(Named("Anna"))
    with pytest.raises(Invalid) as error:
        await prove(opaque_house, replace(proof, finalization=spoil(proof.finalization)))
    assert error.value.errors[0].path == "message"
    with pytest.raises(FlowOver):
        await prove(opaque_house, proof)


async def test_a_last_message_that_was_changed_is_wrong(opaque_house: House, anna: Person) -> None:
    proof = await anna.opaque(Named("Anna"))
    flipped = bytes([proof.finalization[0] ^ 1]) + proof.finalization[1:]
    with pytest.raises(InvalidCredentials):
        await prove(opaque_house, replace(proof, finalization=flipped))


@pytest.mark.parametrize("after", ["another password", None, PASSWORD])
async def test_a_password_that_changed_on_the_way_proves_nothing(
    opaque_house: House, anna: Person, after: str | None
) -> None:
    proof = await anna.opaque(Named("Anna"))
    known = opaque_house.container.known_passwords()
    records = None
    if after is not None:
        records = PasswordRecords(None, await opaque_house.ports.opaque.register(after, "usr_other"))
        assert records != await known.records(anna.id, after)
    await changed(opaque_house, anna.id, password=records)
    with pytest.raises(InvalidCredentials):
        await prove(opaque_house, proof)


async def test_a_password_that_changes_between_proof_and_conclusion_signs_nobody_in(
    opaque_house: House, anna: Person
) -> None:
    proven = await prove(opaque_house, await anna.opaque(Named("Anna")))
    await with_records(anna, argon2=False, opaque=False)
    with pytest.raises(InvalidCredentials):
        await opaque_house.application.sign_in.conclude(proven, CLIENT)
    assert not opaque_house.state.sessions


async def test_an_account_that_is_gone_signs_nobody_in(opaque_house: House, anna: Person) -> None:
    proof = await anna.opaque(Named("Anna"))
    async with opaque_house.transactions.write() as tx:
        await tx.accounts.remove(anna.id)
    with pytest.raises(InvalidCredentials):
        await prove(opaque_house, proof)


async def test_who_knows_the_password_is_told_that_the_operator_wants_another(
    opaque_house: House, anna: Person
) -> None:
    await changed(opaque_house, anna.id, must_reset=True)
    with pytest.raises(Denied, match="asks for a new password"):
        await prove(opaque_house, await anna.opaque(Named("Anna")))


async def test_a_guess_is_counted_when_it_is_answered_and_a_hundred_have_to_wait(
    opaque_house: House, anna: Person
) -> None:
    """A client knows from the answer whether it guessed right, and needs no last message for that."""
    for name in ("Anna", "nobody"):
        starts = [start(opaque_house, Named(name)) for _ in range(100)]
        results = await asyncio.gather(*starts, return_exceptions=True)
        assert len([result for result in results if isinstance(result, OpaqueStarted)]) <= 6
        assert {type(result) for result in results} == {OpaqueStarted, RateLimited}


async def test_what_has_to_be_waited_is_waited_from_the_answer_on(
    passwords: PasswordHasher, opaque: Opaque, recorded: Recorded
) -> None:
    class Slow(RecordedOpaque):
        def answer_login(self, request: bytes, identifier: str, record: bytes | None) -> OpaqueLogin:
            house.clock.advance(0.9)
            return super().answer_login(request, identifier, record)

    house = furnished(passwords, opaque=Slow(opaque, recorded))
    await person(house)
    for _ in range(6):
        await start(house, Named("Anna"))
    with pytest.raises(RateLimited) as waiting:
        await start(house, Named("Anna"))
    assert waiting.value.retry_after == 1.0


async def test_guesses_in_plain_and_with_opaque_are_counted_together(opaque_house: House, anna: Person) -> None:
    for _ in range(6):
        await start(opaque_house, Named("Anna"))
    with pytest.raises(RateLimited):
        await opaque_house.application.sign_in.with_password("Anna", PASSWORD, CLIENT)


async def test_a_right_password_forgives_its_own_start_and_those_before(opaque_house: House, anna: Person) -> None:
    for _ in range(4):
        for _ in range(4):
            await start(opaque_house, Named("Anna"))
        await prove(opaque_house, await anna.opaque(Named("Anna")))


async def test_right_passwords_count_nowhere(opaque_house: House, anna: Person) -> None:
    for _ in range(7):
        await prove(opaque_house, await anna.opaque(Named("Anna")))
    kept = opaque_house.short_lived.remembered()
    assert {await opaque_house.short_lived.get(key) for key in kept} <= {b"0"}


async def test_guessing_shows_in_the_audit_log_although_no_last_message_comes(
    opaque_house: House, anna: Person
) -> None:
    for name in ("Anna", "nobody"):
        for _ in range(8):
            await start(opaque_house, Named(name))
            opaque_house.clock.advance(60)
    known = [entry for entry in entries(opaque_house, Action.SIGN_IN_FAILED) if entry.target.id == anna.id]
    unknown = [entry for entry in entries(opaque_house, Action.SIGN_IN_FAILED) if entry.target.id == ""]
    assert [entry.detail["unfinished"] for entry in known] == ["5", "6", "7"]
    assert [entry.detail for entry in unknown] == [entry.detail for entry in known]
    assert {(entry.address, entry.user_agent) for entry in known} == {(CLIENT.address, CLIENT.user_agent)}


async def test_flows_that_are_lost_on_the_way_let_nobody_in(opaque_house: House, anna: Person) -> None:
    proof = await anna.opaque(Named("Anna"))
    opaque_house.short_lived.lose()
    with pytest.raises(FlowOver):
        await prove(opaque_house, proof)


async def test_wherever_flows_and_counters_go_away_nobody_gets_in(
    passwords: PasswordHasher, opaque: Opaque, recorded: Recorded
) -> None:
    cut = 0
    while True:
        house = furnished(passwords, opaque=RecordedOpaque(opaque, recorded))
        anna = await person(house)
        house.short_lived.up_for = cut
        try:
            proof = await anna.opaque(Named("Anna"))
            await house.application.sign_in.first_step(Anybody(), proof, CLIENT)
        except Unavailable:
            assert not house.state.sessions
            cut += 1
            continue
        break
    assert cut >= 8


async def test_a_server_without_opaque_says_so(house: House) -> None:
    await person(house)
    for name in ("Anna", "nobody"):
        with pytest.raises(Unavailable):
            await start(house, Named(name), b"x" * 96)


async def test_others_are_served_between_many_first_messages(opaque_house: House, anna: Person) -> None:
    order: list[str] = []

    class Noting(RecordedOpaque):
        """Notes when it answers."""

        def answer_login(self, request: bytes, identifier: str, record: bytes | None) -> OpaqueLogin:
            order.append("answered")
            return super().answer_login(request, identifier, record)

    async def somebody_else() -> None:
        while len(order) < 60:
            order.append("served")
            await asyncio.sleep(0)

    proofs = opaque_house.application.prover.passwords
    noting = Noting(proofs.passwords.opaque, Recorded())
    proofs = replace(proofs, passwords=replace(proofs.passwords, opaque=noting))
    request = Page().request
    clients = [Client("page", f"192.0.2.{number}") for number in range(5)]
    async with asyncio.TaskGroup() as group:
        group.create_task(somebody_else())
        for client in clients:
            group.create_task(proofs.start_opaque(Named("Anna"), request, client))
    assert order.count("answered") == 5
    assert "answered answered" not in " ".join(order)
