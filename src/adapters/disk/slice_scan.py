"""Finding the slices that are in a folder already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from synctv.adapters.disk.slice_files import SUFFIX, TEMPORARY, Damaged, SliceFile, inspect
from synctv.domain.ids import MICROS, Micros

BATCH = 200
ABANDONED_SECONDS = 3_600.0
"""What is still half written after so long belongs to a process that is gone."""

Found = Callable[[Sequence[SliceFile], int], None]


def scanned(folder: Path, now: Micros, found: Found, closing: Event) -> None:
    """Tells, in batches, of all slices in the folder with their headers checked, the youngest first, and how many
    files were removed because they were damaged. Removes what was never completed. Blocks; ends when `closing` is set.
    """
    files: list[SliceFile] = []
    damaged = 0
    for path in _youngest_first(folder, now / MICROS):
        if closing.is_set():
            return
        try:
            files.append(inspect(path))
        except Damaged:
            damaged += 1
            with suppress(OSError):
                path.unlink()
        except OSError:
            continue
        if len(files) >= BATCH:
            found(files, damaged)
            files, damaged = [], 0
    found(files, damaged)


def _youngest_first(folder: Path, now: float) -> Iterator[Path]:
    ages: list[tuple[float, Path]] = []
    with suppress(OSError):
        for path in folder.glob("??/*"):
            with suppress(OSError):
                modified = path.stat().st_mtime
                if path.suffix == SUFFIX:
                    ages.append((-modified, path))
                elif path.suffix == TEMPORARY and now - modified > ABANDONED_SECONDS:
                    path.unlink()
    return (path for _, path in sorted(ages))
