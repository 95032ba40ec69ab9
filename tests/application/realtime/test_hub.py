"""The hub over the memory adapters: who is told what, in which order, and who is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from synctv.adapters.memory.transport import MemoryTransport
from synctv.application.chat.conversation import NewMessage
from synctv.application.playback.commands import Order, Pause, Play, Seek, Select
from synctv.application.playback.stage import PlaybackView
from synctv.application.ports.bus import Told
from synctv.application.realtime.messages import (
    ChatQuery,
    ChatSend,
    ChatView,
    Failure,
    GoodbyeCode,
    LibraryQuery,
    LibraryView,
    MembersQuery,
    MembersView,
    Observed,
    ObserveFailed,
    PlaybackQuery,
    PresenceQuery,
    PresenceView,
    Reply,
    Report,
    SelfQuery,
    SelfView,
    SettingsQuery,
    TimeProbe,
    TimeReply,
    Unobserve,
    Welcome,
)
from synctv.application.rooms.lifecycle import RoomEdit
from synctv.application.rooms.membership import AccessEdit
from synctv.domain.chat.message import Message
from synctv.domain.errors import AlreadyExists, Denied, NotFound, QuotaExceeded, RateLimited, VersionConflict
from synctv.domain.ids import ItemId
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Holding, Playing
from synctv.domain.rooms.permissions import Permission, PermissionChange, RoleChanges
from synctv.domain.rooms.room import Room
from synctv.domain.rooms.settings import WaitForBuffering
from synctv.domain.rooms.viewers import Readiness
from tests.application.realtime.watching import Watcher, connect, settle
from tests.applications import Memory, running


@pytest.fixture
async def product() -> AsyncIterator[Memory]:
    async with running() as product:
        yield product


def report(item: MediaItem | None, readiness: Readiness, version: int, duration: float | None = None) -> Report:
    item_id = item.id if item else ItemId("item_none")
    return Report(item_id, readiness, 0.0, duration, 0.001, 0.04, version)


# ---------------------------------------------------------------- connecting


async def test_the_first_frame_says_who_one_is_and_may_do_what(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    welcome = watcher.transport.sent[0].message
    assert isinstance(welcome, Welcome)
    assert welcome.actor.name == "mia"
    assert Permission.DELETE_ROOM in welcome.permissions


async def test_a_stranger_is_told_goodbye_with_a_reason(product: Memory) -> None:
    room_id = await product.room(await product.account("mia"))
    transport = MemoryTransport()
    assert await product.application.hub.connect(await product.account("eve"), room_id, transport) is None
    assert transport.goodbye is not None
    assert transport.goodbye.code is GoodbyeCode.ACCESS_REVOKED
    assert transport.goodbye.reconnect_after is None


async def test_connections_of_one_account_are_bounded() -> None:
    async with running(realtime={"connections_per_account": 2}) as product:
        mia = await product.account("mia")
        room_id = await product.room(mia)
        first = await connect(product, mia, room_id)
        await connect(product, mia, room_id)
        transport = MemoryTransport()
        assert await product.application.hub.connect(mia, room_id, transport) is None
        assert transport.goodbye is not None
        assert transport.goodbye.code is GoodbyeCode.LIMIT
        product.application.hub.disconnect(first.connection)
        await connect(product, mia, room_id)


async def test_the_time_probe_is_answered_with_the_times_of_the_server(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    answer = await watcher.ask(TimeProbe(42))
    assert answer == TimeReply(42, product.clock.now(), product.clock.now())


# ---------------------------------------------------------------- observing


async def test_an_observer_gets_the_value_and_then_every_change(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    item = await product.item(mia, room_id)
    watcher = await connect(product, mia, room_id)
    observed = await watcher.observe(PlaybackQuery())
    assert isinstance(observed, Observed)
    assert observed.changed
    await product.application.playback.command(mia, room_id, Order(Select(item.id)))
    await product.application.playback.command(mia, room_id, Order(Pause()))
    await settle()
    views = watcher.values(PlaybackView)
    assert [view.playback.version for view in views] == [1, 2, 3]
    assert views[-1].item == item


async def test_two_observers_get_the_same_bytes_object(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    item = await product.item(mia, room_id)
    one, two = await connect(product, mia, room_id), await connect(product, mia, room_id)
    for watcher in (one, two):
        await watcher.observe(PlaybackQuery())
    await product.application.playback.command(mia, room_id, Order(Select(item.id)))
    await settle()
    assert one.transport.sent[-1] is two.transport.sent[-1]


async def test_an_event_that_arrives_twice_is_told_once(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(ChatQuery(50))
    await product.application.chat.send(mia, room_id, NewMessage("a", "hello"))
    events = await product.container.event_log().after(room_id, 0, 100)
    assert events
    await product.container.bus().publish(room_id, Told(events[-1]))
    await settle()
    assert [len(view.messages) for view in watcher.values(ChatView)] == [0, 1]


async def test_a_lost_event_is_read_from_the_log_before_later_ones_are_told(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(ChatQuery(50))
    publisher = product.container.publisher()
    publisher.listen(lambda event: None)
    lost: list[object] = []
    bus = product.container.bus()
    original = bus.publish

    async def lossy(room: object, message: object) -> None:
        if isinstance(message, Told) and not lost:
            lost.append(message)
        else:
            await original(room, message)

    bus.publish = lossy
    for text in ("one", "two", "three"):
        await product.application.chat.send(mia, room_id, NewMessage(text, text))
        await settle()
    assert lost
    told = [message.text for view in watcher.values(ChatView) for message in view.messages]
    assert told == ["one", "two", "three"]


async def test_who_comes_back_gets_what_was_missed_and_nothing_twice(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    first = await connect(product, mia, room_id)
    await first.observe(ChatQuery(50))
    await product.application.chat.send(mia, room_id, NewMessage("1", "seen"))
    await settle()
    seen = first.seqs()[-1]
    product.application.hub.disconnect(first.connection)
    for number in ("2", "3"):
        await product.application.chat.send(mia, room_id, NewMessage(number, f"missed {number}"))
    again = await connect(product, mia, room_id)
    await again.observe(ChatQuery(50), after_seq=seen)
    await product.application.chat.send(mia, room_id, NewMessage("4", "new"))
    await settle()
    told = [message.text for view in again.values(ChatView) for message in view.messages]
    assert told == ["missed 2", "missed 3", "new"]
    assert not any(view.snapshot for view in again.values(ChatView))


async def test_who_missed_nothing_gets_no_value(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    observed = await watcher.observe(PlaybackQuery(), after_seq=0)
    assert isinstance(observed, Observed)
    assert not observed.changed
    assert watcher.values(PlaybackView) == []


async def test_a_sequence_number_from_another_life_brings_a_fresh_value(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    observed = await watcher.observe(PlaybackQuery(), after_seq=4_000)
    assert isinstance(observed, Observed)
    assert (observed.changed, observed.room_seq) == (True, 0)


async def test_the_library_is_loaded_once_for_all_who_look_at_it(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watchers = [await connect(product, mia, room_id) for _ in range(3)]
    for watcher in watchers:
        await watcher.observe(LibraryQuery(None, 200))
    item = await product.item(mia, room_id)
    await settle()
    for watcher in watchers:
        assert watcher.values(LibraryView)[-1].items == [item]
    assert len({id(watcher.transport.sent[-1]) for watcher in watchers}) == 1


async def test_an_observation_that_was_ended_is_silent(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(ChatQuery(50))
    assert await watcher.ask(Unobserve("it")) == Reply()
    await product.application.chat.send(mia, room_id, NewMessage("a", "hello"))
    await settle()
    assert len(watcher.values(ChatView)) == 1
    again = await watcher.ask(Unobserve("it"))
    assert isinstance(again, Failure)
    assert isinstance(again.error, NotFound)


async def test_the_sixty_fifth_observation_fails_and_the_connection_stays(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    for number in range(64):
        product.clock.advance(0.1)
        assert isinstance(await watcher.observe(SelfQuery(), f"o{number}"), Observed)
    refused = await watcher.observe(SelfQuery(), "one too many")
    assert isinstance(refused, Failure)
    assert isinstance(refused.error, QuotaExceeded)
    assert not watcher.transport.closed


async def test_the_same_name_twice_is_refused(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    await watcher.observe(SelfQuery())
    refused = await watcher.observe(SettingsQuery())
    assert isinstance(refused, Failure)
    assert isinstance(refused.error, AlreadyExists)


async def test_a_guest_may_watch_but_not_see_members(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    guest = await connect(product, await product.guest(room_id), room_id)
    assert isinstance(await guest.observe(PlaybackQuery(), "pb"), Observed)
    refused = await guest.observe(MembersQuery(200), "members")
    assert isinstance(refused, Failure)
    assert isinstance(refused.error, Denied)


# ---------------------------------------------------------------- requests


async def test_a_command_is_answered_and_told(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    item = await product.item(mia, room_id)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(PlaybackQuery())
    answer = await watcher.ask(Order(Select(item.id), 1, "op"))
    assert isinstance(answer, Reply)
    assert isinstance(answer.value, PlaybackView)
    assert answer.value == watcher.values(PlaybackView)[-1]
    assert answer.value.playback.operation_id == "op"


async def test_a_stale_command_fails_with_the_present_state(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    item = await product.item(mia, room_id)
    watcher = await connect(product, mia, room_id)
    await watcher.ask(Order(Select(item.id), 1))
    stale = await watcher.ask(Order(Seek(5.0), 1))
    assert isinstance(stale, Failure)
    assert isinstance(stale.error, VersionConflict)
    assert isinstance(stale.error.current, PlaybackView)
    assert stale.error.current.playback.version == 2


async def test_a_message_sent_twice_is_one_message(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(ChatQuery(50))
    first = await watcher.ask(ChatSend("c1", "hello", None))
    second = await watcher.ask(ChatSend("c1", "hello", None))
    assert isinstance(first, Reply)
    assert isinstance(first.value, Message)
    assert first == second
    assert sum(len(view.messages) for view in watcher.values(ChatView)) == 1


async def test_frames_that_come_too_fast_fail_one_by_one(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    answers = [await watcher.ask(TimeProbe(number)) for number in range(60)]
    refused = [answer for answer in answers if isinstance(answer, Failure)]
    assert len(refused) == 10
    assert all(isinstance(answer.error, RateLimited) for answer in refused)
    product.clock.advance(1.0)
    assert isinstance(await watcher.ask(TimeProbe(1)), TimeReply)


# ---------------------------------------------------------------- permissions


async def test_losing_a_permission_ends_the_observation_at_once(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    tom = await product.member("tom", room_id)
    watcher = await connect(product, tom, room_id)
    await watcher.observe(ChatQuery(50), "chat")
    await watcher.observe(SelfQuery(), "self")
    edit = AccessEdit(removed=frozenset({Permission.VIEW_CHAT_HISTORY}))
    await product.application.members.change_access(mia, room_id, tom.id, edit, None)
    await product.application.chat.send(mia, room_id, NewMessage("a", "secret"))
    await settle()
    assert [failed.id for failed in watcher.told(ObserveFailed)] == ["chat"]
    assert all(not view.messages for view in watcher.values(ChatView, "chat"))
    assert Permission.VIEW_CHAT_HISTORY not in watcher.values(SelfView, "self")[-1].permissions


async def test_a_grant_to_guests_takes_effect_on_open_connections(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    guest = await connect(product, await product.guest(room_id), room_id)
    assert isinstance(await guest.ask(ChatSend("1", "hello", None)), Failure)
    grant = RoleChanges(guest=PermissionChange(added=frozenset({Permission.SEND_CHAT_MESSAGES})))
    edit = RoomEdit(settings=lambda settings: replace(settings, permissions=grant))
    await product.application.rooms.edit(mia, room_id, edit, None)
    await settle()
    assert isinstance(await guest.ask(ChatSend("2", "hello", None)), Reply)


async def test_a_kicked_member_is_told_goodbye_and_nobody_else(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    tom = await product.member("tom", room_id)
    his, hers = await connect(product, tom, room_id), await connect(product, mia, room_id)
    await product.application.members.kick(mia, room_id, tom.id)
    await settle()
    assert his.transport.goodbye is not None
    assert his.transport.goodbye.code is GoodbyeCode.KICKED
    assert hers.transport.goodbye is None


async def test_guests_go_when_the_room_takes_no_more(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    guest = await connect(product, await product.guest(room_id), room_id)
    edit = RoomEdit(settings=lambda settings: replace(settings, allow_guests=False))
    await product.application.rooms.edit(mia, room_id, edit, None)
    await settle()
    assert guest.transport.goodbye is not None
    assert guest.transport.goodbye.code is GoodbyeCode.GUEST_ACCESS_REVOKED


async def test_a_deleted_room_ends_every_connection(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await product.application.rooms.delete(mia, room_id)
    await settle()
    assert watcher.transport.goodbye is not None
    assert watcher.transport.goodbye.code is GoodbyeCode.ROOM_DELETED


async def test_observers_of_settings_and_members_see_changes(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(SettingsQuery(), "room")
    await watcher.observe(MembersQuery(200), "members")
    await product.application.rooms.edit(mia, room_id, RoomEdit(name="Balcony"), None)
    await product.member("tom", room_id)
    await settle()
    assert watcher.values(Room, "room")[-1].name == "Balcony"
    assert watcher.values(MembersView, "members")[-1].total == 2


# ---------------------------------------------------------------- slow readers


async def test_a_slow_reader_gets_the_newest_values_and_every_message(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(ChatQuery(50), "chat")
    await watcher.observe(LibraryQuery(None, 200), "library")
    watcher.transport.stop_reading()
    for _ in range(300):
        watcher.transport.send(watcher.transport.sent[0])
    for number in range(5):
        await product.item(mia, room_id, f"film{number}")
        await product.application.chat.send(mia, room_id, NewMessage(str(number), str(number)))
        await settle()
    assert len(watcher.values(LibraryView, "library")) == 1
    watcher.transport.read_on()
    product.clock.advance(0.1)
    await settle()
    libraries = watcher.values(LibraryView, "library")
    assert [len(view.items) for view in libraries] == [0, 5]
    told = [message.text for view in watcher.values(ChatView, "chat") for message in view.messages]
    assert told == ["0", "1", "2", "3", "4"]


async def test_who_never_reads_is_let_go_and_others_are_not_delayed(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    slow, quick = await connect(product, mia, room_id), await connect(product, mia, room_id)
    for watcher in (slow, quick):
        await watcher.observe(ChatQuery(50))
    slow.transport.stop_reading()
    for number in range(900):
        product.clock.advance(0.25)
        await product.application.chat.send(mia, room_id, NewMessage(str(number), str(number)))
    await settle()
    assert slow.transport.goodbye is not None
    assert slow.transport.goodbye.code is GoodbyeCode.TOO_SLOW
    assert sum(len(view.messages) for view in quick.values(ChatView)) == 900


async def test_a_silent_connection_ends_after_the_idle_time(product: Memory) -> None:
    mia = await product.account("mia")
    watcher = await connect(product, mia, await product.room(mia))
    product.clock.advance(299.0)
    await settle()
    assert not watcher.transport.closed
    product.clock.advance(6.0)
    await settle()
    assert watcher.transport.goodbye is not None
    assert watcher.transport.goodbye.code is GoodbyeCode.IDLE


async def test_draining_says_goodbye_to_everybody_and_refuses_newcomers(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watchers = [await connect(product, mia, room_id) for _ in range(4)]
    draining = asyncio.create_task(product.application.hub.drain(4.0))  # noqa: TID251 - awaited below
    for _ in range(6):
        product.clock.advance(1.0)
        await settle()
    await draining
    goodbyes = [watcher.transport.goodbye for watcher in watchers]
    assert all(goodbye and goodbye.code is GoodbyeCode.DRAINING and goodbye.reconnect_after for goodbye in goodbyes)
    transport = MemoryTransport()
    assert await product.application.hub.connect(mia, room_id, transport) is None


# ---------------------------------------------------------------- presence and the playback's own course


async def test_presence_tells_who_is_here_and_how_they_do(product: Memory) -> None:
    mia = await product.account("mia")
    room_id = await product.room(mia)
    watcher = await connect(product, mia, room_id)
    await watcher.observe(PresenceQuery())
    tom = await connect(product, await product.member("tom", room_id), room_id)
    await tom.ask(report(None, Readiness.READY, 1))
    product.clock.advance(1.0)
    await settle()
    shown = watcher.values(PresenceView)[-1]
    assert [viewer.actor.name for viewer in shown.viewers] == ["mia", "tom"]
    assert shown.viewers[1].readiness is Readiness.READY
    product.application.hub.disconnect(tom.connection)
    await settle()
    product.clock.advance(1.0)
    await settle()
    assert watcher.values(PresenceView)[-1].total == 1


async def watching(product: Memory, duration: float | None = None, **settings: object) -> tuple[Watcher, Watcher]:
    """Two members watch the first of two items."""
    mia = await product.account("mia")
    room_id = await product.room(mia, **settings)
    tom = await product.member("tom", room_id)
    items = [await product.item(mia, room_id, title) for title in ("one", "two")]
    watchers = await connect(product, mia, room_id), await connect(product, tom, room_id)
    for watcher in watchers:
        await watcher.observe(PlaybackQuery())
        await watcher.ask(report(None, Readiness.READY, 1))
    product.clock.advance(1.0)
    await settle()
    await watchers[0].ask(Order(Select(items[0].id)))
    if duration is not None:
        await watchers[0].ask(report(items[0], Readiness.READY, 2, duration))
    return watchers


async def test_the_next_item_starts_by_itself_when_one_ends(product: Memory) -> None:
    one, _ = await watching(product, duration=60.0)
    assert one.values(PlaybackView)[-1].playback.item is not None
    product.clock.advance(61.0)
    await settle()
    last = one.values(PlaybackView)[-1]
    assert last.item is not None
    assert last.item.title == "two"
    assert last.playback.version == 3


async def test_an_item_of_unknown_length_ends_when_who_may_choose_says_so(product: Memory) -> None:
    one, _ = await watching(product)
    product.clock.advance(30.0)
    first = one.values(PlaybackView)[-1]
    await one.ask(report(first.item, Readiness.ENDED, first.playback.version))
    last = one.values(PlaybackView)[-1]
    assert last.item is not None
    assert last.item.title == "two"


async def test_a_start_waits_until_everybody_is_ready(product: Memory) -> None:
    wait = WaitForBuffering(enabled=True, max_seconds=8.0)
    one, two = await watching(product, wait_for_buffering=wait)
    held = one.values(PlaybackView)[-1]
    assert isinstance(held.playback.motion, Holding)
    await one.ask(report(held.item, Readiness.READY, held.playback.version))
    assert isinstance(one.values(PlaybackView)[-1].playback.motion, Holding)
    await two.ask(report(held.item, Readiness.READY, held.playback.version))
    assert isinstance(one.values(PlaybackView)[-1].playback.motion, Playing)


async def test_the_wait_is_bounded_and_who_was_missing_is_not_waited_for_again(product: Memory) -> None:
    wait = WaitForBuffering(enabled=True, max_seconds=8.0)
    one, _two = await watching(product, wait_for_buffering=wait)
    held = one.values(PlaybackView)[-1]
    await one.ask(report(held.item, Readiness.READY, held.playback.version))
    product.clock.advance(8.1)
    await settle()
    released = one.values(PlaybackView)[-1]
    assert isinstance(released.playback.motion, Playing)
    await one.ask(Order(Seek(20.0)))
    held = one.values(PlaybackView)[-1]
    assert isinstance(held.playback.motion, Holding)
    await one.ask(report(held.item, Readiness.READY, held.playback.version))
    assert isinstance(one.values(PlaybackView)[-1].playback.motion, Playing)


async def test_the_room_holds_when_a_viewer_runs_dry(product: Memory) -> None:
    wait = WaitForBuffering(enabled=True, max_seconds=8.0)
    one, two = await watching(product, wait_for_buffering=wait)
    held = one.values(PlaybackView)[-1]
    for watcher in (one, two):
        await watcher.ask(report(held.item, Readiness.READY, held.playback.version))
    playing = one.values(PlaybackView)[-1]
    product.clock.advance(10.0)
    await two.ask(report(held.item, Readiness.BUFFERING, playing.playback.version))
    last = one.values(PlaybackView)[-1].playback
    assert isinstance(last.motion, Holding)
    assert last.motion.position == pytest.approx(10.0, abs=0.5)


async def test_going_on_without_the_missing_is_a_command(product: Memory) -> None:
    wait = WaitForBuffering(enabled=True, max_seconds=8.0)
    one, _two = await watching(product, wait_for_buffering=wait)
    await one.ask(Order(Play()))
    assert isinstance(one.values(PlaybackView)[-1].playback.motion, Playing)
