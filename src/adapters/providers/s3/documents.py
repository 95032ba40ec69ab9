"""The XML documents of S3: listings, read without entities and whatever else a document could do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring


class NoDocument(Exception):
    """The bytes are no such document."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a listing. `etag` is without its quotes, empty where none was told."""

    key: str
    size: int | None
    etag: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: the prefixes that end with the delimiter, and the objects. `token` continues it."""

    prefixes: tuple[str, ...]
    objects: tuple[StoredObject, ...]
    token: str | None

    @property
    def last(self) -> str:
        """The greatest name in it: what comes next is behind it."""
        # Byte order, by which S3 sorts, is the order of code points.
        return max([*self.prefixes, *(one.key for one in self.objects)], default="")


def page_of(body: bytes) -> Page:
    """The listing (ListObjectsV2). Raises `NoDocument` for anything else."""
    document = parsed(body)
    if _name(document) != "ListBucketResult":
        raise NoDocument
    encoded = text_of(document, "EncodingType") == "url"
    truncated = text_of(document, "IsTruncated") == "true"
    token = text_of(document, "NextContinuationToken") if truncated else ""
    prefixes = (text_of(part, "Prefix") for part in _children(document, "CommonPrefixes"))
    return Page(
        tuple(_decoded(prefix, encoded=encoded) for prefix in prefixes if prefix),
        tuple(_object(part, encoded=encoded) for part in _children(document, "Contents")),
        token or None,
    )


def parsed(body: bytes) -> Element:
    """The root of a document. Raises `NoDocument`, also for one with entities."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise NoDocument from None
    return root


def text_of(parent: Element, name: str) -> str:
    """The text of a child, whatever its namespace; empty when there is none."""
    return next((child.text or "" for child in _children(parent, name)), "")


def _object(part: Element, *, encoded: bool) -> StoredObject:
    size = text_of(part, "Size").strip()
    known = size.isascii() and size.isdigit() and len(size) < 16
    key = _decoded(text_of(part, "Key"), encoded=encoded)
    return StoredObject(key, int(size) if known else None, text_of(part, "ETag").strip().strip('"'))


def _decoded(text: str, *, encoded: bool) -> str:
    """Names are asked for URL-encoded, since XML can't hold all of them; who does not know that sends them plain."""
    return unquote_plus(text) if encoded else text


def _children(parent: Element, name: str) -> Iterator[Element]:
    return (child for child in parent if _name(child) == name)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
