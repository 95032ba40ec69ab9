"""Signing in with a password."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.adapters.crypto.passwords import Argon2Cost, Argon2PasswordHasher
from synctv.application.accounts.client import Client
from synctv.application.limits.limits import Category, Rate
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Account, AccountStatus
from synctv.domain.errors import Banned, InvalidCredentials, RateLimited
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD, PLENTY


async def changed(house: House, account: Account, **changes: object) -> Account:
    """Stores the account with changes."""
    after = replace(account, version=account.version + 1, **changes)  # type: ignore[arg-type]
    async with house.transactions.write() as tx:
        await tx.accounts.update(after, account.version)
    return after


@pytest.fixture
async def anna(house: House) -> Account:
    return await house.application.accounts.create("Anna", PASSWORD)


async def test_the_name_is_taken_in_any_case(house: House, anna: Account) -> None:
    for name in ("Anna", "anna", " ANNA "):
        signed_in = await house.application.sign_in.with_password(name, PASSWORD, CLIENT)
        assert signed_in.account.id == anna.id


async def test_a_session_knows_where_it_came_from(house: House, anna: Account) -> None:
    await house.application.sign_in.with_password("Anna", PASSWORD, Client("x" * 1_000, "192.0.2.7"))
    (session,) = house.state.sessions.values()
    assert (session.account_id, session.user_agent, session.address) == (anna.id, "x" * 300, "192.0.2.7")


@pytest.mark.parametrize("name, password", [("Anna", "wrong password"), ("nobody", PASSWORD), ("", ""), ("Anna", "")])
async def test_a_wrong_name_and_a_wrong_password_look_the_same(
    house: House, anna: Account, name: str, password: str
) -> None:
    with pytest.raises(InvalidCredentials) as refused:
        await house.application.sign_in.with_password(name, password, CLIENT)
    assert str(refused.value) == "The username or the password is wrong."
    assert not house.state.sessions


async def test_an_account_without_a_password_can_not_be_entered_with_one(house: House, anna: Account) -> None:
    await changed(house, anna, password_hash=None)
    for password in ("", PASSWORD):
        with pytest.raises(InvalidCredentials):
            await house.application.sign_in.with_password("Anna", password, CLIENT)


async def test_only_who_knows_the_password_learns_of_a_ban(house: House, anna: Account) -> None:
    await changed(house, anna, status=AccountStatus.BANNED)
    with pytest.raises(InvalidCredentials):
        await house.application.sign_in.with_password("Anna", "wrong password", CLIENT)
    with pytest.raises(Banned):
        await house.application.sign_in.with_password("Anna", PASSWORD, CLIENT)
    assert not house.state.sessions


async def test_a_hash_of_another_cost_is_renewed(house: House, anna: Account) -> None:
    hasher = Argon2PasswordHasher(Argon2Cost(memory_kib=16, passes=1))
    try:
        await changed(house, anna, password_hash=await hasher.hash(PASSWORD))
    finally:
        hasher.close()
    await house.application.sign_in.with_password("Anna", PASSWORD, CLIENT)
    stored = house.state.accounts[anna.id].password_hash
    assert stored is not None
    assert not house.ports.passwords.outdated(stored)
    await house.application.sign_in.with_password("Anna", PASSWORD, CLIENT)


async def test_a_hash_of_todays_cost_stays(house: House, anna: Account) -> None:
    await house.application.sign_in.with_password("Anna", PASSWORD, CLIENT)
    assert house.state.accounts[anna.id] == anna


async def test_guessing_is_slowed_down(passwords: PasswordHasher) -> None:
    house = furnished(passwords, rates={**PLENTY, Category.AUTH: Rate(3, 60.0)})
    await house.application.accounts.create("Anna", PASSWORD)
    for _ in range(3):
        with pytest.raises(InvalidCredentials):
            await house.application.sign_in.with_password("Anna", "wrong password", CLIENT)
    with pytest.raises(RateLimited) as refused:
        await house.application.sign_in.with_password("aNNa", PASSWORD, CLIENT)
    assert refused.value.retry_after == 60.0
    house.clock.advance(60.0)
    await house.application.sign_in.with_password("Anna", PASSWORD, CLIENT)
