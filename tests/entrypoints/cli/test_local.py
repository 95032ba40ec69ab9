"""The commands that need no server: help, settings, version, and what a start begins with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.main import get_command

from synctv.entrypoints.bootstrap import serve as bootstrap_serve
from synctv.entrypoints.bootstrap.log_settings import LogFormat, LogLevel
from synctv.entrypoints.bootstrap.reference import page
from synctv.entrypoints.bootstrap.settings import Settings, StorageKind
from synctv.entrypoints.cli import server
from synctv.entrypoints.cli.exits import MEANINGS, Exit, exit_of
from synctv.entrypoints.cli.main import app
from synctv.entrypoints.errors import INTERNAL, TABLE
from tests.entrypoints.cli.conftest import Command

PAGE = Path(__file__).resolve().parents[3] / "docs" / "command-line.md"
HEAVY = ["blacksheep", "asyncpg", "grpclib", "pydantic", "piccolo", "aiohttp", "websockets", "google.protobuf"]


def every_command() -> list[tuple[str, str]]:
    """Every command as its two words; the second is empty where there is one word only."""
    found = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        parts = getattr(command, "commands", None) or {"": command}
        found += [(name, part) for part in parts]
    return found


def test_help_names_every_command_and_every_exit_code(synctv: Command) -> None:
    result = synctv("--help")
    assert result.exit_code == Exit.DONE
    for command in (group for group, _ in every_command()):
        assert command in result.stdout
    for meaning in MEANINGS.values():
        assert meaning.split(":")[0] in result.stdout


def test_help_loads_nothing_heavy() -> None:
    code = f"import sys, synctv.entrypoints.cli.main; print([n for n in {HEAVY} if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_version_is_that_of_the_package(synctv: Command) -> None:
    assert synctv("version").stdout.strip() == version("synctv")


def test_the_right_settings_are_said_to_be_right(synctv: Command, data_dir: Path) -> None:
    assert "are right" in synctv("config", "check").stdout
    (data_dir / "synctv.toml").write_text("[http]\nport = 81\n")
    assert str(data_dir / "synctv.toml") in synctv("config", "check").stdout


def test_everything_wrong_with_the_settings_is_listed(synctv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCTV_HTTP__PORT", "eighty")
    monkeypatch.setenv("SYNCTV_NONSENSE", "1")
    for command in (("config", "check"), ("config", "show"), ("serve",), ("stats",), ("db", "status")):
        result = synctv(*command)
        assert result.exit_code == Exit.SETTINGS
        assert "http.port" in result.stderr
        assert "SYNCTV_NONSENSE" in result.stderr
        assert result.stdout == ""


def test_settings_in_force_are_shown_with_their_origin_and_without_secrets(
    synctv: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCTV_DATABASE__URL", "postgresql://app:hunter2@db/synctv")
    result = synctv("config", "show", "--output", "json")
    shown = {option["option"]: option for option in json.loads(result.stdout)["items"]}
    assert shown["http.port"] == {"option": "http.port", "value": "8080", "origin": "default"}
    assert shown["database.url"]["origin"] == "environment SYNCTV_DATABASE__URL"
    assert shown["storage.kind"]["value"] == "postgres"
    assert "hunter2" not in result.output
    assert "hunter2" not in synctv("config", "show").output


def test_the_reference_page_is_printed_as_it_is_committed(synctv: Command) -> None:
    assert synctv("config", "docs").stdout == page()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, frozenset[str]]]:
    """What the composition was asked to run, instead of running it."""
    asked: list[tuple[Settings, frozenset[str]]] = []

    def run(settings: Settings, parts: frozenset[str]) -> int:
        asked.append((settings, parts))
        return 0

    monkeypatch.setattr(bootstrap_serve, "run", run)
    return asked


def test_serve_runs_everything_unless_parts_are_named(
    synctv: Command, started: list[tuple[Settings, frozenset[str]]]
) -> None:
    for arguments in ((), ("all",), ("http",), ("http", "realtime")):
        assert synctv("serve", *arguments).exit_code == Exit.DONE
    everything = frozenset({"http", "realtime", "management"})
    assert [parts for _, parts in started] == [everything, everything, frozenset({"http"}), {"http", "realtime"}]


def test_options_of_serve_win_over_the_environment(
    synctv: Command, started: list[tuple[Settings, frozenset[str]]], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCTV_HTTP__PORT", "1")
    monkeypatch.setenv("SYNCTV_DATA_DIR", "/nonexistent")
    options = "--storage memory --http-port 0 --realtime-port 82 --http-host ::1 --log-level error --log-format json"
    result = synctv("serve", *options.split(), "--data-dir", str(data_dir))
    assert result.exit_code == Exit.DONE, result.stderr
    settings = started[0][0]
    assert (settings.storage.kind, settings.data_dir) == (StorageKind.MEMORY, data_dir)
    assert (settings.http.port, settings.http.host, settings.realtime.port) == (0, "::1", 82)
    assert (settings.log.level, settings.log.format) == (LogLevel.ERROR, LogFormat.JSON)


def test_serve_ends_with_the_code_of_the_server(synctv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap_serve, "run", lambda _settings, _parts: 1)
    assert synctv("serve").exit_code == Exit.FAILED


def test_a_port_that_is_none_is_refused_before_anything_starts(
    synctv: Command, started: list[tuple[Settings, frozenset[str]]]
) -> None:
    result = synctv("serve", "--http-port", "70000")
    assert result.exit_code == Exit.SETTINGS
    assert "http.port (command line)" in result.stderr
    assert started == []


def test_choices_of_the_command_line_are_those_of_the_settings() -> None:
    assert [*map(str, server.Storage)] == [*map(str, StorageKind)]
    assert [*map(str, server.Level)] == [*map(str, LogLevel)]
    assert [*map(str, server.Format)] == [*map(str, LogFormat)]
    assert {part.value for part in server.Part} - {"all", "provider"} == bootstrap_serve.PARTS


def test_memory_has_no_database_to_ask(synctv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCTV_STORAGE__KIND", "memory")
    for command in ("status", "migrate"):
        result = synctv("db", command)
        assert result.exit_code == Exit.FAILED
        assert "has no database" in result.stderr


def test_a_database_that_does_not_answer_gives_a_sentence(synctv: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCTV_DATABASE__URL", "postgresql://app:hunter2@127.0.0.1:1/synctv")
    result = synctv("db", "status")
    assert result.exit_code == Exit.FAILED
    assert "hunter2" not in result.stderr
    assert result.stderr.strip().count("\n") == 0


def test_every_status_of_the_error_table_leads_to_an_exit_code() -> None:
    assert exit_of(INTERNAL.grpc) is Exit.FAILED
    for row in TABLE.values():
        assert exit_of(row.grpc) in {Exit.NOT_FOUND, Exit.REFUSED, Exit.UNAVAILABLE}


def test_every_exit_code_is_explained_once() -> None:
    assert set(MEANINGS) == set(Exit)
    assert len({code.value for code in Exit}) == len(Exit)


def test_the_page_about_the_command_names_every_command() -> None:
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if "`" in line or line.startswith("synctv ")]
    assert len(every_command()) > 30
    for group, part in every_command():
        about = [line for line in lines if f"synctv {group}" in line or group == "identity-provider"]
        assert about, group
        assert any(re.search(rf"(?<![\w-]){part}(?![\w-])", line) for line in about), f"{group} {part}"


def test_the_page_about_the_command_lists_the_same_exit_codes() -> None:
    documented = PAGE.read_text("utf-8")
    rows = [f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items()]
    assert "\n".join(rows) in documented
