"""The tables, as Piccolo knows them.

`migrations/` makes them; a test holds the two together. Instants are microseconds since the epoch, as the domain has
them. Keys, indexes and what refers to what are in the migrations, in SQL: Piccolo has no words for most of them.
"""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Bytea, DoublePrecision, Text
from piccolo.table import Table

from synctv.adapters.postgres.engine import DB


class AccountRow(Table, tablename="accounts", db=DB):
    """An account."""

    id = UUID(primary_key=True)
    username = Text()
    username_key = Text()
    role = Text()
    status = Text()
    password_hash = Text(null=True)
    session_generation = BigInt()
    created_at = BigInt()
    version = BigInt()


class SignInSessionRow(Table, tablename="sign_in_sessions", db=DB):
    """A sign-in session."""

    id = UUID(primary_key=True)
    account_id = UUID()
    refresh_digest = Bytea()
    generation = BigInt()
    created_at = BigInt()
    refreshed_at = BigInt()
    expires_at = BigInt()
    ended_at = BigInt(null=True)
    user_agent = Text()
    address = Text()


class RoomRow(Table, tablename="rooms", db=DB):
    """A room. `name_key` is what searching compares."""

    id = UUID(primary_key=True)
    code = Text()
    name = Text()
    name_key = Text()
    description = Text()
    visibility = Text()
    password_hash = Text(null=True)
    owner_id = Text()
    owner_name = Text()
    owner_kind = Text()
    settings = JSONB()
    status = Text()
    guest_version = BigInt()
    created_at = BigInt()
    version = BigInt()


class MembershipRow(Table, tablename="memberships", db=DB):
    """A membership; its key is the room and the account."""

    room_id = UUID(primary_key=True)
    account_id = UUID()
    role = Text()
    state = Text()
    overrides = JSONB()
    message = Text()
    joined_at = BigInt()
    returns_at = BigInt(null=True)
    version = BigInt()


class MediaItemRow(Table, tablename="media_items", db=DB):
    """A media item, possibly deleted."""

    id = UUID(primary_key=True)
    room_id = UUID()
    folder_id = UUID(null=True)
    title = Text()
    provider = Text()
    kind = Text()
    source = JSONB()
    duration = DoublePrecision(null=True)
    added_by_id = Text()
    added_by_name = Text()
    added_by_kind = Text()
    added_at = BigInt()
    rank = BigInt()
    version = BigInt()
    deleted = Boolean()


class PlaybackRow(Table, tablename="playbacks", db=DB):
    """What a room shows."""

    room_id = UUID(primary_key=True)
    item_id = UUID(null=True)
    item_duration = DoublePrecision(null=True)
    item_live = Boolean()
    motion = JSONB()
    rate = DoublePrecision()
    changed_at = BigInt()
    version = BigInt()
    changed_by_id = Text(null=True)
    changed_by_name = Text(null=True)
    changed_by_kind = Text(null=True)
    reason = Text()
    operation_id = Text()
    history_entry = UUID(null=True)


class PlaybackAnswerRow(Table, tablename="playback_answers", db=DB):
    """The answer to an operation; its key is the room and the operation."""

    room_id = UUID(primary_key=True)
    operation_id = Text()
    answer = JSONB()
    given_at = BigInt()


class PlaybackHistoryRow(Table, tablename="playback_history", db=DB):
    """An entry of a room's history; `place` orders the entries and is given by the database."""

    place = BigInt(primary_key=True)
    id = UUID()
    room_id = UUID()
    item_id = UUID()
    title = Text()
    played_at = BigInt()
    played_by_id = Text(null=True)
    played_by_name = Text(null=True)
    played_by_kind = Text(null=True)


class ChatMessageRow(Table, tablename="chat_messages", db=DB):
    """A chat message; `seq` orders the messages of a room."""

    id = UUID(primary_key=True)
    room_id = UUID()
    client_id = Text()
    author_id = Text()
    author_name = Text()
    author_kind = Text()
    text = Text()
    reply_to = UUID(null=True)
    sent_at = BigInt()
    item_id = UUID(null=True)
    position = DoublePrecision(null=True)
    version = BigInt()
    deleted = Boolean()
    seq = BigInt()


class RoomSequenceRow(Table, tablename="room_sequences", db=DB):
    """The number of a room's newest event, which stays when the event is dropped."""

    room_id = UUID(primary_key=True)
    seq = BigInt()


class RoomEventRow(Table, tablename="room_events", db=DB):
    """An event; its key is the room and the number. `place` orders all rooms' events and is given by the database."""

    place = BigInt(primary_key=True)
    room_id = UUID()
    seq = BigInt()
    at = BigInt()
    kind = Text()
    payload = JSONB()
    published = Boolean()


TABLES: tuple[type[Table], ...] = (
    AccountRow,
    SignInSessionRow,
    RoomRow,
    MembershipRow,
    MediaItemRow,
    PlaybackRow,
    PlaybackAnswerRow,
    PlaybackHistoryRow,
    ChatMessageRow,
    RoomSequenceRow,
    RoomEventRow,
)
