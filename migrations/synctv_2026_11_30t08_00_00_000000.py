"""Accounts can be closed, and what somebody left anywhere is found by its author.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-30T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Closed accounts"

STATEMENTS = (
    "ALTER TABLE accounts ADD COLUMN IF NOT EXISTS closed_at bigint",
    # For the job that purges them. There are few.
    "CREATE INDEX IF NOT EXISTS accounts_closed ON accounts (closed_at, id) WHERE closed_at IS NOT NULL",
    # For people's exports, and for taking the names of those who are purged away.
    "CREATE INDEX IF NOT EXISTS chat_messages_by_author ON chat_messages (author_id, id)",
    "CREATE INDEX IF NOT EXISTS media_items_by_adder ON media_items (added_by_id, id)",
    "CREATE INDEX IF NOT EXISTS folders_by_adder ON folders (added_by_id)",
    "CREATE INDEX IF NOT EXISTS playback_history_by_player ON playback_history (played_by_id)",
)


class Schema(Table):
    """Only a way to run SQL."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="synctv", description=DESCRIPTION)

    async def close() -> None:
        for statement in STATEMENTS:
            await Schema.raw(statement)

    manager.add_raw(close)
    return manager
