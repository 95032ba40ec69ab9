"""HLS playlists (RFC 8216 and its second edition): what they tell, and the same with every address replaced. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from synctv.domain.delivery.manifests import (
    MAX_ADDRESSES,
    MAX_TEXT_BYTES,
    DrmProtected,
    ManifestError,
    Replace,
    Role,
    absolute,
)

__all__ = ["Kind", "ManifestError", "Playlist", "Role", "read", "rewrite"]

MAX_LINES = 500_000
MAX_LINE_LENGTH = 64 << 10

# Everything that some player may take for the end of a line is one, so that no address hides behind it.
_LINE_ENDS = {ord(character): "\n" for character in "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}
_REFERENCE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
_ATTRIBUTE = re.compile(r'\s*([A-Z0-9-]+)\s*=\s*("[^"]*"|[^",\s]*)')

_ADDRESS_IN_URI: Mapping[str, Role] = {
    "#EXT-X-MEDIA": Role.PLAYLIST,
    "#EXT-X-I-FRAME-STREAM-INF": Role.PLAYLIST,
    "#EXT-X-RENDITION-REPORT": Role.PLAYLIST,
    "#EXT-X-KEY": Role.KEY,
    "#EXT-X-SESSION-KEY": Role.KEY,
    "#EXT-X-MAP": Role.MAP,
    "#EXT-X-PART": Role.SEGMENT,
    "#EXT-X-PRELOAD-HINT": Role.SEGMENT,
    "#EXT-X-SESSION-DATA": Role.OTHER,
}
_ADDRESS_IS_VALUE = frozenset({"#EXT-X-TWITCH-PREFETCH", "#EXT-X-PREFETCH"})
_KEYS = frozenset({"#EXT-X-KEY", "#EXT-X-SESSION-KEY"})
_OF_MASTER = frozenset({"#EXT-X-STREAM-INF", "#EXT-X-MEDIA", "#EXT-X-I-FRAME-STREAM-INF"})
# A steering manifest would send players past us to servers of its choice.
_DROPPED = frozenset({"#EXT-X-CONTENT-STEERING"})


class Kind(StrEnum):
    """Whether it names other playlists or segments."""

    MASTER = "master"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Playlist:
    """A playlist, rewritten, and what it tells.

    `live`, `target_duration` and `duration` speak of a media playlist, in seconds; a live one has no duration. `first`
    is the absolute, unreplaced address of the first stream that a master playlist names.
    """

    text: str
    kind: Kind
    live: bool = False
    target_duration: float | None = None
    duration: float | None = None
    first: str | None = None


def read(text: str, base_url: str) -> Playlist:
    """What the playlist at this address tells; addresses become absolute. Raises `ManifestError`."""
    return rewrite(text, base_url, lambda url, role: url)


def rewrite(text: str, base_url: str, replace: Replace) -> Playlist:
    """The playlist with `replace(absolute address, role)` in the place of every address that a player would call.

    `base_url` is where the playlist was found, after redirects. Variables are put in, comments are dropped, and so are
    unknown tags that hold an address, content steering and the addresses of interstitials; all else stays as it is, and
    `data:` addresses do. Raises `ManifestError`, and `DrmProtected` for what only a licensed player decrypts.
    """
    lines = _lines(text)
    kind = Kind.MASTER if any(_name(line) in _OF_MASTER for line in lines) else Kind.MEDIA
    rewriter = _Rewriter(base_url, replace, kind)
    written = "".join(f"{line}\n" for line in rewriter.rewritten(lines))
    if kind is Kind.MASTER:
        if rewriter.first is None:
            raise ManifestError("This HLS playlist names no stream.")
        return Playlist(written, kind, first=rewriter.first)
    live, duration = _course(lines)
    return Playlist(written, kind, live, _target_duration(lines), duration)


def _lines(text: str) -> list[str]:
    """Its lines without those that are empty, checked against the bounds."""
    if len(text) > MAX_TEXT_BYTES:
        raise ManifestError("This HLS playlist is too long.")
    text = text.removeprefix("\ufeff").translate(_LINE_ENDS)
    if text.count("\n") > MAX_LINES:
        raise ManifestError("This HLS playlist has too many lines.")
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    if not lines or lines[0] != "#EXTM3U":
        raise ManifestError("This is no HLS playlist.")
    if max(map(len, lines)) > MAX_LINE_LENGTH:
        raise ManifestError("This HLS playlist has a line that is too long.")
    return lines


def _course(lines: list[str]) -> tuple[bool, float | None]:
    """Whether a media playlist is live, and how many seconds it lasts otherwise."""
    lengths = [_seconds(line) for line in lines if line.startswith("#EXTINF:")]
    if any(length < 0 for length in lengths) and _target_duration(lines) is None:
        raise ManifestError("This playlist is a list of channels. Add the address of one of them.")
    live = "#EXT-X-ENDLIST" not in lines and "#EXT-X-PLAYLIST-TYPE:VOD" not in lines
    total = math.fsum(length for length in lengths if length > 0)
    return live, None if live or total == 0 else total


def _target_duration(lines: list[str]) -> float | None:
    said = next((line for line in lines if line.startswith("#EXT-X-TARGETDURATION:")), None)
    try:
        seconds = float(said.partition(":")[2]) if said is not None else math.nan
    except ValueError:
        seconds = math.nan
    return seconds if 0 < seconds < 1e6 else None


def _seconds(line: str) -> float:
    """The length of a segment. IPTV lists have attributes behind it, without a comma before them."""
    said = line.removeprefix("#EXTINF:").partition(",")[0].split()
    try:
        seconds = float(said[0]) if said else math.nan
    except ValueError:
        seconds = math.nan
    # Sums of what is left stay finite: a playlist has far fewer segments than it would take.
    if not abs(seconds) < 1e9:
        raise ManifestError("This HLS playlist has a segment without a length.")
    return seconds


def _name(line: str) -> str:
    """The name of a tag, or an empty text for a line that is none."""
    return line.partition(":")[0] if line.startswith("#EXT") else ""


class _Rewriter:
    """One pass over the lines of one playlist."""

    def __init__(self, base_url: str, replace: Replace, kind: Kind) -> None:
        self.first: str | None = None
        self._base_url = base_url
        self._replace = replace
        self._kind = kind
        self._left = MAX_ADDRESSES
        self._variables: dict[str, str] = {}
        self._room = MAX_TEXT_BYTES

    def rewritten(self, lines: list[str]) -> Iterator[str]:
        """The lines of the new playlist."""
        for line in lines:
            name = _name(line)
            if name == "#EXT-X-DEFINE":
                self._define(line)
            elif name and name not in _DROPPED:
                yield from self._tag(name, line)
            elif not line.startswith("#"):
                yield self._line(self._filled_in(line))

    def _line(self, address: str) -> str:
        """A line that is an address: the next stream, or the next segment."""
        if self._kind is Kind.MEDIA:
            return self._address(address, Role.SEGMENT)
        url = absolute(self._base_url, address)
        self.first = self.first or url
        return self._address(url, Role.PLAYLIST)

    def _tag(self, name: str, line: str) -> Iterator[str]:
        if name == "#EXTINF":
            yield line  # a title may hold anything
            return
        line = self._filled_in(line)
        if name in _ADDRESS_IS_VALUE:
            yield f"{name}:{self._address(line.partition(':')[2], Role.SEGMENT)}"
        elif name == "#EXT-X-DATERANGE":
            yield _written(name, [pair for pair in _attributes(line) if not _is_address(pair[1])])
        elif name in _ADDRESS_IN_URI:
            yield self._with_address(name, _attributes(line))
        elif name in _OF_MASTER or not _is_address(line):
            yield line

    def _with_address(self, name: str, attributes: list[tuple[str, str]]) -> str:
        if name in _KEYS:
            _must_be_open(dict(attributes))
        role = _ADDRESS_IN_URI[name]
        if name == "#EXT-X-PRELOAD-HINT" and ("TYPE", "MAP") in attributes:
            role = Role.MAP
        return _written(name, [(key, self._uri(value, role) if key == "URI" else value) for key, value in attributes])

    def _uri(self, value: str, role: Role) -> str:
        return f'"{self._address(value.strip(chr(34)), role)}"'

    def _address(self, reference: str, role: Role) -> str:
        self._left -= 1
        if self._left < 0:
            raise ManifestError("This HLS playlist names too many addresses.")
        reference = reference.strip()
        # What lies in the playlist itself is not called. Another playlist in it could name addresses past us.
        if reference[:5].lower() == "data:" and role is not Role.PLAYLIST:
            return reference
        return self._replace(absolute(self._base_url, reference), role)

    def _define(self, line: str) -> None:
        attributes = {key: value.strip('"') for key, value in _attributes(line)}
        if "NAME" not in attributes or "VALUE" not in attributes:
            raise ManifestError(
                "This HLS playlist needs variables of its address or of another playlist, which is not supported."
            )
        self._variables[attributes["NAME"]] = attributes["VALUE"]

    def _filled_in(self, line: str) -> str:
        """The line with the values of variables in the place of references to them (`{$name}`)."""
        if "{$" not in line:
            return line
        names = _REFERENCE.findall(line)
        if any(name not in self._variables for name in names):
            raise ManifestError("This HLS playlist uses a variable that it does not define.")
        longer = sum(len(self._variables[name]) for name in names)
        self._room -= longer
        if self._room < 0 or len(line) + longer > MAX_LINE_LENGTH:
            raise ManifestError("This HLS playlist has a line that is too long.")
        return _REFERENCE.sub(lambda match: self._variables[match[1]], line)


def _attributes(line: str) -> list[tuple[str, str]]:
    """Names and values of an attribute list, quotes included. What is no attribute is left out."""
    text, position, found = line.partition(":")[2], 0, []
    while position < len(text):
        match = _ATTRIBUTE.match(text, position)
        end = match.end() if match is not None else position
        comma = text.find(",", end)
        comma = len(text) if comma < 0 else comma
        if match is not None and not text[end:comma].strip():
            found.append((match[1], match[2]))
        position = comma + 1
    return found


def _written(name: str, attributes: list[tuple[str, str]]) -> str:
    return f"{name}:{','.join(f'{key}={value}' for key, value in attributes)}"


def _is_address(text: str) -> bool:
    return "://" in text or "URI=" in text


def _must_be_open(key: Mapping[str, str]) -> None:
    """Raises `DrmProtected` unless whoever fetches the key may decrypt with it."""
    scheme = key.get("URI", "").strip('" ').partition(":")[0].lower()
    identity = key.get("KEYFORMAT", '"identity"').strip('"').lower() == "identity"
    if key.get("METHOD", "").startswith("SAMPLE-AES") or not identity or scheme in ("skd", "urn"):
        raise DrmProtected
