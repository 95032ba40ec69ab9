"""Members of a room, and who is connected to it."""

from __future__ import annotations

from msgspec import Struct

from synctv.application.rooms import membership
from synctv.domain.ids import ConnectionId
from synctv.domain.rooms.actor import ActorKind
from synctv.domain.rooms.membership import MembershipState
from synctv.domain.rooms.permissions import Permission, RoomRole
from synctv.domain.rooms.viewers import Readiness, Viewer
from synctv.entrypoints.views.actors import ActorView, PersonView
from synctv.entrypoints.views.settings import listed
from synctv.entrypoints.views.times import Instant, instant


class MemberView(Struct, frozen=True, rename="camel"):
    """A member with its overrides, for who manages members."""

    account: PersonView
    role: RoomRole
    state: MembershipState
    permissions: list[Permission]
    added_permissions: list[Permission]
    removed_permissions: list[Permission]
    joined_at: Instant
    version: int

    @classmethod
    def of(cls, view: membership.MemberView) -> MemberView:
        """The view of a member."""
        member = view.membership
        return cls(
            account=PersonView(member.account_id, member.username),
            role=member.role,
            state=member.state,
            permissions=listed(view.permissions),
            added_permissions=listed(member.overrides.added),
            removed_permissions=listed(member.overrides.removed),
            joined_at=instant(member.joined_at),
            version=member.version,
        )


class SharedMemberView(Struct, frozen=True, rename="camel"):
    """A member as everybody sees it who may see members: the contract's `Member`."""

    actor: ActorView
    role: RoomRole
    permissions: list[Permission]
    joined_at: Instant
    version: int

    @classmethod
    def of(cls, view: membership.MemberView) -> SharedMemberView:
        """The view of a member."""
        member = view.membership
        return cls(
            actor=ActorView(member.account_id, member.username, ActorKind.ACCOUNT),
            role=member.role,
            permissions=listed(view.permissions),
            joined_at=instant(member.joined_at),
            version=member.version,
        )


class ViewerView(Struct, frozen=True, rename="camel"):
    """One connection to the room. Position, drift and round trip are in seconds."""

    connection_id: ConnectionId
    actor: ActorView
    role: RoomRole
    readiness: Readiness
    position: float | None
    drift: float | None
    round_trip: float | None
    since: Instant

    @classmethod
    def of(cls, viewer: Viewer) -> ViewerView:
        """The view of a connection."""
        return cls(
            connection_id=viewer.connection_id,
            actor=ActorView.of(viewer.actor),
            role=viewer.role,
            readiness=viewer.readiness,
            position=viewer.position,
            drift=viewer.drift,
            round_trip=viewer.round_trip,
            since=instant(viewer.since),
        )
