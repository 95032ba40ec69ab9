"""Two servers that serve the same room."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.application.playback.commands import Order, Seek, Select
from synctv.application.playback.stage import PlaybackView
from synctv.application.realtime.messages import PlaybackQuery, PresenceQuery, PresenceView, Report
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Holding, Playing
from synctv.domain.rooms.settings import WaitForBuffering
from synctv.domain.rooms.viewers import Readiness
from tests.application.realtime.nodes import Nodes, nodes
from tests.application.realtime.watching import Watcher, connect


@pytest.fixture
async def servers() -> AsyncIterator[Nodes]:
    async with nodes(2) as servers:
        yield servers


def report(item: MediaItem, readiness: Readiness, version: int) -> Report:
    return Report(item.id, readiness, 0.0, None, None, 0.04, version)


async def holding(servers: Nodes) -> tuple[MediaItem, Watcher, Watcher]:
    """One viewer at each server; the room waits for both to buffer what has just been selected."""
    first, second = servers.all
    mia = await first.account("mia")
    room_id = await first.room(mia, wait_for_buffering=WaitForBuffering(enabled=True, max_seconds=8.0))
    tom = await first.member("tom", room_id)
    item = await first.item(mia, room_id)
    one, two = await connect(first, mia, room_id), await connect(second, tom, room_id)
    for watcher in (one, two):
        await watcher.observe(PlaybackQuery())
        await watcher.ask(report(item, Readiness.READY, 1))
    await servers.pass_time(1.0)
    await one.ask(Order(Select(item.id)))
    assert isinstance(playback(one), Holding)
    return item, one, two


def playback(watcher: Watcher) -> object:
    return watcher.values(PlaybackView)[-1].playback.motion


def version(watcher: Watcher) -> int:
    return watcher.values(PlaybackView)[-1].playback.version


async def test_the_people_of_both_are_in_the_presence_of_each(servers: Nodes) -> None:
    first, second = servers.all
    mia = await first.account("mia")
    room_id = await first.room(mia)
    tom = await first.member("tom", room_id)
    one, two = await connect(first, mia, room_id), await connect(second, tom, room_id)
    for watcher in (one, two):
        await watcher.observe(PresenceQuery())
    await servers.pass_time(1.0)
    for watcher in (one, two):
        assert [viewer.actor.name for viewer in watcher.values(PresenceView)[-1].viewers] == ["mia", "tom"]


async def test_a_hold_ends_at_once_when_the_viewers_of_both_get_ready_together(servers: Nodes) -> None:
    item, one, two = await holding(servers)
    await one.ask(report(item, Readiness.BUFFERING, version(one)))
    await servers.pass_time(0.2)
    await two.ask(report(item, Readiness.READY, version(two)))
    await servers.pass_time(0.1)
    await one.ask(report(item, Readiness.READY, version(one)))
    await servers.pass_time(1.0)
    assert isinstance(playback(one), Playing)


async def test_a_change_here_is_told_though_news_from_there_came_first(servers: Nodes) -> None:
    first, second = servers.all
    mia = await first.account("mia")
    room_id = await first.room(mia)
    tom = await first.member("tom", room_id)
    item = await first.item(mia, room_id)
    one, two = await connect(first, mia, room_id), await connect(second, tom, room_id)
    await one.observe(PresenceQuery())
    await servers.pass_time(1.0)
    await one.ask(report(item, Readiness.BUFFERING, 1))
    await servers.pass_time(0.3)  # told to the second server, which has not told its own people yet
    await two.ask(report(item, Readiness.ENDED, 1))
    await servers.pass_time(0.6)
    assert [viewer.readiness for viewer in one.values(PresenceView)[-1].viewers] == [
        Readiness.BUFFERING,
        Readiness.ENDED,
    ]


async def test_a_server_that_has_just_come_to_the_room_does_not_end_its_hold(servers: Nodes) -> None:
    first, second = servers.all
    mia = await first.account("mia")
    room_id = await first.room(mia, wait_for_buffering=WaitForBuffering(enabled=True, max_seconds=8.0))
    tom = await first.member("tom", room_id)
    item = await first.item(mia, room_id)
    one, other = await connect(first, mia, room_id), await connect(first, mia, room_id)
    for watcher in (one, other):
        await watcher.observe(PlaybackQuery())
        await watcher.ask(report(item, Readiness.READY, 1))
    await servers.pass_time(1.0)
    await one.ask(Order(Select(item.id)))
    await connect(second, tom, room_id)
    await servers.pass_time(1.0)
    assert isinstance(playback(one), Holding)


async def test_who_was_not_waited_for_is_not_waited_for_by_the_other_server_either() -> None:
    async with nodes(2, lag=0.5) as servers:
        await goes_on_without_the_second(servers)


async def goes_on_without_the_second(servers: Nodes) -> None:
    item, one, two = await holding(servers)
    await two.ask(report(item, Readiness.BUFFERING, version(two)))
    await one.ask(report(item, Readiness.READY, version(one)))
    await servers.pass_time(8.5)
    assert isinstance(playback(one), Playing)
    await servers.pass_time(4.0)
    await two.ask(report(item, Readiness.BUFFERING, version(two)))
    assert isinstance(playback(one), Playing)
    await one.ask(Order(Seek(5.0)))
    await one.ask(report(item, Readiness.READY, version(one)))
    await servers.pass_time(1.0)
    assert isinstance(playback(one), Playing)


async def test_a_clock_that_is_wrong_does_not_make_a_server_count_as_silent() -> None:
    async with nodes(2, lag=60.0) as servers:
        first, second = servers.all
        mia = await first.account("mia")
        room_id = await first.room(mia)
        tom = await first.member("tom", room_id)
        one, _two = await connect(first, mia, room_id), await connect(second, tom, room_id)
        await one.observe(PresenceQuery())
        await servers.pass_time(12.0)
        totals = [view.total for view in one.values(PresenceView)]
        assert totals[-1] == 2
        assert totals == sorted(totals)
