"""Rooms, as one actor sees them and as everybody inside does."""

from __future__ import annotations

from msgspec import Struct

from synctv.application.rooms import directory
from synctv.application.rooms.access import Standing
from synctv.domain.ids import RoomId
from synctv.domain.rooms.permissions import Permission, RoomRole
from synctv.domain.rooms.room import Room, Visibility
from synctv.entrypoints.views.actors import ActorView, PersonView
from synctv.entrypoints.views.settings import RoomSettingsView, listed
from synctv.entrypoints.views.times import Instant, instant


class StandingView(Struct, frozen=True, rename="camel"):
    """The asker's own role and permissions in a room."""

    role: RoomRole
    permissions: list[Permission]

    @classmethod
    def of(cls, standing: Standing) -> StandingView:
        """The view of a standing."""
        return cls(standing.role, listed(standing.permissions))


class NowPlayingView(Struct, frozen=True, rename="camel"):
    """What a room shows, in lists."""

    title: str


class RoomView(Struct, frozen=True, rename="camel"):
    """A room as one actor sees it. `viewer` is null for who is not in it, `nowPlaying` when nothing is selected."""

    id: RoomId
    code: str
    name: str
    description: str
    visibility: Visibility
    has_password: bool
    owner: PersonView
    settings: RoomSettingsView
    viewer: StandingView | None
    online: int
    members: int
    now_playing: NowPlayingView | None
    created_at: Instant
    version: int

    @classmethod
    def of(cls, view: directory.RoomView) -> RoomView:
        """The view of a room."""
        room = view.room
        return cls(
            id=room.id,
            code=room.code,
            name=room.name,
            description=room.description,
            visibility=room.visibility,
            has_password=room.password_hash is not None,
            owner=owner_of(room),
            settings=RoomSettingsView.of(room.settings),
            viewer=StandingView.of(view.standing) if view.standing else None,
            online=view.online,
            members=view.members,
            now_playing=NowPlayingView(view.now_playing) if view.now_playing is not None else None,
            created_at=instant(room.created_at),
            version=room.version,
        )


class SharedRoomView(Struct, frozen=True, rename="camel"):
    """What is the same of a room for everybody inside: the contract's `Room`."""

    id: RoomId
    code: str
    name: str
    description: str
    visibility: Visibility
    has_password: bool
    owner: ActorView
    settings: RoomSettingsView
    version: int

    @classmethod
    def of(cls, room: Room) -> SharedRoomView:
        """The view of a room."""
        return cls(
            id=room.id,
            code=room.code,
            name=room.name,
            description=room.description,
            visibility=room.visibility,
            has_password=room.password_hash is not None,
            owner=ActorView.of(room.owner),
            settings=RoomSettingsView.of(room.settings),
            version=room.version,
        )


def owner_of(room: Room) -> PersonView:
    """The account that created the room."""
    return PersonView(room.owner_id, room.owner.name)
