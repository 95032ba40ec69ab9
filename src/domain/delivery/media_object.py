"""What an upstream has at an address: its length and what tells one version of it from the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import NewType

from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.ranges import Span
from synctv.domain.ids import MICROS, Micros

ResourceId = NewType("ResourceId", str)
"""A thing at an upstream, whatever its version: 64 hexadecimal digits, from which no address can be read."""

UNKNOWN_TYPE = "application/octet-stream"

_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]{0,200}"')
_MEDIA_TYPE = re.compile(r"(?:audio|video)/[a-z0-9.+-]{1,60}|image/(?:avif|gif|jpeg|png|webp)|text/(?:plain|vtt)")


@dataclass(frozen=True, slots=True)
class MediaObject:
    """One version of a thing. `length` is in bytes; `fetched_at` is when the upstream was asked last.

    `etag` and `last_modified` are as the upstream sends them, None where it sends none that are well formed.
    """

    length: int
    etag: str | None
    last_modified: str | None
    content_type: str
    fetched_at: Micros

    @property
    def validated(self) -> bool:
        """Whether there is more than its length to tell this version by."""
        return self.etag is not None or self.last_modified is not None

    def same_as(self, other: MediaObject) -> bool:
        """Whether both may be of one version: nothing that both say differs."""
        return (
            self.length == other.length
            and (None in (self.etag, other.etag) or self.etag == other.etag)
            and (None in (self.last_modified, other.last_modified) or self.last_modified == other.last_modified)
        )

    def seen_again(self, at: Micros) -> MediaObject:
        """The same, asked for anew."""
        return replace(self, fetched_at=at)

    def version(self, slice_bytes: int) -> str:
        """32 hexadecimal digits that its slices share with those of no other version.

        A thing without validators can't be recognised later on: each time it is met it is a version of its own.
        """
        told_by = (self.etag, self.last_modified) if self.validated else (self.fetched_at,)
        return sha256(repr((slice_bytes, self.length, told_by)).encode()).hexdigest()[:32]

    def slice_span(self, index: int, slice_bytes: int) -> Span:
        """The bytes of one slice; the last one may be shorter. Raises `IndexError` past the end."""
        start = index * slice_bytes
        if not 0 <= start < self.length:
            raise IndexError(index)
        return Span(start, min(self.length, start + slice_bytes))


def resource_of(upstream: Upstream) -> ResourceId:
    """The identity of what is there: its key, or else the address with everything that is said to get it."""
    if upstream.key is not None:
        return ResourceId(sha256(f"key {upstream.key}".encode()).hexdigest())
    said = sorted((name.lower(), value) for name, value in upstream.headers.items())
    return ResourceId(sha256(f"url {(upstream.url, said)!r}".encode()).hexdigest())


def described(length: int, headers: Mapping[str, str], at: Micros) -> MediaObject:
    """The object that these headers (names in lower case) speak of."""
    etag = headers.get("etag", "").strip()
    modified = headers.get("last-modified", "").strip()
    return MediaObject(
        length=length,
        etag=etag if _ETAG.fullmatch(etag) else None,
        last_modified=modified if len(modified) <= 40 and http_date(modified) is not None else None,
        content_type=media_type(headers.get("content-type")),
        fetched_at=at,
    )


def media_type(header: str | None) -> str:
    """The type without parameters, where a browser only plays or shows it; else bytes without a meaning.

    What an upstream sends comes from our address in the end, so that a page or a script must never be one.
    """
    name = (header or "").partition(";")[0].strip().lower()
    return name if _MEDIA_TYPE.fullmatch(name) else UNKNOWN_TYPE


def http_date(text: str | None) -> Micros | None:
    """The instant of an HTTP date (RFC 9110, 5.6.7); None for anything else."""
    if not text or not text.isascii() or len(text) > 40:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return Micros(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * MICROS)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
