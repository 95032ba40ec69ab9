"""Everything that is kept of an account, as its holder takes it along. Nothing in it lets anybody in anywhere."""

from __future__ import annotations

from msgspec import Struct

from synctv.application.accounts.own_export import ExportBegun, Joined
from synctv.domain.chat.message import Message
from synctv.domain.ids import ItemId, MessageId, RoomId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.membership import MembershipState
from synctv.domain.rooms.permissions import RoomRole
from synctv.domain.rooms.room import Room, RoomStatus, Visibility
from synctv.entrypoints.http.credentials import CredentialView
from synctv.entrypoints.http.own_sessions import ActivityView, DeviceSessionView
from synctv.entrypoints.http.security_views import SecurityView
from synctv.entrypoints.views import AccountView, Instant, RoomSettingsView, instant

FORMAT = "synctv-account"
VERSION = 1


class ExportedRoomView(Struct, frozen=True, rename="camel", kw_only=True):
    """A room that the account created."""

    id: RoomId
    code: str
    name: str
    description: str
    visibility: Visibility
    has_password: bool
    status: RoomStatus
    settings: RoomSettingsView
    created_at: Instant

    @classmethod
    def of(cls, room: Room) -> ExportedRoomView:
        """The view of a room."""
        return cls(
            id=room.id,
            code=room.code,
            name=room.name,
            description=room.description,
            visibility=room.visibility,
            has_password=room.password_hash is not None,
            status=room.status,
            settings=RoomSettingsView.of(room.settings),
            created_at=instant(room.created_at),
        )


class ExportedMembershipView(Struct, frozen=True, rename="camel", kw_only=True):
    """A room that the account is in, or asked to be in with this message."""

    room_id: RoomId
    room_name: str
    role: RoomRole
    state: MembershipState
    message: str
    joined_at: Instant

    @classmethod
    def of(cls, joined: Joined) -> ExportedMembershipView:
        """The view of a membership."""
        membership = joined.membership
        return cls(
            room_id=membership.room_id,
            room_name=joined.room.name if joined.room else "",
            role=membership.role,
            state=membership.state,
            message=membership.message,
            joined_at=instant(membership.joined_at),
        )


class ExportedItemView(Struct, frozen=True, rename="camel", kw_only=True):
    """Something that the account added to a room. Its source is left out: it may hold secrets."""

    id: ItemId
    room_id: RoomId
    title: str
    provider: str
    kind: MediaKind
    duration: float | None
    added_at: Instant

    @classmethod
    def of(cls, item: MediaItem) -> ExportedItemView:
        """The view of an item."""
        return cls(
            id=item.id,
            room_id=item.room_id,
            title=item.title,
            provider=item.provider,
            kind=item.kind,
            duration=item.duration,
            added_at=instant(item.added_at),
        )


class ExportedMessageView(Struct, frozen=True, rename="camel", kw_only=True):
    """Something that the account wrote."""

    id: MessageId
    room_id: RoomId
    text: str
    reply_to: MessageId | None
    sent_at: Instant
    item_id: ItemId | None
    position: float | None

    @classmethod
    def of(cls, message: Message) -> ExportedMessageView:
        """The view of a message."""
        return cls(
            id=message.id,
            room_id=message.room_id,
            text=message.text,
            reply_to=message.reply_to,
            sent_at=instant(message.sent_at),
            item_id=message.item_id,
            position=message.position,
        )


class ExportHeadView(Struct, frozen=True, rename="camel", kw_only=True):
    """What there is only little of. `version` is raised when a field gets another meaning."""

    format: str
    version: int
    exported_at: Instant
    profile: AccountView
    security: SecurityView
    sessions: list[DeviceSessionView]
    credentials: list[CredentialView]

    @classmethod
    def of(cls, begun: ExportBegun, actor: AccountActor) -> ExportHeadView:
        """The view of an export that begins."""
        return cls(
            format=FORMAT,
            version=VERSION,
            exported_at=instant(begun.at),
            profile=AccountView.of(begun.security.account),
            security=SecurityView.of(begun.security),
            sessions=[DeviceSessionView.of(session, actor) for session in begun.sessions],
            credentials=[CredentialView.of(credential) for credential in begun.credentials],
        )


class ExportView(ExportHeadView, frozen=True, rename="camel", kw_only=True):
    """All of it. The long lists come last, in this order."""

    rooms: list[ExportedRoomView]
    memberships: list[ExportedMembershipView]
    items: list[ExportedItemView]
    messages: list[ExportedMessageView]
    activity: list[ActivityView]
