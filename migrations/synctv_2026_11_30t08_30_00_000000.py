"""Everything of a room is found by the room, deleted or not, so that purging one does not read whole tables.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-30T08:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Items and folders by room"

# What a room's row is referred to by is looked for when the row is deleted, too.
STATEMENTS = (
    "CREATE INDEX IF NOT EXISTS media_items_of_room ON media_items (room_id)",
    "CREATE INDEX IF NOT EXISTS folders_of_room ON folders (room_id)",
)


class Schema(Table):
    """Only a way to run SQL."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="synctv", description=DESCRIPTION)

    async def find() -> None:
        for statement in STATEMENTS:
            await Schema.raw(statement)

    manager.add_raw(find)
    return manager
