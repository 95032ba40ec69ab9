"""Domain values of every shape, for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from synctv.application.ports.bus import BusMessage, NodePresence, SignalSent, Told
from synctv.domain.ids import Micros
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.playback import Playback
from synctv.domain.rooms.events import LoggedEvent, RoomEvent
from synctv.domain.rooms.room import Room

_text = st.text(st.characters(exclude_categories=["Cs"]))
_integers = st.integers(-(2**63), 2**63 - 1)
_json = st.recursive(
    st.none() | st.booleans() | _integers | st.floats(allow_nan=False, allow_infinity=False) | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=5,
)

for _type, _strategy in {
    str: _text,
    int: _integers,
    float: st.floats(allow_nan=False, allow_infinity=False),
    object: _json,
    Micros: st.integers(0, 2**53).map(Micros),
}.items():
    st.register_type_strategy(_type, _strategy)

playbacks = st.from_type(Playback)
items = st.from_type(MediaItem)
rooms = st.from_type(Room)
events: st.SearchStrategy[RoomEvent] = st.from_type(RoomEvent)  # type: ignore[arg-type]
logged_events = st.from_type(LoggedEvent)
bus_messages: st.SearchStrategy[BusMessage] = st.from_type(Told) | st.from_type(NodePresence) | st.from_type(SignalSent)
