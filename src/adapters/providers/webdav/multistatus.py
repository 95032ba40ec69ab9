"""What a server answers to PROPFIND and SEARCH: a multistatus document (RFC 4918, 13), read without building it. Pure.

No DTD and no entity is taken, so that a short document can't become a long one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from synctv.adapters.providers.servers import is_name

MAX_RESOURCES = 10_000
MAX_DEPTH = 40
_MAX_TEXT = 16_384

_DAV = "{DAV:}"
_RESPONSE, _HREF, _STATUS = f"{_DAV}response", f"{_DAV}href", f"{_DAV}status"
_PROPSTAT, _COLLECTION = f"{_DAV}propstat", f"{_DAV}collection"
_WANTED = frozenset({f"{_DAV}{name}" for name in ("getcontentlength", "getlastmodified", "getetag")})
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*", re.ASCII)


class MultistatusError(ValueError):
    """This is no multistatus document, or one that goes beyond all bounds."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A file or a folder: the names on its way from the top of the server as it knows itself."""

    names: tuple[str, ...]
    is_folder: bool
    size: int | None = None
    modified: str = ""
    etag: str = ""

    @property
    def name(self) -> str:
        """Its own name; empty for the top."""
        return self.names[-1] if self.names else ""

    @property
    def version(self) -> str:
        """What changes when the bytes do, as far as the server tells."""
        return self.etag or f"{self.size}-{self.modified}"


def resources_of(body: bytes) -> list[Resource]:
    """The resources that are there, in the order of the document; those without a possible name are left out.

    Raises `MultistatusError`.
    """
    reader = _Reader()
    parser = DefusedXMLParser(target=reader, forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise MultistatusError("no multistatus document") from error
    if not reader.seen:
        raise MultistatusError("no multistatus document")
    return reader.found


def names_of(href: str) -> tuple[str, ...] | None:
    """The decoded names of an address or a path; None when one of them can't be a name.

    What follows a `?` or `#` is part of the last name: servers that don't escape such signs in names exist, those that
    add a query to an `href` don't.
    """
    path = _ORIGIN.sub("", href.strip(), count=1)
    try:
        names = tuple(unquote(name, errors="strict") for name in path.split("/") if name)
    except UnicodeDecodeError:
        return None
    return names if all(is_name(name) for name in names) else None


def children_of(resources: Sequence[Resource], asked: tuple[str, ...]) -> tuple[Resource | None, list[Resource]]:
    """The resource that was asked for, and what lies directly in it.

    A server behind a proxy may name itself differently, so that its own names count: the one asked for is the one that
    was called so, else the only one that is on the way to all others. What lies elsewhere is left out.
    """
    itself = next((found for found in resources if found.names == asked), None) or _common_parent(resources)
    if itself is None:
        return None, []
    inside = [found for found in resources if found.names[:-1] == itself.names and found.names]
    return itself, list({found.name: found for found in inside}.values())


def _common_parent(resources: Sequence[Resource]) -> Resource | None:
    shortest = min(resources, key=lambda found: len(found.names), default=None)
    if shortest is None:
        return None
    length = len(shortest.names)
    return shortest if all(found.names[:length] == shortest.names for found in resources) else None


@dataclass(slots=True)
class _Reader:
    """Takes the document's events. `seen` tells that it is a multistatus at all."""

    found: list[Resource] = field(default_factory=list)
    seen: bool = False
    _path: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _length: int = 0
    _href: str = ""
    _status: str = ""
    _propstat_status: str = ""
    _properties: dict[str, str] = field(default_factory=dict)
    _good: dict[str, str] = field(default_factory=dict)

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """An element begins."""
        if not self._path:
            if tag != f"{_DAV}multistatus":
                raise MultistatusError("another document")
            self.seen = True
        if len(self._path) >= MAX_DEPTH:
            raise MultistatusError("too deep")
        self._path.append(tag)
        self._text, self._length = [], 0
        if tag == _RESPONSE:
            self._href, self._status, self._good = "", "", {}
        elif tag == _PROPSTAT:
            self._propstat_status, self._properties = "", {}
        elif tag == _COLLECTION:
            self._properties[_COLLECTION] = ""

    def data(self, text: str) -> None:
        """Text inside the innermost element."""
        self._length += len(text)
        if self._length <= _MAX_TEXT:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """An element ends."""
        text = "".join(self._text).strip()
        self._path.pop()
        parent = self._path[-1] if self._path else ""
        if tag == _HREF and parent == _RESPONSE:
            self._href = self._href or text
        elif tag == _STATUS and parent == _RESPONSE:
            self._status = text
        elif tag == _STATUS and parent == _PROPSTAT:
            self._propstat_status = text
        elif tag in _WANTED:
            self._properties[tag] = text
        elif tag == _PROPSTAT:
            self._end_of_propstat()
        elif tag == _RESPONSE:
            self._end_of_response()
        self._text, self._length = [], 0

    def close(self) -> None:
        """The document ends."""

    def _end_of_propstat(self) -> None:
        """Properties that the server does not know come with another status."""
        if not self._propstat_status or " 200" in self._propstat_status:
            self._good.update(self._properties)

    def _end_of_response(self) -> None:
        names = names_of(self._href) if self._href else None
        if names is None or (self._status and " 200" not in self._status):
            return
        if len(self.found) >= MAX_RESOURCES:
            raise MultistatusError("too many resources")
        size = self._good.get(f"{_DAV}getcontentlength", "")
        folder = _COLLECTION in self._good
        self.found.append(
            Resource(
                names,
                folder,
                int(size) if size.isascii() and size.isdigit() and len(size) < 19 and not folder else None,
                self._good.get(f"{_DAV}getlastmodified", ""),
                self._good.get(f"{_DAV}getetag", ""),
            )
        )
