"""TTML and DFXP, and YouTube's own XML (`srv3`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from synctv.domain.delivery import xml_document
from synctv.domain.delivery.webvtt import Cue, Style, Switch, cue_text

BOUNDS = xml_document.Bounds(size=32 << 20, elements=400_000, depth=64)

_CLOCK = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})(\.\d{1,9})?(?::(\d{1,3}))?")
_OFFSET = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)(h|m|s|ms|f|t)")
_UNITS = {"h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Rates:
    """How many frames and ticks make a second, and what named styles say."""

    frames: float
    ticks: float
    styles: dict[str, frozenset[Style]]


def read_ttml(text: str) -> Iterator[Cue]:
    """Every paragraph with times. Raises `XmlError`, for other XML too."""
    root = xml_document.read(text.encode("utf-8", "replace"), BOUNDS).root
    if root.tag not in ("tt", "timedtext"):
        raise xml_document.XmlError("it is XML of another kind")
    named = {style.get("xml:id", style.get("id", "")): _styles(style, {}) for style in root.iter("style")}
    frames = _number(_attribute(root, "frameRate"), 30.0)
    rates = _Rates(frames, _number(_attribute(root, "tickRate"), 1.0), named)
    waiting = [(root, 0.0)]
    while waiting:
        element, begin = waiting.pop()
        if element.tag == "p":
            yield from _paragraph(element, begin, rates)
        elif element.tag in ("tt", "timedtext", "body", "div"):
            inner = begin + (_seconds(element.get("begin", ""), rates) or 0.0)
            waiting.extend((child, inner) for child in element)


def _paragraph(element: Element, begin: float, rates: _Rates) -> Iterator[Cue]:
    if "t" in element.attrib:
        start, length = _number(element.get("t"), 0.0) / 1_000, _number(element.get("d"), 0.0) / 1_000
        end: float | None = start + length
    else:
        start = begin + (_seconds(element.get("begin", ""), rates) or 0.0)
        lasting = _seconds(element.get("dur", ""), rates)
        until = _seconds(element.get("end", ""), rates)
        end = begin + until if until is not None else start + lasting if lasting is not None else None
    if end is not None:
        yield Cue(start, end, cue_text(_pieces(element, rates)))


def _pieces(element: Element, rates: _Rates) -> Iterator[str | Switch]:
    """The text inside of an element in its order. How deep it goes is bounded with the document."""
    styles = _styles(element, rates.styles)
    yield from (Switch(style, on=True) for style in styles)
    yield _SPACES.sub(" ", element.text or "")
    for child in element:
        if child.tag == "br":
            yield "\n"
        elif child.tag in ("span", "s"):
            yield from _pieces(child, rates)
        yield _SPACES.sub(" ", child.tail or "")
    yield from (Switch(style, on=False) for style in styles)


def _styles(element: Element, named: dict[str, frozenset[Style]]) -> frozenset[Style]:
    found = {style for name in element.get("style", "").split() for style in named.get(name, ())}
    if _attribute(element, "fontStyle") in ("italic", "oblique"):
        found.add(Style.ITALIC)
    if _attribute(element, "fontWeight") == "bold":
        found.add(Style.BOLD)
    if _attribute(element, "textDecoration") == "underline":
        found.add(Style.UNDERLINED)
    return frozenset(found)


def _attribute(element: Element, name: str) -> str | None:
    """An attribute of any of the namespaces that versions of the format have for it."""
    return next((value for key, value in element.attrib.items() if key.rpartition(":")[2] == name), None)


def _number(text: str | None, otherwise: float) -> float:
    try:
        number = float(text or "")
    except ValueError:
        return otherwise
    return number if 0 < number < 1e12 else otherwise


def _seconds(text: str, rates: _Rates) -> float | None:
    clock = _CLOCK.fullmatch(text.strip())
    if clock is not None:
        whole = int(clock[1]) * 3_600 + int(clock[2]) * 60 + int(clock[3])
        return whole + float(clock[4] or 0) + int(clock[5] or 0) / rates.frames
    offset = _OFFSET.fullmatch(text.strip())
    if offset is None:
        return None
    unit = {**_UNITS, "f": 1 / rates.frames, "t": 1 / rates.ticks}[offset[2]]
    return float(offset[1]) * unit
