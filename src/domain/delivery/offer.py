"""An offer: what a provider has of an item now, for us to hand on. It holds secrets and never leaves the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from synctv.domain.delivery.playable import Chapter, Container
from synctv.domain.ids import Micros

TOLD_TO_ANYBODY = frozenset(
    {"accept", "accept-encoding", "accept-language", "if-none-match", "if-modified-since", "range", "referer"}
    | {"user-agent"}
)
"""Headers that go along to another server. Any other may be a credential: some servers name the token's themselves."""

_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "if-match", "if-modified-since"}
    | {"if-none-match", "if-range", "if-unmodified-since", "range", "te", "transfer-encoding", "upgrade"}
)
"""Headers that no provider decides about: what is asked for, and how it is carried."""


def origin_of(url: str) -> str:
    """Scheme, host and port of an http(s) address, by which one server is told from another (RFC 6454)."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in (None, default) else ""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


Signing = Callable[[str], "Upstream | None"]
"""Gives what lies at an address as it can be had with a signature of its own; None for an address that is not to have
one, because it lies where the content that names it has no business. Computed without asking anybody."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where bytes are, and what has to be said to get them.

    `key` names the thing itself, however its address changes (`alist:https://nas.lan:/films/a.mp4`), so that what is
    cached of it is found again; None means that the address is the name. Two things never share a key, nor do a thing
    that everybody may read and one that an account alone may.

    `sign` is there where the address itself is the proof, which is good for nothing beside it: what the content names
    is signed one by one.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str | None = field(default=None, repr=False)
    sign: Signing | None = field(default=None, repr=False, compare=False)

    @property
    def identity(self) -> str:
        """By what the thing is known: its key; else its address, with what is said to get it where something is."""
        if self.key is not None:
            return self.key
        if not self.headers:
            return self.url
        said = sha256(repr(sorted((name.lower(), value) for name, value in self.headers.items())).encode())
        return f"{said.hexdigest()} {self.url}"

    @property
    def asking(self) -> dict[str, str]:
        """What to say when the bytes are asked for, names in lower case: the provider's headers, and that nothing is
        to be compressed."""
        said = {name.lower(): value for name, value in self.headers.items() if name.lower() not in _OURS}
        return {**said, "accept-encoding": "identity"}

    def naming(self, url: str) -> Upstream:
        """Another address that this one's content names. What may be a credential is told to the same server only."""
        signed = self.sign(url) if self.sign is not None else None
        if signed is not None:
            return signed
        if origin_of(url) == origin_of(self.url):
            return Upstream(url, self.headers)
        return Upstream(url, {name: value for name, value in self.headers.items() if name.lower() in TOLD_TO_ANYBODY})


@dataclass(frozen=True, slots=True)
class Track:
    """One stream of a film whose picture and sound lie in files of their own. `bitrate` is in bits a second.

    The files are fragmented MP4 or WebM, with an index at their beginning.
    """

    id: str
    upstream: Upstream
    container: Container
    codecs: str
    bitrate: int
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    sampling_rate: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Tracks:
    """A film in pieces that a player puts together: at least one track. `duration` is in seconds."""

    duration: float
    video: tuple[Track, ...]
    audio: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class OfferedVariant:
    """One way to play the item.

    `public` tells that viewers may be given the address itself: it holds no credential and is not signed for this
    server. Headers that have to be sent make it as good as private to a browser. `id` stays the same each time the item
    is asked for, has 1 to 64 characters of `A-Za-z0-9._-`, and is unique in the offer.
    """

    id: str
    label: str
    container: Container
    media: Upstream | Tracks
    public: bool = False
    live: bool = False
    codecs: str | None = None
    width: int | None = None
    height: int | None = None
    bitrate: int | None = None


@dataclass(frozen=True, slots=True)
class OfferedSubtitle:
    """A text track in whatever format; `format` (`srt`, `ass`, `json3`, …) is a hint where the provider knows it.

    `upstream` may hold the text itself (`inline`), where the provider has it already.
    """

    id: str
    label: str
    upstream: Upstream
    language: str | None = None
    format: str | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class OfferedDanmaku:
    """Comments with their times; `format` (`bilibili`, `live_chat`, …) is a hint."""

    id: str
    label: str
    upstream: Upstream
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Variants, best first. `expires_at` is when their addresses run out; None for never."""

    variants: tuple[OfferedVariant, ...]
    expires_at: Micros | None = None
    subtitles: tuple[OfferedSubtitle, ...] = ()
    danmaku: tuple[OfferedDanmaku, ...] = ()
    chapters: tuple[Chapter, ...] = ()
