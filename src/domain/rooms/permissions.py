"""Who may do what in a room: one pure function over the role, the room's settings and the member's own overrides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.domain.errors import Denied


class RoomRole(StrEnum):
    """A person's role in one room, from most to least."""

    CREATOR = "creator"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"

    @property
    def rank(self) -> int:
        """3 for the creator, 0 for a guest."""
        return len(RoomRole) - 1 - list(RoomRole).index(self)


class Permission(StrEnum):
    """One thing that an actor may be allowed to do in a room."""

    SEND_CHAT_MESSAGES = "send_chat_messages"
    MANAGE_OWN_MEDIA = "manage_own_media"
    DELETE_MEDIA = "delete_media"
    REORDER_MEDIA = "reorder_media"
    CLEAR_MEDIA = "clear_media"
    MANAGE_LIVE_STREAMS = "manage_live_streams"
    CONTROL_PLAYBACK_STATE = "control_playback_state"
    NAVIGATE_PLAYBACK = "navigate_playback"
    REVIEW_JOIN_REQUESTS = "review_join_requests"
    REMOVE_MEMBERS = "remove_members"
    MANAGE_MEMBER_PERMISSIONS = "manage_member_permissions"
    ADD_MEMBERS = "add_members"
    MANAGE_ROOM_SETTINGS = "manage_room_settings"
    DELETE_CHAT_MESSAGES = "delete_chat_messages"
    DELETE_ROOM = "delete_room"
    BROWSE_LIBRARY = "browse_library"
    VIEW_MEMBERS = "view_members"
    VIEW_CHAT_HISTORY = "view_chat_history"
    USE_VOICE_CHAT = "use_voice_chat"
    USE_P2P_MEDIA = "use_p2p_media"


Permissions = frozenset[Permission]
_P = Permission

EVERYTHING: Permissions = frozenset(Permission)
NOTHING: Permissions = frozenset()

MEMBER_DEFAULT: Permissions = frozenset(
    {
        _P.SEND_CHAT_MESSAGES,
        _P.MANAGE_OWN_MEDIA,
        _P.CONTROL_PLAYBACK_STATE,
        _P.NAVIGATE_PLAYBACK,
        _P.BROWSE_LIBRARY,
        _P.VIEW_MEMBERS,
        _P.VIEW_CHAT_HISTORY,
        _P.USE_VOICE_CHAT,
        _P.USE_P2P_MEDIA,
    }
)

CEILING: Mapping[RoomRole, Permissions] = {
    RoomRole.CREATOR: EVERYTHING,
    RoomRole.ADMIN: EVERYTHING - {_P.DELETE_ROOM},
    RoomRole.MEMBER: EVERYTHING - {_P.DELETE_ROOM},
    RoomRole.GUEST: frozenset(
        {
            _P.SEND_CHAT_MESSAGES,
            _P.BROWSE_LIBRARY,
            _P.VIEW_MEMBERS,
            _P.VIEW_CHAT_HISTORY,
            _P.USE_VOICE_CHAT,
            _P.USE_P2P_MEDIA,
        }
    ),
}
"""The most that a role can ever have. Only the creator (and the operator) deletes a room; it is never delegated."""


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """What is added to and removed from a set. Removal beats addition."""

    added: Permissions = NOTHING
    removed: Permissions = NOTHING


NO_CHANGE = PermissionChange()


@dataclass(frozen=True, slots=True)
class RoleDefaults:
    """Each role's set before any change: the server's operator configures it for admin, member and guest."""

    admin: Permissions = CEILING[RoomRole.ADMIN]
    member: Permissions = MEMBER_DEFAULT
    guest: Permissions = NOTHING

    def of(self, role: RoomRole) -> Permissions:
        """The default set of a role."""
        return {
            RoomRole.CREATOR: EVERYTHING,
            RoomRole.ADMIN: self.admin,
            RoomRole.MEMBER: self.member,
            RoomRole.GUEST: self.guest,
        }[role]


@dataclass(frozen=True, slots=True)
class RoleChanges:
    """What a room's settings change for each role."""

    admin: PermissionChange = field(default=NO_CHANGE)
    member: PermissionChange = field(default=NO_CHANGE)
    guest: PermissionChange = field(default=NO_CHANGE)

    def of(self, role: RoomRole) -> PermissionChange:
        """The change for a role; the creator's can't be changed."""
        return {
            RoomRole.CREATOR: NO_CHANGE,
            RoomRole.ADMIN: self.admin,
            RoomRole.MEMBER: self.member,
            RoomRole.GUEST: self.guest,
        }[role]


def effective(
    role: RoomRole,
    defaults: RoleDefaults,
    room: RoleChanges,
    own: PermissionChange = NO_CHANGE,
) -> Permissions:
    """What somebody with this role may do: defaults, then the room's changes, then their own, then the role's ceiling.

    A removal at any step beats an addition at every step. The creator has everything, always.
    """
    if role is RoomRole.CREATOR:
        return EVERYTHING
    for_role = room.of(role)
    removed = for_role.removed | own.removed
    return ((defaults.of(role) | for_role.added | own.added) - removed) & CEILING[role]


_REFUSALS: Mapping[Permission, str] = {
    _P.SEND_CHAT_MESSAGES: "write in this chat",
    _P.MANAGE_OWN_MEDIA: "add items to this room",
    _P.DELETE_MEDIA: "remove what others added",
    _P.REORDER_MEDIA: "move items",
    _P.CLEAR_MEDIA: "empty the list",
    _P.MANAGE_LIVE_STREAMS: "manage live streams",
    _P.CONTROL_PLAYBACK_STATE: "control the playback",
    _P.NAVIGATE_PLAYBACK: "choose what plays",
    _P.REVIEW_JOIN_REQUESTS: "review who joins",
    _P.REMOVE_MEMBERS: "remove people",
    _P.MANAGE_MEMBER_PERMISSIONS: "change what others may do",
    _P.ADD_MEMBERS: "add people",
    _P.MANAGE_ROOM_SETTINGS: "change the room's settings",
    _P.DELETE_CHAT_MESSAGES: "delete other people's messages",
    _P.DELETE_ROOM: "delete this room",
    _P.BROWSE_LIBRARY: "see the list of items",
    _P.VIEW_MEMBERS: "see who belongs to this room",
    _P.VIEW_CHAT_HISTORY: "read this chat",
    _P.USE_VOICE_CHAT: "use the voice chat",
    _P.USE_P2P_MEDIA: "exchange media with other viewers",
}


def require(permissions: Permissions, permission: Permission) -> None:
    """Raises `Denied`, with a sentence that says whom to ask, unless the permission is there."""
    if permission not in permissions:
        detail = f"You may not {_REFUSALS[permission]}. Somebody who runs this room can allow it."
        raise Denied(detail, permission.value)
