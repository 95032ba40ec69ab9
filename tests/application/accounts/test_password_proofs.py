"""Proving a password in plain."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.proofs import Anybody, Known, Named, PasswordProof, Subject
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Denied, Invalid, InvalidCredentials, RateLimited, Unavailable
from synctv.domain.ids import AccountId
from tests.application.accounts.people import (
    ELSEWHERE,
    Person,
    Recorded,
    RecordedHasher,
    RecordedOpaque,
    changed,
    entries,
    person,
    with_records,
    wrong_passwords,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD

RIGHT, WRONG = PasswordProof(PASSWORD), PasswordProof("wrong password")


@pytest.fixture
async def anna(opaque_house: House, recorded: Recorded) -> Person:
    made = await person(opaque_house, email="anna@example.org")
    recorded.taken()
    return made


async def refused(house: House, subject: Subject, proof: PasswordProof = WRONG, client: Client = CLIENT) -> str:
    with pytest.raises(InvalidCredentials) as error:
        await house.application.prover.prove(subject, proof, client)
    return str(error.value)


@pytest.mark.parametrize("hashed, registered", [(True, True), (True, False), (False, True)])
async def test_the_right_password_proves_its_account_by_any_record(
    opaque_house: House, anna: Person, hashed: bool, registered: bool
) -> None:
    account = await with_records(anna, argon2=hashed, opaque=registered)
    for subject in (Named("anna"), Named(" ANNA "), anna.subject):
        proven = await opaque_house.application.prover.prove(subject, RIGHT, CLIENT)
        assert (proven.account_id, proven.factor, proven.password) == (anna.id, Factor.PASSWORD, account.password)
        assert (proven.better is None) is registered


async def test_an_address_is_nobodys_name_where_a_password_is_asked_for(opaque_house: House, anna: Person) -> None:
    await refused(opaque_house, Named("anna@example.org"), RIGHT)


async def test_without_a_password_none_is_right(opaque_house: House, anna: Person) -> None:
    await with_records(anna, argon2=False, opaque=False)
    for password in ("", PASSWORD):
        await refused(opaque_house, Named("Anna"), PasswordProof(password))


async def test_whoever_is_named_a_wrong_password_takes_the_same_path_and_gets_the_same_answer(
    opaque_house: House, anna: Person, recorded: Recorded
) -> None:
    bare = await person(opaque_house, "Bob")
    await with_records(bare, argon2=False, opaque=False)
    answers, checks, asked, noted = set(), [], [], []
    subjects: tuple[Subject, ...] = (
        Named("Anna"), Named("Bob"), Named("nobody"), Named("nobody@example.org"), Named(""), Named("@"),
        Named("x" * 60_000), Named("\x00"), Named("\ud800"),
        anna.subject, bare.subject, Known(AccountId("usr_gone")),
    )  # fmt: skip
    recorded.taken()
    for number, subject in enumerate(subjects):
        opaque_house.short_lived.called.clear()
        before = len(entries(opaque_house))
        client = Client("tests", f"192.0.2.{number}")
        answers.add(await refused(opaque_house, subject, client=client))
        checks.append(recorded.taken())
        asked.append(list(opaque_house.short_lived.called))
        noted.append(len(entries(opaque_house)) - before)
    assert answers == {"The username or the password is wrong."}
    assert checks == [["verify", "opaque verify"]] * len(subjects)
    assert asked == [asked[0]] * len(subjects)
    assert noted == [1] * len(subjects)


async def test_a_failure_is_noted_at_the_account_and_a_name_that_nobody_has_nowhere(
    opaque_house: House, anna: Person
) -> None:
    await refused(opaque_house, Named("anna@example.org"), client=ELSEWHERE)
    await refused(opaque_house, Named("hunter2 is my password"))
    known, unknown = entries(opaque_house, Action.SIGN_IN_FAILED)
    assert (known.target.id, known.target.name, known.detail) == (anna.id, "Anna", {"proof": "password"})
    assert (known.address, known.user_agent) == (ELSEWHERE.address, ELSEWHERE.user_agent)
    assert (unknown.target.kind, unknown.target.id, unknown.target.name) == ("unknown", "", "")


async def test_nobody_is_not_asked_for_a_password(house: House) -> None:
    with pytest.raises(Invalid) as error:
        await house.application.prover.prove(Anybody(), RIGHT, CLIENT)
    assert error.value.errors[0].path == "proof.username"


async def test_guessing_has_to_wait_and_the_right_password_too(house: House) -> None:
    await person(house)
    failures = await wrong_passwords(house, "Anna", 100)
    assert [type(failure) for failure in failures] == [InvalidCredentials] * 6 + [RateLimited] * 94
    with pytest.raises(RateLimited) as waiting:
        await house.application.prover.prove(Named("aNNa "), RIGHT, CLIENT)
    assert waiting.value.retry_after == 1.0
    await house.application.prover.prove(Named("Anna"), RIGHT, ELSEWHERE)
    house.clock.advance(1.0)
    await house.application.prover.prove(Named("Anna"), RIGHT, CLIENT)
    assert len(await wrong_passwords(house, "Anna", 6)) == 6


async def test_what_has_to_be_waited_is_waited_from_the_answer_on(passwords: PasswordHasher) -> None:
    class Slow(RecordedHasher):
        async def verify(self, password: str, stored: str | None) -> bool:
            house.clock.advance(0.9)
            return await super().verify(password, stored)

    house = furnished(Slow(passwords, Recorded()))
    await person(house)
    assert {type(one) for one in await wrong_passwords(house, "Anna", 6)} == {InvalidCredentials}
    with pytest.raises(RateLimited) as waiting:
        await house.application.prover.prove(Named("Anna"), RIGHT, CLIENT)
    assert waiting.value.retry_after == 1.0


async def test_guessing_at_a_name_that_nobody_has_waits_as_long(house: House) -> None:
    failures = await wrong_passwords(house, "nobody", 8)
    assert [type(failure) for failure in failures] == [InvalidCredentials] * 6 + [RateLimited] * 2


async def test_of_many_guesses_at_once_no_more_are_looked_at(house: House) -> None:
    await person(house)
    tries = (house.application.prover.prove(Named("Anna"), WRONG, CLIENT) for _ in range(50))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(InvalidCredentials) <= 6
    assert {type(result) for result in results} == {InvalidCredentials, RateLimited}


async def test_what_is_counted_does_not_tell_whose_address_it_is(opaque_house: House, anna: Person) -> None:
    """Else five failures by address and one by username would tell, by how long the next one waits."""
    await wrong_passwords(opaque_house, "anna@example.org", 7)
    assert [type(one) for one in await wrong_passwords(opaque_house, "Anna", 1)] == [InvalidCredentials]


async def test_a_right_password_forgives_the_wrong_ones_before_it(house: House) -> None:
    await person(house)
    for _ in range(5):
        assert {type(one) for one in await wrong_passwords(house, "Anna", 5)} == {InvalidCredentials}
        await house.application.prover.prove(Named("Anna"), RIGHT, CLIENT)


async def test_right_passwords_count_nowhere(house: House) -> None:
    await person(house)
    await asyncio.gather(*(house.application.prover.prove(Named("Anna"), RIGHT, CLIENT) for _ in range(4)))
    for _ in range(40):
        await house.application.prover.prove(Named("Anna"), RIGHT, CLIENT)
    assert {await house.short_lived.get(key) for key in house.short_lived.remembered()} <= {b"0"}


async def test_a_try_that_could_not_be_looked_at_counts_so_that_nobody_guesses_for_nothing(
    passwords: PasswordHasher,
) -> None:
    class Busy(RecordedHasher):
        async def verify(self, password: str, stored: str | None) -> bool:
            raise Unavailable("check of passwords")

    house = furnished(Busy(passwords, Recorded()))
    await person(house)
    failures = await wrong_passwords(house, "Anna", 8)
    assert [type(failure) for failure in failures] == [Unavailable] * 6 + [RateLimited] * 2
    assert not entries(house, Action.SIGN_IN_FAILED)


async def test_wherever_the_counters_go_away_nobody_gets_in(passwords: PasswordHasher) -> None:
    cut = 0
    while True:
        house = furnished(passwords)
        await person(house)
        house.short_lived.up_for = cut
        try:
            await house.application.sign_in.with_password("Anna", PASSWORD, CLIENT)
        except Unavailable:
            assert not house.state.sessions
            cut += 1
            continue
        break
    assert cut >= 6


async def test_a_wrong_password_is_wrong_wherever_the_counters_go_away(passwords: PasswordHasher) -> None:
    for cut in range(12):
        house = furnished(passwords)
        await person(house)
        house.short_lived.up_for = cut
        (failure,) = await wrong_passwords(house, "Anna", 1)
        assert isinstance(failure, Unavailable | InvalidCredentials)


async def test_counters_that_are_lost_let_only_the_right_password_in(house: House) -> None:
    await person(house)
    await wrong_passwords(house, "Anna", 7)
    house.short_lived.lose()
    await refused(house, Named("Anna"))
    await house.application.prover.prove(Named("Anna"), RIGHT, CLIENT)


async def test_who_knows_the_password_is_told_that_the_operator_wants_another(house: House) -> None:
    anna = await person(house)
    await changed(house, anna.id, must_reset=True)
    for subject in (Named("Anna"), anna.subject):
        with pytest.raises(Denied, match="asks for a new password"):
            await house.application.prover.prove(subject, RIGHT, CLIENT)
        await refused(house, subject)


async def test_records_are_brought_up_to_date_by_signing_in(opaque_house: House, anna: Person) -> None:
    before = await with_records(anna, argon2=True, opaque=False)
    await anna.session()
    after = anna.account
    assert after.password is not None
    assert before.password is not None
    assert after.password.argon2 == before.password.argon2
    assert after.password.opaque is not None
    assert after.version == before.version + 1
    assert await anna.opaque() is not None
    await anna.session()
    assert anna.account == after


async def test_a_sign_in_does_not_wait_for_records_that_can_not_be_made(
    passwords: PasswordHasher, opaque: Opaque, recorded: Recorded
) -> None:
    class Full(RecordedOpaque):
        async def register(self, password: str, identifier: str) -> bytes:
            if recorded.calls:
                raise Unavailable("sign-in with a password that stays in the browser")
            return await super().register(password, identifier)

    house = furnished(passwords, opaque=Full(opaque, recorded))
    anna = await person(house)
    before = await with_records(anna, argon2=True, opaque=False)
    await anna.session()
    assert anna.account == before


async def test_several_who_sign_in_at_once_do_not_fail_for_bringing_records_up_to_date(
    opaque_house: House, anna: Person
) -> None:
    before = await with_records(anna, argon2=True, opaque=False)
    await asyncio.gather(*(anna.session() for _ in range(4)))
    assert len(opaque_house.state.sessions) == 4
    assert anna.account.version == before.version + 1


async def test_a_better_record_never_replaces_a_new_password(opaque_house: House, anna: Person) -> None:
    await with_records(anna, argon2=True, opaque=False)
    application = opaque_house.application
    proven = await application.prover.prove(Named("Anna"), RIGHT, CLIENT)
    assert proven.better is not None
    records = await opaque_house.container.known_passwords().records(anna.id, "another password")
    account = await changed(opaque_house, anna.id, password=records)
    with pytest.raises(InvalidCredentials):
        await application.sign_in.conclude(proven, CLIENT)
    assert anna.account == account
    with pytest.raises(InvalidCredentials):
        await application.sign_in.conclude(replace(proven, better=None), CLIENT)
    assert not opaque_house.state.sessions
