"""Parameters that several commands share, and what they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synctv.entrypoints.cli.exits import Exit, fail

if TYPE_CHECKING:
    from synctv.entrypoints.bootstrap.configuration import Configuration


class Output(StrEnum):
    """For whom a result is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


class Switch(StrEnum):
    """Whether something holds."""

    ON = "on"
    OFF = "off"


def held(switch: Switch | None) -> bool | None:
    """Whether it holds; None where nothing was said."""
    return None if switch is None else switch is Switch.ON


DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The folder of the server's files.", metavar="FOLDER", show_default=False),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="The file with settings.", metavar="FILE", show_default=False),
]
OutputFormat = Annotated[Output, typer.Option("--output", "-o", help="`table` for people, the others for scripts.")]
Limit = Annotated[int, typer.Option("--limit", help="How many to show at most.", min=1, max=200)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask whether you are sure.")]


def configuration(
    data_dir: Path | None, config: Path | None, more: Mapping[str, object] | None = None
) -> Configuration:
    """The settings in force. Ends the command with everything that is wrong in them."""
    from synctv.entrypoints.bootstrap.configuration import SettingsRefused, load

    try:
        return load({"data_dir": data_dir, **(more or {})}, config=config)
    except SettingsRefused as error:
        listed = "\n".join(f"  {problem}" for problem in error.problems)
        fail(f"The settings are wrong:\n{listed}", Exit.SETTINGS)
