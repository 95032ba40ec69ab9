"""What the media proxy has done since the start of the process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class MediaTally:
    """Counts up; read from any thread.

    `hits` and `misses` are slices that a viewer began to read and that were kept, or were not; `joined` are those of
    the misses that somebody else was fetching already. `fills` were begun, `failed_fills` of them came to nothing.
    `bypasses` are slices that were handed on and could not be kept, and answers that were handed on whole.
    """

    hits: int = 0
    misses: int = 0
    joined: int = 0
    fills: int = 0
    failed_fills: int = 0
    abandoned_fills: int = 0
    bypasses: int = 0
    served_bytes: int = 0
    fetched_bytes: int = 0
