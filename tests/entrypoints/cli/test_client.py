"""The commands that talk to a running server: what they print, and how they end."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import pytest
import yaml

from synctv.domain.rooms.room import Room, RoomStatus
from synctv.entrypoints.bootstrap.endpoints import alive, announced
from synctv.entrypoints.cli.exits import Exit
from tests.applications import PASSWORD
from tests.entrypoints.cli.conftest import Command, RunningServer


@pytest.fixture
def password_file(data_dir: Path) -> str:
    file = data_dir / "password"
    file.write_text(f"{PASSWORD}\n")
    return str(file)


def room(running: RunningServer, name: str, status: RoomStatus = RoomStatus.ACTIVE) -> Room:
    return running.run(lambda server: server.add_room(name, status))


def test_an_account_is_made_with_a_password_from_a_file(
    synctv: Command, running: RunningServer, password_file: str
) -> None:
    result = synctv("account", "create", "ada", "--role", "admin", "--password-file", password_file)
    assert result.exit_code == Exit.DONE, result.stderr
    assert "ada" in result.stdout
    assert PASSWORD not in result.output

    signed_in = running.run(lambda server: server.product.sign_in("ada"))
    assert signed_in.account.role == "admin"


def test_an_account_is_made_with_a_password_from_standard_input(synctv: Command, running: RunningServer) -> None:
    assert running.data_dir.exists()
    result = synctv("account", "create", "ada", "--password-file", "-", input=f"{PASSWORD}\n")
    assert result.exit_code == Exit.DONE, result.stderr


def test_without_a_terminal_the_password_must_be_in_a_file(synctv: Command) -> None:
    result = synctv("account", "create", "ada")
    assert result.exit_code == Exit.USAGE
    assert "--password-file" in result.stderr


def test_a_password_file_that_is_not_there_is_named(synctv: Command) -> None:
    result = synctv("account", "create", "ada", "--password-file", "/nonexistent")
    assert result.exit_code == Exit.USAGE
    assert "/nonexistent" in result.stderr


def test_accounts_are_listed_for_people_and_for_scripts(
    synctv: Command, running: RunningServer, password_file: str
) -> None:
    assert running.data_dir.exists()
    synctv("account", "create", "ada", "--password-file", password_file)
    table = synctv("account", "list").stdout
    assert "Username" in table
    assert "ada" in table
    assert "1 of 1." in table
    listed = json.loads(synctv("account", "list", "--output", "json").stdout)
    assert listed["total"] == 1
    assert listed["nextCursor"] is None
    (account,) = listed["items"]
    assert (account["username"], account["role"], account["status"]) == ("ada", "user", "active")
    assert account["createdAt"] == "2026-01-01T00:00:00Z"
    assert yaml.safe_load(synctv("account", "list", "-o", "yaml").stdout)["items"] == [account]


def test_a_long_list_says_how_to_go_on(synctv: Command, running: RunningServer) -> None:
    rooms = [room(running, f"Room {number}") for number in range(3)]
    first = synctv("room", "list", "--limit", "2").stdout
    assert f"2 of 3. Go on with --before {rooms[1].id}" in first
    second = synctv("room", "list", "--limit", "2", "--before", rooms[1].id).stdout
    assert "Room 0" in second
    assert "Room 2" not in second


def test_rooms_are_listed_by_a_part_of_their_name(synctv: Command, running: RunningServer) -> None:
    room(running, "Films")
    room(running, "Series", RoomStatus.BANNED)
    assert "Films" not in synctv("room", "list", "series").stdout
    assert "banned" in synctv("room", "list").stdout


def test_a_room_is_shown_by_its_code(synctv: Command, running: RunningServer) -> None:
    made = room(running, "Films")
    result = synctv("room", "get", made.code.lower(), "-o", "json")
    shown = json.loads(result.stdout)
    assert (shown["id"], shown["name"], shown["hasPassword"], shown["nowPlaying"]) == (made.id, "Films", False, None)
    assert "Owner's id" in synctv("room", "get", made.id).stdout


def test_a_name_can_not_play_tricks_on_the_terminal(synctv: Command, running: RunningServer) -> None:
    made = room(running, "\x1b[2J[red]Films\x07")
    for shown in (synctv("room", "list").stdout, synctv("room", "get", made.id).stdout):
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "[red]Films" in shown


def test_the_figures_are_shown(synctv: Command, running: RunningServer) -> None:
    room(running, "Films")
    stats = json.loads(synctv("stats", "--output", "json").stdout)
    assert stats == {
        "version": "1.2.3",
        "uptimeSeconds": 1.5,
        "storage": "memory",
        "redis": False,
        "accounts": 0,
        "rooms": 1,
        "connections": 3,
        "viewedRooms": 2,
    }
    assert "Connections" in synctv("stats").stdout


def test_stop_waits_until_the_server_has_ended(synctv: Command, running: RunningServer) -> None:
    result = synctv("stop", "--now")
    assert result.exit_code == Exit.DONE
    assert "has stopped" in result.stdout
    assert running.server.stops == [True]
    assert not running.server.path.exists()


def test_stop_does_not_wait_for_ever(synctv: Command, running: RunningServer) -> None:
    with alive(running.data_dir):
        result = synctv("stop", "--timeout", "0.05")
        assert result.exit_code == Exit.UNAVAILABLE
        assert "--now" in result.stderr


def test_stop_need_not_wait_at_all(synctv: Command, running: RunningServer) -> None:
    with alive(running.data_dir):
        assert "is stopping" in synctv("stop", "--timeout", "0").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats",),
        ("stop",),
        ("account", "list"),
        ("account", "ban", "ada"),
        ("audit",),
        ("sign-up", "set", "--password", "on"),
        ("identity-provider", "remove", "google", "--yes"),
        ("mail", "test", "ada@example.org"),
        ("room", "list"),
        ("room", "get", "x"),
    ],
    ids=" ".join,
)
def test_a_server_that_is_not_there_gives_a_sentence(
    synctv: Command, data_dir: Path, arguments: tuple[str, ...]
) -> None:
    result = synctv(*arguments)
    assert result.exit_code == Exit.NO_SERVER
    assert str(data_dir) in result.stderr
    assert "synctv serve" in result.stderr
    assert result.stdout == ""


def test_what_a_killed_server_left_behind_is_not_taken_for_a_server(synctv: Command, data_dir: Path) -> None:
    path = data_dir / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with announced(data_dir, {"management": f"unix://{path}"}):
        assert synctv("stats").exit_code == Exit.NO_SERVER
        path.unlink()
        assert synctv("stats").exit_code == Exit.NO_SERVER


def hang_up_on_one_caller(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    connection.close()


def test_something_else_that_listens_there_gives_a_sentence(synctv: Command, data_dir: Path) -> None:
    path = data_dir / "other.sock"
    with socket.socket(socket.AF_UNIX) as other, announced(data_dir, {"management": f"unix://{path}"}):
        other.bind(str(path))
        other.listen()
        other.settimeout(10)
        thread = threading.Thread(target=hang_up_on_one_caller, args=[other])
        thread.start()
        result = synctv("stats")
        thread.join()
    assert result.exit_code == Exit.UNAVAILABLE
    assert result.stderr.count("\n") == 1


def test_the_data_folder_may_be_named(synctv: Command, running: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCTV_DATA_DIR", "/nonexistent")
    assert synctv("stats", "--data-dir", str(running.data_dir)).exit_code == Exit.DONE
    assert synctv("stats").exit_code == Exit.NO_SERVER


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (("room", "get", "ABCDEFGH"), Exit.NOT_FOUND, "unavailable"),
        (("account", "create", "a", "--password-file", "-"), Exit.REFUSED, "2 to 32 characters"),
        (("account", "create", "ada", "--password-file", "/dev/null"), Exit.REFUSED, "8 to 256 characters"),
        (("account", "create", "ada", "--role", "king"), Exit.USAGE, "king"),
        (("room", "list", "--limit", "0"), Exit.USAGE, "--limit"),
        (("nonsense",), Exit.USAGE, "nonsense"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_the_server_refuses_is_one_sentence_and_a_code(
    synctv: Command, running: RunningServer, arguments: tuple[str, ...], code: Exit, said: str
) -> None:
    assert running.data_dir.exists()
    result = synctv(*arguments, input=f"{PASSWORD}\n")
    assert result.exit_code == code
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_a_name_that_is_taken_is_refused(synctv: Command, running: RunningServer, password_file: str) -> None:
    assert running.data_dir.exists()
    create = ("account", "create", "ada", "--password-file", password_file)
    assert synctv(*create).exit_code == Exit.DONE
    result = synctv(*create)
    assert result.exit_code == Exit.REFUSED
    assert "taken already" in result.stderr


def test_a_failure_inside_of_the_server_says_nothing_of_it(synctv: Command, running: RunningServer) -> None:
    def broken() -> object:
        raise RuntimeError("hunter2")

    running.server.live = broken  # type: ignore[assignment]
    result = synctv("stats")
    assert result.exit_code == Exit.FAILED
    assert "hunter2" not in result.stderr
