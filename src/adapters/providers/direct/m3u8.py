"""What kind of stream an HLS playlist describes, and how long it lasts (RFC 8216). Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urljoin


class M3u8Error(ValueError):
    """This text is no playlist of a stream. The message is for the person who named it."""


@dataclass(frozen=True, slots=True)
class Master:
    """A playlist of other playlists: the absolute address of the first one."""

    first: str


@dataclass(frozen=True, slots=True)
class Media:
    """A playlist of segments. `duration` is in seconds, for a stream that has ended or was never live."""

    live: bool
    duration: float | None


def parse(text: str, url: str) -> Master | Media:
    """The playlist at this address. Raises `M3u8Error`."""
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines()]
    if not lines or lines[0] != "#EXTM3U":
        raise M3u8Error("This is no HLS playlist.")
    if any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
        return Master(_first_address(lines, url))
    tags = frozenset(line.partition(":")[0] for line in lines)
    lengths = [_seconds(line) for line in lines if line.startswith("#EXTINF:")]
    if any(length < 0 for length in lengths) and "#EXT-X-TARGETDURATION" not in tags:
        raise M3u8Error("This playlist is a list of channels. Add the address of one of them.")
    live = "#EXT-X-ENDLIST" not in tags and "#EXT-X-PLAYLIST-TYPE:VOD" not in lines
    total = math.fsum(length for length in lengths if length > 0)
    return Media(live, None if live or total == 0 else total)


def _first_address(lines: list[str], url: str) -> str:
    wanted = False
    for line in lines:
        if line.startswith("#EXT-X-STREAM-INF"):
            wanted = True
        elif wanted and line and not line.startswith("#"):
            try:
                return urljoin(url, line)
            except ValueError:
                break
    raise M3u8Error("This HLS playlist names no stream.")


def _seconds(line: str) -> float:
    text = line.removeprefix("#EXTINF:").partition(",")[0].strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    # Sums of what is left stay finite: a playlist has far fewer segments than it would take.
    if not abs(seconds) < 1e9:
        raise M3u8Error("This HLS playlist has a segment without a length.")
    return seconds
