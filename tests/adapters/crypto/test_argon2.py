"""Where the hasher's work is done, how much of it may wait, and when a hash should be made anew."""

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


@contextmanager
def busy(passwords: Argon2PasswordHasher) -> Iterator[None]:
    """Keeps the one thread of the hasher occupied inside the block."""
    end = threading.Event()
    passwords._threads.submit(end.wait)
    try:
        yield
    finally:
        end.set()


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


async def test_the_loop_goes_on_while_a_thread_hashes() -> None:
    with hasher() as passwords, busy(passwords):
        hashing = asyncio.gather(passwords.hash("password one"))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not hashing.done()
        hashing.cancel()


async def test_one_more_than_may_wait_is_refused_and_served_later() -> None:
    with hasher(workers=1, waiting=1) as passwords:
        with busy(passwords):
            waiting = [asyncio.gather(passwords.hash(f"password {number}")) for number in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(Unavailable):
                await passwords.hash("one too many")
        await asyncio.gather(*waiting)
        assert await passwords.verify("one too many", await passwords.hash("one too many"))


async def test_who_goes_away_while_waiting_frees_the_place() -> None:
    with hasher(workers=1, waiting=0) as passwords:
        with busy(passwords):
            leaver = asyncio.gather(passwords.hash("password one"))
            await asyncio.sleep(0)
            leaver.cancel()
            await asyncio.gather(leaver, return_exceptions=True)
        assert await passwords.hash("password two")


async def test_a_closed_hasher_says_that_it_is_unavailable() -> None:
    with hasher() as passwords:
        pass
    for _ in range(100):
        with pytest.raises(Unavailable):
            await passwords.hash("password one")
