"""Databases of earlier versions keep what they hold when they are brought to this one."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator
from contextlib import redirect_stdout
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]
import pytest

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.engine import migrating
from synctv.adapters.postgres.ids import ACCOUNT, ROOM, SESSION
from synctv.adapters.postgres.migration import APP_NAME, known_migrations
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.application.ports.accounts import AccountFilter
from synctv.domain.accounts.account import Account, Ban, GlobalRole, PasswordRecords
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.session import SignInSession
from synctv.domain.ids import Micros
from tests.builders import a_passkey

pytestmark = pytest.mark.postgres

FIRST, SIGN_IN = known_migrations()[:2]
ANNA, BANNED, ROOM_ID, SESSION_ID = (UUID(int=number) for number in range(1, 5))
ROWS_OF_FIRST = (
    f"""
    INSERT INTO accounts VALUES
        ('{ANNA}', 'Anna', 'anna', 'root', 'active', '$argon2id$hers', 3, 1000, 5),
        ('{BANNED}', 'Spammer', 'spammer', 'user', 'banned', NULL, 1, 2000, 2)
    """,
    f"""
    INSERT INTO sign_in_sessions VALUES
        ('{SESSION_ID}', '{ANNA}', '\\x00ff', 3, 1000, 2000, 9000, NULL, 'Mozilla/5.0', '192.0.2.7')
    """,
    f"""
    INSERT INTO rooms VALUES (
        '{ROOM_ID}', 'CODE', 'Film night', 'film night', '', 'public', NULL, '{ACCOUNT.show(ANNA)}', 'Anna', 'account',
        '{{}}', 'active', 1, 1000, 1
    )
    """,
    f"INSERT INTO memberships VALUES ('{ROOM_ID}', '{BANNED}', 'member', 'active', '{{}}', '', 1000, NULL, 1)",
)
ANNA_NOW = Account(
    id=ACCOUNT.show(ANNA),
    username="Anna",
    role=GlobalRole.ROOT,
    created_at=Micros(1000),
    version=5,
    session_generation=3,
    password=PasswordRecords("$argon2id$hers", None),
)
SESSION_NOW = SignInSession(
    id=SESSION.show(SESSION_ID),
    account_id=ANNA_NOW.id,
    refresh_digest=b"\0\xff",
    generation=3,
    created_at=Micros(1000),
    refreshed_at=Micros(2000),
    expires_at=Micros(9000),
    ended_at=None,
    user_agent="Mozilla/5.0",
    address="192.0.2.7",
    methods=frozenset({Factor.PASSWORD}),
)


@pytest.fixture
async def first_version(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """A database that the first version made and used."""
    from piccolo.apps.migrations.commands.forwards import run_forwards

    monkeypatch.setattr(sys, "path", list(sys.path))
    with migrating({"dsn": postgres_url}), redirect_stdout(io.StringIO()):
        await run_forwards(APP_NAME, FIRST)
    connection = await asyncpg.connect(postgres_url)
    for statement in ROWS_OF_FIRST:
        await connection.execute(statement)
    await connection.close()
    async with Database.open(postgres_url) as database:
        yield database


def transactions_of(database: Database) -> PostgresTransactions:
    return PostgresTransactions(database, lambda _: None)


async def test_accounts_sessions_and_rooms_of_the_first_version_are_kept(first_version: Database) -> None:
    assert (await first_version.migrate())[0] == SIGN_IN
    async with transactions_of(first_version).read() as tx:
        assert await tx.accounts.get(ANNA_NOW.id) == ANNA_NOW
        assert list(await tx.sessions.alive(ANNA_NOW.id, 3, Micros(3000))) == [SESSION_NOW]
        room = await tx.rooms.get(ROOM.show(ROOM_ID))
        assert room is not None
        assert room.owner_id == ANNA_NOW.id
        assert await tx.memberships.get(room.id, ACCOUNT.show(BANNED)) is not None


async def test_who_was_banned_still_is(first_version: Database) -> None:
    await first_version.migrate()
    async with transactions_of(first_version).read() as tx:
        (banned,) = await tx.accounts.list(AccountFilter(banned=True), after=None, limit=10)
        pending = await tx.accounts.count(AccountFilter(pending=True))
    assert banned.id == ACCOUNT.show(BANNED)
    assert banned.ban is not None
    assert banned.ban == Ban("", "operator", banned.ban.at, None)
    assert banned.ban.at > banned.created_at
    assert (banned.password, banned.version, pending) == (None, 2, 0)


async def test_what_is_new_can_be_used_at_once(first_version: Database) -> None:
    await first_version.migrate()
    passkey = a_passkey(ANNA_NOW)
    async with transactions_of(first_version).write() as tx:
        await tx.passkeys.add(passkey)
        await tx.sessions.update(SESSION_NOW.proven(Factor.PASSKEY))
    async with transactions_of(first_version).read() as tx:
        assert list(await tx.passkeys.of_account(ANNA_NOW.id)) == [passkey]
        assert await tx.sessions.get(SESSION_NOW.id) == SESSION_NOW.proven(Factor.PASSKEY)


async def test_an_upgrade_that_crashed_before_it_was_noted_changes_nothing_when_it_runs_again(
    first_version: Database,
) -> None:
    done = await first_version.migrate()
    async with first_version.rows() as queries:
        await queries.write("UPDATE sign_in_sessions SET methods = ARRAY['passkey', 'totp']")
        before = await queries.rows("SELECT * FROM accounts ORDER BY id")
        await queries.write("DELETE FROM migration WHERE name = $1", SIGN_IN)
    assert await first_version.migrate() == done[:1]
    async with first_version.rows() as queries:
        assert await queries.rows("SELECT * FROM accounts ORDER BY id") == before
        assert await queries.value("SELECT methods FROM sign_in_sessions") == ["passkey", "totp"]


async def test_no_session_is_stored_without_saying_what_was_proven(first_version: Database) -> None:
    await first_version.migrate()
    with pytest.raises(asyncpg.NotNullViolationError):
        async with first_version.rows() as queries:
            await queries.write(
                "INSERT INTO sign_in_sessions (id, account_id, refresh_digest, generation, created_at, refreshed_at, "
                "expires_at, user_agent, address) VALUES (gen_random_uuid(), $1, '', 3, 1, 1, 1, '', '')",
                ANNA,
            )
