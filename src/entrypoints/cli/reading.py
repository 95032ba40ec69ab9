"""Reading what people put into files, or into standard input where the file is called `-`."""

from __future__ import annotations

import sys
from pathlib import Path

from synctv.entrypoints.cli.exits import Exit, fail

STANDARD_INPUT = Path("-")


def text_in(file: Path, most: int) -> str:
    """All of it. Ends the command when it can't be read, is no text, or is longer than `most` bytes."""
    try:
        if file == STANDARD_INPUT:
            raw = sys.stdin.buffer.read(most + 1)
        else:
            with file.open("rb") as opened:
                raw = opened.read(most + 1)
        if len(raw) > most:
            fail(f"The file {file} is longer than {most:,} bytes.", Exit.USAGE)
        return raw.decode()
    except OSError as error:
        fail(f"The file {file} can't be read: {error.strerror}.", Exit.USAGE)
    except UnicodeDecodeError:
        fail(f"The file {file} is no text.", Exit.USAGE)
