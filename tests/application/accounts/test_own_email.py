"""One's own address: it counts when its code was read, the old one is told, and a stranger's is nobody's business."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FLOW_SECONDS, GRANT_SECONDS
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Account, Language
from synctv.domain.accounts.email import EmailRules
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    AlreadyExists,
    InvalidCredentials,
    NotFound,
    PreconditionFailed,
    RateLimited,
    ReauthenticationRequired,
    TokenExpired,
)
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import (
    ELSEWHERE,
    Person,
    changed,
    entries,
    give_passkey,
    give_totp,
    last_code,
    last_letter,
    other_code,
    person,
    ruled,
)
from tests.application.accounts.registering import next_code, stored
from tests.application.accounts.trials import (
    NO_FLOWS,
    Step,
    all_or_nothing,
    at_once,
    granted,
    nothing_but_over,
    over,
    refused,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, SilentMail

OLD, NEW = "anna@example.org", "new@example.org"
HOUR = 3_600.0


@dataclass(frozen=True)
class Begun:
    """A new address that its code was sent to, or looks as if."""

    house: House
    actor: AccountActor
    flow: str
    code: str

    async def confirm(
        self,
        code: str | None = None,
        flow: str | None = None,
        actor: AccountActor | None = None,
        client: Client = CLIENT,
    ) -> Account:
        """Types the code in."""
        given, whose = self.flow if flow is None else flow, actor or self.actor
        return await self.house.application.email.confirm(whose, given, code or self.code, client)


async def begin(house: House, actor: AccountActor, email: str = NEW, client: Client = CLIENT) -> Begun:
    """Begins, with a fresh grant."""
    grant, code = await granted(house, actor), next_code(house)
    sent = await house.application.email.start(actor, email, grant, client)
    return Begun(house, actor, sent.flow, code)


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email=OLD)


# ---------------------------------------------------------------- a new address


async def test_an_address_counts_when_its_code_was_read_and_the_old_one_is_told(house: House, anna: Person) -> None:
    actor = await anna.session()
    begun = await begin(house, actor, " New@EXAMPLE.org ")
    asked = last_letter(house)
    assert (asked.kind, asked.to, asked.facts["username"]) == (LetterKind.CONFIRM_ADDRESS, "New@example.org", "Anna")
    assert anna.account.email == OLD
    account = await begun.confirm(f"{begun.code[:3]} {begun.code[3:]}")
    assert account == anna.account
    assert account.email == "New@example.org"
    told = last_letter(house)
    assert (told.kind, told.to, told.facts["what"]) == (LetterKind.FACTOR_CHANGED, OLD, "email_changed")
    (noted,) = entries(house, Action.EMAIL_CHANGED)
    assert (noted.target.id, noted.session_id) == (anna.id, actor.session_id)
    await house.application.prover.email.start(anna.subject, CLIENT)
    assert last_letter(house).to == "New@example.org"


async def test_the_first_address_and_another_spelling_tell_nobody(house: House) -> None:
    anna = await person(house)
    actor = await anna.session()
    for email in (NEW, NEW.upper()):
        await (await begin(house, actor, email)).confirm()
        house.clock.advance(30.0)
    assert anna.account.email == "NEW@example.org"
    assert {letter.kind for letter in house.letters()} == {LetterKind.CONFIRM_ADDRESS}


async def test_letters_are_in_the_language_of_the_account(house: House, anna: Person) -> None:
    await changed(house, anna.id, language=Language.CHINESE)
    await (await begin(house, await anna.session())).confirm()
    assert {letter.language for letter in house.letters()} == {Language.CHINESE}


async def test_an_address_of_somebody_else_is_told_to_nobody(house: House, anna: Person) -> None:
    await person(house, "Known", email="known@example.org")
    actor, seen = await anna.session(), []
    for number, email in enumerate((NEW, "KNOWN@example.org")):
        grant, code = await granted(house, actor), next_code(house)
        client = Client("tests", f"192.0.2.{number}")
        house.short_lived.called.clear()
        letters, queued = house.letters(), len(house.state.outbox)
        sent = await house.application.email.start(actor, email, grant, client)
        came = [letter for letter in house.letters() if letter not in letters]
        queued = len(house.state.outbox) - queued
        seen.append((replace(sent, flow=""), len(sent.flow), queued, house.short_lived.called[:]))
        assert [letter.to for letter in came] == ([email] if email == NEW else [])
    assert seen[0] == seen[1]
    before = stored(house)
    with pytest.raises((InvalidCredentials, AlreadyExists)) as caught:
        await house.application.email.confirm(actor, sent.flow, code, client)
    assert stored(house) == before
    assert caught.type is AlreadyExists  # the code itself, which nobody was sent and nobody can have


async def test_codes_to_a_strangers_address_run_out_like_any_others(house: House, anna: Person) -> None:
    await person(house, "Known", email="known@example.org")
    actor = await anna.session()
    for email in (NEW, "known@example.org"):
        begun = await begin(house, actor, email)
        for _ in range(5):
            with pytest.raises(InvalidCredentials, match="This code is wrong"):
                await begun.confirm(other_code(begun.code))
        await over(begun.confirm())
        house.clock.advance(HOUR)
    assert anna.account.email == OLD


async def test_guessing_over_many_codes_has_to_wait(house: House, anna: Person) -> None:
    actor = await anna.session()
    begun = await begin(house, actor)
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            await begun.confirm(other_code(begun.code))
    house.clock.advance(30.0)
    again = await begin(house, actor)
    with pytest.raises(InvalidCredentials):
        await again.confirm(other_code(again.code))
    with pytest.raises(RateLimited):
        await again.confirm()
    assert anna.account.email == OLD


async def test_an_address_that_was_taken_meanwhile_is_told_to_who_read_its_code(house: House, anna: Person) -> None:
    begun = await begin(house, await anna.session())
    await person(house, "Bob", email=NEW.upper())
    with pytest.raises(AlreadyExists, match="email address"):
        await begun.confirm()
    assert anna.account.email == OLD


async def test_of_two_who_confirm_one_address_at_once_one_has_it(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    begun = [await begin(house, await made.session()) for made in (anna, bob)]
    assert await at_once(*(one.confirm() for one in begun)) == ["Account", "AlreadyExists"]


@pytest.mark.parametrize("email", ["", "anna", "@", "a b@example.org", "anna@localhost", "x" * 100_000, "\ud800@a.b"])
async def test_what_is_no_address_costs_no_grant(house: House, anna: Person, email: str) -> None:
    actor = await anna.session()
    grant = await granted(house, actor)
    assert await refused(house.application.email.start(actor, email, grant, CLIENT)) == {"email"}
    await ruled(house, email_rules=EmailRules(blocked=frozenset({"example.org"})))
    assert await refused(house.application.email.start(actor, NEW, grant, CLIENT)) == {"email"}
    await ruled(house, email_rules=EmailRules())
    await house.application.email.start(actor, NEW, grant, CLIENT)


async def test_letters_are_paced_and_that_costs_no_grant(house: House, anna: Person) -> None:
    actor = await anna.session()
    await begin(house, actor)
    grant = await granted(house, actor)
    with pytest.raises(RateLimited) as limited:
        await house.application.email.start(actor, "other@example.org", grant, CLIENT)
    assert limited.value.retry_after == 30.0
    house.clock.advance(30.0)
    await house.application.email.start(actor, "other@example.org", grant, CLIENT)


async def test_without_mail_no_address_can_be_confirmed(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    actor = await (await person(house)).session()
    grant = await granted(house, actor)
    with pytest.raises(PreconditionFailed, match="no mail"):
        await house.application.email.start(actor, NEW, grant, CLIENT)
    await house.application.grants.spend(actor, grant, CLIENT)


async def test_it_takes_a_fresh_grant_of_this_session(house: House, anna: Person) -> None:
    actor, other = await anna.session(), await anna.session()
    late = await granted(house, actor)
    house.clock.advance(GRANT_SECONDS)
    used = await granted(house, actor)
    await house.application.email.start(actor, NEW, used, CLIENT)
    before = stored(house)
    for grant in (*NO_FLOWS, late, used, await granted(house, other)):
        house.clock.advance(HOUR)
        with pytest.raises(ReauthenticationRequired):
            await house.application.email.start(actor, NEW, grant, CLIENT)
        with pytest.raises(ReauthenticationRequired):
            await house.application.email.remove(actor, grant, CLIENT)
    assert stored(house)["accounts"] == before["accounts"]


# ---------------------------------------------------------------- the code


async def test_a_code_has_five_tries_and_works_once(house: House, anna: Person) -> None:
    begun = await begin(house, await anna.session())
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await begun.confirm(other_code(begun.code))
    await begun.confirm()
    await over(begun.confirm())


async def test_of_two_confirmations_at_once_one_counts(house: House, anna: Person) -> None:
    begun = await begin(house, await anna.session())
    assert await at_once(begun.confirm(), begun.confirm()) == ["Account", "FlowOver"]
    assert len(entries(house, Action.EMAIL_CHANGED)) == 1


async def test_a_code_belongs_to_its_account_its_flow_and_its_browser(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    mine = await begin(house, await anna.session())
    theirs = await begin(house, await bob.session(), "bob@example.org")
    await nothing_but_over(
        house,
        [
            mine.confirm(actor=theirs.actor),
            theirs.confirm(actor=mine.actor),
            mine.confirm(client=ELSEWHERE),
            *(mine.confirm(flow=text) for text in (*NO_FLOWS, mine.flow[:-1], theirs.flow)),
        ],
    )
    with pytest.raises(InvalidCredentials):
        await mine.confirm(theirs.code)
    for code in ("x" * 100_000, "\ud800", mine.code[:-1]):
        with pytest.raises(InvalidCredentials):
            await mine.confirm(code)
    assert anna.account.email == OLD


async def test_a_code_for_something_else_confirms_no_address(house: House, anna: Person) -> None:
    actor = await anna.session()
    for flow in (
        (await house.application.reset.start("Anna", CLIENT)).flow,
        (await house.application.prover.email.start(anna.subject, CLIENT)).flow,
    ):
        await over(house.application.email.confirm(actor, flow, last_code(house), CLIENT))


async def test_a_code_ends_with_its_time(house: House, anna: Person) -> None:
    begun = await begin(house, await anna.session())
    house.clock.advance(FLOW_SECONDS)
    await nothing_but_over(house, [begun.confirm()])


async def test_whoever_was_thrown_out_meanwhile_confirms_nothing(house: House, anna: Person) -> None:
    actor = await anna.session()
    begun = await begin(house, actor)
    grants = [await granted(house, actor) for _ in range(2)]
    await house.application.account_access.end_sessions("Anna")
    with pytest.raises(TokenExpired):
        await begun.confirm()
    house.clock.advance(30.0)
    letters = len(house.letters())
    with pytest.raises(TokenExpired):
        await house.application.email.start(actor, NEW, grants[0], CLIENT)
    with pytest.raises(TokenExpired):
        await house.application.email.remove(actor, grants[1], CLIENT)
    assert (anna.account.email, len(house.letters())) == (OLD, letters)


# ---------------------------------------------------------------- without one


async def test_an_address_that_goes_is_told_for_the_last_time(house: House, anna: Person) -> None:
    actor = await anna.session()
    await house.application.email.remove(actor, await granted(house, actor), CLIENT)
    assert anna.account.email is None
    letter = last_letter(house)
    assert (letter.kind, letter.to, letter.facts["what"]) == (LetterKind.FACTOR_CHANGED, OLD, "email_removed")
    (noted,) = entries(house, Action.EMAIL_REMOVED)
    assert (noted.target.id, noted.session_id) == (anna.id, actor.session_id)
    with pytest.raises(NotFound):
        await house.application.email.remove(actor, await granted(house, actor), CLIENT)


async def test_the_only_way_to_sign_in_stays(house: House, anna: Person) -> None:
    actor = await anna.session()
    await changed(house, anna.id, password=None)
    await give_totp(anna)
    with pytest.raises(PreconditionFailed, match="only way to sign in"):
        await house.application.email.remove(actor, await granted(house, actor), CLIENT)
    await give_passkey(anna)
    await house.application.email.remove(actor, await granted(house, actor), CLIENT)


async def test_two_steps_keep_two_factors(house: House, anna: Person) -> None:
    actor = await anna.session()
    await changed(house, anna.id, two_factor=True)
    with pytest.raises(PreconditionFailed, match="Two-step"):
        await house.application.email.remove(actor, await granted(house, actor), CLIENT)
    await give_totp(anna)
    await house.application.email.remove(actor, await granted(house, actor), CLIENT)


# ---------------------------------------------------------------- outages


async def test_short_lived_state_that_was_lost_confirms_nothing(house: House, anna: Person) -> None:
    begun = await begin(house, await anna.session())
    house.short_lived.lose()
    await nothing_but_over(house, [begun.confirm()])


async def test_while_short_lived_state_is_away_nothing_is_half_done(house: House, anna: Person) -> None:
    actor, number = await anna.session(), iter(range(1_000))

    async def starting() -> Step:
        house.clock.advance(HOUR)
        grant = await granted(house, actor)
        return lambda: house.application.email.start(actor, NEW, grant, CLIENT)

    async def confirming() -> Step:
        house.clock.advance(HOUR)
        return (await begin(house, actor, f"new{next(number)}@example.org")).confirm

    async def removing() -> Step:
        grant = await granted(house, actor)
        return lambda: house.application.email.remove(actor, grant, CLIENT)

    for step in (starting, confirming, removing):
        await all_or_nothing(house, step)
