"""The course of the playback by itself: advancing, holding, going on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from synctv.application.playback.commands import Pause, Play, Seek, Select, SetRate
from synctv.domain.ids import RoomId, seconds_after
from synctv.domain.playback.playback import Holding, Paused, Playback, Playing, Reason
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.events import PlaybackChanged
from synctv.domain.rooms.settings import AutoPlay, AutoPlayMode, WaitForBuffering
from tests.application.house import House

LEAD = 0.15
WAITING = WaitForBuffering(enabled=True, max_seconds=5.0)


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


async def a_room(
    house: House, anna: AccountActor, mode: AutoPlayMode = AutoPlayMode.SEQUENTIAL, **settings: Any
) -> RoomId:
    """A room that plays A, with B and C after it; each is two minutes long."""
    room = await house.room(anna, auto_play=AutoPlay(mode), **settings)
    films = await house.films(anna, room, "ABC")
    await house.do(anna, room, Select(films["A"].id))
    return room


async def advance(house: House, room: RoomId, version: int | None = None) -> bool:
    return await house.application.course.advance(room, version or house.playback(room).version)


def to_the_end(house: House, room: RoomId) -> None:
    """Lets time pass until what plays has ended."""
    ends = house.playback(room).ends_at()
    assert ends is not None
    house.clock.advance((ends - house.clock.now()) / 1e6)


@pytest.mark.parametrize(
    "mode, shown",
    [
        (AutoPlayMode.SEQUENTIAL, ["B", "C", "C"]),
        (AutoPlayMode.REPEAT_ALL, ["B", "C", "A"]),
        (AutoPlayMode.REPEAT_ONE, ["A", "A", "A"]),
        (AutoPlayMode.OFF, ["A", "A", "A"]),
    ],
)
async def test_what_ends_is_followed_as_the_room_wants(
    house: House, anna: AccountActor, mode: AutoPlayMode, shown: list[str]
) -> None:
    room = await a_room(house, anna, mode)
    found = []
    for _ in range(3):
        if house.playback(room).moving:
            to_the_end(house, room)
            assert await advance(house, room)
        found.append(house.shown(room))
    assert found == shown


async def test_shuffling_goes_on_for_ever_and_never_with_the_same_item(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, AutoPlayMode.SHUFFLE)
    seen = [house.shown(room)]
    for _ in range(12):
        to_the_end(house, room)
        assert await advance(house, room)
        assert house.shown(room) != seen[-1]
        seen.append(house.shown(room))
    assert set(seen) == set("ABC")


async def test_an_advance_is_the_servers_own_change_and_is_in_the_history(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    to_the_end(house, room)
    assert await advance(house, room)
    playback = house.playback(room)
    assert (playback.reason, playback.changed_by, playback.operation_id) == (Reason.ADVANCE, None, "")
    assert playback.motion == Playing(0.0, seconds_after(house.clock.now(), LEAD))
    newest = house.state.history[room][-1]
    assert (newest.title, newest.played_by, playback.history_entry) == ("B", None, newest.id)


async def test_where_nothing_follows_the_item_stands_at_its_end(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, AutoPlayMode.OFF)
    to_the_end(house, room)
    assert await advance(house, room)
    playback = house.playback(room)
    assert (playback.motion, playback.reason, house.shown(room)) == (Paused(120.0), Reason.ENDED, "A")
    again = (await house.do(anna, room, Play())).playback
    assert again.motion == Playing(0.0, seconds_after(house.clock.now(), LEAD))


async def test_of_many_nodes_that_advance_at_once_exactly_one_wins(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    to_the_end(house, room)
    version, told = house.playback(room).version, len(house.events(room))
    won = await asyncio.gather(*(advance(house, room, version) for _ in range(8)))
    assert sorted(won) == [False] * 7 + [True]
    assert (house.shown(room), house.playback(room).version) == ("B", version + 1)
    assert len(house.events(room)) == told + 1


async def test_who_comes_after_a_persons_command_loses(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    to_the_end(house, room)
    version = house.playback(room).version
    await house.do(anna, room, Seek(10.0))
    assert not await advance(house, room, version)
    assert house.shown(room) == "A"


async def test_nothing_advances_ahead_of_its_end(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    to_the_end(house, room)
    await house.do(anna, room, Seek(118.0))
    assert not await advance(house, room)
    house.clock.advance(1.0)
    assert not await advance(house, room)
    house.clock.advance(LEAD + 0.6)
    assert await advance(house, room), "Half a second ahead of the known end is taken for the end."


async def test_the_end_comes_sooner_at_a_higher_rate(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    house.clock.advance(LEAD)
    await house.do(anna, room, SetRate(4.0))
    house.clock.advance(29.0)
    assert not await advance(house, room)
    house.clock.advance(1.0)
    assert await advance(house, room)


async def test_what_does_not_move_does_not_advance(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    house.clock.advance(1_000.0)
    await house.do(anna, room, Pause())
    assert not await advance(house, room)
    empty = await house.room(anna)
    assert not await advance(house, empty)


@pytest.mark.parametrize("kind", ["video", "live"])
async def test_what_has_no_known_end_advances_when_the_viewers_agree(
    house: House, anna: AccountActor, kind: str
) -> None:
    room = await house.room(anna)
    endless = await house.film(anna, room, "E", kind=kind, duration=None)
    await house.film(anna, room, "F")
    await house.do(anna, room, Select(endless.id))
    house.clock.advance(7.0)
    assert await advance(house, room)
    assert house.shown(room) == "F"


async def test_a_room_that_is_gone_does_nothing(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna)
    to_the_end(house, room)
    await house.application.rooms.delete(anna, room)
    assert not await advance(house, room)
    assert not await house.application.course.advance(RoomId("room_00000000000000000000000000"), 1)


async def held(house: House, room: RoomId) -> Playback:
    """Holds what plays, ten seconds in."""
    await house.watched_by(room, 2)
    house.clock.advance(LEAD + 10.0)
    await house.watched_by(room, 2)
    assert await house.application.course.hold(room, house.playback(room).version)
    return house.playback(room)


async def test_a_viewer_who_runs_dry_holds_the_room(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, wait_for_buffering=WAITING)
    playback = await held(house, room)
    assert (playback.reason, playback.changed_by) == (Reason.BUFFERING, None)
    assert playback.motion == Holding(10.0, seconds_after(house.clock.now(), 5.0))
    assert house.events(room)[-1] == PlaybackChanged(playback, house.state.items[room][playback.item.id])  # type: ignore[union-attr]


@pytest.mark.parametrize("reason", [Reason.READY, Reason.TIMEOUT])
async def test_a_hold_ends_when_all_are_ready_or_patience_is_over(
    house: House, anna: AccountActor, reason: Reason
) -> None:
    room = await a_room(house, anna, wait_for_buffering=WAITING)
    version = (await held(house, room)).version
    course = house.application.course
    release = course.ready if reason is Reason.READY else course.give_up_waiting
    assert sorted(await asyncio.gather(*(release(room, version) for _ in range(3)))) == [False, False, True]
    playback = house.playback(room)
    assert (playback.reason, playback.version) == (reason, version + 1)
    assert isinstance(playback.motion, Playing)
    assert playback.motion.position == 10.0
    assert playback.motion.anchor > house.clock.now(), "Everybody gets the time to begin together."


async def test_of_ready_and_giving_up_one_wins(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, wait_for_buffering=WAITING)
    version = (await held(house, room)).version
    course = house.application.course
    assert sorted(await asyncio.gather(course.ready(room, version), course.give_up_waiting(room, version))) == [
        False,
        True,
    ]


async def test_what_holds_neither_advances_nor_holds_again(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, wait_for_buffering=WAITING)
    playback = await held(house, room)
    house.clock.advance(1_000.0)
    assert not await advance(house, room)
    assert not await house.application.course.hold(room, playback.version)
    assert house.playback(room) == playback


async def test_what_does_not_hold_is_not_let_go(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, wait_for_buffering=WAITING)
    before = house.playback(room)
    assert not await house.application.course.ready(room, before.version)
    assert not await house.application.course.give_up_waiting(room, before.version)
    assert house.playback(room) == before


async def test_nobody_is_held_where_the_room_does_not_wait_or_one_watches_alone(
    house: House, anna: AccountActor
) -> None:
    impatient, alone = await a_room(house, anna), await a_room(house, anna, wait_for_buffering=WAITING)
    await house.watched_by(impatient, 5)
    await house.watched_by(alone, 1)
    for room in (impatient, alone):
        assert not await house.application.course.hold(room, house.playback(room).version)


async def test_pausing_ends_a_hold(house: House, anna: AccountActor) -> None:
    room = await a_room(house, anna, wait_for_buffering=WAITING)
    version = (await held(house, room)).version
    assert (await house.do(anna, room, Pause())).playback.motion == Paused(10.0)
    assert not await house.application.course.ready(room, version)
    assert not await house.application.course.ready(room, version + 1)
