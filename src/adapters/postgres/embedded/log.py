"""The server's log: a file that PostgreSQL appends to directly, so it outlives us, and that we keep from growing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from synctv.adapters.postgres.embedded.private_files import open_private, write_private

TAIL_BYTES: Final = 16 * 1024
TAIL_LINES: Final = 12


class ServerLog:
    """`path` and one older piece beside it; together they stay near twice the bound."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self._max_bytes = max_bytes

    def open(self) -> int:
        """A descriptor for the server's output. Appending is what makes `trim` safe while the server writes."""
        return open_private(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def size(self) -> int:
        """Bytes written so far, 0 if there is no log."""
        return self.path.stat().st_size if self.path.exists() else 0

    def trim(self) -> None:
        """Once past the bound, keep the newest part as `<name>.1` and begin again.

        Lines written in the moment between copying and cutting are lost.
        """
        size = self.size()
        if size <= self._max_bytes:
            return
        kept = self._read(max(0, size - self._max_bytes), self._max_bytes)
        write_private(self.path.with_name(f"{self.path.name}.1"), kept)
        descriptor = open_private(self.path, os.O_WRONLY)
        os.ftruncate(descriptor, 0)
        os.close(descriptor)

    def since(self, offset: int) -> str:
        """What was written after `offset`, at most the last 16 KiB of it."""
        size = self.size()
        start = max(offset, size - TAIL_BYTES)
        return self._read(start, size - start) if size > start else ""

    def _read(self, offset: int, length: int) -> str:
        with os.fdopen(open_private(self.path, os.O_RDONLY), "rb") as file:
            file.seek(offset)
            return file.read(length).decode("utf-8", errors="replace")


def last_lines(text: str) -> str:
    """The end of a log as it is quoted in an error."""
    return "\n".join(text.strip().splitlines()[-TAIL_LINES:])
