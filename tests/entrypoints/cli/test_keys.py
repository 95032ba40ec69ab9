"""The commands about keys, as an operator types them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from synctv.adapters.crypto.key_files import file_of, load_keys
from synctv.adapters.crypto.keys import KeyName, makeable, new_key
from synctv.entrypoints.bootstrap.key_states import key_names
from synctv.entrypoints.cli.exits import Exit
from synctv.entrypoints.cli.keys import Key
from tests.contracts.storage import migrated
from tests.entrypoints.cli.conftest import Command
from tests.servers.postgres import PostgresServer


@pytest.fixture
async def database_url(postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    async with postgres_server.fresh_database(migrated) as url:
        monkeypatch.setenv("SYNCTV_DATABASE__URL", url)
        yield url


@pytest.fixture
def secrets(data_dir: Path) -> Path:
    return data_dir / "secrets"


def shown(synctv: Command, code: Exit = Exit.DONE) -> dict[str, dict[str, Any]]:
    result = synctv("keys", "show", "--output", "json")
    assert result.exit_code == code, result.output
    return {key["name"]: key for key in json.loads(result.stdout)["items"]}


def used_by_a_server(synctv: Command) -> None:
    """Leaves the database as a start would."""
    for name in makeable():
        assert synctv("keys", "accept", name.value, "--yes").exit_code == Exit.DONE


def replaced(secrets: Path, name: KeyName) -> None:
    file_of(secrets, name).write_text(new_key(name))


def test_the_command_knows_every_key() -> None:
    assert {key.value for key in Key} == {name.value for name in KeyName} == set(key_names())


def test_new_keys_are_printed_as_variables_that_a_server_takes(
    synctv: Command, monkeypatch: pytest.MonkeyPatch, secrets: Path
) -> None:
    lines = synctv("keys", "new").stdout.split()
    assert [line.partition("=")[0] for line in lines] == [f"SYNCTV_KEYS__{name.upper()}" for name in makeable()]
    for line in lines:
        monkeypatch.setenv(*line.split("=", 1))
    assert synctv("config", "check").exit_code == Exit.DONE
    assert not secrets.exists()


def test_one_new_key_may_be_asked_for(synctv: Command) -> None:
    first, second = (synctv("keys", "new", "totp").stdout for _ in range(2))
    assert first.startswith("SYNCTV_KEYS__TOTP=")
    assert first != second


def test_without_a_database_keys_are_shown_as_they_are_here(
    synctv: Command, monkeypatch: pytest.MonkeyPatch, secrets: Path
) -> None:
    monkeypatch.setenv("SYNCTV_STORAGE__KIND", "memory")
    monkeypatch.setenv("SYNCTV_KEYS__TOTP", totp := new_key(KeyName.TOTP))
    file_of(secrets, KeyName.MAIL).parent.mkdir()
    file_of(secrets, KeyName.MAIL).write_text(mail := new_key(KeyName.MAIL))
    keys = shown(synctv)
    assert (keys["totp"]["from"], keys["totp"]["state"]) == ("keys.totp", "not recorded")
    assert (keys["mail"]["from"], keys["mail"]["state"]) == (str(secrets / "mail.key"), "not recorded")
    assert keys["tokens"]["state"] == "made at the next start"
    assert totp not in str(keys)
    assert mail not in str(keys)
    assert [path.name for path in secrets.iterdir()] == ["mail.key"]


def test_a_key_that_no_server_would_take_is_named(
    synctv: Command, monkeypatch: pytest.MonkeyPatch, secrets: Path
) -> None:
    monkeypatch.setenv("SYNCTV_STORAGE__KIND", "memory")
    secrets.mkdir()
    file_of(secrets, KeyName.MAIL).write_text("short")
    result = synctv("keys", "show")
    assert result.exit_code == Exit.FAILED
    assert "mail.key" in result.stderr
    assert "short" not in result.stderr.replace("too short", "")


def test_one_key_for_two_purposes_is_among_what_is_wrong_with_the_settings(
    synctv: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key(KeyName.TOTP)
    monkeypatch.setenv("SYNCTV_KEYS__TOTP", key)
    monkeypatch.setenv("SYNCTV_KEYS__MAIL", f"{new_key(KeyName.MAIL)},{key}")
    result = synctv("config", "check")
    assert result.exit_code == Exit.SETTINGS
    assert "`keys.totp` and `keys.mail`" in result.stderr
    assert key not in result.output


def test_a_malformed_setup_is_among_what_is_wrong_with_the_settings(
    synctv: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCTV_KEYS__OPAQUE", key := new_key(KeyName.TOTP))
    result = synctv("config", "check")
    assert result.exit_code == Exit.SETTINGS
    assert "keys.opaque" in result.stderr
    assert "synctv keys new opaque" in result.stderr
    assert key not in result.output


def test_memory_has_nothing_to_accept(synctv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCTV_STORAGE__KIND", "memory")
    result = synctv("keys", "accept", "totp", "--yes")
    assert result.exit_code == Exit.FAILED
    assert "remembers no keys" in result.stderr


def test_a_database_that_does_not_answer_gives_a_sentence(synctv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCTV_DATABASE__URL", "postgresql://app:hunter2@127.0.0.1:1/synctv")
    for command in (("show",), ("accept", "totp", "--yes")):
        result = synctv("keys", *command)
        assert result.exit_code == Exit.FAILED
        assert result.stderr.strip()
        assert "hunter2" not in result.output


@pytest.mark.postgres
@pytest.mark.usefixtures("database_url")
def test_keys_that_the_database_was_used_with_stand_right(synctv: Command) -> None:
    used_by_a_server(synctv)
    assert {key["state"] for key in shown(synctv).values()} == {"right"}


@pytest.mark.postgres
@pytest.mark.usefixtures("database_url")
def test_replaced_and_missing_keys_are_shown_and_the_command_fails_with_what_to_do(
    synctv: Command, secrets: Path
) -> None:
    used_by_a_server(synctv)
    replaced(secrets, KeyName.TOTP)
    file_of(secrets, KeyName.MAIL).unlink()
    keys = shown(synctv, Exit.REFUSED)
    assert (keys["totp"]["state"], keys["mail"]["state"]) == ("differs", "missing")
    assert keys["totp"]["fingerprints"] != keys["totp"]["recorded"]
    assert "synctv keys accept totp" in synctv("keys", "show").stderr
    assert not file_of(secrets, KeyName.MAIL).exists()


@pytest.mark.postgres
@pytest.mark.usefixtures("database_url")
def test_accepting_asks_first_and_says_what_is_lost(synctv: Command, secrets: Path) -> None:
    used_by_a_server(synctv)
    replaced(secrets, KeyName.TOTP)
    declined = synctv("keys", "accept", "totp", input="n\n")
    assert declined.exit_code == Exit.FAILED
    assert "codes of all authenticator apps are refused" in declined.stdout
    assert shown(synctv, Exit.REFUSED)["totp"]["state"] == "differs"
    assert synctv("keys", "accept", "totp", input="y\n").exit_code == Exit.DONE
    assert shown(synctv)["totp"]["state"] == "right"


@pytest.mark.postgres
@pytest.mark.usefixtures("database_url")
def test_accepting_a_new_setup_says_how_many_passwords_are_lost(synctv: Command, secrets: Path) -> None:
    used_by_a_server(synctv)
    replaced(secrets, KeyName.OPAQUE)
    result = synctv("keys", "accept", "opaque", "--yes")
    assert result.exit_code == Exit.DONE
    assert "0 accounts have to reset their passwords" in result.stdout
    assert shown(synctv)["opaque"]["state"] == "right"


@pytest.mark.postgres
@pytest.mark.usefixtures("database_url")
def test_accepting_the_right_key_changes_nothing(synctv: Command) -> None:
    used_by_a_server(synctv)
    before = shown(synctv)
    assert "Nothing was changed" in synctv("keys", "accept", "opaque", "--yes").stdout
    assert shown(synctv) == before


@pytest.mark.postgres
@pytest.mark.usefixtures("database_url")
def test_accepting_makes_a_key_that_is_gone_and_says_where(synctv: Command, secrets: Path) -> None:
    used_by_a_server(synctv)
    before = load_keys(secrets)
    file_of(secrets, KeyName.MAIL).unlink()
    assert str(secrets / "mail.key") in synctv("keys", "accept", "mail", "--yes").stdout
    assert load_keys(secrets).mail != before.mail
    assert shown(synctv)["mail"]["state"] == "right"


@pytest.mark.postgres
def test_a_database_of_an_older_version_is_to_be_migrated_first(
    synctv: Command, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCTV_DATABASE__URL", postgres_url)
    for command in (("show",), ("accept", "totp", "--yes")):
        result = synctv("keys", *command)
        assert result.exit_code == Exit.FAILED
        assert "synctv db migrate" in result.stderr


def test_memory_has_nothing_to_seal_anew(synctv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCTV_STORAGE__KIND", "memory")
    result = synctv("keys", "reseal")
    assert result.exit_code == Exit.FAILED
    assert "nothing to seal anew" in result.stderr


@pytest.mark.postgres
@pytest.mark.usefixtures("database_url")
def test_everything_is_sealed_with_the_newest_key(synctv: Command, secrets: Path) -> None:
    used_by_a_server(synctv)
    result = synctv("keys", "reseal")
    assert result.exit_code == Exit.DONE, result.output
    for purpose in ("totp", "credentials", "mail"):
        assert f"{purpose}: 0 " in result.stdout
    replaced(secrets, KeyName.TOTP)
    refused = synctv("keys", "reseal")
    assert refused.exit_code == Exit.FAILED
    assert "The key totp is not the one that the database was used with." in refused.stderr
