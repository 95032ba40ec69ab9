"""Folders: the tree of each room's library.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T10:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Folders"

STATEMENTS = (
    """
    CREATE TABLE IF NOT EXISTS folders (
        id uuid PRIMARY KEY,
        room_id uuid NOT NULL CONSTRAINT folders_of_room REFERENCES rooms,
        parent_id uuid,
        title text NOT NULL,
        provider text,
        path text,
        credential_id uuid,
        added_by_id text NOT NULL,
        added_by_name text NOT NULL,
        added_by_kind text NOT NULL,
        added_at bigint NOT NULL,
        rank bigint NOT NULL,
        version bigint NOT NULL,
        deleted boolean NOT NULL DEFAULT false,
        CONSTRAINT folders_dynamic_or_not CHECK (
            (provider IS NULL) = (path IS NULL) AND (provider IS NOT NULL OR credential_id IS NULL)
        )
    )
    """,
    "CREATE INDEX IF NOT EXISTS folders_in_order ON folders (room_id, rank, id) WHERE NOT deleted",
)


class Schema(Table):
    """Only a way to run SQL."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="synctv", description=DESCRIPTION)

    async def create() -> None:
        for statement in STATEMENTS:
            await Schema.raw(statement)

    manager.add_raw(create)
    return manager
