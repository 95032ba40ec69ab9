"""The tables, as Piccolo knows them.

`migrations/` makes them; a test holds the two together. Instants are microseconds since the epoch, as the domain has
them. Keys, indexes and what refers to what are in the migrations, in SQL: Piccolo has no words for most of them.
"""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, DoublePrecision, Text
from piccolo.table import Table

from synctv.adapters.postgres.engine import DB


class AccountRow(Table, tablename="accounts", db=DB):
    """An account. Two accounts with the same `username_key` or `email_key` can't be."""

    id = UUID(primary_key=True)
    username = Text()
    username_key = Text()
    role = Text()
    password_hash = Text(null=True)
    opaque_record = Bytea(null=True)
    session_generation = BigInt()
    pending = Boolean()
    ban = JSONB(null=True)
    must_reset = Boolean()
    email = Text(null=True)
    email_key = Text(null=True)
    language = Text(null=True)
    two_factor = Boolean()
    closed_at = BigInt(null=True)
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
    methods = Array(base_column=Text())
    family_digest = Bytea(null=True)
    rotation = Bytea(null=True)


class PasskeyRow(Table, tablename="passkeys", db=DB):
    """A passkey."""

    id = UUID(primary_key=True)
    account_id = UUID()
    credential_id = Bytea()
    public_key = Bytea()
    sign_count = BigInt()
    name = Text()
    transports = Array(base_column=Text())
    synced = Boolean()
    created_at = BigInt()
    used_at = BigInt(null=True)


class TotpSecretRow(Table, tablename="totp_secrets", db=DB):
    """An account's authenticator app."""

    account_id = UUID(primary_key=True)
    sealed = Bytea()
    last_step = BigInt()
    created_at = BigInt()


class RecoveryCodeRow(Table, tablename="recovery_codes", db=DB):
    """A recovery code, used up or not; its key is the account and the digest."""

    account_id = UUID(primary_key=True)
    digest = Bytea()
    used_at = BigInt(null=True)


class IdentityProviderRow(Table, tablename="identity_providers", db=DB):
    """A server that vouches for people."""

    slug = Text(primary_key=True)
    name = Text()
    kind = Text()
    client_id = Text()
    sealed_secret = Bytea(null=True)
    scopes = Array(base_column=Text())
    issuer = Text(null=True)
    endpoints = JSONB(null=True)
    enabled = Boolean()
    sign_up = Boolean()
    review = Boolean()
    trusts_email = Boolean()


class IdentityRow(Table, tablename="identities", db=DB):
    """An external identity that signs in to an account."""

    id = UUID(primary_key=True)
    account_id = UUID()
    provider = Text()
    subject = Text()
    shown = Text()
    linked_at = BigInt()
    used_at = BigInt(null=True)


class CredentialRow(Table, tablename="credentials", db=DB):
    """An account's login at a provider server."""

    id = UUID(primary_key=True)
    account_id = UUID()
    provider = Text()
    server = Text()
    label = Text()
    sealed = Bytea()
    state = Text()
    created_at = BigInt()
    checked_at = BigInt()
    version = BigInt()


class PolicyRow(Table, tablename="policies", db=DB):
    """The operator's rules on a subject. No row means the product's defaults."""

    name = Text(primary_key=True)
    document = JSONB()
    version = BigInt()


class AuditRow(Table, tablename="audit_log", db=DB):
    """An entry of the audit log. It refers to nothing, so that it outlives what it tells of."""

    id = UUID(primary_key=True)
    at = BigInt()
    action = Text()
    actor_kind = Text()
    actor_id = Text()
    actor_name = Text()
    target_kind = Text()
    target_id = Text()
    target_name = Text()
    reason = Text()
    address = Text()
    user_agent = Text()
    session_id = UUID(null=True)
    detail = JSONB()


class OutgoingMailRow(Table, tablename="outgoing_mail", db=DB):
    """A letter in the outbox. Whoever holds it has `lease_number`, until `leased_until`; nobody where that is null."""

    id = UUID(primary_key=True)
    sealed = Bytea()
    created_at = BigInt()
    expires_at = BigInt()
    attempts = BigInt()
    for_nobody = Boolean()
    due_at = BigInt()
    lease_number = BigInt()
    leased_until = BigInt(null=True)


class KeyCheckRow(Table, tablename="key_checks", db=DB):
    """What is known of a key of the server, without the key."""

    name = Text(primary_key=True)
    fingerprints = Array(base_column=Text())
    check_value = Bytea(null=True)
    recorded_at = BigInt()


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


class FolderRow(Table, tablename="folders", db=DB):
    """A folder, possibly deleted. A dynamic one has a provider and a path; only then it may have a credential."""

    id = UUID(primary_key=True)
    room_id = UUID()
    parent_id = UUID(null=True)
    title = Text()
    provider = Text(null=True)
    path = Text(null=True)
    credential_id = UUID(null=True)
    added_by_id = Text()
    added_by_name = Text()
    added_by_kind = Text()
    added_at = BigInt()
    rank = BigInt()
    version = BigInt()
    deleted = Boolean()


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
    credential_id = UUID(null=True)
    cover = Text(null=True)
    origin_folder_id = UUID(null=True)
    origin_path = Text(null=True)


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
    PasskeyRow,
    TotpSecretRow,
    RecoveryCodeRow,
    IdentityProviderRow,
    IdentityRow,
    CredentialRow,
    PolicyRow,
    AuditRow,
    OutgoingMailRow,
    KeyCheckRow,
    RoomRow,
    MembershipRow,
    FolderRow,
    MediaItemRow,
    PlaybackRow,
    PlaybackAnswerRow,
    PlaybackHistoryRow,
    ChatMessageRow,
    RoomSequenceRow,
    RoomEventRow,
)
