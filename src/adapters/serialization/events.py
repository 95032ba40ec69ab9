"""Room events and bus messages as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from synctv.adapters.serialization.codec import decode, encode, tag_of
from synctv.adapters.serialization.errors import UnknownType
from synctv.application.ports.bus import BusMessage
from synctv.domain.rooms.events import RoomEvent

_EVENTS: Mapping[str, type[RoomEvent]] = {tag_of(class_): class_ for class_ in get_args(RoomEvent)}


def event_kind(event: RoomEvent) -> str:
    """The name under which this kind of event is stored, such as `playback_changed`."""
    return tag_of(type(event))


def encode_event(event: RoomEvent) -> bytes:
    """The event as JSON, without its kind."""
    return encode(event)


def decode_event(kind: str, data: bytes | str) -> RoomEvent:
    """The event of this kind. Raises `UnknownType` for a kind that only a newer version knows, else `DecodeError`."""
    class_ = _EVENTS.get(kind)
    if class_ is None:
        raise UnknownType(f"no event {kind!r:.80}")
    return decode(class_, data)


def encode_bus(message: BusMessage) -> bytes:
    """The message as JSON, with its kind."""
    return encode(message, BusMessage)


def decode_bus(data: bytes) -> BusMessage:
    """The message. Raises `UnknownType` for what only a newer version knows, else `DecodeError`."""
    message: BusMessage = decode(BusMessage, data)
    return message
