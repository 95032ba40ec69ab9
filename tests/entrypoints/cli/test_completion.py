"""What the shell offers after Tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from synctv.entrypoints.cli.exits import Exit
from synctv.entrypoints.cli.main import app
from tests.entrypoints.cli.conftest import Command, RunningServer
from tests.entrypoints.management.conftest import Server


def offered(line: str) -> list[str]:
    """The names that bash is given for the last word of the line."""
    asking = {
        "_SYNCTV_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
    }
    result = CliRunner().invoke(app, [], env=asking, prog_name="synctv")
    assert result.exit_code == Exit.DONE, result.output
    assert result.stderr == ""
    return result.stdout.split()


def test_names_are_those_that_the_server_knows(synctv: Command, running: RunningServer) -> None:
    async def add(server: Server) -> None:
        for name, pending in (("ada", True), ("adam", False), ("bob", True), ("nada", False)):
            await server.add_account(username=name, pending=pending)

    running.run(add)
    synctv("account", "ban", "adam", "--yes")
    assert offered("synctv account show ad") == ["ada", "adam"]
    assert offered("synctv account approve ") == ["ada", "bob"]
    assert offered("synctv account unban ") == ["adam"]
    assert offered("synctv audit --account b") == ["bob"]


def test_providers_and_choices_are_offered(synctv: Command, running: RunningServer) -> None:
    assert running.data_dir.exists()
    for slug in ("google", "github"):
        synctv("identity-provider", "add", slug, "--preset", slug, "--client-id", "x", "--public")
    assert offered("synctv identity-provider show gi") == ["github"]
    assert offered("synctv identity-provider add x --preset go") == ["google"]
    assert offered("synctv account set-role x ") == ["user", "admin", "root"]
    assert offered("synctv audit --action ban") == ["banned"]


def test_the_folder_on_the_line_is_the_one_that_is_asked(
    running: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.run(lambda server: server.add_account(username="ada"))
    monkeypatch.setenv("SYNCTV_DATA_DIR", "/nonexistent")
    assert offered("synctv account show ") == []
    assert offered(f"synctv account show --data-dir {running.data_dir} ") == ["ada"]


@pytest.mark.parametrize("trouble", ["no server", "wrong settings"])
def test_without_a_server_nothing_is_offered_in_silence(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    assert data_dir.exists()
    if trouble == "wrong settings":
        monkeypatch.setenv("SYNCTV_HTTP__PORT", "eighty")
    assert offered("synctv account show ") == []
    assert offered("synctv identity-provider show ") == []
