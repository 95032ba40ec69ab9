"""Proving with an authenticator app, or with a recovery code in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from synctv.application.accounts.authenticator import recovery_digest
from synctv.application.accounts.client import Client
from synctv.application.accounts.proofs import (
    Anybody,
    Known,
    Named,
    PasswordProof,
    Proof,
    Proven,
    RecoveryProof,
    TotpProof,
)
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.factors import RECOVERY_CODES, Factor
from synctv.domain.accounts.throttle import SECOND_STEPS, WINDOW_SECONDS
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Invalid, InvalidCredentials, RateLimited, Unavailable
from synctv.domain.ids import AccountId
from tests.application.accounts.people import (
    ELSEWHERE,
    STEP,
    Person,
    changed,
    entries,
    give_codes,
    give_totp,
    other_code,
    person,
    two_step,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD

CODES = ["abcd-efgh-jkmn-pqrs", "2345-6789-abcd-efgh"]


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, totp=True, codes=CODES)


async def prove(made: Person, proof: Proof) -> Proven:
    return await made.house.application.prover.prove(made.subject, proof, CLIENT)


async def wrong(made: Person, proof: Proof, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials, match="was used already"):
            await prove(made, proof)


async def test_a_code_of_the_app_proves_its_account(anna: Person) -> None:
    assert await prove(anna, anna.totp()) == Proven(anna.id, Factor.TOTP)


async def test_a_code_works_once(house: House, anna: Person) -> None:
    await prove(anna, anna.totp())
    await wrong(anna, anna.totp())
    house.clock.advance(STEP)
    await prove(anna, anna.totp())


async def test_of_many_at_once_one_is_taken(anna: Person) -> None:
    results = await asyncio.gather(*(prove(anna, anna.totp()) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results].count(Proven) == 1
    assert [type(result) for result in results].count(InvalidCredentials) == 4


@pytest.mark.parametrize("steps", [-1, 0, 1])
async def test_a_phone_may_be_a_step_late_or_early(anna: Person, steps: int) -> None:
    await prove(anna, anna.totp(steps))
    await wrong(anna, anna.totp(steps))


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
async def test_a_phone_may_not_be_later_or_earlier(anna: Person, steps: int) -> None:
    await wrong(anna, anna.totp(steps))


async def test_after_a_newer_code_no_older_one_works(anna: Person) -> None:
    await prove(anna, anna.totp(1))
    await wrong(anna, anna.totp(0))
    await wrong(anna, anna.totp(-1))


async def test_an_older_code_may_come_first(anna: Person) -> None:
    await prove(anna, anna.totp(-1))
    await prove(anna, anna.totp(0))
    await prove(anna, anna.totp(1))


async def test_a_wrong_code_uses_no_step_up(anna: Person) -> None:
    await wrong(anna, TotpProof(other_code(anna.code())))
    await prove(anna, anna.totp())


async def test_the_code_of_another_account_is_none_of_this_one(house: House, anna: Person) -> None:
    eve = await person(house, "Eve", totp=True)
    assert eve.code() != anna.code()
    await wrong(anna, eve.totp())
    await prove(eve, eve.totp())


async def test_a_secret_that_was_moved_to_another_account_opens_nothing(house: House, anna: Person) -> None:
    """Somebody who can write to the database, and has no key, can't give an account their own app."""
    eve = await person(house, "Eve", totp=True)
    async with house.transactions.write() as tx:
        theirs = await tx.totp_secrets.get(eve.id)
        assert theirs is not None
        await tx.totp_secrets.save(replace(theirs, account_id=anna.id))
    await wrong(anna, eve.totp())


@pytest.mark.parametrize(
    "spoil", [lambda c: "", lambda c: c[:-1], lambda c: c + "0", lambda c: "\ud800", lambda c: c * 20_000]
)
async def test_what_is_cut_or_blown_up_is_wrong(anna: Person, spoil: Callable[[str], str]) -> None:
    await wrong(anna, TotpProof(spoil(anna.code())))


async def test_a_code_may_be_typed_as_it_is_read_and_on_any_keyboard(house: House, anna: Person) -> None:
    typed = ["{0} {1}", " {0}{1}\n", "{0}-{1}"]
    for form in typed:
        house.clock.advance(STEP)
        await prove(anna, TotpProof(form.format(anna.code()[:3], anna.code()[3:])))
    house.clock.advance(STEP)
    await prove(anna, TotpProof("".join(chr(ord(digit) + 0xFEE0) for digit in anna.code())))


@pytest.mark.parametrize("proof", [TotpProof("000000"), RecoveryProof(CODES[0])])
async def test_it_is_no_first_step(house: House, anna: Person, proof: Proof) -> None:
    for subject in (Named("Anna"), Named("nobody"), Anybody()):
        with pytest.raises(Invalid, match="second step") as error:
            await house.application.prover.prove(subject, proof, CLIENT)
        assert error.value.errors[0].path == "proof.kind"
    assert not house.short_lived.remembered()


@pytest.mark.parametrize("proof", [TotpProof("000000"), RecoveryProof(CODES[0])])
async def test_without_an_app_every_code_is_wrong(house: House, proof: Proof) -> None:
    await wrong(await person(house, "Bob"), proof)
    with pytest.raises(InvalidCredentials):
        await house.application.prover.prove(Known(AccountId("usr_gone")), proof, CLIENT)


async def test_a_failure_is_noted(house: House, anna: Person) -> None:
    await wrong(anna, TotpProof(other_code(anna.code())))
    await wrong(anna, RecoveryProof("wrong"))
    noted = entries(house, Action.SIGN_IN_FAILED)
    assert [entry.detail for entry in noted] == [{"proof": "totp"}, {"proof": "recovery code"}]
    assert {(entry.target.id, entry.address, entry.user_agent) for entry in noted} == {
        (anna.id, CLIENT.address, CLIENT.user_agent)
    }


async def test_guessing_has_to_wait_and_the_right_code_too(house: House, anna: Person) -> None:
    await wrong(anna, TotpProof(other_code(anna.code())), 6)
    with pytest.raises(RateLimited):
        await prove(anna, anna.totp())
    with pytest.raises(RateLimited):
        await prove(anna, RecoveryProof(CODES[0]))
    house.clock.advance(1)
    await prove(anna, anna.totp())


async def test_of_many_guesses_at_once_no_more_are_looked_at(anna: Person) -> None:
    guess = TotpProof(other_code(anna.code()))
    results = await asyncio.gather(*(prove(anna, guess) for _ in range(50)), return_exceptions=True)
    assert [type(result) for result in results].count(InvalidCredentials) <= 6


async def test_of_many_guesses_at_once_from_everywhere_no_more_are_looked_at(house: House, anna: Person) -> None:
    guess = TotpProof(other_code(anna.code()))
    spread = [Client("guesser", f"192.0.2.{number}") for number in range(60)]
    tries = (house.application.prover.prove(anna.subject, guess, client) for client in spread)
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(InvalidCredentials) == SECOND_STEPS
    assert {type(result) for result in results} == {InvalidCredentials, RateLimited}
    with pytest.raises(RateLimited) as waiting:
        await prove(anna, anna.totp())
    assert waiting.value.retry_after == WINDOW_SECONDS
    house.clock.advance(WINDOW_SECONDS)
    await prove(anna, anna.totp())


async def test_a_known_password_forgives_no_wrong_codes(house: House, anna: Person) -> None:
    """Else whoever has the password could begin anew after every five guesses, as often as they like."""
    for _ in range(3):
        await wrong(anna, TotpProof(other_code(anna.code())), 2)
        await house.application.prover.prove(Named("Anna"), PasswordProof(PASSWORD), CLIENT)
        await house.application.prover.prove(anna.subject, PasswordProof(PASSWORD), CLIENT)
    with pytest.raises(RateLimited):
        await prove(anna, anna.totp())


async def test_a_right_code_forgives_the_wrong_ones_before_it(house: House, anna: Person) -> None:
    for _ in range(3):
        await wrong(anna, TotpProof("wrong"), 5)
        house.clock.advance(STEP)
        await prove(anna, anna.totp())


async def test_a_recovery_code_stands_in_for_the_app_once(house: House, anna: Person) -> None:
    assert await prove(anna, RecoveryProof(CODES[0])) == Proven(anna.id, Factor.TOTP)
    await wrong(anna, RecoveryProof(CODES[0]))
    await prove(anna, RecoveryProof(CODES[1]))
    used = entries(house, Action.RECOVERY_CODE_USED)
    assert [entry.detail for entry in used] == [{"left": "1"}, {"left": "0"}]
    assert {(entry.target.id, entry.address) for entry in used} == {(anna.id, CLIENT.address)}


async def test_a_used_recovery_code_is_written_about(house: House, anna: Person) -> None:
    await changed(house, anna.id, email="anna@example.org")
    with pytest.raises(InvalidCredentials):
        await prove(anna, RecoveryProof("aaaa-aaaa-aaaa-aaaa"))
    assert not house.letters()
    await prove(anna, RecoveryProof(CODES[0]))
    (letter,) = house.letters()
    assert (letter.to, letter.facts["what"]) == ("anna@example.org", "recovery_code_used")


async def test_of_many_who_use_a_recovery_code_at_once_one_may(house: House, anna: Person) -> None:
    tries = (prove(anna, RecoveryProof(CODES[0])) for _ in range(5))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(Proven) == 1
    assert len(entries(house, Action.RECOVERY_CODE_USED)) == 1


@pytest.mark.parametrize(
    "typed", ["ABCD-EFGH-JKMN-PQRS", "abcdefghjkmnpqrs", " abcd efgh jkmn pqrs ", "abcd\u2013efgh\u2013jkmn\u2013pqrs",
              "\uff41\uff42\uff43\uff44-efgh-jkmn-pqrs"]
)  # fmt: skip
async def test_a_recovery_code_may_be_typed_as_it_is_read(anna: Person, typed: str) -> None:
    await prove(anna, RecoveryProof(typed))


@pytest.mark.parametrize("typed", ["", "abcd", "abcd-efgh-jkmn-pqr", "abcd-efgh-jkmn-pqrsa", "\ud800", "a" * 60_000])
async def test_what_is_no_recovery_code_is_wrong(anna: Person, typed: str) -> None:
    await wrong(anna, RecoveryProof(typed))


async def test_the_recovery_code_of_another_account_is_none_of_this_one(house: House, anna: Person) -> None:
    eve = await person(house, "Eve", codes=["eeee-eeee-eeee-eeee"])
    await wrong(anna, RecoveryProof("eeee-eeee-eeee-eeee"))
    await prove(eve, RecoveryProof("eeee-eeee-eeee-eeee"))
    assert recovery_digest(anna.id, CODES[0]) != recovery_digest(eve.id, CODES[0])


async def test_new_recovery_codes_replace_all_older_ones(anna: Person) -> None:
    await give_codes(anna, ["new2-new2-new2-new2"])
    for code in CODES:
        await wrong(anna, RecoveryProof(code))
    await prove(anna, RecoveryProof("new2-new2-new2-new2"))


async def test_there_are_ten_that_can_be_read_out(house: House) -> None:
    authenticator = house.container.authenticator()
    codes = [code for _ in range(20) for code in authenticator.new_recovery_codes()]
    assert len(authenticator.new_recovery_codes()) == RECOVERY_CODES == 10
    assert len(set(codes)) == 200
    groups = {group for code in codes for group in code.split("-")}
    assert {len(code) for code in codes} == {19}
    assert {len(group) for group in groups} == {4}
    letters = set("".join(groups))
    assert letters == set("23456789abcdefghjkmnpqrstuvwxyz")


async def test_a_secret_whose_key_is_gone_says_only_that_the_code_is_wrong(house: House, anna: Person) -> None:
    async with house.transactions.write() as tx:
        stored = await tx.totp_secrets.get(anna.id)
        assert stored is not None
        await tx.totp_secrets.save(replace(stored, sealed=stored.sealed[:-1]))
    await wrong(anna, anna.totp())
    await prove(anna, RecoveryProof(CODES[0]))


async def test_an_app_that_was_replaced_on_the_way_proves_nothing(house: House, anna: Person) -> None:
    old = anna.totp()
    replaced = replace(anna, secret=b"another secret of Anna".ljust(20)[:20])
    await give_totp(replaced)
    await wrong(anna, old)
    await prove(anna, replaced.totp())


async def test_wherever_the_counters_go_away_nobody_gets_in(passwords: PasswordHasher) -> None:
    for recovery in (False, True):
        cut = 0
        while True:
            house = furnished(passwords)
            anna = await two_step(house)
            challenge = await anna.challenge()
            house.short_lived.up_for = cut
            proof = RecoveryProof("aaaa-aaaa") if recovery else anna.totp()
            try:
                await house.application.sign_in.second_step(challenge.id, proof, CLIENT)
            except Unavailable:
                assert not house.state.sessions
                cut += 1
                continue
            break
        assert cut >= 8


async def test_counters_that_are_lost_let_only_the_right_code_in(house: House, anna: Person) -> None:
    await wrong(anna, TotpProof("wrong"), 6)
    house.short_lived.lose()
    await prove(anna, anna.totp())
    house.short_lived.lose()
    await wrong(anna, anna.totp())


async def test_another_address_does_not_wait_for_a_stranger(house: House, anna: Person) -> None:
    await wrong(anna, TotpProof("wrong"), 6)
    await house.application.prover.prove(anna.subject, anna.totp(), ELSEWHERE)
