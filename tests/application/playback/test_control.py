"""Commands of people to the shared playback."""

from __future__ import annotations

import asyncio

import pytest

from synctv.application.playback.commands import (
    Command,
    Next,
    Order,
    Pause,
    Play,
    PlayFromHistory,
    Previous,
    Seek,
    Select,
    SetRate,
    Stop,
)
from synctv.application.playback.stage import PlaybackView
from synctv.domain.errors import Conflict, Denied, DomainError, Invalid, NotFound, VersionConflict
from synctv.domain.ids import HistoryId, ItemId, RoomId, seconds_after
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Holding, Paused, Playing, Reason
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.events import PlaybackChanged
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.settings import WaitForBuffering
from tests.application.house import House

UNKNOWN_LEAD = 0.15


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@pytest.fixture
async def film(house: House, anna: AccountActor, room: RoomId) -> MediaItem:
    return await house.film(anna, room)


async def test_one_command_is_seen_by_everybody(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    guest = await house.guest(room)
    told = await house.do(anna, room, Select(film.id))
    seen = await house.application.playback.current(guest, room)
    assert seen == told == PlaybackView(house.playback(room), film)
    assert house.events(room)[-1] == PlaybackChanged(told.playback, film)


@pytest.mark.parametrize(
    "command, reason",
    [
        (Play(), Reason.PLAY),
        (Pause(), Reason.PAUSE),
        (Seek(5.0), Reason.SEEK),
        (SetRate(2.0), Reason.RATE),
        (Stop(), Reason.STOP),
    ],
)
async def test_each_command_is_one_version_one_event_and_names_its_giver(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem, command: Command, reason: Reason
) -> None:
    selected = (await house.do(anna, room, Select(film.id))).playback
    house.clock.advance(5.0)
    before = len(house.events(room))
    after = (await house.do(anna, room, command, operation_id="op")).playback
    assert (after.version, after.reason, after.operation_id) == (selected.version + 1, reason, "op")
    assert (after.changed_by, after.changed_at) == (anna.ref, house.clock.now())
    assert len(house.events(room)) == before + 1


async def test_a_start_is_as_far_ahead_as_the_farthest_viewer_needs(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    async def anchor() -> object:
        motion = (await house.do(anna, room, Select(film.id))).playback.motion
        assert isinstance(motion, Playing)
        return motion.anchor

    now = house.clock.now()
    assert await anchor() == seconds_after(now, UNKNOWN_LEAD)
    await house.watched_by(room, 3, lead=0.33)
    assert await anchor() == seconds_after(now, 0.33)
    await house.watched_by(room, 3, lead=9.0)
    assert await anchor() == seconds_after(now, 0.4)
    house.short_lived.down = True
    assert await anchor() == seconds_after(now, UNKNOWN_LEAD)


async def test_a_room_that_waits_for_buffering_holds_a_start_for_its_viewers(house: House, anna: AccountActor) -> None:
    room = await house.room(anna, wait_for_buffering=WaitForBuffering(enabled=True, max_seconds=5.0))
    film = await house.film(anna, room)
    await house.watched_by(room, 2)
    held = (await house.do(anna, room, Select(film.id))).playback
    assert held.motion == Holding(0.0, seconds_after(house.clock.now(), 5.0))
    went_on = (await house.do(anna, room, Play())).playback
    assert isinstance(went_on.motion, Playing), "Playing again goes on without those who are waited for."


async def test_who_watches_alone_waits_for_nobody(house: House, anna: AccountActor) -> None:
    room = await house.room(anna, wait_for_buffering=WaitForBuffering(enabled=True))
    film = await house.film(anna, room)
    await house.watched_by(room, 1)
    assert isinstance((await house.do(anna, room, Select(film.id))).playback.motion, Playing)


async def test_a_command_on_an_older_version_gets_the_playback_as_it_is_now(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    seen = (await house.do(anna, room, Select(film.id))).playback.version
    now = await house.do(anna, room, Seek(60.0), expected_version=seen)
    with pytest.raises(VersionConflict) as conflict:
        await house.do(anna, room, Seek(5.0), expected_version=seen)
    assert conflict.value.current == now
    assert house.playback(room) == now.playback


async def test_of_many_commands_on_the_same_version_one_wins(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    seen = (await house.do(anna, room, Select(film.id))).playback.version
    tries = [house.do(anna, room, Seek(float(n)), expected_version=seen) for n in range(6)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, DomainError)] == [VersionConflict] * 5
    assert house.playback(room).version == seen + 1


async def test_an_operation_that_is_repeated_gets_its_first_answer_even_after_the_room_moved_on(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    seen = (await house.do(anna, room, Select(film.id))).playback.version
    first = await house.do(anna, room, Seek(60.0), expected_version=seen, operation_id="op")
    house.clock.advance(10.0)
    now = await house.do(anna, room, Pause())
    assert await house.do(anna, room, Seek(60.0), expected_version=seen, operation_id="op") == first
    assert await house.do(anna, room, Stop(), operation_id="op") == first, "The operation is known by its id."
    assert house.playback(room) == now.playback


async def test_an_operation_that_is_repeated_at_once_is_carried_out_once(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    before = (await house.do(anna, room, Select(film.id))).playback
    given = await asyncio.gather(*(house.do(anna, room, SetRate(2.0), operation_id="op") for _ in range(3)))
    assert {answer.playback.version for answer in given} == {before.version + 1}


async def test_operations_of_different_people_do_not_meet(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    bert = await house.member("Bert", room)
    await house.do(anna, room, Select(film.id), operation_id="op")
    assert (await house.do(bert, room, Pause(), operation_id="op")).playback.reason is Reason.PAUSE


async def test_a_command_without_an_operation_id_is_carried_out_each_time(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    versions = [(await house.do(anna, room, Select(film.id))).playback.version for _ in range(3)]
    assert versions == [2, 3, 4]


async def test_an_operation_that_was_refused_may_be_tried_again(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    with pytest.raises(Conflict, match="Choose an item first"):
        await house.do(anna, room, Play(), operation_id="op")
    await house.do(anna, room, Select(film.id))
    assert (await house.do(anna, room, Play(), operation_id="op")).playback.reason is Reason.PLAY


async def test_answers_are_forgotten_after_a_while(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    await house.do(anna, room, Select(film.id), operation_id="old")
    house.clock.advance(601.0)
    await house.do(anna, room, Pause(), operation_id="new")
    assert list(house.state.answers[room]) == [f"{anna.id}:new"]


@pytest.mark.parametrize("operation_id", ["x" * 129, "line\nbreak"])
async def test_an_operation_id_that_is_none_is_refused_and_named(
    house: House, anna: AccountActor, room: RoomId, operation_id: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await house.do(anna, room, Stop(), operation_id=operation_id)
    assert [error.path for error in refused.value.errors] == ["operationId"]


CONTROLS: list[Command] = [Play(), Pause(), Seek(1.0), SetRate(2.0), Stop()]
NAVIGATION: list[Command] = [
    Select(ItemId("item")),
    Next(),
    Previous(),
    PlayFromHistory(HistoryId("hist")),
]


@pytest.mark.parametrize("command", CONTROLS, ids=lambda command: type(command).__name__)
async def test_controlling_is_one_permission(house: House, anna: AccountActor, room: RoomId, command: Command) -> None:
    bert = await house.member("Bert", room)
    await house.forbid(anna, room, bert, Permission.CONTROL_PLAYBACK_STATE)
    for actor in (bert, await house.guest(room)):
        with pytest.raises(Denied) as refused:
            await house.do(actor, room, command)
        assert refused.value.permission == "control_playback_state"


@pytest.mark.parametrize("command", NAVIGATION, ids=lambda command: type(command).__name__)
async def test_navigating_is_another(house: House, anna: AccountActor, room: RoomId, command: Command) -> None:
    bert = await house.member("Bert", room)
    await house.forbid(anna, room, bert, Permission.NAVIGATE_PLAYBACK)
    for actor in (bert, await house.guest(room)):
        with pytest.raises(Denied) as refused:
            await house.do(actor, room, command)
        assert refused.value.permission == "navigate_playback"


async def test_who_lost_the_permission_does_not_get_the_answer_of_before(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    bert = await house.member("Bert", room)
    await house.do(anna, room, Select(film.id))
    await house.do(bert, room, Pause(), operation_id="op")
    await house.forbid(anna, room, bert, Permission.CONTROL_PLAYBACK_STATE)
    with pytest.raises(Denied):
        await house.do(bert, room, Pause(), operation_id="op")


async def test_strangers_neither_see_nor_control(house: House, room: RoomId) -> None:
    stranger = await house.account("Stranger")
    with pytest.raises(Denied, match="Join it first"):
        await house.application.playback.current(stranger, room)
    with pytest.raises(Denied, match="Join it first"):
        await house.application.playback.command(stranger, room, Order(Stop()))


async def test_an_item_of_another_room_can_not_be_selected(
    house: House, anna: AccountActor, room: RoomId, film: MediaItem
) -> None:
    other = await house.room(anna)
    with pytest.raises(NotFound, match="item"):
        await house.do(anna, other, Select(film.id))
    assert house.playback(other).version == 1


async def test_a_live_item_can_be_paused_and_played_but_not_sought_in(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    live = await house.film(anna, room, kind="live", duration=None)
    await house.do(anna, room, Select(live.id))
    for command in (Seek(1.0), SetRate(2.0)):
        with pytest.raises(Conflict, match="live item"):
            await house.do(anna, room, command)
    assert isinstance((await house.do(anna, room, Pause())).playback.motion, Paused)
    assert isinstance((await house.do(anna, room, Play())).playback.motion, Playing)
