"""What a command asks of the person before the keyboard: whether they are sure, and secrets.

Questions go to standard error, so that standard output holds nothing but the result.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.reading import STANDARD_INPUT, text_in

MAX_SECRET_BYTES = 4_096


def confirmed(question: str, *, yes: bool) -> None:
    """Returns when the person is sure. Ends the command when they are not, or when nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"{question} There is nobody to ask: say --yes if you are sure. Nothing was changed.", Exit.USAGE)
    if not typer.confirm(question, err=True):
        fail("Nothing was changed.", Exit.FAILED)


def secret(what: str, file: Path | None, option: str, *, twice: bool = False) -> str:
    """From the file, or from the person, whom `twice` asks again to be sure.

    Never from an argument, which other users of the machine could see. `option` names the file.
    """
    typed = sys.stdin.isatty()
    if file is not None and not (file == STANDARD_INPUT and typed):
        return text_in(file, MAX_SECRET_BYTES).rstrip("\r\n")
    if not typed:
        fail(f"There is nobody to ask for the {what}. Name a file that holds it with {option}.", Exit.USAGE)
    asked: str = typer.prompt(what.capitalize(), hide_input=True, confirmation_prompt=twice, err=True)
    return asked
