"""Folders for servers that tests start."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
ENOUGH: Final = 1024**3


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that every user may enter, since root's servers run as another one; removed afterwards.

    It lies in memory where there is plenty, because databases are made and copied all day: that halves the time.
    """
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    parent = MEMORY if roomy and "TMPDIR" not in os.environ else None
    folder = Path(tempfile.mkdtemp(prefix="synctv-", dir=parent)).resolve()
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
