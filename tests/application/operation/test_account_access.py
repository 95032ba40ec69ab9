"""Bans, sessions, and ways to sign in that were lost, as the operator decides them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields, replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.reset import Reset
from synctv.application.operation.account_access import ResetLink
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.revocations import Revoked
from synctv.domain.accounts.account import Account, AccountStatus
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.audit.entry import OPERATOR, Action, AuditEntry
from synctv.domain.errors import (
    Banned,
    Conflict,
    Denied,
    FlowOver,
    Invalid,
    InvalidCredentials,
    NotFound,
    PreconditionFailed,
    TokenExpired,
    Unauthenticated,
    Unavailable,
    VersionConflict,
)
from synctv.domain.ids import Micros, seconds_after
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD, SilentMail
from tests.builders import a_passkey, a_totp_secret, an_identity, an_identity_provider

DAY = 86_400.0
NEW_PASSWORD = "another horse battery"


@pytest.fixture
async def revoked(house: House) -> AsyncIterator[list[Revoked]]:
    """What every process is told."""
    told: list[Revoked] = []
    async with house.container.revocations().subscribe(told.append, lambda: None):
        yield told


def entry(house: House, action: Action) -> AuditEntry:
    """The only entry of this action."""
    (found,) = [entry for entry in house.state.audit.values() if entry.action is action]
    return found


async def with_address(house: House, name: str = "ada") -> Account:
    """An account with a verified address."""
    account = await house.application.accounts.create(name, PASSWORD)
    changed = replace(account.next_version(), email=f"{name}@example.org")
    async with house.transactions.write() as tx:
        await tx.accounts.update(changed, account.version)
    return changed


def token_of(url: str) -> str:
    """What stands behind the link's #token=."""
    return url.partition("#token=")[2]


async def test_a_ban_ends_tokens_sessions_and_sign_in_and_says_why(house: House, revoked: list[Revoked]) -> None:
    actor, signed_in = await house.signed_in("ada")
    banned = await house.application.account_access.ban("ada", " too\nloud ")
    assert banned.status_at(house.clock.now()) is AccountStatus.BANNED
    with pytest.raises(Banned, match="too loud"):
        await house.application.identity.of(signed_in.access_token)
    with pytest.raises(Banned, match="too loud"):
        await house.sign_in("ada")
    with pytest.raises((Banned, Unauthenticated)):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    assert [(one.account_id, one.session_id, one.banned) for one in revoked] == [(actor.id, None, True)]
    assert (entry(house, Action.BANNED).actor, entry(house, Action.BANNED).reason) == (OPERATOR, "too loud")


async def test_nobody_learns_of_a_ban_without_the_password(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    await house.application.account_access.ban("ada", "")
    with pytest.raises(InvalidCredentials):
        await house.application.sign_in.with_password("ada", "wrong horse battery", CLIENT)


async def test_a_ban_with_an_end_is_over_by_itself_and_old_tokens_stay_dead(house: House) -> None:
    _, signed_in = await house.signed_in("ada")
    end = seconds_after(house.clock.now(), DAY)
    await house.application.account_access.ban("ada", "", end)
    assert entry(house, Action.BANNED).detail == {"until": str(end)}
    house.clock.advance(DAY)
    assert (await house.sign_in("ada")).access_token
    with pytest.raises(TokenExpired):
        await house.application.identity.of(signed_in.access_token)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 101 * 365 * DAY], ids=["now", "past", "beyond"])
async def test_a_ban_ends_in_the_future_and_within_reach(house: House, seconds: float) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    with pytest.raises(Invalid, match="future"):
        await house.application.account_access.ban("ada", "", seconds_after(house.clock.now(), seconds))
    assert (await house.application.accounts.get("ada")).account.ban is None


async def test_a_reason_has_a_bound(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    with pytest.raises(Invalid, match="500"):
        await house.application.account_access.ban("ada", "x" * 501)


async def test_a_ban_is_lifted_once(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    access = house.application.account_access
    with pytest.raises(Conflict, match="not banned"):
        await access.unban("ada")
    await access.ban("ada", "")
    results = await asyncio.gather(access.unban("ada"), access.unban("ada"), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Account", "Conflict"]
    assert (await house.sign_in("ada")).access_token


async def test_a_demanded_reset_stops_the_old_password_and_the_link_sets_another(
    house: House, revoked: list[Revoked]
) -> None:
    _, signed_in = await house.signed_in("ada")
    link = await house.application.account_access.require_reset("ada")
    assert (link.expires_in, link.sent, len(revoked)) == (DAY, False, 1)
    assert link.url.startswith(f"{house.application.accounts.page_url()}/reset#token=")
    with pytest.raises(TokenExpired):
        await house.application.identity.of(signed_in.access_token)
    with pytest.raises(Denied):
        await house.sign_in("ada")
    opened = await house.application.reset.open_link(token_of(link.url), CLIENT)
    await house.application.reset.complete(opened.flow, NEW_PASSWORD, None, CLIENT)
    with pytest.raises(InvalidCredentials):
        await house.sign_in("ada")
    await house.application.sign_in.with_password("ada", NEW_PASSWORD, CLIENT)
    with pytest.raises(FlowOver):
        await house.application.reset.open_link(token_of(link.url), CLIENT)


async def test_a_link_is_for_one_account_for_a_day_and_in_the_log_without_its_token(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    await house.application.accounts.create("bob", PASSWORD)
    link = await house.application.account_access.require_reset("ada")
    assert (await house.application.reset.open_link(token_of(link.url), CLIENT)).username == "ada"
    assert token_of(link.url) not in repr(house.state.audit)
    house.clock.advance(DAY)
    with pytest.raises(FlowOver):
        await house.application.reset.open_link(token_of(link.url), CLIENT)


@pytest.mark.parametrize(
    "spoilt", [lambda token: token[:-1], lambda token: token + "A", lambda _: "", lambda _: "x" * 9_999]
)
async def test_a_link_that_was_changed_opens_nothing(house: House, spoilt: object) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    token = token_of((await house.application.account_access.require_reset("ada")).url)
    assert callable(spoilt)
    with pytest.raises(FlowOver):
        await house.application.reset.open_link(spoilt(token), CLIENT)


async def test_a_second_link_makes_the_first_one_worthless(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    first = await house.application.account_access.require_reset("ada")
    second = await house.application.account_access.require_reset("ada")
    with pytest.raises(FlowOver):
        await house.application.reset.open_link(token_of(first.url), CLIENT)
    await house.application.reset.open_link(token_of(second.url), CLIENT)


async def test_a_link_goes_by_mail_where_there_is_an_address(house: House) -> None:
    await with_address(house)
    link = await house.application.account_access.require_reset("ada@example.org")
    assert link.sent
    (letter,) = house.letters()
    assert (letter.kind, letter.facts) == (
        LetterKind.RESET_LINK,
        {"username": "ada", "url": link.url, "hours": "24"},
    )


async def test_without_mail_the_link_is_the_operator_s_to_hand_over(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    await with_address(house)
    assert not (await house.application.account_access.require_reset("ada")).sent
    assert not house.letters()


async def test_nothing_is_demanded_while_no_link_can_be_made(house: House) -> None:
    _, signed_in = await house.signed_in("ada")
    house.short_lived.down = True
    with pytest.raises(Unavailable):
        await house.application.account_access.require_reset("ada")
    house.short_lived.down = False
    await house.application.identity.of(signed_in.access_token)
    assert not [one for one in house.state.audit.values() if one.action is Action.RESET_REQUIRED]


async def test_second_steps_are_taken_away_and_the_password_is_enough_again(
    house: House, revoked: list[Revoked]
) -> None:
    account = await with_address(house)
    async with house.transactions.write() as tx:
        await tx.accounts.update(replace(account.next_version(), two_factor=True), account.version)
        await tx.totp_secrets.save(a_totp_secret(account))
        await tx.recovery_codes.replace(account.id, [b"d" * 32])
        await tx.passkeys.add(a_passkey(account))
    reset = await house.application.account_access.reset_factors("ada")
    assert (reset.account.two_factor, reset.ways_in) == (False, 2)
    assert not house.state.passkeys
    async with house.transactions.read() as tx:
        assert await tx.totp_secrets.get(account.id) is None
        assert await tx.recovery_codes.left(account.id) == 0
    await house.sign_in("ada")
    assert len(revoked) == 1
    (letter,) = house.letters()
    assert (letter.kind, letter.facts["what"]) == (LetterKind.FACTOR_CHANGED, "factors_reset")
    assert entry(house, Action.FACTORS_RESET).actor == OPERATOR


async def test_nobody_else_loses_second_steps(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    bob = await house.application.accounts.create("bob", PASSWORD)
    async with house.transactions.write() as tx:
        await tx.totp_secrets.save(a_totp_secret(bob))
        await tx.passkeys.add(a_passkey(bob))
    await house.application.account_access.reset_factors("ada")
    async with house.transactions.read() as tx:
        assert await tx.totp_secrets.get(bob.id)
        assert await tx.passkeys.of_account(bob.id)


async def test_a_link_need_not_go_to_an_address_that_may_be_a_thief_s(house: House) -> None:
    await with_address(house)
    link = await house.application.account_access.require_reset("ada", by_mail=False)
    assert not link.sent
    assert not house.letters()
    await house.application.reset.open_link(token_of(link.url), CLIENT)


async def test_a_thief_s_address_is_taken_away_and_gets_neither_codes_nor_letters(
    house: House, revoked: list[Revoked]
) -> None:
    account = await with_address(house)
    signed_in = await house.sign_in("ada")
    left = await house.application.account_access.remove_email("ada")
    assert (left.account.email, left.ways_in) == (None, 1)
    assert house.state.accounts[account.id].email is None
    assert not house.letters()
    assert entry(house, Action.EMAIL_REMOVED).actor == OPERATOR
    assert len(revoked) == 1
    with pytest.raises(TokenExpired):
        await house.application.identity.of(signed_in.access_token)
    with pytest.raises(NotFound):
        await house.application.account_access.remove_email("ada")


async def test_an_address_that_the_second_step_needs_goes_after_the_demand_for_it(house: House) -> None:
    account = await with_address(house)
    async with house.transactions.write() as tx:
        await tx.accounts.update(replace(account.next_version(), two_factor=True), account.version)
    with pytest.raises(PreconditionFailed, match="reset-factors"):
        await house.application.account_access.remove_email("ada")
    assert house.state.accounts[account.id].email is not None
    await house.application.account_access.reset_factors("ada")
    assert (await house.application.account_access.remove_email("ada")).account.email is None


async def test_a_thief_s_provider_is_unlinked_and_others_stay(house: House, revoked: list[Revoked]) -> None:
    account, bob = await with_address(house), await with_address(house, "bob")
    theirs, other = an_identity_provider(slug="theirs"), an_identity_provider(slug="other")
    async with house.transactions.write() as tx:
        for provider in (theirs, other):
            await tx.identity_providers.save(provider)
            for one in (account, bob):
                await tx.identities.add(an_identity(one, provider))
    left = await house.application.account_access.unlink("ada", "theirs")
    assert left.ways_in == 3
    found = {(identity.account_id, identity.provider) for identity in house.state.identities.values()}
    assert found == {(account.id, "other"), (bob.id, "theirs"), (bob.id, "other")}
    noted = entry(house, Action.IDENTITY_UNLINKED)
    assert (noted.actor, noted.detail) == (OPERATOR, {"provider": "theirs"})
    (letter,) = house.letters()
    assert (letter.to, letter.facts["what"]) == ("ada@example.org", "identity_unlinked")
    assert len(revoked) == 1
    with pytest.raises(NotFound):
        await house.application.account_access.unlink("ada", "theirs")


async def test_it_is_said_when_no_way_in_is_left(house: House) -> None:
    account = await with_address(house)
    async with house.transactions.write() as tx:
        await tx.accounts.update(replace(account.next_version(), password=None), account.version)
        await tx.passkeys.add(a_passkey(account))
    assert (await house.application.account_access.reset_factors("ada")).ways_in == 1
    await house.application.account_rules.set_policy(AccountPolicy(email_sign_in=False), 0)
    assert (await house.application.account_access.reset_factors("ada")).ways_in == 0


async def test_sessions_are_listed_with_where_they_are_and_all_of_them_end(
    house: House, revoked: list[Revoked]
) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    first = await house.sign_in("ada", Client("Phone", "192.0.2.1"))
    house.clock.advance(5)
    await house.sign_in("ada", Client("Laptop", "192.0.2.2"))
    _, other = await house.signed_in("bob")
    access = house.application.account_access
    assert [(one.user_agent, one.address) for one in await access.sessions("ada")] == [
        ("Laptop", "192.0.2.2"),
        ("Phone", "192.0.2.1"),
    ]
    ended = await access.end_sessions("ada")
    assert [(one.account_id, one.generation, one.banned) for one in revoked] == [(ended.id, 2, False)]
    assert not await access.sessions("ada")
    with pytest.raises(TokenExpired):
        await house.application.identity.of(first.access_token)
    with pytest.raises(Unauthenticated):
        await house.application.sessions.refresh(first.refresh_token, CLIENT)
    await house.application.identity.of(other.access_token)
    assert entry(house, Action.ALL_SESSIONS_ENDED).target.id == ended.id


async def test_what_is_done_at_once_is_all_done(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    access = house.application.account_access
    end = Micros(seconds_after(house.clock.now(), DAY))
    await asyncio.gather(
        access.ban("ada", "first", end), access.end_sessions("ada"), access.reset_factors("ada"), access.ban("ada", "")
    )
    account = (await house.application.accounts.get("ada")).account
    assert (account.version, account.session_generation) == (5, 5)
    assert account.ban is not None


class UnhurriedReset(Reset):
    """Lets others go first while it makes a link."""

    async def link(self, account: Account) -> str:
        """The token, after a while."""
        await asyncio.sleep(0)
        return await Reset.link(self, account)


async def test_of_two_resets_at_once_one_link_works_and_the_other_is_never_given_out(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    access = house.application.account_access
    slow = replace(access, reset=UnhurriedReset(*(getattr(access.reset, field.name) for field in fields(Reset))))
    results = await asyncio.gather(*(slow.require_reset("ada") for _ in range(2)), return_exceptions=True)
    (link,) = [result for result in results if isinstance(result, ResetLink)]
    (refused,) = [result for result in results if not isinstance(result, ResetLink)]
    assert isinstance(refused, VersionConflict)
    assert (await house.application.reset.open_link(token_of(link.url), CLIENT)).username == "ada"
    assert len([one for one in house.state.audit.values() if one.action is Action.RESET_REQUIRED]) == 1
