"""What every password hasher promises."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from synctv.adapters.crypto.passwords import FAST, Argon2PasswordHasher
from synctv.application.ports.passwords import PasswordHasher

UNUSUAL = ["correct horse battery staple", "пароль-пароль", "🔑" * 8, "\x00 null", "x" * 256, "half \ud83d character"]


@pytest.fixture
def passwords() -> Iterator[PasswordHasher]:
    hasher = Argon2PasswordHasher(FAST)
    yield hasher
    hasher.close()


@pytest.mark.parametrize("password", UNUSUAL)
async def test_the_password_that_was_hashed_is_recognised(passwords: PasswordHasher, password: str) -> None:
    stored = await passwords.hash(password)
    assert await passwords.verify(password, stored)


@pytest.mark.parametrize("wrong", ["", "Password one", "password one ", "password onf"])
async def test_any_other_password_is_not(passwords: PasswordHasher, wrong: str) -> None:
    stored = await passwords.hash("password one")
    assert not await passwords.verify(wrong, stored)


async def test_two_hashes_of_one_password_differ(passwords: PasswordHasher) -> None:
    assert await passwords.hash("password one") != await passwords.hash("password one")


async def test_a_hash_does_not_contain_the_password(passwords: PasswordHasher) -> None:
    assert "password one" not in await passwords.hash("password one")


async def test_nobody_has_no_password(passwords: PasswordHasher) -> None:
    for password in ("", "password one"):
        assert not await passwords.verify(password, None)


@pytest.mark.parametrize("stored", ["", "no hash", "$argon2id$v=19$m=8,t=1,p=1$", "\x00"])
async def test_what_is_no_hash_matches_nothing_and_is_outdated(passwords: PasswordHasher, stored: str) -> None:
    assert not await passwords.verify("password one", stored)
    assert passwords.outdated(stored)


async def test_a_hash_made_today_is_not_outdated(passwords: PasswordHasher) -> None:
    assert not passwords.outdated(await passwords.hash("password one"))


async def test_many_at_once_each_get_their_own_answer(passwords: PasswordHasher) -> None:
    stored = await asyncio.gather(*(passwords.hash(f"password {number}") for number in range(20)))
    answers = await asyncio.gather(
        *(passwords.verify(f"password {number}", stored[number // 2]) for number in range(20))
    )
    assert answers == [number == number // 2 for number in range(20)]
