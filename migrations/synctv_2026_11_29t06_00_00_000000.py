"""Logins at provider servers, and on whose behalf an item is fetched.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-29T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Credentials"

# The lengths of what is unique are bounded by the product, so that an entry fits into a page of the index.
STATEMENTS = (
    """
    CREATE TABLE IF NOT EXISTS credentials (
        id uuid PRIMARY KEY,
        account_id uuid NOT NULL CONSTRAINT credentials_of_account REFERENCES accounts ON DELETE CASCADE,
        provider text NOT NULL,
        server text NOT NULL,
        label text NOT NULL,
        sealed bytea NOT NULL,
        state text NOT NULL,
        created_at bigint NOT NULL,
        checked_at bigint NOT NULL,
        version bigint NOT NULL,
        CONSTRAINT credentials_name UNIQUE (account_id, provider, server, label)
    )
    """,
    "CREATE INDEX IF NOT EXISTS credentials_in_order ON credentials (account_id, created_at, id)",
    # An item may outlive the login that it was added with, and remembers it then: nothing refers to it in the database.
    """
    ALTER TABLE media_items
        ADD COLUMN IF NOT EXISTS credential_id uuid,
        ADD COLUMN IF NOT EXISTS cover text
    """,
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
