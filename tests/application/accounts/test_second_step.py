"""The second step: of another kind than the first, in time, by the same client, and not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import MFA_SECONDS, TRIES
from synctv.application.accounts.proofs import (
    Anybody,
    EmailProof,
    Named,
    PasswordProof,
    Proof,
    RecoveryProof,
    TotpProof,
)
from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_in import MfaChallenge
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Ban
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    Banned,
    Denied,
    DomainError,
    FlowOver,
    Invalid,
    InvalidCredentials,
    RateLimited,
    Unavailable,
)
from tests.application.accounts.people import (
    ELSEWHERE,
    STEP,
    Person,
    Recorded,
    RecordedOpaque,
    changed,
    entries,
    last_code,
    methods,
    other_code,
    ruled,
    two_step,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD
from tests.builders import NOW

Make = Callable[[Person], Awaitable[Proof]]


async def by_password(anna: Person) -> Proof:
    return PasswordProof(PASSWORD)


async def by_passkey(anna: Person) -> Proof:
    return await anna.passkey()


async def by_email(anna: Person) -> Proof:
    return await anna.email()


async def by_totp(anna: Person) -> Proof:
    return anna.totp()


async def by_recovery_code(anna: Person) -> Proof:
    return RecoveryProof("aaaa-aaaa")


SECONDS: dict[Make, Factor] = {
    by_password: Factor.PASSWORD,
    by_passkey: Factor.PASSKEY,
    by_email: Factor.EMAIL,
    by_totp: Factor.TOTP,
    by_recovery_code: Factor.TOTP,
}


@pytest.fixture
async def anna(house: House) -> Person:
    return await two_step(house)


async def first(anna: Person, factor: Factor, client: Client = CLIENT) -> MfaChallenge:
    """The question that a first step by this factor leads to."""
    application = anna.house.application
    if factor is Factor.PASSWORD:
        return await anna.challenge(client)
    proof: Proof = await anna.passkey(client) if factor is Factor.PASSKEY else await anna.email(Named("Anna"), client)
    asked = await application.sign_in.first_step(Anybody(), proof, client)
    assert isinstance(asked, MfaChallenge)
    return asked


async def second(anna: Person, mfa: str, proof: Proof, client: Client = CLIENT) -> SignedIn:
    return await anna.house.application.sign_in.second_step(mfa, proof, client)


async def nobody_gets_in(anna: Person, mfa: str, proof: Proof, error: type[Exception] = FlowOver) -> None:
    with pytest.raises(error):
        await second(anna, mfa, proof)
    assert not anna.house.state.sessions


@pytest.mark.parametrize("one", [Factor.PASSWORD, Factor.PASSKEY, Factor.EMAIL])
@pytest.mark.parametrize("make", SECONDS)
async def test_any_two_kinds_sign_in_and_two_of_a_kind_do_not(anna: Person, one: Factor, make: Make) -> None:
    asked = await first(anna, one)
    proof = await make(anna)
    if SECONDS[make] is one:
        await nobody_gets_in(anna, asked.id, proof, Invalid)
        await second(anna, asked.id, anna.totp())
        return
    signed_in = await second(anna, asked.id, proof)
    assert signed_in.account.id == anna.id
    assert methods(anna.house) == [{one, SECONDS[make]}]
    (noted,) = entries(anna.house, Action.SIGNED_IN)
    assert noted.detail["methods"].split() == sorted({one, SECONDS[make]})
    await anna.house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_a_proof_of_the_same_kind_is_not_looked_at(anna: Person) -> None:
    """Neither is it used up nor does it cost a try, right or wrong."""
    asked = await first(anna, Factor.EMAIL)
    anna.house.clock.advance(STEP)
    proof = await anna.email()
    for _ in range(TRIES + 1):
        await nobody_gets_in(anna, asked.id, proof, Invalid)
    assert not entries(anna.house, Action.SIGN_IN_FAILED)
    other = await first(anna, Factor.PASSWORD)
    await second(anna, other.id, proof)


async def test_it_ends_with_the_first_right_answer(anna: Person) -> None:
    asked = await anna.challenge()
    await second(anna, asked.id, anna.totp())
    with pytest.raises(FlowOver):
        await second(anna, asked.id, await anna.passkey())
    assert len(anna.house.state.sessions) == 1


async def test_of_many_right_answers_at_once_one_signs_in(anna: Person) -> None:
    asked = await anna.challenge()
    proofs: list[Proof] = [anna.totp(), await anna.passkey(), await anna.email(), RecoveryProof("aaaa-aaaa")]
    results = await asyncio.gather(*(second(anna, asked.id, proof) for proof in proofs), return_exceptions=True)
    assert [type(result) for result in results].count(SignedIn) == 1
    assert [type(result) for result in results].count(FlowOver) == 3
    assert len(anna.house.state.sessions) == 1


async def test_five_wrong_answers_and_a_right_one_is_worth_nothing(anna: Person) -> None:
    asked = await anna.challenge()
    for _ in range(TRIES):
        await nobody_gets_in(anna, asked.id, TotpProof(other_code(anna.code())), InvalidCredentials)
    anna.house.clock.advance(STEP)
    await nobody_gets_in(anna, asked.id, anna.totp())
    noted = entries(anna.house, Action.SIGN_IN_FAILED)
    assert [(entry.target.id, entry.detail) for entry in noted] == [(anna.id, {"proof": "totp"})] * TRIES


async def test_the_fifth_answer_may_be_right(anna: Person) -> None:
    asked = await anna.challenge()
    wrong: list[Proof] = [TotpProof("wrong"), RecoveryProof("wrong"), TotpProof("wrong"), RecoveryProof("wrong")]
    for proof in wrong:
        await nobody_gets_in(anna, asked.id, proof, InvalidCredentials)
    await second(anna, asked.id, anna.totp())


async def test_of_many_wrong_answers_at_once_five_are_looked_at(anna: Person) -> None:
    asked = await anna.challenge()
    spread = [Client(CLIENT.user_agent, f"192.0.2.{number}") for number in range(30)]
    tries = (second(anna, asked.id, TotpProof("wrong"), client) for client in spread)
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(InvalidCredentials) == TRIES
    assert [type(result) for result in results].count(FlowOver) == 25


async def test_who_has_the_password_does_not_guess_on_with_a_new_question_each_time(anna: Person) -> None:
    looked_at = 0
    for _ in range(10):
        asked = await anna.challenge()
        try:
            for _ in range(TRIES):
                with pytest.raises(InvalidCredentials):
                    await second(anna, asked.id, TotpProof("wrong"))
                looked_at += 1
        except RateLimited:
            break
    assert looked_at == 6


async def test_it_takes_five_minutes_at_most(anna: Person) -> None:
    asked = await anna.challenge()
    assert asked.expires_in == MFA_SECONDS
    anna.house.clock.advance(MFA_SECONDS)
    await nobody_gets_in(anna, asked.id, anna.totp())


async def test_it_belongs_to_the_client_of_the_first(anna: Person) -> None:
    asked = await first(anna, Factor.PASSWORD, ELSEWHERE)
    await nobody_gets_in(anna, asked.id, anna.totp())
    with pytest.raises(FlowOver):
        await anna.house.application.sign_in.asked(asked.id, CLIENT)
    moved = Client(ELSEWHERE.user_agent, "203.0.113.9")
    assert await anna.house.application.sign_in.asked(asked.id, moved) == anna.id
    await second(anna, asked.id, anna.totp(), moved)


@pytest.mark.parametrize("spoil", [lambda m: "", lambda m: m[:-1], lambda m: m * 1_000, lambda m: "\ud800"])
async def test_what_is_no_question_is_over(anna: Person, spoil: Callable[[str], str]) -> None:
    asked = await anna.challenge()
    await nobody_gets_in(anna, spoil(asked.id), anna.totp())
    with pytest.raises(FlowOver):
        await anna.house.application.sign_in.asked(spoil(asked.id), CLIENT)


@pytest.mark.parametrize("make", SECONDS)
async def test_what_proves_another_account_does_not_answer(anna: Person, make: Make) -> None:
    eve = await two_step(anna.house, "Eve")
    theirs = await make(eve)
    if make in (by_password, by_recovery_code):
        return  # nothing in these proofs says whose they are
    asked = await anna.challenge()
    over = FlowOver if make is by_email else InvalidCredentials
    await nobody_gets_in(anna, asked.id, theirs, over)


async def test_flows_of_other_kinds_are_no_questions(anna: Person) -> None:
    started = await anna.house.application.prover.passkeys.start((await anna.passkey()).site, CLIENT)
    sent = await anna.house.application.prover.email.start(anna.subject, CLIENT)
    for flow in (started.flow, sent.flow):
        await nobody_gets_in(anna, flow, anna.totp())


async def test_a_first_steps_code_is_no_second_step(anna: Person) -> None:
    sent = await anna.house.application.prover.email.start(Named("Anna"), CLIENT)
    asked = await anna.challenge()
    await nobody_gets_in(anna, asked.id, EmailProof(sent.flow, last_code(anna.house)))


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"session_generation": 2}, FlowOver),
        ({"password": None}, FlowOver),
        ({"must_reset": True}, FlowOver),
        ({"ban": Ban("spam", "operator", NOW, None)}, Banned),
        ({"pending": True}, Denied),
    ],
)
async def test_what_happens_to_the_account_meanwhile_counts(
    anna: Person, change: dict[str, object], reason: type[DomainError]
) -> None:
    asked = await anna.challenge()
    await changed(anna.house, anna.id, **change)
    await nobody_gets_in(anna, asked.id, anna.totp(), reason)


async def test_a_new_password_ends_what_the_old_one_began(anna: Person) -> None:
    asked = await anna.challenge()
    link = await anna.house.application.reset.link(anna.account)
    opened = await anna.house.application.reset.open_link(link, CLIENT)
    await anna.house.application.reset.complete(opened.flow, "a quite different password", None, CLIENT)
    await nobody_gets_in(anna, asked.id, anna.totp())


async def test_a_first_factor_that_is_removed_meanwhile_no_longer_counts(anna: Person) -> None:
    asked = await first(anna, Factor.PASSKEY)
    async with anna.house.transactions.write() as tx:
        for passkey in await tx.passkeys.of_account(anna.id):
            await tx.passkeys.remove(anna.id, passkey.id)
    await nobody_gets_in(anna, asked.id, anna.totp())


@pytest.mark.parametrize("email", [None, "anna@new.example.org"])
async def test_an_address_that_is_left_meanwhile_no_longer_counts(anna: Person, email: str | None) -> None:
    asked = await first(anna, Factor.EMAIL)
    await changed(anna.house, anna.id, email=email)
    await nobody_gets_in(anna, asked.id, anna.totp())


@pytest.mark.parametrize("email", [None, "anna@new.example.org"])
async def test_the_code_in_a_letter_to_an_address_that_was_left_answers_nothing(
    anna: Person, email: str | None
) -> None:
    asked = await anna.challenge()
    proof = await anna.email()
    await changed(anna.house, anna.id, email=email)
    await nobody_gets_in(anna, asked.id, proof)


async def test_a_second_factor_that_is_removed_meanwhile_answers_nothing(anna: Person) -> None:
    asked = await anna.challenge()
    async with anna.house.transactions.write() as tx:
        await tx.totp_secrets.remove(anna.id)
        await tx.recovery_codes.replace(anna.id, ())
    await nobody_gets_in(anna, asked.id, anna.totp(), InvalidCredentials)
    await nobody_gets_in(anna, asked.id, RecoveryProof("aaaa-aaaa"), InvalidCredentials)


async def test_recovery_codes_without_the_app_that_they_belong_to_answer_nothing(anna: Person) -> None:
    asked = await anna.challenge()
    async with anna.house.transactions.write() as tx:
        await tx.totp_secrets.remove(anna.id)
    await nobody_gets_in(anna, asked.id, RecoveryProof("aaaa-aaaa"))


async def test_a_factor_that_came_later_is_not_among_what_was_asked_for(house: House) -> None:
    anna = await two_step(house)
    async with house.transactions.write() as tx:
        await tx.totp_secrets.remove(anna.id)
    asked = await anna.challenge()
    assert Factor.TOTP not in asked.methods
    await nobody_gets_in(anna, asked.id, anna.totp(), Invalid)


async def test_codes_that_sign_nobody_in_are_still_a_second_step(anna: Person) -> None:
    await ruled(anna.house, email_sign_in=False)
    asked = await anna.challenge()
    assert Factor.EMAIL in asked.methods
    await second(anna, asked.id, await anna.email())


async def test_opaque_is_a_password_as_first_and_as_second_step(opaque_house: House) -> None:
    anna = await two_step(opaque_house)
    asked = await opaque_house.application.sign_in.first_step(Anybody(), await anna.opaque(Named("Anna")), CLIENT)
    assert isinstance(asked, MfaChallenge)
    await nobody_gets_in(anna, asked.id, await anna.opaque(), Invalid)
    await second(anna, asked.id, anna.totp())
    again = await first(anna, Factor.PASSKEY)
    await second(anna, again.id, await anna.opaque())
    assert methods(opaque_house) == [{Factor.PASSWORD, Factor.TOTP}, {Factor.PASSKEY, Factor.PASSWORD}]


async def test_a_password_as_second_step_brings_its_records_up_to_date(
    passwords: PasswordHasher, opaque: Opaque, recorded: Recorded
) -> None:
    with_opaque = furnished(passwords, opaque=RecordedOpaque(opaque, recorded))
    anna = await two_step(with_opaque)
    records = anna.account.password
    assert records is not None
    await changed(with_opaque, anna.id, password=replace(records, opaque=None))
    asked = await first(anna, Factor.PASSKEY)
    await second(anna, asked.id, PasswordProof(PASSWORD))
    assert anna.account.password is not None
    assert anna.account.password.opaque is not None


async def test_questions_that_are_lost_let_nobody_in(anna: Person) -> None:
    asked = await anna.challenge()
    anna.house.short_lived.lose()
    await nobody_gets_in(anna, asked.id, anna.totp())


@pytest.mark.parametrize("make", SECONDS)
async def test_wherever_what_is_kept_goes_away_nobody_gets_in(passwords: PasswordHasher, make: Make) -> None:
    cut = 0
    while True:
        house = furnished(passwords)
        anna = await two_step(house)
        one = Factor.PASSKEY if make is by_password else Factor.PASSWORD
        house.short_lived.up_for = cut
        try:
            asked = await first(anna, one)
            await second(anna, asked.id, await make(anna))
        except Unavailable:
            assert not house.state.sessions
            cut += 1
            continue
        break
    assert cut >= 10


async def test_a_proof_lost_in_the_middle_is_over_and_the_question_goes_on(anna: Person) -> None:
    asked = await anna.challenge()
    proof = await anna.passkey()
    await anna.house.short_lived.delete(
        next(key for key in anna.house.short_lived.remembered() if key.startswith("flow:passkey"))
    )
    await nobody_gets_in(anna, asked.id, proof)
    await second(anna, asked.id, await anna.passkey())
