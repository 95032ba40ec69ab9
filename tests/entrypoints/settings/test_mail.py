"""What the operator may say about the mail server."""

from __future__ import annotations

from pathlib import Path

import pytest

from synctv.adapters.mail.server import Security
from synctv.entrypoints.bootstrap.configuration import SettingsRefused, load
from synctv.entrypoints.bootstrap.settings import MailSettings

SERVER = {"host": "mail.example.org", "from_address": "tv@example.org"}


def mail(**options: object) -> MailSettings:
    return load({f"mail.{name}": value for name, value in options.items()}, environ=NOWHERE).settings.mail


def problem(**options: object) -> str:
    with pytest.raises(SettingsRefused) as caught:
        mail(**options)
    return str(caught.value)


NOWHERE = {"XDG_DATA_HOME": "/nonexistent"}


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file of the current folder takes part."""
    monkeypatch.chdir(tmp_path)


def test_there_is_no_mail_server_unless_one_is_named() -> None:
    assert mail().host is None


def test_a_server_is_spoken_to_with_starttls_unless_something_else_is_said() -> None:
    assert mail(**SERVER).security is Security.STARTTLS


def test_a_server_needs_an_address_to_write_from() -> None:
    assert "`mail.host` needs `mail.from_address`." in problem(host="mail.example.org")


@pytest.mark.parametrize("given", [{"username": "tv"}, {"password": "hunter2-hunter2"}])
def test_a_username_and_a_password_belong_together(given: dict[str, str]) -> None:
    said = problem(**SERVER, **given)
    assert "belong together" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("host", ["mail.example.org", "192.168.1.2", "2001:db8::1", "localhost.example.org"])
def test_a_password_does_not_travel_in_plain(host: str) -> None:
    login = {"username": "tv", "password": "hunter2-hunter2", "security": "none"}
    said = problem(**{**SERVER, "host": host}, **login)
    assert "readable on the way" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_on_this_machine_nobody_is_on_the_way(host: str) -> None:
    login = {"username": "tv", "password": "hunter2-hunter2", "security": "none"}
    assert mail(**{**SERVER, "host": host}, **login).security is Security.NONE


@pytest.mark.parametrize(
    "option, value",
    [
        ("host", "mail.example.org:587"),
        ("host", "*.example.org"),
        ("host", "smtp://mail.example.org"),
        ("from_address", "tv"),
        ("from_address", "SyncTV <tv@example.org>"),
        ("from_address", "tv@example.org\nBcc: all@example.org"),
        ("from_name", "Film\nBcc: all@example.org"),
        ("port", 0),
        ("security", "ssl"),
        ("timeout_seconds", 120),
    ],
)
def test_a_value_that_is_not_allowed_is_named(option: str, value: object) -> None:
    assert f"mail.{option}" in problem(**{**SERVER, option: value})


def test_a_file_of_certificates_has_to_hold_some(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    for path in (empty, tmp_path / "missing.pem"):
        assert "no certificates that can be read" in problem(**SERVER, ca_file=str(path))


def test_a_password_may_be_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2-hunter2\n")
    environ = {
        **NOWHERE,
        "SYNCTV_MAIL__HOST": "mail.example.org",
        "SYNCTV_MAIL__FROM_ADDRESS": "tv@example.org",
        "SYNCTV_MAIL__USERNAME": "tv",
        "SYNCTV_MAIL__PASSWORD_FILE": str(secret),
    }
    found = load(environ=environ).settings.mail
    assert found.password is not None
    assert found.password.get_secret_value() == "hunter2-hunter2"
    assert "hunter2" not in repr(found)
