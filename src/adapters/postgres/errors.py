"""The one place where the driver's errors become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg  # type: ignore[import-untyped]

from synctv.adapters.closed_handles import is_closed_handle
from synctv.adapters.text import unstorable
from synctv.domain.errors import AlreadyExists, DomainError, NotFound, Unavailable

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,  # the connection or the pool has been closed
    asyncpg.InternalClientError,  # the server is just closing the connection
    asyncpg.PostgresConnectionError,  # the connection broke, or was never made
    asyncpg.OperatorInterventionError,  # the server shuts down or starts; a statement took too long
    asyncpg.InsufficientResourcesError,  # too many connections, no space on its disk, out of memory
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,  # a stand-by that has not been promoted yet
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_ABOUT_TEXT = (UnicodeEncodeError, asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
_LOST_THE_RACE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_RETRY_RACE_SECONDS = 0.2
_PARENTS = {"of_room": "room", "of_account": "account", "of_provider": "identity provider"}
"""What a row refers to, by how the name of the constraint ends."""
_TAKEN = {
    "accounts_username": "username",
    "accounts_email": "email address",
    "rooms_code": "room code",
    "chat_messages_sent_once": "message",
}
"""What is there already, by the name of the constraint."""


class CannotUseDatabase(Exception):
    """The database can't be used as it is; the message says why, and what the operator can do about it."""


class DatabaseTooNew(CannotUseDatabase):
    """A newer version of SyncTV has changed the database, and this one might damage it."""

    def __init__(self, unknown: list[str]) -> None:
        self.unknown = unknown
        super().__init__(
            f"A newer SyncTV has changed this database (migration {unknown[-1]} is unknown here). Start that version "
            "or a later one, or restore the backup from before its first start."
        )


@contextmanager
def postgres_errors() -> Iterator[None]:
    """Turns the driver's errors into the ones of the ports.

    `Unavailable` for everything that trying again later may cure. That includes deadlocks and lost serializations: a
    transaction is a block of the caller's code, so only the caller could run it again. `NotFound` for a row whose room,
    account or provider isn't there, `AlreadyExists` for what must be unique, `Invalid` for text that PostgreSQL doesn't
    take. What remains is a mistake of ours and stays as it is, so that it is noticed.
    """
    try:
        yield
    except Exception as error:
        translated = _translated(error)
        if translated is None:
            raise
        raise translated from error


def _translated(error: Exception) -> DomainError | None:
    if isinstance(error, _LOST_THE_RACE):
        return Unavailable("database", _RETRY_RACE_SECONDS)
    if isinstance(error, _AWAY) or is_closed_handle(error):
        return Unavailable("database")
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return _of_constraint(str(error.constraint_name))
    if isinstance(error, _ABOUT_TEXT):
        return unstorable()
    # What the driver itself can't encode.
    return unstorable() if isinstance(error.__context__, UnicodeEncodeError) else None


def _of_constraint(name: str) -> DomainError | None:
    if name in _TAKEN:
        return AlreadyExists(_TAKEN[name])
    parent = next((what for ending, what in _PARENTS.items() if name.endswith(ending)), None)
    return NotFound(parent) if parent else None
