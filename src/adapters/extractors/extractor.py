"""What providers ask of the programs that read sites."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum

from synctv.adapters.extractors.info import Info
from synctv.domain.ids import Micros

KEPT_SECONDS = 600.0
"""How old what is known of a page may be, to tell what it is."""
FRESH_SECONDS = 60.0
"""How old it may be to play it: who asks again soon may have found that the addresses are no longer good."""


class Tool(StrEnum):
    """Which of the two programs reads the page."""

    YT_DLP = "yt_dlp"
    STREAMLINK = "streamlink"


@dataclass(frozen=True, slots=True)
class Job:
    """One page to read. `cookies` is a Netscape cookie file; only what it holds for a host is sent there.

    `whole` asks for the list that a page belongs to (all parts) where it shows one of it. `max_age`, in seconds, is how
    old an answer may be.
    """

    tool: Tool
    url: str = field(repr=False)
    cookies: str = field(default="", repr=False)
    whole: bool = False
    max_age: float = KEPT_SECONDS


@dataclass(frozen=True, slots=True)
class Extraction:
    """What was found, and when."""

    info: Info
    at: Micros


class Extractor(ABC):
    """Reads pages of sites."""

    @abstractmethod
    async def extract(self, job: Job) -> Extraction:
        """What the page shows: one thing with its formats, or a list of at most 200 pages.

        Raises `Invalid` at `source.url` for a page that the tool doesn't know, `UpstreamFailed` and its kinds with a
        sentence that says why there is nothing to play, and `Unavailable` when too many pages are being read.
        """
