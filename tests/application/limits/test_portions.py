"""One person's calls to other servers, and everybody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from synctv.application.limits.portions import AT_ONCE, MOST_WAITING, Portions, person
from synctv.application.realtime.tasks import Tasks
from synctv.domain.errors import TooManyCalls
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import ActorKind, ActorRef


async def a_moment() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@asynccontextmanager
async def hanging(portions: Portions, whose: str, count: int) -> AsyncIterator[list[asyncio.Task[None]]]:
    """So many calls of one person that don't end, until the block is left."""

    async def call() -> None:
        async with portions.of(whose):
            await asyncio.Event().wait()

    async with Tasks() as tasks:
        calls = [tasks.start(call(), "hanging") for _ in range(count)]
        await a_moment()
        yield calls


async def test_a_person_whose_servers_hang_waits_for_a_place_and_then_hears_what_to_do() -> None:
    portions = Portions(patience=0.01)
    async with hanging(portions, "mallory", AT_ONCE):
        with pytest.raises(TooManyCalls, match="Wait for 1 s and try again") as caught:
            async with portions.of("mallory"):
                pytest.fail("there was no place")
    assert caught.value.retry_after == 0.01


async def test_nobody_else_waits() -> None:
    portions = Portions(patience=0.0)
    async with hanging(portions, "mallory", AT_ONCE + 3), portions.of("alice"):
        assert len(portions) == 2


async def test_who_waits_goes_on_when_a_place_is_free() -> None:
    portions = Portions()
    async with hanging(portions, "mallory", AT_ONCE) as calls:

        async def one_more() -> str:
            async with portions.of("mallory"):
                return "done"

        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(one_more())
            await a_moment()
            assert not waiting.done()
            calls[0].cancel()
        assert waiting.result() == "done"


async def test_no_more_than_so_many_wait() -> None:
    portions = Portions()
    async with hanging(portions, "mallory", AT_ONCE + MOST_WAITING):
        with pytest.raises(TooManyCalls):
            async with portions.of("mallory"):
                pytest.fail("there was no place")


async def test_nothing_is_remembered_of_who_has_no_calls() -> None:
    portions = Portions(patience=0.01)
    async with hanging(portions, "mallory", AT_ONCE + 5) as calls:
        for call in calls[:3]:
            call.cancel()
        await a_moment()
        with pytest.raises(TooManyCalls):
            async with portions.of("mallory"):
                pytest.fail("there was no place")
    with pytest.raises(ZeroDivisionError):
        async with portions.of("alice"):
            raise ZeroDivisionError
    assert len(portions) == 0


def test_all_guests_of_a_room_are_one_person() -> None:
    one, two = (ActorRef(id, "Guest", ActorKind.GUEST) for id in ("guest_1", "guest_2"))
    ada = ActorRef("acct_1", "Ada", ActorKind.ACCOUNT)
    assert person(one, RoomId("a")) == person(two, RoomId("a")) != person(one, RoomId("b"))
    assert person(ada, RoomId("a")) == person(ada, RoomId("b")) == "acct_1"
