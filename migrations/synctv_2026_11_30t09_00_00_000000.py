"""Where an item was chosen from, if that was a dynamic folder.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-30T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Origins of items"

# An item may outlive the folder that it was chosen from: nothing refers to it in the database.
STATEMENTS = (
    """
    ALTER TABLE media_items
        ADD COLUMN IF NOT EXISTS origin_folder_id uuid,
        ADD COLUMN IF NOT EXISTS origin_path text
    """,
)


class Schema(Table):
    """Only a way to run SQL."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="synctv", description=DESCRIPTION)

    async def add() -> None:
        for statement in STATEMENTS:
            await Schema.raw(statement)

    manager.add_raw(add)
    return manager
