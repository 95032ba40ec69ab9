"""How Piccolo knows what kind of database it writes queries for, and how it connects while it migrates.

Queries of the server don't connect through this: `synctv.adapters.postgres.queries` runs them in its transactions. For
the `piccolo` command, which a developer may use, the address comes from `SYNCTV_DATABASE__URL`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from piccolo.engine.postgres import PostgresEngine

CONFIGURATION = "synctv.adapters.postgres.piccolo_conf"

_target: ContextVar[Mapping[str, Any] | None] = ContextVar("piccolo_target", default=None)


class MigrationEngine(PostgresEngine):
    """Connects to whichever database `migrating` names, anew for each query; importing it connects to nothing."""

    async def check_version(self) -> None:
        """Piccolo would connect for this while it is imported."""

    async def prep_database(self) -> None:
        """No extensions are used."""

    async def get_new_connection(self) -> Any:
        """A connection to the database that is being migrated."""
        return await asyncpg.connect(**(_target.get() or {"dsn": os.environ.get("SYNCTV_DATABASE__URL")}))


@contextmanager
def migrating(connect_arguments: Mapping[str, Any]) -> Iterator[None]:
    """Inside the block, in this task, Piccolo's own queries go to the database with these connection arguments."""
    token = _target.set(connect_arguments)
    os.environ["PICCOLO_CONF"] = CONFIGURATION  # the only way to tell Piccolo which configuration is meant
    try:
        yield
    finally:
        _target.reset(token)


DB = MigrationEngine(config={})
