"""What every way to tell of revocations promises."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from synctv.adapters.memory.revocations import MemoryRevocations
from synctv.adapters.redis.client import redis_client
from synctv.adapters.redis.revocations import redis_revocations
from synctv.application.ports.revocations import Revocations, Revoked
from synctv.domain.ids import AccountId, SessionId

ANNA = AccountId("usr_anna")


@dataclass
class Ear:
    """Somebody who subscribed: what it heard, and how often it was told of a gap."""

    heard: list[Revoked] = field(default_factory=list)
    gaps: int = 0
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def on_revoked(self, revoked: Revoked) -> None:
        self.heard.append(revoked)
        self.stirred.set()

    def on_gap(self) -> None:
        self.gaps += 1
        self.stirred.set()

    async def until(self, reached: Callable[[], bool]) -> None:
        """Returns once it has heard enough."""
        async with asyncio.timeout(30):
            while not reached():
                self.stirred.clear()
                await self.stirred.wait()

    def listens(self, revocations: Revocations) -> AbstractAsyncContextManager[None]:
        """Subscribes."""
        return revocations.subscribe(self.on_revoked, self.on_gap)


Nodes = AbstractAsyncContextManager[tuple[Revocations, Revocations]]


@asynccontextmanager
async def memory_nodes() -> AsyncIterator[tuple[Revocations, Revocations]]:
    revocations = MemoryRevocations()
    yield revocations, revocations


@asynccontextmanager
async def redis_nodes(url: str) -> AsyncIterator[tuple[Revocations, Revocations]]:
    prefix = f"synctv-test-{secrets.token_hex(8)}:"
    async with (
        redis_client(url) as one,
        redis_client(url) as two,
        redis_revocations(one, prefix) as here,
        redis_revocations(two, prefix) as there,
    ):
        yield here, there


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def nodes(request: pytest.FixtureRequest) -> Nodes:
    """Two nodes of a cluster; one and the same where there is one process."""
    return memory_nodes() if request.param == "memory" else redis_nodes(request.getfixturevalue("redis_url"))


def revoked(number: int = 1) -> Revoked:
    """The end of one session."""
    return Revoked(ANNA, SessionId(f"ses_{number}"), 1, "You have signed out.")


EACH_KIND = [
    revoked(),
    Revoked(ANNA, None, 7, "Your password was changed.", kept=SessionId("ses_9")),
    Revoked(ANNA, None, 8, "账号已被封禁。 “Ask”", banned=True),
]


async def test_every_kind_arrives_as_it_was_sent(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, there), ear.listens(there):
        for one in EACH_KIND:
            await here.publish(one)
        await ear.until(lambda: len(ear.heard) == len(EACH_KIND))
    assert ear.heard == EACH_KIND


async def test_everybody_hears_each_one_once_and_in_order(nodes: Nodes) -> None:
    near, far, beside = Ear(), Ear(), Ear()
    sent = [revoked(number) for number in range(100)]
    async with nodes as (here, there), near.listens(here), far.listens(there), beside.listens(there):
        for one in sent:
            await here.publish(one)
        await there.publish(revoked(100))
        for ear in (near, far, beside):
            await ear.until(lambda ear=ear: len(ear.heard) > 100)  # type: ignore[misc]
    assert near.heard == [*sent, revoked(100)]
    for ear in (far, beside):
        assert [one for one in ear.heard if one != revoked(100)] == sent


async def test_this_process_has_heard_of_it_when_publishing_returns(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, _), ear.listens(here):
        await here.publish(revoked())
        assert ear.heard == [revoked()]


async def test_who_has_left_hears_nothing_while_others_go_on(nodes: Nodes) -> None:
    gone, ear = Ear(), Ear()
    async with nodes as (here, there), ear.listens(there):
        async with gone.listens(there):
            await here.publish(revoked(1))
            await gone.until(lambda: bool(gone.heard))
        await here.publish(revoked(2))
        await ear.until(lambda: len(ear.heard) == 2)
    assert gone.heard == [revoked(1)]


async def test_who_comes_back_hears_what_is_published_from_then_on(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, there):
        for number in range(1, 20):
            async with ear.listens(there):
                await here.publish(revoked(number))
                await ear.until(lambda number=number: len(ear.heard) == number)  # type: ignore[misc]
            await here.publish(revoked(0))
    assert ear.heard == [revoked(number) for number in range(1, 20)]
    assert ear.gaps == 0


async def test_one_callback_may_subscribe_twice_and_leave_once(nodes: Nodes) -> None:
    ear = Ear()
    async with nodes as (here, there), ear.listens(there):
        async with ear.listens(there):
            await here.publish(revoked(1))
            await ear.until(lambda: len(ear.heard) == 2)
        await here.publish(revoked(2))
        await ear.until(lambda: len(ear.heard) == 3)
    assert ear.heard == [revoked(1), revoked(1), revoked(2)]


async def test_publishing_where_nobody_listens_is_no_error(nodes: Nodes) -> None:
    async with nodes as (here, _):
        await here.publish(revoked())


async def test_an_error_inside_the_block_comes_out_as_itself(nodes: Nodes) -> None:
    with pytest.raises(ZeroDivisionError):
        async with nodes as (here, _), Ear().listens(here):
            raise ZeroDivisionError
