"""Signing up: the ways that are open, who gets in and who waits, and what never makes an account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FLOW_SECONDS
from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_up import InReview
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import GlobalRole, Language
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import SignUpWay, WaySwitch
from synctv.domain.accounts.throttle import AT_ADDRESS
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    AlreadyExists,
    Denied,
    FlowOver,
    Invalid,
    InvalidCredentials,
    PreconditionFailed,
    RateLimited,
)
from tests.application.accounts.people import (
    ELSEWHERE,
    changed,
    entries,
    last_letter,
    methods,
    other_code,
    person,
    ruled,
)
from tests.application.accounts.registering import (
    ADDRESS,
    OPEN,
    REVIEWED,
    begin,
    next_code,
    opened,
    stored,
)
from tests.application.accounts.trials import NO_FLOWS, Step, all_or_nothing, at_once, nothing_but_over, over, refused
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD, SITE, SilentMail

EVERY_WAY = pytest.mark.parametrize("way", SignUpWay)
CHINESE = Client("tests", "127.0.0.1", Language.CHINESE)


@pytest.fixture
async def house(house: House) -> House:
    """A product where every way is open."""
    await opened(house)
    return house


# ---------------------------------------------------------------- who gets in


@EVERY_WAY
async def test_a_newcomer_is_a_user_and_signed_in_by_what_they_proved(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way, " Anna ")
    signed_in = await begun.finish()
    assert isinstance(signed_in, SignedIn)
    (account,) = house.state.accounts.values()
    assert signed_in.account == account
    assert (account.username, account.role, account.pending, account.two_factor) == (
        "Anna",
        GlobalRole.USER,
        False,
        False,
    )
    assert (account.password is not None, account.email) == (
        way is SignUpWay.PASSWORD,
        ADDRESS if way is SignUpWay.EMAIL else None,
    )
    assert [passkey.account_id for passkey in house.state.passkeys.values()] == (
        [account.id] if way is SignUpWay.PASSKEY else []
    )
    assert methods(house) == [frozenset({Factor(way.value)})]
    (noted,) = entries(house, Action.SIGNED_UP)
    assert (noted.target.id, noted.actor.id, noted.detail) == (
        account.id,
        account.id,
        {"way": way.value, "review": "false"},
    )
    await house.application.identity.of(signed_in.access_token)


@EVERY_WAY
async def test_a_reviewed_newcomer_waits_and_signs_in_after_approval(house: House, way: SignUpWay) -> None:
    await opened(house, REVIEWED)
    begun = await begin(house, way)
    result = await begun.finish()
    assert isinstance(result, InReview)
    assert result.account.pending
    assert not house.state.sessions
    (noted,) = entries(house, Action.SIGNED_UP)
    assert noted.detail["review"] == "true"
    if way is SignUpWay.PASSWORD:
        with pytest.raises(Denied, match="approval"):
            await house.sign_in("Anna")
        await house.application.accounts.approve("Anna")
        await house.sign_in("Anna")


@EVERY_WAY
async def test_nobody_signs_up_until_an_operator_opens_the_way(passwords: PasswordHasher, way: SignUpWay) -> None:
    house = furnished(passwords)
    with pytest.raises(Denied, match="closed"):
        await begin(house, way)
    others = {other: OPEN for other in SignUpWay if other is not way}
    await ruled(house, sign_up=others)
    with pytest.raises(Denied, match="closed"):
        await begin(house, way)
    assert not house.letters()


@EVERY_WAY
async def test_a_way_that_was_closed_meanwhile_makes_no_account(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way)
    await ruled(house, sign_up={way: WaySwitch(enabled=False, review=False)})
    with pytest.raises(Denied, match="closed"):
        await begun.finish()
    assert not house.state.accounts
    await ruled(house, sign_up={way: OPEN})
    assert isinstance(await begun.finish(), SignedIn)


@EVERY_WAY
async def test_a_review_that_was_switched_on_meanwhile_holds(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way)
    await opened(house, REVIEWED)
    assert isinstance(await begun.finish(), InReview)


async def test_nobody_signs_up_by_email_where_nobody_signs_in_by_email(house: House) -> None:
    begun = await begin(house, SignUpWay.EMAIL)
    await ruled(house, email_sign_in=False)
    with pytest.raises(Denied, match="closed"):
        await begin(house, SignUpWay.EMAIL, "Bob", "bob@example.org")
    with pytest.raises(Denied, match="closed"):
        await begun.finish()
    assert not house.state.accounts
    await (await begin(house, SignUpWay.PASSWORD, "Bob", "bob@example.org")).finish()


async def test_the_language_is_the_chosen_one_or_else_the_clients(house: House) -> None:
    for username, client, chosen, expected in (
        ("anna", CLIENT, None, None),
        ("bob", CHINESE, None, Language.CHINESE),
        ("carl", CHINESE, Language.ENGLISH, Language.ENGLISH),
    ):
        begun = await begin(house, username=username, client=client)
        signed_in = await begun.finish(client=client, language=chosen)
        assert isinstance(signed_in, SignedIn)
        assert signed_in.account.language == expected
    await begin(house, SignUpWay.EMAIL, "dora", client=CHINESE)
    assert last_letter(house).language is Language.CHINESE


# ---------------------------------------------------------------- usernames


@pytest.mark.parametrize("name", ["root", "ROOT", "\uff52oot", " Admin ", "SyncTV"])
async def test_reserved_names_are_nobodys(house: House, name: str) -> None:
    with pytest.raises(AlreadyExists, match="username"):
        await begin(house, username=name)


@pytest.mark.parametrize("name", ["", "a", "x" * 33, "x" * 100_000, "a b", "-ab", "a@b", "a\x00b", "\ud800\ud800"])
async def test_what_is_no_username_is_refused_before_a_letter_goes_out(house: House, name: str) -> None:
    assert await refused(begin(house, username=name, email=ADDRESS)) == {"username"}
    assert not house.state.outbox


@pytest.mark.parametrize("name", ["Anna", "anna", " ANNA ", "\uff21nna"])
async def test_a_taken_name_is_told_at_once(house: House, name: str) -> None:
    await person(house, "Anna")
    with pytest.raises(AlreadyExists, match="username"):
        await begin(house, username=name, email=ADDRESS)
    assert not house.state.outbox


@EVERY_WAY
async def test_a_name_that_was_taken_meanwhile_makes_no_account(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way)
    await person(house, "aNNa")
    before = stored(house)
    with pytest.raises(AlreadyExists, match="username"):
        await begun.finish()
    assert stored(house) == before


async def test_a_name_that_was_reserved_meanwhile_makes_no_account(house: House) -> None:
    begun = await begin(house)
    await ruled(house, reserved_usernames=frozenset({"anna"}))
    with pytest.raises(AlreadyExists):
        await begun.finish()
    assert not house.state.accounts


async def test_a_name_is_chosen_once(house: House) -> None:
    begun = await begin(house)
    assert await refused(begun.finish(username="Bob")) == {"username"}
    signed_in = await begun.finish(username="ANNA")
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account.username == "ANNA"


# ---------------------------------------------------------------- addresses


@EVERY_WAY
async def test_an_address_counts_when_its_code_was_read(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way, email=ADDRESS)
    letter = last_letter(house)
    assert (letter.kind, letter.to, letter.facts["username"]) == (LetterKind.SIGN_UP_CODE, ADDRESS, "Anna")
    code = begun.code or ""
    for wrong in (None, other_code(code), code[:-1], code * 1_000):
        with pytest.raises(InvalidCredentials, match="code is wrong"):
            await begun.finish(code=wrong)
        assert not house.state.accounts
    signed_in = await begun.finish(code=f" {code[:3]}-{code[3:]} ")
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account.email == ADDRESS


async def test_a_code_has_five_tries(house: House) -> None:
    begun = await begin(house, SignUpWay.EMAIL)
    wrong = other_code(begun.code or "")
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await begun.finish(code=wrong)
    assert isinstance(await begun.finish(), SignedIn)
    begun = await begin(house, SignUpWay.EMAIL, "Bob", "bob@example.org")
    wrong = other_code(begun.code or "")
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await begun.finish(code=wrong)
    await over(begun.finish())
    await over(begun.finish())


async def test_tries_at_once_are_five_too(house: House) -> None:
    begun = await begin(house, SignUpWay.EMAIL)
    wrong = other_code(begun.code or "")
    spread = [replace(CLIENT, address=f"192.0.2.{number}") for number in range(12)]
    outcomes = await at_once(*(begun.finish(code=wrong, client=client) for client in spread))
    assert outcomes == ["FlowOver"] * 7 + ["InvalidCredentials"] * 5


async def test_guessing_the_codes_to_many_addresses_has_to_wait(house: House) -> None:
    for number in range(AT_ADDRESS.free + 1):
        begun = await begin(house, SignUpWay.EMAIL, f"Anna{number}", f"anna{number}@example.org")
        with pytest.raises(InvalidCredentials):
            await begun.finish(code=other_code(begun.code or ""))
    begun = await begin(house, SignUpWay.EMAIL, "Carol", "carol@example.org")
    with pytest.raises(RateLimited):
        await begun.finish()
    elsewhere = await begin(house, SignUpWay.EMAIL, "Bob", "bob@example.org", client=ELSEWHERE)
    assert isinstance(await elsewhere.finish(client=ELSEWHERE), SignedIn)


async def test_a_password_that_does_not_suit_costs_no_try(house: House) -> None:
    begun = await begin(house, email=ADDRESS)
    for _ in range(8):
        assert await refused(begun.finish(password="short")) == {"password"}
    assert isinstance(await begun.finish(), SignedIn)


async def test_a_code_of_one_sign_up_is_no_use_in_another(house: House) -> None:
    mine = await begin(house, SignUpWay.EMAIL, "Anna", "anna@example.org")
    theirs = await begin(house, SignUpWay.EMAIL, "Bob", "bob@example.org")
    with pytest.raises(InvalidCredentials):
        await theirs.finish(code=mine.code)
    assert not house.state.accounts


async def test_a_known_address_is_told_to_its_owner_alone(house: House) -> None:
    known = await person(house, "Known", email="known@example.org", language=Language.CHINESE)
    seen = []
    for username, address in (("Bob", "bob@example.org"), ("Carl", "KNOWN@example.org")):
        house.short_lived.called.clear()
        code = next_code(house)
        begun = await begin(house, username=username, email=address)
        started = replace(begun.started, flow="", code=begun.started.code and replace(begun.started.code, flow=""))
        seen.append((started, len(begun.flow), list(house.short_lived.called), len(house.state.outbox)))
        letter = last_letter(house)
        if begun.code is None:
            assert (letter.kind, letter.to, letter.language) == (
                LetterKind.SIGN_UP_KNOWN,
                "KNOWN@example.org",
                Language.CHINESE,
            )
            assert letter.facts == {"username": known.name, "address": "127.0.0.1"}
        else:
            assert begun.code == code
    assert seen[0][:3] == seen[1][:3]
    assert seen[1][3] == seen[0][3] + 1
    before = stored(house)
    with pytest.raises(InvalidCredentials, match="This code is wrong. Look at the newest letter"):
        await begun.finish(code=code)
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await begun.finish(code="000000")
    await over(begun.finish(code=code))
    assert stored(house) == before


async def test_an_address_that_was_taken_meanwhile_is_told_to_who_read_its_code(house: House) -> None:
    begun = await begin(house, SignUpWay.EMAIL)
    bob = await person(house, "Bob")
    await changed(house, bob.id, email=ADDRESS.upper())
    with pytest.raises(InvalidCredentials):
        await begun.finish(code=other_code(begun.code or ""))
    with pytest.raises(AlreadyExists, match="email address"):
        await begun.finish()
    assert len(house.state.accounts) == 1


async def test_letters_are_paced_the_same_whose_address_it_is(house: House) -> None:
    await person(house, "Known", email="known@example.org")
    for address in ("known@example.org", "new@example.org"):
        await begin(house, username="Bob", email=address)
        with pytest.raises(RateLimited) as limited:
            await begin(house, username="Carl", email=address.upper())
        assert limited.value.retry_after == 30.0
        house.clock.advance(30.0)
        for _ in range(5):
            await begin(house, username="Bob", email=address)
            house.clock.advance(30.0)
        with pytest.raises(RateLimited):
            await begin(house, username="Bob", email=address)
        await begin(house, username="Bob", email=address, client=ELSEWHERE)


async def test_where_an_address_is_needed_nobody_signs_up_without(house: House) -> None:
    before = await begin(house, username="Early")
    assert await refused(begin(house, SignUpWay.EMAIL, email="")) == {"email"}
    await ruled(house, email_required=True)
    for way in SignUpWay:
        assert await refused(begin(house, way, email="")) == {"email"}
    assert await refused(before.finish()) == {"email"}
    assert not house.state.accounts
    await (await begin(house, email=ADDRESS)).finish()


@pytest.mark.parametrize("address", ["anna", "@", "a b@example.org", "anna@localhost", "x" * 300 + "@example.org"])
async def test_what_is_no_address_is_refused(house: House, address: str) -> None:
    assert await refused(begin(house, email=address)) == {"email"}


async def test_addresses_go_by_the_rules_at_the_beginning_and_at_the_end(house: House) -> None:
    begun = await begin(house, SignUpWay.EMAIL)
    await ruled(house, email_rules=EmailRules(blocked=frozenset({"example.org"})))
    assert await refused(begin(house, username="Bob", email="bob@sub.example.org")) == {"email"}
    assert await refused(begun.finish()) == {"email"}
    assert not house.state.accounts
    await ruled(house, email_rules=EmailRules(allowed=frozenset({"example.org"})))
    assert await refused(begin(house, username="Bob", email="bob@example.com")) == {"email"}
    assert isinstance(await begun.finish(), SignedIn)


async def test_without_mail_an_address_is_left_out_where_none_is_needed(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    await opened(house)
    begun = await begin(house, email=ADDRESS)
    assert begun.started.code is None
    signed_in = await begun.finish()
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account.email is None
    with pytest.raises(PreconditionFailed, match="no mail"):
        await begin(house, SignUpWay.EMAIL, "Bob")
    await ruled(house, email_required=True)
    with pytest.raises(PreconditionFailed, match="no mail"):
        await begin(house, username="Bob", email=ADDRESS)
    assert not house.state.outbox


# ---------------------------------------------------------------- passwords in plain


@pytest.mark.parametrize("password", [None, "", "short", "x" * 257, "x" * 1_000_000])
async def test_a_password_has_its_bounds(house: House, password: str | None) -> None:
    begun = await begin(house)
    assert await refused(begun.finish(password=password)) == {"password"}
    assert not house.state.accounts


async def test_a_password_goes_by_the_policy_of_its_end(house: House) -> None:
    begun = await begin(house)
    await ruled(house, password=PasswordPolicy(min_length=12, min_classes=3, max_repeats=2))
    with pytest.raises(Invalid) as caught:
        await begun.finish(password="aaaabbbb")
    assert [error.code for error in caught.value.errors] == ["length", "classes", "repeats"]
    assert isinstance(await begun.finish(password="Correct horse 7 battery"), SignedIn)


async def test_what_was_not_asked_for_counts_for_nothing(house: House) -> None:
    begun = await begin(house, SignUpWay.EMAIL)
    signed_in = await begun.finish(password=PASSWORD, upload=b"x" * 192, credential={})
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account.password is None
    assert not house.state.passkeys


# ---------------------------------------------------------------- the flow


@EVERY_WAY
async def test_a_sign_up_makes_one_account(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way)
    answers = begun.answer()
    finish = house.application.sign_up.finish
    outcomes = await at_once(*(finish(begun.flow, answers, SITE, CLIENT) for _ in range(5)))
    assert outcomes.count("SignedIn") == 1
    assert set(outcomes) <= {"SignedIn", "AlreadyExists", "FlowOver"}
    assert (len(house.state.accounts), len(house.state.sessions)) == (1, 1)
    before = stored(house)
    await over(finish(begun.flow, answers, SITE, CLIENT))
    assert stored(house) == before


@EVERY_WAY
async def test_a_sign_up_is_its_browsers_and_ends_with_its_time(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way)
    await nothing_but_over(house, [begun.finish(client=ELSEWHERE)])
    house.clock.advance(FLOW_SECONDS - 1)
    await nothing_but_over(house, [begun.finish(client=ELSEWHERE)])
    house.clock.advance(1)
    await nothing_but_over(house, [begun.finish()])


async def test_what_is_no_flow_makes_no_account(house: House) -> None:
    begun = await begin(house)
    reset = await house.application.reset.start("nobody", CLIENT)
    texts = [*NO_FLOWS, begun.flow[:-1], begun.flow + "x", begun.flow.lower(), reset.flow]
    await nothing_but_over(house, [begun.finish(flow=text) for text in texts])


@EVERY_WAY
async def test_short_lived_state_that_was_lost_lets_nobody_in(house: House, way: SignUpWay) -> None:
    begun = await begin(house, way)
    house.short_lived.lose()
    await nothing_but_over(house, [begun.finish()])


@EVERY_WAY
async def test_while_short_lived_state_is_away_nothing_is_half_done(house: House, way: SignUpWay) -> None:
    names = iter(range(1_000))

    async def starting() -> Step:
        number = next(names)
        return lambda: begin(house, way, f"early{number}", f"early{number}@example.org")

    async def finishing() -> Step:
        number = next(names)
        begun = await begin(house, way, f"late{number}", f"late{number}@example.org")
        return begun.finish

    await all_or_nothing(house, starting)
    await all_or_nothing(house, finishing)


async def test_a_flow_is_not_over_by_an_answer_that_was_refused(house: House) -> None:
    begun = await begin(house)
    assert await refused(begun.finish(password="short")) == {"password"}
    assert await refused(begun.finish(username="Bob")) == {"username"}
    with pytest.raises(FlowOver):
        await begun.finish(client=ELSEWHERE)
    assert isinstance(await begun.finish(), SignedIn)
