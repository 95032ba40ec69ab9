"""What goes over a realtime connection, as values that know no codec.

`proto/synctv/v1/realtime.proto` is the contract; these are its messages in the domain's own terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.application.playback.commands import Order
from synctv.application.playback.stage import PlaybackView
from synctv.application.rooms.membership import MemberView
from synctv.domain.chat.message import Message
from synctv.domain.delivery.playable import Playable
from synctv.domain.delivery.profile import Profile
from synctv.domain.errors import DomainError
from synctv.domain.ids import ConnectionId, FolderId, ItemId, MessageId, Micros
from synctv.domain.library.folder import Folder
from synctv.domain.library.item import MediaItem
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.rooms.actor import ActorRef
from synctv.domain.rooms.permissions import Permissions, RoomRole
from synctv.domain.rooms.room import Room
from synctv.domain.rooms.viewers import Readiness, Viewer

# ---------------------------------------------------------------- client to server


@dataclass(frozen=True, slots=True)
class TimeProbe:
    """Asks for the server's time. `client_sent` is echoed."""

    client_sent: int


class Mode(StrEnum):
    """Whether an observation pushes values, or only that they changed."""

    SNAPSHOT = "snapshot"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class PlaybackQuery:
    """The shared playback."""


@dataclass(frozen=True, slots=True)
class PresenceQuery:
    """Who is connected."""


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """What is in a folder (None: the top one); `limit` is for its items."""

    folder_id: FolderId | None
    limit: int


@dataclass(frozen=True, slots=True)
class ChatQuery:
    """The chat; `limit` is the length of a fresh snapshot."""

    limit: int


@dataclass(frozen=True, slots=True)
class MembersQuery:
    """The members."""

    limit: int


@dataclass(frozen=True, slots=True)
class SettingsQuery:
    """The room itself and its settings."""


@dataclass(frozen=True, slots=True)
class SelfQuery:
    """The observer's own role and permissions."""


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """What was played."""

    limit: int


@dataclass(frozen=True, slots=True)
class PlayableQuery:
    """What the observer's own player needs."""

    profile: Profile


Query = (
    PlaybackQuery
    | PresenceQuery
    | LibraryQuery
    | ChatQuery
    | MembersQuery
    | SettingsQuery
    | SelfQuery
    | HistoryQuery
    | PlayableQuery
)


@dataclass(frozen=True, slots=True)
class Observe:
    """Subscribes to a query under the client's own `id`. `after_seq`: up to where the client knows the value."""

    id: str
    query: Query
    mode: Mode
    after_seq: int | None


@dataclass(frozen=True, slots=True)
class Unobserve:
    """Ends an observation."""

    id: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a player does; see `Viewer`."""

    item_id: ItemId
    readiness: Readiness
    position: float
    duration: float | None
    drift: float | None
    round_trip: float | None
    version: int


@dataclass(frozen=True, slots=True)
class ChatSend:
    """Writes a message."""

    client_id: str
    text: str
    reply_to: MessageId | None


@dataclass(frozen=True, slots=True)
class SendSignal:
    """A WebRTC signal for another connection of the room."""

    to: ConnectionId
    kind: str
    payload: str


Body = TimeProbe | Observe | Unobserve | Order | Report | ChatSend | SendSignal


@dataclass(frozen=True, slots=True)
class Request:
    """A frame from the client. Every one gets exactly one answer with the same `seq`."""

    seq: int
    body: Body


# ---------------------------------------------------------------- server to client


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one connection may do. Times are in seconds, sizes in bytes.

    Past `backlog_bytes` that a client has not read, pushes wait here, `queued_pushes` of them at most.
    """

    observations: int = 64
    frames_per_second: int = 50
    frame_bytes: int = 64 * 1024
    idle_seconds: float = 300.0
    lifetime_seconds: float = 86_400.0
    heartbeat_seconds: float = 25.0
    backlog_bytes: int = 64 * 1024
    queued_pushes: int = 512


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first frame."""

    connection_id: ConnectionId
    actor: ActorRef
    role: RoomRole
    permissions: Permissions
    server_time: Micros
    limits: ConnectionLimits


@dataclass(frozen=True, slots=True)
class TimeReply:
    """The four-timestamp answer to a probe, but for the client's own time of arrival."""

    client_sent: int
    server_received: Micros
    server_sent: Micros


@dataclass(frozen=True, slots=True)
class Reply:
    """Success, with what the request made."""

    value: PlaybackView | Message | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """An observation began, true at `room_seq`. `changed`: a value follows."""

    id: str
    room_seq: int
    changed: bool


@dataclass(frozen=True, slots=True)
class PresenceView:
    """Who is connected: the first ones, and how many in all."""

    viewers: Sequence[Viewer]
    total: int


@dataclass(frozen=True, slots=True)
class LibraryView:
    """What is in a folder: all folders, the first items, and how many items in all."""

    folder_id: FolderId | None
    folders: Sequence[Folder]
    items: Sequence[MediaItem]
    total: int


@dataclass(frozen=True, slots=True)
class ChatView:
    """The newest messages (`snapshot`), or new and changed ones."""

    messages: Sequence[Message]
    snapshot: bool
    has_more: bool


@dataclass(frozen=True, slots=True)
class MembersView:
    """The members."""

    members: Sequence[MemberView]
    total: int


@dataclass(frozen=True, slots=True)
class SelfView:
    """One's own role and permissions."""

    role: RoomRole
    permissions: Permissions


@dataclass(frozen=True, slots=True)
class HistoryView:
    """What was played, oldest first, as far as the items are still there."""

    entries: Sequence[tuple[HistoryEntry, MediaItem]]


@dataclass(frozen=True, slots=True)
class PlayableView:
    """What the player needs, or why it can't have it; neither where the room shows nothing."""

    playable: Playable | None = None
    error: Exception | None = None


View = PlaybackView | PresenceView | LibraryView | ChatView | MembersView | Room | SelfView | HistoryView | PlayableView


@dataclass(frozen=True, slots=True)
class Changed:
    """A new value of an observation; None with `Mode.NOTIFY`. `room_seq` is 0 for what is not in the log."""

    id: str
    room_seq: int
    value: View | None


@dataclass(frozen=True, slots=True)
class ObserveFailed:
    """An observation ended, since the permission for it is gone."""

    id: str
    error: DomainError


@dataclass(frozen=True, slots=True)
class Failure:
    """A request failed. An error that is no `DomainError` is a fault of ours, and is shown as no more than that."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Signal:
    """A WebRTC signal from another connection."""

    to: ConnectionId
    sender: ConnectionId
    kind: str
    payload: str


class GoodbyeCode(StrEnum):
    """Why the server ends a connection."""

    ACCESS_REVOKED = "access_revoked"
    KICKED = "kicked"
    ROOM_DELETED = "room_deleted"
    ROOM_BANNED = "room_banned"
    GUEST_ACCESS_REVOKED = "guest_access_revoked"
    REPLACED = "replaced"
    IDLE = "idle"
    TOO_SLOW = "too_slow"
    RATE_LIMITED = "rate_limited"
    DRAINING = "draining"
    PROTOCOL_ERROR = "protocol_error"
    LIFETIME = "lifetime"
    LIMIT = "limit"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The last frame. `reconnect_after` is in seconds; None says that coming back is of no use."""

    code: GoodbyeCode
    message: str
    reconnect_after: float | None = None


ServerMessage = Welcome | TimeReply | Reply | Observed | Changed | ObserveFailed | Failure | Signal | Goodbye


@dataclass(slots=True, eq=False)
class Outgoing:
    """A message on its way out: an answer to `seq`, or a push (0).

    One instance may go to many connections; `encoded` keeps the bytes of each codec, so that it is encoded once.
    """

    message: ServerMessage
    seq: int = 0
    encoded: dict[str, bytes] = field(default_factory=dict)
