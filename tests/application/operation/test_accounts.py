"""Accounts as the operator makes, finds, judges and raises them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.adapters.crypto.opaque import RustOpaque, new_setup
from synctv.application.ports.accounts import AccountFilter
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Account, AccountStatus, GlobalRole, Language
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.audit.entry import OPERATOR, Action, AuditEntry
from synctv.domain.errors import AlreadyExists, Conflict, DomainError, Invalid, NotFound
from synctv.domain.ids import AccountId
from synctv.domain.rooms.actor import AccountActor
from tests.application.house import House, furnished
from tests.applications import PASSWORD, SilentMail
from tests.builders import a_passkey, a_totp_secret, an_account, an_identity, an_identity_provider


async def stored(house: House, **changes: object) -> Account:
    """An account as it lies in storage, whatever it takes."""
    account = an_account(**changes)
    async with house.transactions.write() as tx:
        await tx.accounts.add(account)
    return account


def entry(house: House, action: Action) -> AuditEntry:
    """The only entry of this action."""
    (found,) = [entry for entry in house.state.audit.values() if entry.action is action]
    return found


async def test_a_new_account_signs_in_at_once_and_is_in_the_log(house: House) -> None:
    account = await house.application.accounts.create(" Ada ", PASSWORD, GlobalRole.ADMIN)
    assert (account.username, account.role, account.pending) == ("Ada", GlobalRole.ADMIN, False)
    assert (await house.sign_in("ada")).account.id == account.id
    noted = entry(house, Action.ACCOUNT_CREATED)
    assert (noted.actor, noted.target.id, noted.detail) == (OPERATOR, account.id, {"role": "admin"})


async def test_a_password_that_the_server_sees_gets_both_records(passwords: PasswordHasher) -> None:
    opaque = RustOpaque(new_setup(), workers=1)
    try:
        account = await furnished(passwords, opaque=opaque).application.accounts.create("ada", PASSWORD)
        assert account.password is not None
        assert account.password.argon2 is not None
        assert await opaque.verify(PASSWORD, account.id, account.password.opaque)
    finally:
        opaque.close()


async def test_everything_wrong_with_a_new_account_is_named(house: House) -> None:
    with pytest.raises(Invalid) as caught:
        await house.application.accounts.create("-", "short")
    assert [error.path for error in caught.value.errors] == ["username", "password"]
    assert not house.state.accounts


async def test_a_new_password_has_to_suit_the_policy(house: House) -> None:
    policy = AccountPolicy(password=PasswordPolicy(min_length=20, min_classes=3))
    await house.application.account_rules.set_policy(policy, 0)
    with pytest.raises(Invalid) as caught:
        await house.application.accounts.create("ada", "only lower")
    assert {error.code for error in caught.value.errors} == {"length", "classes"}


async def test_a_name_is_given_once_whatever_its_case(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    with pytest.raises(AlreadyExists):
        await house.application.accounts.create("ADA", PASSWORD)


async def test_of_two_who_take_a_name_at_once_one_gets_it(house: House) -> None:
    attempts = (house.application.accounts.create(name, PASSWORD) for name in ("ada", "Ada", "ADA"))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Account", "AlreadyExists", "AlreadyExists"]


@pytest.mark.parametrize("typed", ["Ada", " ADA ", "ada@example.org", "ADA@example.org", None])
async def test_an_account_is_named_by_id_username_or_address(house: House, typed: str | None) -> None:
    account = await stored(house, username="ada", email="Ada@example.org")
    await stored(house, username="other")
    found = await house.application.accounts.get(typed if typed is not None else account.id)
    assert found.account == account


@pytest.mark.parametrize(
    "typed", ["nobody", "nobody@example.org", "usr_01h455vb4pex5vsknk084sn02q", "", "@", "x" * 9_999]
)
async def test_an_account_that_is_not_there_is_not_found_by_any_use_case(house: House, typed: str) -> None:
    accounts, access = house.application.accounts, house.application.account_access
    for call in (
        accounts.get(typed),
        accounts.set_role(typed, GlobalRole.ADMIN),
        accounts.approve(typed),
        accounts.reject(typed, ""),
        access.ban(typed, ""),
        access.unban(typed),
        access.require_reset(typed),
        access.reset_factors(typed),
        access.sessions(typed),
        access.end_sessions(typed),
    ):
        with pytest.raises(NotFound):
            await call
    assert not house.state.audit
    assert not house.letters()


async def test_an_account_is_shown_with_what_it_can_prove_itself_with(house: House) -> None:
    account = await house.application.accounts.create("ada", PASSWORD)
    await house.sign_in("ada")
    await house.sign_in("ada")
    provider = an_identity_provider()
    async with house.transactions.write() as tx:
        await tx.accounts.update(replace(account.next_version(), email="ada@example.org"), account.version)
        await tx.passkeys.add(a_passkey(account))
        await tx.totp_secrets.save(a_totp_secret(account))
        await tx.identity_providers.save(provider)
        await tx.identities.add(an_identity(account, provider))
    found = await house.application.accounts.get("ada")
    assert found.have.local == {Factor.PASSWORD, Factor.PASSKEY, Factor.EMAIL, Factor.TOTP}
    assert (found.have.linked, found.sessions) == (1, 2)


async def test_an_address_proves_nothing_on_a_server_without_mail(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    account = await stored(house, email="ada@example.org")
    assert (await house.application.accounts.get(account.id)).have.local == {Factor.PASSWORD}


async def test_accounts_come_in_pages_and_are_counted_as_they_are_filtered(house: House) -> None:
    made = [await stored(house, username=f"person{number}", pending=number % 2 == 0) for number in range(5)]
    first = await house.application.accounts.list(limit=3)
    assert ([account.id for account in first.accounts], first.total) == ([account.id for account in made[:3]], 5)
    rest = await house.application.accounts.list(after=first.next_after, limit=3)
    assert ([account.id for account in rest.accounts], rest.next_after) == ([account.id for account in made[3:]], None)
    waiting = await house.application.accounts.list(AccountFilter(pending=True), limit=2)
    assert ([account.id for account in waiting.accounts], waiting.total) == ([made[0].id, made[2].id], 3)


@pytest.mark.parametrize("limit", [0, 201, -1])
async def test_a_page_has_its_bounds(house: House, limit: int) -> None:
    with pytest.raises(Invalid):
        await house.application.accounts.list(limit=limit)
    with pytest.raises(Invalid):
        await house.application.audit.list(limit=limit)


async def test_a_new_role_holds_for_tokens_that_are_out(house: House) -> None:
    _, signed_in = await house.signed_in("ada")
    changed = await house.application.accounts.set_role("ada", GlobalRole.ADMIN)
    assert changed.version == 2
    actor = await house.application.identity.of(signed_in.access_token)
    assert isinstance(actor, AccountActor)
    assert actor.role is GlobalRole.ADMIN
    assert entry(house, Action.ROLE_CHANGED).detail == {"before": "user", "role": "admin"}


async def test_roles_that_are_changed_at_once_are_both_in_the_log(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    roles = [GlobalRole.ADMIN, GlobalRole.ROOT]
    await asyncio.gather(*(house.application.accounts.set_role("ada", role) for role in roles))
    changes = [one.detail for one in house.state.audit.values() if one.action is Action.ROLE_CHANGED]
    assert {"before": "user", "role": "admin"} in changes or {"before": "user", "role": "root"} in changes
    assert (await house.application.accounts.get("ada")).account.version == 3


async def test_a_sign_up_is_let_in_and_told_so_in_its_own_language(house: House) -> None:
    account = await stored(house, username="ada", pending=True, email="ada@example.org", language=Language.CHINESE)
    approved = await house.application.accounts.approve("ada@example.org")
    assert approved.status_at(house.clock.now()) is AccountStatus.ACTIVE
    (letter,) = house.letters()
    assert (letter.kind, letter.to, letter.language) == (LetterKind.SIGN_UP_APPROVED, account.email, Language.CHINESE)
    assert set(letter.facts) == {"username", "url"}
    assert entry(house, Action.SIGN_UP_APPROVED).target.id == account.id


async def test_a_sign_up_that_is_turned_down_leaves_nothing_but_the_log(house: House) -> None:
    account = await stored(house, username="ada", pending=True, email="ada@example.org")
    provider = an_identity_provider()
    async with house.transactions.write() as tx:
        await tx.passkeys.add(a_passkey(account))
        await tx.identity_providers.save(provider)
        await tx.identities.add(an_identity(account, provider))
    await house.application.accounts.reject("ada", "  no\nplace ")
    assert not house.state.accounts
    assert not house.state.passkeys
    assert not house.state.identities
    assert entry(house, Action.SIGN_UP_REJECTED).reason == "no place"
    (letter,) = house.letters()
    assert (letter.kind, letter.facts) == (LetterKind.SIGN_UP_REJECTED, {"username": "ada", "reason": "no place"})
    await stored(house, username="ada", email="ada@example.org")


async def test_only_who_waits_can_be_judged(house: House) -> None:
    await house.application.accounts.create("ada", PASSWORD)
    for judge in (house.application.accounts.approve("ada"), house.application.accounts.reject("ada", "")):
        with pytest.raises(Conflict, match="does not wait"):
            await judge
    assert "ada" in {account.username for account in house.state.accounts.values()}


async def test_of_two_judges_at_once_one_decides(house: House) -> None:
    await stored(house, username="ada", pending=True)
    accounts = house.application.accounts
    results = await asyncio.gather(accounts.approve("ada"), accounts.reject("ada", ""), return_exceptions=True)
    assert sum(isinstance(result, DomainError) for result in results) == 1


async def test_a_reason_has_a_bound(house: House) -> None:
    await stored(house, username="ada", pending=True)
    with pytest.raises(Invalid):
        await house.application.accounts.reject("ada", "x" * 501)
    assert house.state.accounts


async def test_nobody_is_written_to_without_an_address_or_without_mail(passwords: PasswordHasher, house: House) -> None:
    await stored(house, username="ada", pending=True)
    await house.application.accounts.approve("ada")
    assert not house.letters()
    mute = furnished(passwords, mail=SilentMail(configured=False))
    await stored(mute, username="ada", pending=True, email="ada@example.org")
    await mute.application.accounts.approve("ada")
    assert not mute.letters()


async def test_the_log_is_read_newest_first_in_pages_and_by_account_and_action(house: House) -> None:
    ada = await house.application.accounts.create("ada", PASSWORD)
    bob = await house.application.accounts.create("bob", PASSWORD)
    await house.application.accounts.set_role("bob", GlobalRole.ADMIN)
    audit = house.application.audit
    first = await audit.list(limit=2)
    assert [(one.action, one.target.id) for one in first.entries] == [
        (Action.ROLE_CHANGED, bob.id),
        (Action.ACCOUNT_CREATED, bob.id),
    ]
    rest = await audit.list(before=first.next_before, limit=2)
    assert ([one.target.id for one in rest.entries], rest.next_before) == ([ada.id], None)
    of_bob = await audit.list("BOB", Action.ACCOUNT_CREATED)
    assert [one.target.id for one in of_bob.entries] == [bob.id]
    with pytest.raises(NotFound):
        await audit.list("nobody")


async def test_the_log_of_who_is_gone_is_read_by_id(house: House) -> None:
    account = await stored(house, username="ada", pending=True)
    await house.application.accounts.reject("ada", "")
    page = await house.application.audit.list(f" {account.id} ")
    assert [one.action for one in page.entries] == [Action.SIGN_UP_REJECTED]
    assert not (await house.application.audit.list(AccountId("usr_01h455vb4pex5vsknk084sn02q"))).entries
