"""Proving with a passkey."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from synctv.application.accounts.flows import FLOW_SECONDS
from synctv.application.accounts.proofs import Anybody, PasskeyProof, Proven, Subject
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.factors import Factor, Passkey
from synctv.domain.audit.entry import Action
from synctv.domain.errors import FlowOver, InvalidCredentials, Unavailable
from tests.application.accounts.people import ELSEWHERE, Person, entries, give_passkey, methods, person
from tests.application.house import House, furnished
from tests.applications import CLIENT, SITE
from tests.authenticator import Authenticator, Flag, base64url

PHISHING = Site("https://watch.example.org.evil.example", "watch.example.org.evil.example")


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, passkey=True)


async def prove(house: House, proof: PasskeyProof, subject: Subject | None = None) -> Proven:
    return await house.application.prover.prove(subject or Anybody(), proof, CLIENT)


def stored(made: Person) -> Passkey:
    (passkey,) = [one for one in made.house.state.passkeys.values() if one.account_id == made.id]
    return passkey


async def wrong(house: House, proof: PasskeyProof, subject: Subject | None = None) -> None:
    """Asserts that it proves nothing, changes nothing and is over."""
    before = house.state.passkeys
    with pytest.raises(InvalidCredentials, match="not known here"):
        await prove(house, proof, subject)
    assert house.state.passkeys == before
    with pytest.raises(FlowOver):
        await prove(house, proof, subject)


async def test_a_passkey_tells_whose_it_is_and_signs_in_alone(house: House, anna: Person) -> None:
    proven = await prove(house, await anna.passkey())
    assert (proven.account_id, proven.factor) == (anna.id, Factor.PASSKEY)
    assert stored(anna).used_at == house.clock.now()
    await house.application.sign_in.first_step(Anybody(), await anna.passkey(), CLIENT)
    assert methods(house) == [frozenset({Factor.PASSKEY})]


async def test_the_question_is_the_same_for_everybody_but_for_its_challenge(house: House, anna: Person) -> None:
    one, other = [await house.application.prover.passkeys.start(SITE, CLIENT) for _ in range(2)]
    assert one.options["challenge"] != other.options["challenge"]
    assert {**one.options, "challenge": ""} == {**other.options, "challenge": ""}
    assert not one.options.get("allowCredentials")
    assert one.options["userVerification"] == "required"


async def test_an_answer_works_once(house: House, anna: Person) -> None:
    proof = await anna.passkey()
    await prove(house, proof)
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_of_many_at_once_one_is_taken(house: House, anna: Person) -> None:
    proof = await anna.passkey()
    results = await asyncio.gather(*(prove(house, proof) for _ in range(10)), return_exceptions=True)
    assert [type(result) for result in results].count(Proven) == 1
    assert [type(result) for result in results].count(FlowOver) == 9


async def test_an_answer_to_another_question_proves_nothing(house: House, anna: Person) -> None:
    passkeys = house.application.prover.passkeys
    one, other = await passkeys.start(SITE, CLIENT), await passkeys.start(SITE, CLIENT)
    await wrong(house, replace(anna.signed(one), flow=other.flow))
    await prove(house, anna.signed(one))


async def test_a_question_of_another_browser_is_over(house: House, anna: Person) -> None:
    with pytest.raises(FlowOver):
        await prove(house, await anna.passkey(ELSEWHERE))


async def test_it_takes_ten_minutes_at_most(house: House, anna: Person) -> None:
    proof = await anna.passkey()
    house.clock.advance(FLOW_SECONDS)
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_a_question_that_was_asked_at_another_site_is_over(house: House, anna: Person) -> None:
    started = await house.application.prover.passkeys.start(PHISHING, CLIENT)
    with pytest.raises(FlowOver):
        await prove(house, anna.signed(started, SITE))
    proof = await anna.passkey()
    with pytest.raises(FlowOver):
        await prove(house, replace(proof, site=PHISHING))


@pytest.mark.parametrize("field, value", [("origin", PHISHING.origin), ("host", PHISHING.host)])
async def test_what_was_signed_at_another_site_proves_nothing(
    house: House, anna: Person, field: str, value: str
) -> None:
    """Also where somebody in between passes this site's question on to another page."""
    setattr(anna.authenticator, field, value)
    await wrong(house, await anna.passkey())


async def test_nobody_signs_in_without_having_been_verified(house: House, anna: Person) -> None:
    anna.authenticator.flags = Flag.PRESENT
    await wrong(house, await anna.passkey())


async def test_a_passkey_that_nobody_has_is_not_known(house: House, anna: Person) -> None:
    stranger = Person(house, anna.id, "Anna", authenticator=Authenticator(handle=anna.id.encode()))
    await wrong(house, await stranger.passkey())
    (noted,) = entries(house, Action.SIGN_IN_FAILED)
    assert noted.target.kind == "unknown"


async def test_another_key_does_not_sign_for_a_known_passkey(house: House, anna: Person) -> None:
    forged = Authenticator(credential_id=anna.authenticator.credential_id, handle=anna.id.encode())
    await wrong(house, await Person(house, anna.id, "Anna", authenticator=forged).passkey())
    (noted,) = entries(house, Action.SIGN_IN_FAILED)
    assert (noted.target.id, noted.detail) == (anna.id, {"proof": "passkey"})
    assert (noted.address, noted.user_agent) == (CLIENT.address, CLIENT.user_agent)


async def test_a_passkey_does_not_sign_under_the_name_of_another_account(house: House, anna: Person) -> None:
    eve = await person(house, "Eve", passkey=True)
    for handle in (anna.id.encode(), b"", b"x" * 64):
        eve.authenticator.handle = handle
        await wrong(house, await eve.passkey())
    eve.authenticator.handle = None
    assert (await prove(house, await eve.passkey())).account_id == eve.id


async def test_the_passkey_of_another_account_is_no_proof_of_this_one(house: House, anna: Person) -> None:
    eve = await person(house, "Eve", passkey=True)
    await wrong(house, await eve.passkey(), anna.subject)
    (noted,) = entries(house, Action.SIGN_IN_FAILED)
    assert noted.target.id == anna.id
    assert (await prove(house, await eve.passkey(), eve.subject)).account_id == eve.id


async def test_a_counter_that_counts_goes_on(house: House, anna: Person) -> None:
    anna.authenticator.step = 3
    for count in (3, 6, 9):
        await prove(house, await anna.passkey())
        assert stored(anna).sign_count == count


@pytest.mark.parametrize("count", [0, 1, 4, 5])
async def test_a_counter_that_went_back_was_copied_and_that_is_noted(house: House, anna: Person, count: int) -> None:
    anna.authenticator.count = 5
    await prove(house, await anna.passkey())
    anna.authenticator.count = count
    await wrong(house, await anna.passkey())
    (copied,) = entries(house, Action.PASSKEY_COPIED)
    assert (copied.target.id, copied.detail) == (anna.id, {"passkey": "Anna's phone"})
    assert (copied.address, copied.user_agent) == (CLIENT.address, CLIENT.user_agent)
    assert len(entries(house, Action.SIGN_IN_FAILED)) == 1
    anna.authenticator.count = 6
    await prove(house, await anna.passkey())


async def test_a_counter_that_never_counts_is_no_copy(house: House, anna: Person) -> None:
    for _ in range(3):
        await prove(house, await anna.passkey())
    assert not entries(house, Action.PASSKEY_COPIED)


async def test_a_counter_is_not_moved_by_who_can_not_sign(house: House, anna: Person) -> None:
    forged = Authenticator(credential_id=anna.authenticator.credential_id, count=1_000)
    await wrong(house, await Person(house, anna.id, "Anna", authenticator=forged).passkey())
    assert stored(anna).sign_count == 0


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "x"},
        {"id": "", "rawId": "", "type": "public-key", "response": {}},
        {"id": 1, "rawId": [], "type": None, "response": "x"},
        {"id": "x" * 100_000, "rawId": "x" * 100_000, "type": "public-key", "response": {}},
    ],
)
async def test_what_is_no_answer_proves_nothing(house: House, anna: Person, credential: dict[str, object]) -> None:
    started = await house.application.prover.passkeys.start(SITE, CLIENT)
    await wrong(house, PasskeyProof(started.flow, credential, SITE))


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize(
    "spoil", [lambda text: "", lambda text: text[:-4], lambda text: text + base64url(b"xyz" * 9_000)]
)
async def test_an_answer_that_was_cut_or_blown_up_proves_nothing(
    house: House, anna: Person, part: str, spoil: Callable[[str], str]
) -> None:
    proof = await anna.passkey()
    response = dict(proof.credential["response"])
    response[part] = spoil(response[part])
    await wrong(house, replace(proof, credential={**proof.credential, "response": response}))


async def test_a_passkey_that_was_removed_on_the_way_proves_nothing(house: House, anna: Person) -> None:
    proof = await anna.passkey()
    async with house.transactions.write() as tx:
        await tx.passkeys.remove(anna.id, stored(anna).id)
    await wrong(house, proof)


async def test_the_last_passkey_removed_between_proof_and_conclusion_signs_nobody_in(
    house: House, anna: Person
) -> None:
    proven = await prove(house, await anna.passkey())
    async with house.transactions.write() as tx:
        await tx.passkeys.remove(anna.id, stored(anna).id)
    with pytest.raises(FlowOver):
        await house.application.sign_in.conclude(proven, CLIENT)
    assert not house.state.sessions


async def test_each_of_several_passkeys_signs_in(house: House, anna: Person) -> None:
    other = Authenticator()
    await give_passkey(anna, other)
    for authenticator in (anna.authenticator, other):
        holder = Person(house, anna.id, "Anna", authenticator=authenticator)
        assert (await prove(house, await holder.passkey())).account_id == anna.id


async def test_questions_that_are_lost_let_nobody_in(house: House, anna: Person) -> None:
    proof = await anna.passkey()
    house.short_lived.lose()
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_while_questions_can_not_be_kept_nobody_gets_in(passwords: PasswordHasher) -> None:
    for cut in (0, 1):
        house = furnished(passwords)
        anna = await person(house, passkey=True)
        house.short_lived.up_for = cut
        with pytest.raises(Unavailable):
            await house.application.sign_in.first_step(Anybody(), await anna.passkey(), CLIENT)
        assert not house.state.sessions
