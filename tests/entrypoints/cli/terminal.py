"""The command with a person before it: run on a terminal of its own, where it may ask."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import subprocess
import sys
from collections.abc import Sequence

PATIENCE_SECONDS = 60.0
# The child makes the terminal its own, so that secrets are asked for there.
_PROGRAM = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from synctv.entrypoints.cli.main import main
main()
"""


def typed(arguments: Sequence[str], answers: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """The exit code, and all that was seen on the terminal. `answers` are what to wait for, and what to type then."""
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-c", _PROGRAM, *arguments]
        process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        with process:
            try:
                seen = _conversation(ours, answers)
                return process.wait(PATIENCE_SECONDS), seen
            finally:
                process.kill()
    finally:
        os.close(ours)


def _conversation(terminal: int, answers: Sequence[tuple[str, str]]) -> str:
    seen, at, waiting = "", 0, list(answers)
    while read := _read(terminal):
        seen += read
        while waiting and waiting[0][0] in seen[at:]:
            question, answer = waiting.pop(0)
            at = seen.index(question, at) + len(question)
            os.write(terminal, f"{answer}\n".encode())
    assert not waiting, f"{waiting[0][0]!r} was never asked: {seen}"
    return seen


def _read(terminal: int) -> str:
    ready, _, _ = select.select([terminal], [], [], PATIENCE_SECONDS)
    assert ready, "The command says nothing more, and does not end."
    with contextlib.suppress(OSError):  # Linux's way to say that nobody is at the other end any more
        return os.read(terminal, 65_536).decode("utf-8", "replace")
    return ""
