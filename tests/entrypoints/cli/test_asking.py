"""What the command asks of the person before the keyboard."""

from __future__ import annotations

from pathlib import Path

from synctv.entrypoints.cli.exits import Exit
from tests.applications import PASSWORD
from tests.entrypoints.cli.conftest import Command, RunningServer
from tests.entrypoints.cli.terminal import typed

WORDS = ["account", "create", "ada"]


def twice(first: str, again: str) -> list[tuple[str, str]]:
    """Two answers, each after the space that says that nothing is echoed any more."""
    return [("Password: ", first), ("confirmation: ", again)]


def test_a_password_is_typed_twice_and_never_seen(running: RunningServer) -> None:
    answers = [*twice(PASSWORD, "something else"), *twice(PASSWORD, PASSWORD)]
    code, seen = typed(WORDS, answers)
    assert code == Exit.DONE, seen
    assert PASSWORD not in seen
    assert "something else" not in seen
    assert running.run(lambda server: server.product.sign_in("ada")).account.username == "ada"


def test_a_secret_that_stands_for_standard_input_is_asked_for_at_a_terminal(running: RunningServer) -> None:
    assert running.data_dir.exists()
    arguments = ["identity-provider", "add", "google", "--preset", "google", "--client-id", "x"]
    code, seen = typed([*arguments, "--client-secret-file", "-"], [("Client secret: ", "hunter2hunter2")])
    assert code == Exit.DONE, seen
    assert "hunter2" not in seen


def test_who_is_asked_sees_whom_it_is_about_and_may_say_no(running: RunningServer) -> None:
    account = running.run(lambda server: server.add_account(username="ada", email="ada@example.org"))
    code, seen = typed(["account", "ban", "ada@example.org"], [(f"Ban ada (user, {account.id})?", "n")])
    assert code == Exit.FAILED
    assert "Nothing was changed." in seen
    assert running.run(lambda server: server.application.accounts.get("ada")).account.ban is None


def test_who_is_sure_is_asked_once(running: RunningServer) -> None:
    running.run(lambda server: server.add_account(username="ada"))
    code, seen = typed(["account", "ban", "ada"], [("[y/N]", "y")])
    assert code == Exit.DONE, seen
    assert running.run(lambda server: server.application.accounts.get("ada")).account.ban is not None


def test_where_nobody_can_be_asked_nothing_happens(synctv: Command, running: RunningServer) -> None:
    running.run(lambda server: server.add_account(username="ada", pending=True))
    for arguments in (
        ("account", "ban", "ada"),
        ("account", "require-reset", "ada"),
        ("account", "reset-factors", "ada"),
        ("account", "remove-email", "ada"),
        ("account", "unlink", "ada", "google"),
        ("account", "end-sessions", "ada"),
        ("account", "reject", "ada"),
    ):
        result = synctv(*arguments)
        assert result.exit_code == Exit.USAGE
        assert "ada (user, usr_" in result.stderr
        assert "--yes" in result.stderr
        assert result.stdout == ""
    account = running.run(lambda server: server.application.accounts.get("ada")).account
    assert (account.version, account.pending) == (1, True)


def test_a_secret_that_is_too_long_or_no_text_is_refused(synctv: Command, data_dir: Path) -> None:
    for content, said in ((b"x" * 4_097, "longer than"), (b"\xff\xfe", "no text")):
        (data_dir / "secret").write_bytes(content)
        result = synctv(*WORDS, "--password-file", str(data_dir / "secret"))
        assert result.exit_code == Exit.USAGE
        assert said in result.stderr
