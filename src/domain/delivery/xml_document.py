"""XML from strangers, within bounds and without document types, read into a tree and written again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_CHUNK = 64 << 10
_MAX_NAMESPACES = 64
_XML = "http://www.w3.org/XML/1998/namespace"


class XmlError(ValueError):
    """No XML, or more of it than is read."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read: bytes, elements, and elements within elements."""

    size: int
    elements: int
    depth: int


@dataclass(frozen=True, slots=True)
class Document:
    """A tree whose names have prefixes instead of namespaces, and the namespaces of these. The root's has no prefix."""

    root: Element
    namespaces: dict[str, str] = field(default_factory=dict)

    def written(self) -> bytes:
        """The document in UTF-8."""
        for prefix, uri in self.namespaces.items():
            self.root.set(f"xmlns:{prefix}" if prefix else "xmlns", uri)
        written: bytes = ElementTree.tostring(self.root, encoding="utf-8", xml_declaration=True)
        return written


def read(document: bytes, bounds: Bounds) -> Document:
    """The document, in UTF-8 or with a byte order mark. Raises `XmlError`."""
    if len(document) > bounds.size:
        raise XmlError("too long")
    text = _decoded(document)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise XmlError("it has a document type")
    # Safe with strangers: entities come from document types, and those were just refused.
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(("start", "end", "start-ns"))
    reading = _Reading(bounds)
    try:
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
            reading.take(parser.read_events())
        parser.close()
        reading.take(parser.read_events())
    except ElementTree.ParseError as error:
        raise XmlError(str(error)) from None
    except ValueError as error:  # what the parser's encoder can't take
        raise XmlError(str(error)) from None
    if reading.root is None:
        raise XmlError("it is empty")
    return _Prefixes(reading.prefixes, reading.root).document()


def _decoded(document: bytes) -> str:
    encoding = "utf-16" if document[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return document.decode(encoding)
    except UnicodeDecodeError:
        raise XmlError("it is not in UTF-8") from None


class _Reading:
    """Watches the bounds while the tree grows."""

    def __init__(self, bounds: Bounds) -> None:
        self.root: Element | None = None
        self.prefixes: dict[str, str] = {}
        self._bounds = bounds
        self._elements = 0
        self._depth = 0

    def take(self, events: Iterable[Any]) -> None:
        for event, value in events:
            if event == "start-ns":
                prefix, uri = value
                self.prefixes.setdefault(uri, prefix)
            elif event == "end":
                self._depth -= 1
            else:
                self._begin(value)

    def _begin(self, element: Element) -> None:
        self.root = element if self.root is None else self.root
        self._elements += 1
        self._depth += 1
        if self._elements > self._bounds.elements or self._depth > self._bounds.depth:
            raise XmlError("it has too many elements")


class _Prefixes:
    """Gives names their prefixes back, one for each namespace: players look at names as they are written."""

    def __init__(self, wanted: dict[str, str], root: Element) -> None:
        self._wanted = wanted
        self._root = root
        self._given = {_XML: "xml"}
        self._default = _namespace(root.tag)

    def document(self) -> Document:
        for element in self._root.iter():
            element.tag = self._named(element.tag)
            attributes = {self._named(name, attribute=True): value for name, value in element.attrib.items()}
            element.attrib.clear()
            element.attrib.update(attributes)
        namespaces = {prefix: uri for uri, prefix in self._given.items() if uri != _XML}
        return Document(self._root, namespaces | ({"": self._default} if self._default else {}))

    def _named(self, name: str, *, attribute: bool = False) -> str:
        uri = _namespace(name)
        local = name.rpartition("}")[2]
        if not uri or (uri == self._default and not attribute):
            return local
        if uri not in self._given:
            if len(self._given) >= _MAX_NAMESPACES:
                raise XmlError("it has too many namespaces")
            wanted = self._wanted.get(uri, "")
            # Those that look like made ones are made anew, so that none comes twice.
            taken = not wanted or wanted.startswith("ns") or wanted in self._given.values()
            self._given[uri] = f"ns{len(self._given)}" if taken else wanted
        return f"{self._given[uri]}:{local}"


def _namespace(name: str) -> str:
    return name[1:].rpartition("}")[0] if name.startswith("{") else ""
