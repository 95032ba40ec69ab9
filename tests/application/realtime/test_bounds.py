"""What one connection can make the server keep, and do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.application.chat.conversation import NewMessage
from synctv.application.realtime.connection import UNREAD_BYTES
from synctv.application.realtime.messages import (
    ChatQuery,
    ChatView,
    Failure,
    GoodbyeCode,
    Request,
    SendSignal,
    TimeProbe,
    Unobserve,
)
from synctv.domain.errors import Invalid, RateLimited, TooLarge
from tests.application.realtime.watching import Watcher, connect, settle
from tests.applications import Memory, running


@pytest.fixture
async def product() -> AsyncIterator[Memory]:
    async with running() as product:
        yield product


def send(watcher: Watcher, number: int) -> None:
    product = watcher.product
    product.application.hub.receive(watcher.connection, Request(number, TimeProbe(number)), product.clock.now())


async def test_who_asks_and_never_reads_the_answers_is_let_go(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    watcher.transport.stop_reading()
    for number in range(UNREAD_BYTES // 300 + 10):
        product.clock.advance(0.02)
        send(watcher, number)
    assert watcher.transport.goodbye is not None
    assert watcher.transport.goodbye.code is GoodbyeCode.TOO_SLOW


async def test_who_sends_many_times_the_limit_for_long_is_let_go(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    for number in range(2_000):
        product.clock.advance(0.001)
        send(watcher, number)
    assert watcher.transport.goodbye is not None
    assert watcher.transport.goodbye.code is GoodbyeCode.RATE_LIMITED


async def test_a_burst_past_the_limit_is_forgiven(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    for second in range(30):
        product.clock.advance(1.0)
        for number in range(90):
            send(watcher, second * 100 + number)
    assert not watcher.transport.closed


async def test_frames_that_can_not_be_read_count_like_others(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    for number in range(60):
        error = Invalid.field("", "No frame.", "malformed")
        product.application.hub.malformed(watcher.connection, number + 1, error, product.clock.now())
    failures = watcher.told(Failure)
    assert len(failures) == 60
    assert sum(isinstance(failure.error, RateLimited) for failure in failures) == 10


async def test_what_waits_for_an_ended_observation_is_not_told_to_the_next_of_that_name(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(ChatQuery(50))
    watcher.transport.stop_reading()
    for _ in range(300):
        watcher.transport.send(watcher.transport.sent[0])
    await product.application.chat.send(mia, room_id, NewMessage("a", "hello"))
    await settle()
    await watcher.ask(Unobserve("it"))
    await watcher.observe(ChatQuery(50))
    watcher.transport.read_on()
    product.clock.advance(0.1)
    await settle()
    assert [[message.text for message in view.messages] for view in watcher.values(ChatView)] == [[], ["hello"]]


async def test_a_signal_that_is_too_long_is_refused_and_not_cut(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    one, two = await connect(product, mia, room_id), await connect(product, mia, room_id)
    refused = await one.ask(SendSignal(two.connection.id, "offer", "ü" * 10_000))
    assert isinstance(refused, Failure)
    assert isinstance(refused.error, TooLarge)
