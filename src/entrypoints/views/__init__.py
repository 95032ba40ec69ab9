"""The values that HTTP and realtime both show, in one shape: msgspec Structs with camelCase names.

Each is built by `View.of(value)` from a value of the domain or application. How the transports render them:

- Times that people read (`addedAt`, `sentAt`, `since` …) are `datetime` fields in UTC. HTTP writes them as RFC 3339,
  which is what msgspec does by itself. The realtime contract has unix microseconds there: `micros_of(moment)` gives
  them back exactly (`msgspec.to_builtins(view, builtin_types=(datetime,))` leaves the `datetime`s in place).
- Times of playback (`anchor`, `startsAt`, `hold.until`) and 64-bit integers are numbers; proto JSON makes strings of
  them by the type of the contract's field.
- Choices are the domain's enums and read as over HTTP (`repeatOne`, `video`). Where the contract has an enum, its
  name is the member's: `AutoPlayMode.REPEAT_ONE.name`, `Readiness.READY.name`.
- Absent values are None: null over HTTP, left out in the realtime contract.

`Shared…View` are the contract's shapes where HTTP tells one asker more than everybody in the room is told.
"""

from __future__ import annotations

from synctv.entrypoints.views.actors import AccountView, ActorView, PersonView
from synctv.entrypoints.views.chat import MessageView
from synctv.entrypoints.views.delivery import PlayableView, VariantView
from synctv.entrypoints.views.library import FolderView, ItemView
from synctv.entrypoints.views.members import MemberView, SharedMemberView, ViewerView
from synctv.entrypoints.views.playback import HistoryEntryView, HoldView, PlaybackView
from synctv.entrypoints.views.rooms import NowPlayingView, RoomView, SharedRoomView, StandingView, owner_of
from synctv.entrypoints.views.settings import (
    AutoPlayView,
    PermissionChangeView,
    RoleChangesView,
    RoomSettingsView,
    WaitForBufferingView,
    listed,
)
from synctv.entrypoints.views.times import Instant, instant, micros_of

__all__ = [
    "AccountView",
    "ActorView",
    "AutoPlayView",
    "FolderView",
    "HistoryEntryView",
    "HoldView",
    "Instant",
    "ItemView",
    "MemberView",
    "MessageView",
    "NowPlayingView",
    "PermissionChangeView",
    "PersonView",
    "PlayableView",
    "PlaybackView",
    "RoleChangesView",
    "RoomSettingsView",
    "RoomView",
    "SharedMemberView",
    "SharedRoomView",
    "StandingView",
    "VariantView",
    "ViewerView",
    "WaitForBufferingView",
    "instant",
    "listed",
    "micros_of",
    "owner_of",
]
