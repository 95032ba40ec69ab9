"""Codes by email: asking for one, and proving with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import (
    CODE_DIGITS,
    HOUR,
    LETTERS_FROM_ADDRESS,
    LETTERS_FROM_NETWORK,
    LETTERS_PER_HOUR,
    RESEND_SECONDS,
    CodeSent,
)
from synctv.application.accounts.flows import FLOW_SECONDS, TRIES, FlowKind
from synctv.application.accounts.proofs import Anybody, EmailProof, Known, Named, Proven, Subject
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Language
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    Denied,
    FlowOver,
    Invalid,
    InvalidCredentials,
    PreconditionFailed,
    RateLimited,
    Unavailable,
)
from synctv.domain.ids import AccountId, seconds_after
from tests.application.accounts.people import (
    ELSEWHERE,
    Person,
    changed,
    code_sent,
    entries,
    last_code,
    last_letter,
    methods,
    other_code,
    person,
    ruled,
    two_step,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, SilentMail

ADDRESS = "anna@example.org"


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email=ADDRESS)


async def prove(house: House, proof: EmailProof, subject: Subject | None = None) -> Proven:
    return await house.application.prover.prove(subject or Anybody(), proof, CLIENT)


async def first_step(house: House, name: str = "Anna") -> EmailProof:
    sent = await code_sent(house, name)
    return EmailProof(sent.flow, last_code(house))


async def wrong(house: House, proof: EmailProof, times: int, client: Client = CLIENT) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials, match="This code is wrong"):
            await house.application.prover.prove(Anybody(), replace(proof, code=other_code(proof.code)), client)


async def test_a_code_signs_in_by_username_or_address(house: House, anna: Person) -> None:
    for name in ("aNNa", " ANNA@example.org "):
        proof = await first_step(house, name)
        proven = await prove(house, proof)
        assert (proven.account_id, proven.factor, proven.email) == (anna.id, Factor.EMAIL, ADDRESS)
        house.clock.advance(RESEND_SECONDS)
    await house.application.sign_in.first_step(Anybody(), await first_step(house), CLIENT)
    assert methods(house) == [frozenset({Factor.EMAIL})]


async def test_the_letter_says_what_it_is_for_and_from_where_it_was_asked_for(house: House, anna: Person) -> None:
    chinese = replace(CLIENT, language=Language.CHINESE)
    sent = await code_sent(house, "Anna", chinese)
    first = last_letter(house)
    assert (first.kind, first.to, first.language) == (LetterKind.SIGN_IN_CODE, ADDRESS, Language.CHINESE)
    assert first.facts == {"username": "Anna", "code": first.facts["code"], "minutes": "10", "address": "127.0.0.1"}
    assert len(first.facts["code"]) == CODE_DIGITS
    assert first.facts["code"].isdecimal()
    assert (sent.expires_in, sent.resend_after) == (FLOW_SECONDS, RESEND_SECONDS)
    await anna.email()
    assert last_letter(house).kind is LetterKind.SECOND_STEP_CODE
    (mail, _) = house.state.outbox.values()
    assert mail.mail.expires_at == seconds_after(house.clock.now(), FLOW_SECONDS)


async def test_codes_differ_and_many_begin_with_zeros(house: House) -> None:
    codes = [house.container.email_codes().new_code() for _ in range(200)]
    assert len({new.code for new in codes}) > 195
    assert {len(new.code) for new in codes} == {CODE_DIGITS}
    assert any(new.code.startswith("0") for new in codes)
    assert len({new.salt for new in codes}) == 200


async def test_who_reads_what_is_kept_finds_no_code(house: House, anna: Person) -> None:
    proof = await first_step(house)
    for key in house.short_lived.remembered():
        assert proof.code.encode() not in (await house.short_lived.get(key) or b"")
        assert proof.code not in key
        assert ADDRESS not in key


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}{1}\n", "{0}-{1}", "{0}\u00a0{1}", "{0}\u2013{1}"])
async def test_a_code_may_be_typed_as_it_is_read(house: House, anna: Person, typed: str) -> None:
    proof = await first_step(house)
    await prove(house, replace(proof, code=typed.format(proof.code[:3], proof.code[3:])))


async def test_a_code_may_be_typed_on_a_chinese_keyboard(house: House, anna: Person) -> None:
    proof = await first_step(house)
    await prove(house, replace(proof, code="".join(chr(ord(digit) + 0xFEE0) for digit in proof.code)))


@pytest.mark.parametrize(
    "spoil", [lambda c: "", lambda c: c[:-1], lambda c: c + "0", lambda c: "\ud800", lambda c: c * 20_000]
)
async def test_what_is_cut_or_blown_up_is_wrong(house: House, anna: Person, spoil: Callable[[str], str]) -> None:
    proof = await first_step(house)
    with pytest.raises(InvalidCredentials):
        await prove(house, replace(proof, code=spoil(proof.code)))
    await prove(house, proof)


async def test_a_code_works_once(house: House, anna: Person) -> None:
    proof = await first_step(house)
    await prove(house, proof)
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_of_many_at_once_one_is_taken(house: House, anna: Person) -> None:
    proof = await first_step(house)
    results = await asyncio.gather(*(prove(house, proof) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results].count(Proven) == 1
    assert [type(result) for result in results].count(FlowOver) == 4


async def test_a_code_holds_for_ten_minutes(house: House, anna: Person) -> None:
    proof = await first_step(house)
    house.clock.advance(FLOW_SECONDS)
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_five_wrong_codes_and_the_right_one_is_worth_nothing(house: House, anna: Person) -> None:
    proof = await first_step(house)
    await wrong(house, proof, TRIES)
    house.clock.advance(60)
    with pytest.raises(FlowOver, match="wrong too often"):
        await prove(house, proof)
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_the_fifth_try_may_be_right(house: House, anna: Person) -> None:
    proof = await first_step(house)
    await wrong(house, proof, TRIES - 1)
    await prove(house, proof)


async def test_of_many_guesses_at_once_five_are_looked_at(house: House, anna: Person) -> None:
    proof = await first_step(house)
    spread = [Client(CLIENT.user_agent, f"192.0.2.{number}") for number in range(50)]
    guess = replace(proof, code=other_code(proof.code))
    tries = (house.application.prover.prove(Anybody(), guess, client) for client in spread)
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results].count(InvalidCredentials) == TRIES
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_guessing_over_many_codes_has_to_wait(house: House, anna: Person) -> None:
    await wrong(house, await first_step(house), TRIES)
    house.clock.advance(RESEND_SECONDS)
    again = await first_step(house)
    await wrong(house, again, 1)
    with pytest.raises(RateLimited):
        await prove(house, again)


async def test_what_has_to_be_waited_is_waited_from_the_answer_on(house: House, anna: Person) -> None:
    await wrong(house, await first_step(house), TRIES)
    house.clock.advance(RESEND_SECONDS)
    again = await first_step(house)

    def linger(method: str, key: str) -> None:
        if method == "count" and key.startswith("tries:"):
            house.clock.advance(0.9)

    house.short_lived.before_each = linger
    await wrong(house, again, 1)
    with pytest.raises(RateLimited) as waiting:
        await prove(house, again)
    assert waiting.value.retry_after == 1.0


async def test_right_codes_count_nowhere(house: House, anna: Person) -> None:
    for _ in range(LETTERS_PER_HOUR):
        await prove(house, await first_step(house))
        house.clock.advance(RESEND_SECONDS)
    counters = [key for key in house.short_lived.remembered() if key.startswith("throttle:")]
    assert counters
    assert {await house.short_lived.get(key) for key in counters} == {b"0"}


async def test_waiting_costs_no_try(house: House, anna: Person) -> None:
    await wrong(house, await first_step(house), TRIES)
    house.clock.advance(RESEND_SECONDS)
    again = await first_step(house)
    await wrong(house, again, 1)
    for _ in range(10):
        with pytest.raises(RateLimited):
            await prove(house, again)
    house.clock.advance(1.0)
    await prove(house, again)


async def test_a_known_password_forgives_no_wrong_codes(house: House, anna: Person) -> None:
    proof = await first_step(house)
    await wrong(house, proof, TRIES)
    house.clock.advance(RESEND_SECONDS)
    again = await first_step(house)
    await wrong(house, again, 1)
    await anna.sign_in()
    with pytest.raises(RateLimited):
        await prove(house, again)


async def test_the_code_of_one_flow_is_none_for_another(house: House, anna: Person) -> None:
    one = await first_step(house, "Anna")
    other = await first_step(house, ADDRESS)
    if one.code == other.code:
        pytest.fail("The tests' ids gave the same code twice.")
    with pytest.raises(InvalidCredentials):
        await prove(house, replace(one, code=other.code))
    await prove(house, other)


async def test_the_flow_of_another_account_is_over_for_this_one(house: House, anna: Person) -> None:
    eve = await person(house, "Eve", email="eve@example.org")
    proof = await eve.email()
    with pytest.raises(FlowOver):
        await prove(house, proof, anna.subject)
    await prove(house, proof, eve.subject)


async def test_a_flow_of_another_browser_is_over(house: House, anna: Person) -> None:
    sent = await code_sent(house, "Anna", ELSEWHERE)
    with pytest.raises(FlowOver):
        await prove(house, EmailProof(sent.flow, last_code(house)))


async def test_a_code_for_one_purpose_is_none_for_another(house: House, anna: Person) -> None:
    """Who is told on the phone that a letter for the second step has come would else let somebody in with it."""
    first, second = await first_step(house), await anna.email()
    with pytest.raises(FlowOver):
        await prove(house, second)
    with pytest.raises(FlowOver):
        await prove(house, first, anna.subject)
    reset = await house.application.reset.start(ADDRESS, CLIENT)
    with pytest.raises(FlowOver):
        await prove(house, EmailProof(reset.flow, last_code(house)))
    with pytest.raises(FlowOver):
        await house.application.reset.open(first.flow, first.code, CLIENT)


async def test_a_reset_link_is_no_flow_of_a_code(house: House, anna: Person) -> None:
    token = await house.application.reset.link(anna.account)
    with pytest.raises(FlowOver):
        await house.application.prover.email.redeem(FlowKind.RESET, token, "000000", Client("", ""))


@pytest.mark.parametrize("email", [None, "anna@new.example.org"])
async def test_an_address_that_was_left_signs_in_no_more(house: House, anna: Person, email: str | None) -> None:
    """Whoever changes the address because somebody else reads the mailbox must not be overtaken by a letter there."""
    proof = await first_step(house)
    await changed(house, anna.id, email=email)
    with pytest.raises(FlowOver):
        await prove(house, proof)


@pytest.mark.parametrize("email", [None, "anna@new.example.org"])
async def test_an_address_that_is_left_between_proof_and_conclusion_signs_nobody_in(
    house: House, anna: Person, email: str | None
) -> None:
    proven = await prove(house, await first_step(house))
    await changed(house, anna.id, email=email)
    with pytest.raises(FlowOver):
        await house.application.sign_in.conclude(proven, CLIENT)
    assert not house.state.sessions


NOBODYS = ("nobody", "nobody@example.org", "", "@", "\x00", "\ud800", "x" * 60_000, "Bob")


async def test_whoever_is_named_the_answer_and_the_work_are_the_same(house: House, anna: Person) -> None:
    await person(house, "Bob")
    answers, asked, written, noted = [], [], [], []
    for name in ("Anna", *NOBODYS):
        house.short_lived.called.clear()
        before = len(house.state.outbox)
        sent = await code_sent(house, name)
        answers.append((len(sent.flow), sent.expires_in, sent.resend_after))
        written.append(len(house.state.outbox) - before)
        for _ in range(TRIES):
            with pytest.raises(InvalidCredentials):
                await prove(house, EmailProof(sent.flow, "not it"))
        house.clock.advance(60)
        with pytest.raises(FlowOver, match="wrong too often"):
            await prove(house, EmailProof(sent.flow, "not it"))
        asked.append(list(house.short_lived.called))
        noted.append(len(entries(house, Action.SIGN_IN_FAILED)))
        house.clock.advance(HOUR)
    assert answers == [answers[0]] * 9
    assert asked == [asked[0]] * 9
    assert written == [1] * 9
    assert noted == [TRIES * number for number in range(1, 10)]
    assert len(house.letters()) == 1


async def test_a_failure_is_noted_at_the_account_and_a_name_that_nobody_has_nowhere(house: House, anna: Person) -> None:
    await wrong(house, await first_step(house, ADDRESS), 1)
    sent = await code_sent(house, "hunter2")
    with pytest.raises(InvalidCredentials):
        await prove(house, EmailProof(sent.flow, "000000"))
    known, unknown = entries(house, Action.SIGN_IN_FAILED)
    assert (known.target.id, known.detail, known.address) == (anna.id, {"proof": "email"}, CLIENT.address)
    assert (unknown.target.kind, unknown.target.id, unknown.target.name) == ("unknown", "", "")


async def test_the_next_letter_comes_after_half_a_minute(house: House, anna: Person) -> None:
    for name in ("Anna", "nobody"):
        await code_sent(house, name)
        with pytest.raises(RateLimited) as waiting:
            await code_sent(house, name.upper())
        assert waiting.value.retry_after == RESEND_SECONDS
    house.clock.advance(RESEND_SECONDS)
    for name in ("Anna", "nobody"):
        await code_sent(house, name)
    assert len(house.letters()) == 2


async def test_of_many_who_ask_at_once_one_letter_is_sent(house: House, anna: Person) -> None:
    results = await asyncio.gather(*(code_sent(house, "Anna") for _ in range(20)), return_exceptions=True)
    assert [type(result) for result in results].count(CodeSent) == 1
    assert len(house.state.outbox) == 1


async def test_an_hour_has_so_many_letters(house: House, anna: Person) -> None:
    for name in ("Anna", "nobody"):
        for _ in range(LETTERS_PER_HOUR):
            await code_sent(house, name)
            house.clock.advance(RESEND_SECONDS)
        with pytest.raises(RateLimited) as waiting:
            await code_sent(house, name)
        assert waiting.value.retry_after == HOUR - LETTERS_PER_HOUR * RESEND_SECONDS
    assert len(house.letters()) == LETTERS_PER_HOUR
    house.clock.advance(HOUR)
    await code_sent(house, "Anna")


async def test_no_stranger_uses_up_what_the_holder_may_ask_for(house: House, anna: Person) -> None:
    for _ in range(LETTERS_PER_HOUR):
        await code_sent(house, "Anna", ELSEWHERE)
        house.clock.advance(RESEND_SECONDS)
    await prove(house, await first_step(house))


async def test_what_is_counted_does_not_tell_whose_address_it_is(house: House, anna: Person) -> None:
    await code_sent(house, ADDRESS)
    await code_sent(house, "Anna")


async def test_a_server_without_mail_says_so_to_everybody(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    anna = await person(house, email=ADDRESS)
    for subject in (Named("Anna"), Named("nobody"), anna.subject):
        with pytest.raises(PreconditionFailed, match="no mail"):
            await house.application.prover.email.start(subject, CLIENT)
    assert not house.state.outbox


async def test_where_codes_sign_nobody_in_they_are_still_a_second_step(house: House, anna: Person) -> None:
    before = await first_step(house)
    await ruled(house, email_sign_in=False)
    for name in ("Anna", "nobody"):
        with pytest.raises(Denied, match="no codes to sign in with"):
            await code_sent(house, name)
    with pytest.raises(Denied, match="no codes to sign in with"):
        await house.application.sign_in.first_step(Anybody(), before, CLIENT)
    assert not house.state.sessions
    await prove(house, await anna.email(), anna.subject)


async def test_who_has_no_address_gets_no_code_for_the_second_step(house: House) -> None:
    bob = await person(house, "Bob")
    for subject in (bob.subject, Known(AccountId("usr_gone"))):
        sent = await house.application.prover.email.start(subject, CLIENT)
        with pytest.raises(FlowOver):
            await prove(house, EmailProof(sent.flow, "000000"), subject)
    assert not house.letters()


async def test_somebody_has_to_be_named(house: House) -> None:
    with pytest.raises(Invalid) as error:
        await house.application.prover.email.start(Anybody(), CLIENT)
    assert error.value.errors[0].path == "username"


async def test_codes_that_are_lost_let_nobody_in(house: House, anna: Person) -> None:
    proof = await first_step(house)
    house.short_lived.lose()
    with pytest.raises(FlowOver):
        await prove(house, proof)


async def test_wherever_what_is_kept_goes_away_nobody_gets_in(passwords: PasswordHasher) -> None:
    cut = 0
    while True:
        house = furnished(passwords)
        await person(house, email=ADDRESS)
        house.short_lived.up_for = cut
        try:
            await house.application.sign_in.first_step(Anybody(), await first_step(house), CLIENT)
        except Unavailable:
            assert not house.state.sessions
            cut += 1
            continue
        break
    assert cut >= 10


async def test_a_right_code_that_could_not_be_taken_is_not_used_up(house: House, anna: Person) -> None:
    proof = await first_step(house)
    house.short_lived.up_for = 3
    with pytest.raises(Unavailable):
        await prove(house, proof)
    house.short_lived.up_for = None
    await prove(house, proof)


async def test_a_second_step_takes_the_code_of_its_own_letter(house: House) -> None:
    anna = await two_step(house)
    challenge = await anna.challenge()
    signed_in = await house.application.sign_in.second_step(challenge.id, await anna.email(), CLIENT)
    assert signed_in.account.id == anna.id
    assert methods(house) == [frozenset({Factor.PASSWORD, Factor.EMAIL})]


async def test_from_one_address_only_so_many_letters_are_asked_for(house: House) -> None:
    codes = house.application.prover.email
    for number in range(LETTERS_FROM_ADDRESS):
        await codes.pace(f"stranger{number}", CLIENT)
    with pytest.raises(RateLimited):
        await codes.pace("one more", CLIENT)
    await codes.pace("one more", Client("page", "192.0.2.1"))
    house.clock.advance(HOUR)
    await codes.pace("one more", CLIENT)


async def test_from_one_network_only_so_many_letters_are_asked_for(house: House) -> None:
    codes = house.application.prover.email
    for number in range(LETTERS_FROM_NETWORK):
        await codes.pace(f"stranger{number}", Client("page", f"2001:db8:1:{number:x}::1"))
    with pytest.raises(RateLimited):
        await codes.pace("one more", Client("page", "2001:db8:1:ffff::1"))
    await codes.pace("one more", Client("page", "2001:db8:2::1"))
