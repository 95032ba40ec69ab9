"""Work in the background: what it raises ends nothing else, and what must go on goes on."""

from __future__ import annotations

import asyncio

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.application.realtime.messages import GoodbyeCode
from synctv.application.realtime.tasks import AGAIN_SECONDS, Tasks
from synctv.domain.errors import Unavailable
from tests.application.realtime.watching import connect, settle
from tests.applications import running


async def test_work_that_fails_ends_no_other() -> None:
    done = asyncio.Event()

    async def fails() -> None:
        raise Unavailable("database")

    async with Tasks() as tasks:
        tasks.start(fails(), "failing")
        tasks.start(done.wait(), "waiting")
        await settle()
        done.set()


async def test_work_that_must_go_on_is_begun_again_after_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    clock, begun = MemoryClock(), []

    async def fails_once() -> None:
        begun.append(clock.now())
        if len(begun) == 1:
            raise ValueError("a fault of ours")
        await asyncio.Event().wait()

    async with Tasks() as tasks:
        tasks.keep(fails_once, "publishing", clock)
        await settle()
        assert len(begun) == 1
        clock.advance(AGAIN_SECONDS)
        await settle()
    assert len(begun) == 2
    assert "publishing failed" in caplog.text


async def test_a_fault_with_one_connection_does_not_end_the_care_of_the_others() -> None:
    async with running() as product:
        mia = await product.account("mia")
        room_id = await product.room(mia)
        broken, silent = await connect(product, mia, room_id), await connect(product, mia, room_id)
        broken.connection.session = Faulty()  # type: ignore[assignment]
        product.clock.advance(6.0)
        await settle()
        product.application.hub.disconnect(broken.connection)
        product.clock.advance(301.0)
        await settle()
        product.clock.advance(10.0)
        await settle()
        assert silent.transport.goodbye is not None
        assert silent.transport.goodbye.code is GoodbyeCode.IDLE


class Faulty:
    """A session with a fault."""

    def overdue(self, _now: object) -> None:
        """Fails."""
        raise ValueError("a fault of ours")
