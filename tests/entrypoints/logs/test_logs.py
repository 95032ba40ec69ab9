"""What reaches the log, in which form, and what never does."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from synctv.entrypoints.bootstrap.log_settings import LogFormat, LogLevel, LogSettings
from synctv.entrypoints.bootstrap.logs import HIDDEN, configure_logs, redact


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Gives the standard library's loggers back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def configured(format: LogFormat = LogFormat.JSON, level: LogLevel = LogLevel.INFO) -> io.StringIO:  # noqa: A002
    stream = io.StringIO()
    configure_logs(LogSettings(format=format, level=level), stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_machines_get_one_json_object_a_line() -> None:
    stream = configured(LogFormat.AUTO)
    structlog.get_logger("synctv.rooms").info("room made", room="room_1", members=3)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "message": "room made",
        "level": "info",
        "logger": "synctv.rooms",
        "room": "room_1",
        "members": 3,
    }


def test_people_get_text_without_colours_where_there_is_no_terminal() -> None:
    stream = configured(LogFormat.TEXT)
    structlog.get_logger("synctv.rooms").info("room made", room="room_1")
    assert "room made" in stream.getvalue()
    assert "room=room_1" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_what_is_bound_to_the_request_is_in_every_line_of_it() -> None:
    stream = configured()
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        structlog.get_logger().info("ours")
        logging.getLogger("some.library").warning("theirs")
    structlog.get_logger().info("later")
    assert [line.get("request_id") for line in lines(stream)] == ["req_1", "req_1", None]


def test_lines_of_libraries_take_the_same_form() -> None:
    noisy = logging.getLogger("some.library")
    noisy.addHandler(logging.StreamHandler(io.StringIO()))
    noisy.propagate = False
    stream = configured()
    noisy.info('%s - "%s"', "192.0.2.1", "GET / HTTP/1.1", extra={"status": 200, "color_message": "\x1b[1m"})
    (line,) = lines(stream)
    assert "color_message" not in line
    assert line["message"] == '192.0.2.1 - "GET / HTTP/1.1"'
    assert (line["logger"], line["status"]) == ("some.library", 200)


def test_only_lines_of_the_level_or_above_are_written() -> None:
    stream = configured(level=LogLevel.WARNING)
    structlog.get_logger("synctv").info("no")
    logging.getLogger("uvicorn.error").info("no")
    structlog.get_logger("synctv").warning("yes")
    assert [line["message"] for line in lines(stream)] == ["yes"]


def test_configuring_again_does_not_double_lines() -> None:
    configured()
    stream = configured()
    structlog.get_logger("synctv").info("once")
    assert len(lines(stream)) == 1


def test_warnings_are_logged() -> None:
    stream = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old way", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "old way" in lines(stream)[0]["message"]


def test_an_exception_is_written_with_its_trace_and_without_its_secrets() -> None:
    stream = configured()
    try:
        raise ValueError("can't reach postgresql://app:hunter2@db/synctv?sslmode=require")
    except ValueError:
        structlog.get_logger("synctv").exception("start failed")
    (line,) = lines(stream)
    assert "ValueError" in line["exception"]
    assert "postgresql://app:" in line["exception"]
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "root_password",
        "Authorization",
        "access_token",
        "ticket",
        "cookie",
        "Set-Cookie",
        "client_secret",
        "key",
        "api_key",
        "private_pem",
        "passwordHash",
        "X-Api-Key",
    ],
)
def test_a_value_with_a_secret_name_is_hidden(name: str) -> None:
    event = redact(None, "info", {name: "hunter2", "nested": {name: ["hunter2"]}, "pairs": [(name, b"hunter2")]})
    assert "hunter2" not in str(event)
    assert event[name] == HIDDEN


@pytest.mark.parametrize("name", ["keyboard", "monkey", "room", "passed", "author"])
def test_a_value_with_a_harmless_name_is_shown(name: str) -> None:
    assert redact(None, "info", {name: "value"})[name] == "value"


@pytest.mark.parametrize(
    "text, kept",
    [
        ("GET /ws/v1/rooms/room_1?ticket=hunter2&x=1 HTTP/1.1", "&x=1"),
        ("http://127.0.0.1:8080/setup#token=hunter2", "/setup#token="),
        ("https://cdn.example/a.m3u8?X-Amz-Signature=hunter2&e=5", "&e=5"),
        ("Authorization: Bearer hunter2.abc.def", "Authorization: Bearer "),
        ("{'authorization': 'Basic hunter2'}", "authorization"),
        ("sent bearer hunter2hunter2 to it", "to it"),
        ("rediss://:hunter2@cache:6379/0", "@cache:6379/0"),
        ("got eyJhbGciOi.hunter2.c2lnbmF0dXJl there", "there"),
    ],
)
def test_a_secret_inside_of_a_text_is_hidden_and_the_rest_is_kept(text: str, kept: str) -> None:
    event = redact(None, "info", {"event": text, "error": ValueError(text)})
    assert "hunter2" not in str(event)
    assert kept in event["event"]


def test_what_is_nested_without_end_is_cut() -> None:
    loop: dict[str, Any] = {"event": "loop"}
    loop["again"] = loop
    assert redact(None, "info", loop)["event"] == "loop"
