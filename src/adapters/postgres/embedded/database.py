"""The one database inside the server, and the way to it."""

from __future__ import annotations

from typing import Final

import asyncpg  # type: ignore[import-untyped]

from synctv.adapters.postgres.embedded.diagnosis import disk_full
from synctv.adapters.postgres.embedded.errors import StartFailed
from synctv.adapters.postgres.embedded.home import Home
from synctv.adapters.postgres.embedded.settings import DATABASE, HOST, ROLE

CONNECT_SECONDS: Final = 30.0
MAINTENANCE_DATABASE: Final = "postgres"


class PasswordRefused(Exception):
    """The role has another password than the one that was written down."""


def database_url(port: int, password: str) -> str:
    """The address with everything that a client needs; the password is made of letters, digits, `-` and `_`.

    Saying that there is no TLS saves clients from asking, and from looking for keys in the home of another user.
    """
    return f"postgresql://{ROLE}:{password}@{HOST}:{port}/{DATABASE}?sslmode=disable"


async def ensure_database(port: int, password: str, home: Home) -> None:
    """See that our database answers, making it in a new cluster.

    Raises PasswordRefused, DiskFull, or StartFailed with what the server answered.
    """
    try:
        if not await _answers(port, password):
            await _create(port, password)
    except asyncpg.InvalidPasswordError as error:
        raise PasswordRefused from error
    except asyncpg.DiskFullError as error:
        raise disk_full(home.folder) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise StartFailed(f"started but refused our database ({error})", "", home.log) from error


async def _answers(port: int, password: str) -> bool:
    try:
        connection = await _connect(port, password, DATABASE)
    except asyncpg.InvalidCatalogNameError:
        return False
    await connection.close()
    return True


async def _create(port: int, password: str) -> None:
    connection = await _connect(port, password, MAINTENANCE_DATABASE)
    try:
        await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()


async def _connect(port: int, password: str, database: str) -> asyncpg.Connection:
    # No TLS is in these binaries, and none is needed: this is the loopback interface.
    return await asyncpg.connect(
        host=HOST, port=port, user=ROLE, password=password, database=database, ssl=False, timeout=CONNECT_SECONDS
    )
