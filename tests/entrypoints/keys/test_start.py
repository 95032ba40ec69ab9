"""A start compares its keys with the database's memory, and the memory follows keys that are replaced step by step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from synctv.adapters.crypto.keys import KeyName, KeyRefused, Keys, makeable, new_key, new_keys
from synctv.adapters.crypto.sealing import KeySealer
from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.key_checks import KeyChecks
from synctv.adapters.postgres.sealed_rows import sealed_rows
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.application.accounts.authenticator import totp_place
from synctv.entrypoints.bootstrap.keys import KeysDiffer, must_be_the_recorded, open_keys, tell_what_is_lost
from synctv.entrypoints.bootstrap.settings import Settings
from tests.builders import NOW, a_totp_secret, an_account, at
from tests.contracts.storage import migrated
from tests.servers.postgres import PostgresServer

OLD, NEW = new_keys(), new_keys()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, "storage": {"kind": "memory"}})


@pytest.fixture
async def checks(postgres_server: PostgresServer) -> AsyncIterator[KeyChecks]:
    async with postgres_server.fresh_database(migrated) as url, Database.open(url) as database:
        yield KeyChecks(database)


# ---------------------------------------------------------------- opening


def test_the_first_start_says_of_every_key_it_made_where_it_is_and_what_losing_it_means(settings: Settings) -> None:
    with capture_logs() as logs:
        keys = open_keys(settings)
    assert {line["file"] for line in logs} == {
        str(settings.data_dir / "secrets" / f"{name}.key") for name in makeable()
    }
    assert all(line["event"] == "key_made" and "backups" in line["advice"] for line in logs)
    assert not any(key.secret.decode("latin-1") in str(logs) for name in makeable() for key in keys.of(name))
    with capture_logs() as logs:
        assert open_keys(settings) == replace(keys, made=())
    assert logs == []


def test_keys_of_the_settings_are_taken(settings: Settings) -> None:
    given = {name.value: [new_key(name)] if name is not KeyName.OPAQUE else new_key(name) for name in makeable()}
    keys = open_keys(Settings.model_validate({**settings.model_dump(), "keys": given}))
    assert keys.made == ()
    assert [key.secret.decode() for key in keys.mail] == given["mail"]
    assert not (settings.data_dir / "secrets").exists()


def test_a_data_folder_that_is_a_file_is_named(settings: Settings) -> None:
    (settings.data_dir / "secrets").write_text("")
    with pytest.raises(KeyRefused, match="secrets"):
        open_keys(settings)


# ---------------------------------------------------------------- comparing


@pytest.mark.postgres
async def test_the_first_start_records_and_the_next_one_fits(checks: KeyChecks, settings: Settings) -> None:
    await must_be_the_recorded(OLD, checks, NOW, settings)
    recorded = await checks.all()
    assert set(recorded) == {name.value for name in makeable()}
    await must_be_the_recorded(OLD, checks, at(5), settings)
    assert await checks.all() == recorded


@pytest.mark.postgres
async def test_all_replaced_keys_are_named_at_once_and_nothing_is_recorded(
    checks: KeyChecks, settings: Settings
) -> None:
    await must_be_the_recorded(OLD, checks, NOW, settings)
    recorded = await checks.all()
    mixed = replace(OLD, opaque=NEW.opaque, totp=NEW.totp, tokens=NEW.tokens + OLD.tokens)
    with pytest.raises(KeysDiffer) as caught:
        await must_be_the_recorded(mixed, checks, NOW, settings)
    assert set(caught.value.differences) == {KeyName.OPAQUE, KeyName.TOTP}
    text = str(caught.value)
    assert str(settings.data_dir / "secrets" / "opaque.key") in text
    assert "synctv keys accept opaque" in text
    assert "passwords that were set in the browser stop working" in text
    assert await checks.all() == recorded


@pytest.mark.postgres
async def test_a_key_is_replaced_over_several_starts(checks: KeyChecks, settings: Settings) -> None:
    for ring in (OLD.totp, OLD.totp + NEW.totp, NEW.totp + OLD.totp, NEW.totp):
        await must_be_the_recorded(replace(OLD, totp=ring), checks, NOW, settings)
        assert (await checks.all())["totp"].fingerprints == tuple(key.id for key in ring)
    with pytest.raises(KeysDiffer):
        await must_be_the_recorded(OLD, checks, NOW, settings)


@pytest.mark.postgres
async def test_of_servers_that_start_at_once_with_keys_of_their_own_one_wins(
    checks: KeyChecks, settings: Settings
) -> None:
    starts = [must_be_the_recorded(keys, checks, NOW, settings) for keys in (new_keys() for _ in range(4))]
    ends = await asyncio.gather(*starts, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["KeysDiffer", "KeysDiffer", "KeysDiffer", "NoneType"]


@pytest.mark.postgres
async def test_a_server_without_opaque_leaves_the_others_setup_alone(checks: KeyChecks, settings: Settings) -> None:
    without: Keys = replace(OLD, opaque=None)
    await must_be_the_recorded(without, checks, NOW, settings)
    assert "opaque" not in await checks.all()
    await must_be_the_recorded(OLD, checks, NOW, settings)
    await must_be_the_recorded(without, checks, NOW, settings)
    with pytest.raises(KeysDiffer):
        await must_be_the_recorded(replace(OLD, opaque=NEW.opaque), checks, NOW, settings)


@pytest.mark.postgres
async def test_a_start_says_what_is_stored_under_a_key_that_is_missing(postgres_server: PostgresServer) -> None:
    account = an_account()
    sealed = KeySealer(OLD.totp, "totp").seal(b"secret", totp_place(account.id))
    async with postgres_server.fresh_database(migrated) as url, Database.open(url) as database:
        async with PostgresTransactions(database, lambda _: None).write() as tx:
            await tx.accounts.add(account)
            await tx.totp_secrets.save(a_totp_secret(account, sealed=sealed))
        with capture_logs() as logs:
            await tell_what_is_lost(replace(OLD, totp=(*NEW.totp, *OLD.totp)), sealed_rows(database))
        assert logs == []
        with capture_logs() as logs:
            await tell_what_is_lost(replace(OLD, totp=NEW.totp), sealed_rows(database))
    (line,) = logs
    assert (line["event"], line["key"], line["count"]) == ("sealed_with_a_missing_key", "totp", 1)
    assert "synctv keys reseal" in line["advice"]
