"""Sessions know their family of refresh tokens, and their last refresh.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-29T06:15:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Families of refresh tokens"

# Sessions from before have neither: they get a family with their next refresh.
SESSIONS = """
    ALTER TABLE sign_in_sessions
        ADD COLUMN IF NOT EXISTS family_digest bytea,
        ADD COLUMN IF NOT EXISTS rotation bytea
"""


class Schema(Table):
    """Only a way to run SQL."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="synctv", description=DESCRIPTION)

    async def add() -> None:
        await Schema.raw(SESSIONS)

    manager.add_raw(add)
    return manager
