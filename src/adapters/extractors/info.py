"""The answer of a worker: what yt-dlp or streamlink found, without all that nobody needs. It may hold secrets."""

from __future__ import annotations

from typing import Literal

import msgspec

MAX_ENTRIES = 200


class Format(msgspec.Struct, frozen=True):
    """One way to get it. Rates are in kbit/s; a codec is None where unknown, and `none` where there is no such stream.

    `available_at` is in seconds since the epoch: the address is refused before. `size` is in bytes, where it is known.
    """

    id: str
    url: str
    protocol: str = "https"
    ext: str = ""
    manifest_url: str | None = None
    vcodec: str | None = None
    acodec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    tbr: float | None = None
    asr: int | None = None
    language: str | None = None
    headers: dict[str, str] = {}
    cookie: str = ""
    available_at: float | None = None
    size: int | None = None


class Subtitle(msgspec.Struct, frozen=True):
    """One text track in one format: at an address, or as it is."""

    language: str
    ext: str
    url: str | None = None
    text: str | None = None
    name: str | None = None
    automatic: bool = False


class Chapter(msgspec.Struct, frozen=True):
    """A named part; `start` is in seconds."""

    start: float
    title: str


class Entry(msgspec.Struct, frozen=True):
    """One page of a list."""

    url: str
    title: str | None = None
    duration: float | None = None
    cover: str | None = None


class Info(msgspec.Struct, frozen=True):
    """What a page shows; `url` is the page's own address. Which of `formats` and `entries` counts, `kind` says."""

    kind: Literal["single", "list"] = "single"
    id: str = ""
    extractor: str = ""
    title: str | None = None
    url: str | None = None
    duration: float | None = None
    cover: str | None = None
    live: bool = False
    formats: list[Format] = []
    subtitles: list[Subtitle] = []
    danmaku: str | None = None
    chapters: list[Chapter] = []
    entries: list[Entry] = []


class Failure(msgspec.Struct, frozen=True):
    """Why there is nothing; `message` is what the tool itself says, for people."""

    kind: str
    message: str = ""


class Answer(msgspec.Struct, frozen=True):
    """One line of a worker: exactly one of both."""

    info: Info | None = None
    failure: Failure | None = None
