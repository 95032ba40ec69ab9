"""What the server writes about itself: one line an event, for people or for machines, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from synctv.entrypoints.bootstrap.log_settings import LogFormat, LogSettings

HIDDEN = "[hidden]"
MAX_DEPTH = 6

_SECRET_NAME = re.compile(
    r"authorization|cookie|credential|password|passwd|passphrase|private|secret|signature|ticket|token|(^|[_-])key$",
    re.IGNORECASE,
)
_IN_TEXT = (
    # A parameter of an address: ?ticket=…
    re.compile(
        r"(?P<kept>[?&;#](?:[\w.-]*(?:ticket|token|password|secret|signature|credential)|api_?key|key|sig|code|auth)=)"
        r"[^&\s\"'#;]+",
        re.IGNORECASE,
    ),
    # A header: Authorization: Bearer …
    re.compile(
        r"(?P<kept>\b(?:authorization|cookie|set-cookie)[\"']?\s*[:=]\s*[\"']?(?:(?:bearer|basic)\s+)?)[^\s\"',]+",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<kept>\bbearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    # The password in postgresql://user:password@host
    re.compile(r"(?P<kept>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE),
    # A signed token, wherever it turns up
    re.compile(r"(?P<kept>)\beyJ[\w-]{5,}\.[\w-]+\.[\w-]+"),
)

_QUIET = {
    # They tell of every connection, in words that only their developers need.
    "websockets": logging.WARNING,
    "hpack": logging.WARNING,
    # It tells of its own start and stop, which is ours to tell.
    "uvicorn": logging.WARNING,
    "asyncio": logging.WARNING,
    "piccolo": logging.WARNING,
}


def configure_logs(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Sends all lines of structlog and of the standard library to the stream (standard error), in one form.

    May be called again. What is bound with `structlog.contextvars` (such as a request id) is part of every line.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _without_colours],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.format, stream),
            ],
        )
    )
    _route_everything_to(handler, logging.getLevelNamesMapping()[settings.level.upper()])


def _without_colours(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drops the second form of each message that uvicorn adds for terminals."""
    event.pop("color_message", None)
    return event


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides what a name calls a secret, and secrets inside of texts."""
    return {name: _redacted(name, value, 0) for name, value in event.items()}


def _rendering(wanted: LogFormat, stream: TextIO) -> list[Processor]:
    text = wanted is LogFormat.TEXT or (wanted is LogFormat.AUTO and stream.isatty())
    if text:
        renderer = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        return [structlog.processors.format_exc_info, redact, renderer]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        redact,
        structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
    ]


def _route_everything_to(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, level))
    logging.captureWarnings(capture=True)


def _redacted(name: str, value: Any, depth: int) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    if _SECRET_NAME.search(name):
        return HIDDEN
    if isinstance(value, str):
        return _without_secrets(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _redacted(str(key), inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted_entry(inner, depth + 1) for inner in value]
    return _without_secrets(str(value))


def _redacted_entry(value: Any, depth: int) -> Any:
    """An entry of a list; headers come as pairs of name and value."""
    match value:
        case (str(name), inner):
            return [name, _redacted(name, inner, depth)]
        case _:
            return _redacted("", value, depth)


def _without_secrets(text: str) -> str:
    for pattern in _IN_TEXT:
        text = pattern.sub(rf"\g<kept>{HIDDEN}", text)
    return text
