"""The first tables: accounts, rooms, library, playback, chat and the log of room events.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T20:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The first tables"

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS accounts (
        id uuid PRIMARY KEY,
        username text NOT NULL,
        username_key text NOT NULL CONSTRAINT accounts_username UNIQUE,
        role text NOT NULL,
        status text NOT NULL,
        password_hash text,
        session_generation bigint NOT NULL,
        created_at bigint NOT NULL,
        version bigint NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS sign_in_sessions (
        id uuid PRIMARY KEY,
        account_id uuid NOT NULL CONSTRAINT sign_in_sessions_of_account REFERENCES accounts,
        refresh_digest bytea NOT NULL,
        generation bigint NOT NULL,
        created_at bigint NOT NULL,
        refreshed_at bigint NOT NULL,
        expires_at bigint NOT NULL,
        ended_at bigint,
        user_agent text NOT NULL,
        address text NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS rooms (
        id uuid PRIMARY KEY,
        code text NOT NULL CONSTRAINT rooms_code UNIQUE,
        name text NOT NULL,
        name_key text NOT NULL,
        description text NOT NULL,
        visibility text NOT NULL,
        password_hash text,
        owner_id text NOT NULL,
        owner_name text NOT NULL,
        owner_kind text NOT NULL,
        settings jsonb NOT NULL,
        status text NOT NULL,
        guest_version bigint NOT NULL,
        created_at bigint NOT NULL,
        version bigint NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS memberships (
        room_id uuid NOT NULL CONSTRAINT memberships_of_room REFERENCES rooms,
        account_id uuid NOT NULL CONSTRAINT memberships_of_account REFERENCES accounts,
        role text NOT NULL,
        state text NOT NULL,
        overrides jsonb NOT NULL,
        message text NOT NULL,
        joined_at bigint NOT NULL,
        returns_at bigint,
        version bigint NOT NULL,
        PRIMARY KEY (room_id, account_id)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS media_items (
        id uuid PRIMARY KEY,
        room_id uuid NOT NULL CONSTRAINT media_items_of_room REFERENCES rooms,
        folder_id uuid,
        title text NOT NULL,
        provider text NOT NULL,
        kind text NOT NULL,
        source jsonb NOT NULL,
        duration double precision,
        added_by_id text NOT NULL,
        added_by_name text NOT NULL,
        added_by_kind text NOT NULL,
        added_at bigint NOT NULL,
        rank bigint NOT NULL,
        version bigint NOT NULL,
        deleted boolean NOT NULL DEFAULT false
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS playbacks (
        room_id uuid PRIMARY KEY CONSTRAINT playbacks_of_room REFERENCES rooms,
        item_id uuid,
        item_duration double precision,
        item_live boolean NOT NULL,
        motion jsonb NOT NULL,
        rate double precision NOT NULL,
        changed_at bigint NOT NULL,
        version bigint NOT NULL,
        changed_by_id text,
        changed_by_name text,
        changed_by_kind text,
        reason text NOT NULL,
        operation_id text NOT NULL,
        history_entry uuid
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE IF NOT EXISTS playback_answers (
        room_id uuid NOT NULL CONSTRAINT playback_answers_of_room REFERENCES rooms,
        operation_id text NOT NULL,
        answer jsonb NOT NULL,
        given_at bigint NOT NULL,
        PRIMARY KEY (room_id, operation_id)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS playback_history (
        place bigint GENERATED ALWAYS AS IDENTITY,
        id uuid NOT NULL,
        room_id uuid NOT NULL CONSTRAINT playback_history_of_room REFERENCES rooms,
        item_id uuid NOT NULL,
        title text NOT NULL,
        played_at bigint NOT NULL,
        played_by_id text,
        played_by_name text,
        played_by_kind text,
        PRIMARY KEY (room_id, place)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS chat_messages (
        id uuid PRIMARY KEY,
        room_id uuid NOT NULL CONSTRAINT chat_messages_of_room REFERENCES rooms,
        client_id text NOT NULL,
        author_id text NOT NULL,
        author_name text NOT NULL,
        author_kind text NOT NULL,
        text text NOT NULL,
        reply_to uuid,
        sent_at bigint NOT NULL,
        item_id uuid,
        position double precision,
        version bigint NOT NULL,
        deleted boolean NOT NULL,
        seq bigint NOT NULL,
        CONSTRAINT chat_messages_in_order UNIQUE (room_id, seq),
        CONSTRAINT chat_messages_sent_once UNIQUE (room_id, author_id, client_id)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS room_sequences (
        room_id uuid PRIMARY KEY CONSTRAINT room_sequences_of_room REFERENCES rooms,
        seq bigint NOT NULL
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE IF NOT EXISTS room_events (
        place bigint GENERATED ALWAYS AS IDENTITY,
        room_id uuid NOT NULL,
        seq bigint NOT NULL,
        at bigint NOT NULL,
        kind text NOT NULL,
        payload jsonb NOT NULL,
        published boolean NOT NULL DEFAULT false,
        PRIMARY KEY (room_id, seq)
    )
    """,
)

INDEXES = (
    "CREATE INDEX IF NOT EXISTS sign_in_sessions_by_account ON sign_in_sessions (account_id)",
    "CREATE INDEX IF NOT EXISTS rooms_listed ON rooms (id) WHERE status = 'active' AND visibility = 'public'",
    "CREATE INDEX IF NOT EXISTS rooms_by_owner ON rooms (owner_id)",
    "CREATE INDEX IF NOT EXISTS memberships_by_account ON memberships (account_id, state)",
    "CREATE INDEX IF NOT EXISTS memberships_by_state ON memberships (room_id, state, account_id)",
    "CREATE INDEX IF NOT EXISTS media_items_in_order ON media_items (room_id, folder_id, rank, id) WHERE NOT deleted",
    "CREATE INDEX IF NOT EXISTS room_events_unpublished ON room_events (place) WHERE NOT published",
    "CREATE INDEX IF NOT EXISTS room_events_to_prune ON room_events (at) WHERE published",
)


class Schema(Table):
    """Only a way to run SQL."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="synctv", description=DESCRIPTION)

    async def create() -> None:
        for statement in TABLES + INDEXES:
            await Schema.raw(statement)

    manager.add_raw(create)
    return manager
