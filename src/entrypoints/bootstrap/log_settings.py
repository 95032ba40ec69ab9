"""The options for what the server writes about itself."""

from __future__ import annotations

from enum import StrEnum

from synctv.entrypoints.bootstrap.options import Section, option


class LogLevel(StrEnum):
    """The least important lines that are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """For whom lines are written: `auto` is text on a terminal and JSON elsewhere."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class LogSettings(Section):
    """What the server writes about itself, on standard error."""

    level: LogLevel = option(LogLevel.INFO, "The least important lines that are written.")
    format: LogFormat = option(LogFormat.AUTO, "`text` for people, `json` for machines; `auto` is text on a terminal.")
