"""How a command ends when it could not do what it was asked: one sentence, and a code that scripts can tell apart."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

import typer


class Exit(IntEnum):
    """The exit codes of every command. 2 is what the parser of the command line uses."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    SETTINGS = 3
    NO_SERVER = 4
    NOT_FOUND = 5
    REFUSED = 6
    UNAVAILABLE = 7


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "done",
    Exit.FAILED: "failed: the server could not start, or something went wrong in it",
    Exit.USAGE: "the command line is wrong",
    Exit.SETTINGS: "the settings are wrong",
    Exit.NO_SERVER: "no server runs with this data folder, or it may not be reached",
    Exit.NOT_FOUND: "what was named does not exist",
    Exit.REFUSED: "the server refused: something in the request is wrong or not possible now",
    Exit.UNAVAILABLE: "not available right now; trying again later may help",
}

_BY_STATUS: dict[str, Exit] = {
    "NOT_FOUND": Exit.NOT_FOUND,
    "UNAVAILABLE": Exit.UNAVAILABLE,
    "DEADLINE_EXCEEDED": Exit.UNAVAILABLE,
    "RESOURCE_EXHAUSTED": Exit.UNAVAILABLE,
    **dict.fromkeys(
        (
            "INVALID_ARGUMENT",
            "UNAUTHENTICATED",
            "PERMISSION_DENIED",
            "ALREADY_EXISTS",
            "ABORTED",
            "FAILED_PRECONDITION",
            "OUT_OF_RANGE",
        ),
        Exit.REFUSED,
    ),
}


def exit_of(status: str) -> Exit:
    """The exit code for a gRPC status, by its name."""
    return _BY_STATUS.get(status, Exit.FAILED)


def fail(sentence: str, code: Exit) -> NoReturn:
    """Ends the command: the sentence goes to standard error."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
