"""Bringing databases to the version of the code."""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]
import pytest

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.errors import CannotUseDatabase, DatabaseTooNew
from synctv.adapters.postgres.migration import known_migrations, migrations_folder

pytestmark = pytest.mark.postgres

STARTER = """
import asyncio, sys
from synctv.adapters.postgres.database import Database

async def main():
    async with Database.open(sys.argv[1]) as database:
        await database.migrate()

asyncio.run(main())
"""


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()
    return {row["tablename"] for row in rows}


async def test_an_empty_database_is_brought_to_the_newest_version(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = list(sys.path)
    async with Database.open(postgres_url) as database:
        before = await database.status()
        assert before.applied == ()
        assert before.pending
        assert await database.migrate() == before.pending
        after = await database.status()
    assert (after.applied, after.pending, after.unknown) == (before.pending, (), ())
    assert {"accounts", "rooms", "room_events"} <= await tables(postgres_url)
    assert capsys.readouterr() == ("", "")
    assert sys.path == path


async def test_a_second_start_has_nothing_to_do(postgres_url: str) -> None:
    async with Database.open(postgres_url) as database:
        await database.migrate()
        assert await database.migrate() == ()


async def test_four_processes_may_start_at_once_and_say_nothing(postgres_url: str) -> None:
    async def start() -> tuple[int | None, bytes]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            STARTER,
            postgres_url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode, said

    assert await asyncio.gather(*(start() for _ in range(4))) == [(0, b"")] * 4
    async with Database.open(postgres_url) as database:
        assert not (await database.status()).pending


async def test_several_starters_in_one_process_do_it_once(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Database.open(postgres_url) as one, Database.open(postgres_url) as other:
        ran = await asyncio.gather(one.migrate(), other.migrate(), one.migrate(), other.migrate())
    sys.stdout.write("heard\n")
    assert sorted(map(bool, ran)) == [False, False, False, True]
    assert capsys.readouterr().out == "heard\n"


async def test_a_start_after_a_crash_in_the_middle_finishes_the_work(postgres_url: str) -> None:
    async with Database.open(postgres_url) as database:
        done = await database.migrate()
        await execute(postgres_url, "DELETE FROM migration")
        assert await database.migrate() == done


async def test_a_database_of_a_newer_version_is_refused_untouched(postgres_url: str) -> None:
    async with Database.open(postgres_url) as database:
        await database.migrate()
        await execute(postgres_url, "INSERT INTO migration (name, app_name) VALUES ('9999-of-the-future', 'synctv')")
        with pytest.raises(DatabaseTooNew, match=r"9999-of-the-future.*Start that version"):
            await database.migrate()
        assert (await database.status()).unknown == ("9999-of-the-future",)


async def test_the_tables_of_other_programs_do_not_matter(postgres_url: str) -> None:
    async with Database.open(postgres_url) as database:
        await database.migrate()
        await execute(postgres_url, "INSERT INTO migration (name, app_name) VALUES ('0001', 'another')")
        assert await database.migrate() == ()


async def test_a_migration_that_fails_leaves_no_trace_and_says_why(postgres_url: str) -> None:
    await execute(postgres_url, "CREATE VIEW rooms AS SELECT 1 AS id")
    async with Database.open(postgres_url) as database:
        with pytest.raises(CannotUseDatabase, match=r"was undone: .*rooms"):
            await database.migrate()
        assert await tables(postgres_url) == {"migration"}
        await execute(postgres_url, "DROP VIEW rooms")
        assert await database.migrate()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:secret@127.0.0.1:1/synctv",
        "postgresql://app:secret@no-such-host.invalid/synctv",
        "mysql://app:secret@127.0.0.1/synctv",
    ],
)
async def test_an_address_that_leads_nowhere_is_told_without_the_password(url: str) -> None:
    async with Database.open(url) as database:
        for ask in (database.migrate, database.status):
            with pytest.raises(CannotUseDatabase) as error:
                await ask()
            assert "secret" not in str(error.value)


async def test_a_database_that_is_not_there_is_named(postgres_url: str) -> None:
    missing = urlsplit(postgres_url)._replace(path="/synctv_missing")
    async with Database.open(missing.geturl()) as database:
        with pytest.raises(CannotUseDatabase, match="_missing"):
            await database.migrate()


def test_ids_are_read_as_piccolo_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    from piccolo.apps.migrations.commands.base import BaseMigrationManager

    modules = BaseMigrationManager().get_migration_modules(str(migrations_folder()))
    assert known_migrations() == tuple(sorted(modules))
    assert modules
