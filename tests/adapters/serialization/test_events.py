"""Room events and bus messages survive storage and the bus, under names that never change."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given

from synctv.adapters.serialization.errors import DecodeError, UnknownType
from synctv.adapters.serialization.events import decode_bus, decode_event, encode_bus, encode_event, event_kind
from synctv.application.ports.bus import BusMessage, SignalSent, Told
from synctv.domain.ids import AccountId, ConnectionId, Micros, RoomId
from synctv.domain.rooms.actor import ActorKind, ActorRef
from synctv.domain.rooms.events import LibraryChanged, LoggedEvent, MemberChange, MemberChanged, RoomDeleted, RoomEvent
from tests.adapters.serialization.values import bus_messages, events


@given(events)
def test_an_event_comes_back_equal(event: RoomEvent) -> None:
    assert decode_event(event_kind(event), encode_event(event)) == event


@given(bus_messages)
def test_a_bus_message_comes_back_equal(message: BusMessage) -> None:
    assert decode_bus(encode_bus(message)) == message


def test_the_kinds_of_stored_events_stay_as_they_are() -> None:
    kinds = {class_.__name__: event_kind(object.__new__(class_)) for class_ in get_args(RoomEvent)}
    assert kinds == {
        "PlaybackChanged": "playback_changed",
        "ChatPosted": "chat_posted",
        "ChatChanged": "chat_changed",
        "LibraryChanged": "library_changed",
        "MemberChanged": "member_changed",
        "RoomChanged": "room_changed",
        "RoomDeleted": "room_deleted",
    }


def test_the_form_of_a_stored_event_stays_as_it_is() -> None:
    event = MemberChanged(AccountId("usr_1"), MemberChange.JOINED)
    assert encode_event(event) == b'{"account_id":"usr_1","change":"joined"}'
    assert encode_event(RoomDeleted()) == b"{}"


def test_the_form_of_a_bus_message_stays_as_it_is() -> None:
    told = Told(LoggedEvent(RoomId("room_1"), 3, Micros(7), LibraryChanged(None)))
    assert encode_bus(told) == (
        b'{"type":"told","event":{"room_id":"room_1","seq":3,"at":7,'
        b'"event":{"type":"library_changed","folder_id":null}}}'
    )
    actor = ActorRef("usr_1", "Ann", ActorKind.ACCOUNT)
    signal = SignalSent(RoomId("room_1"), ConnectionId("a"), ConnectionId("b"), actor, "offer", "sdp")
    assert encode_bus(signal).startswith(b'{"type":"signal_sent","room_id":"room_1","to":"a","sender":"b",')


def test_a_kind_of_a_newer_version_is_told_apart() -> None:
    with pytest.raises(UnknownType):
        decode_event("room_painted", b"{}")
    with pytest.raises(UnknownType):
        decode_bus(b'{"type":"painted"}')


def test_a_broken_event_is_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        decode_event("member_changed", b'{"account_id":5,"change":"joined"}')
    with pytest.raises(DecodeError):
        decode_bus(b"\x00")
