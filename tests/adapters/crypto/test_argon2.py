"""What the hasher's hashes cost, how many may be waited for, and when one should be made anew."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import argon2
import pytest

from synctv.adapters.crypto.passwords import FAST, Argon2Cost, Argon2PasswordHasher
from synctv.domain.errors import Unavailable


@contextmanager
def hasher(cost: Argon2Cost = FAST, *, workers: int = 1, waiting: int = 64) -> Iterator[Argon2PasswordHasher]:
    made = Argon2PasswordHasher(cost, workers=workers, waiting=waiting)
    try:
        yield made
    finally:
        made.close()


def test_the_default_is_argon2id_with_the_memory_of_the_recommendation() -> None:
    with hasher(Argon2Cost()) as passwords:
        stored = asyncio.run(passwords.hash("password one"))
    found = argon2.extract_parameters(stored)
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (argon2.Type.ID, 19_456, 2, 1)


def test_the_answer_for_nobody_costs_what_a_real_one_costs() -> None:
    cost = Argon2Cost(memory_kib=64, passes=3, lanes=2)
    with hasher(cost) as passwords:
        real = asyncio.run(passwords.hash("password one"))
        assert argon2.extract_parameters(passwords._nobodys) == argon2.extract_parameters(real)
        assert not passwords.outdated(passwords._nobodys)


async def test_a_hash_of_another_cost_still_verifies_and_is_outdated() -> None:
    with hasher(FAST) as cheap, hasher(Argon2Cost(memory_kib=16, passes=1, lanes=1)) as dear:
        for maker, checker in ((cheap, dear), (dear, cheap)):
            stored = await maker.hash("password one")
            assert await checker.verify("password one", stored)
            assert checker.outdated(stored)


async def test_one_more_than_may_wait_is_refused() -> None:
    end = threading.Event()
    with hasher(workers=1, waiting=0) as passwords:
        passwords._threads._threads.submit(end.wait)
        try:
            answers = asyncio.gather(*(passwords.hash("password one") for _ in range(2)), return_exceptions=True)
            await asyncio.sleep(0)
        finally:
            end.set()
        assert [type(answer) for answer in await answers] == [str, Unavailable]


async def test_a_closed_hasher_says_that_it_is_unavailable() -> None:
    with hasher() as passwords:
        pass
    with pytest.raises(Unavailable):
        await passwords.hash("password one")
