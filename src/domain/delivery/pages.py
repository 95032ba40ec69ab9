"""Telling a web page from media by its first bytes: servers call media a page, and send pages with a good status."""

from __future__ import annotations

ENOUGH_BYTES = 512
"""So much of the beginning tells what it is."""

_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/json"})
_MAYBE_PAGES = frozenset({"", "text/plain"})
"""What servers also call what they know nothing of."""

_MARKS = b"\xef\xbb\xbf\xff\xfe \t\r\n\f"
"""Byte order marks and white space, which may stand before the first tag."""
_DOCUMENTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script")
_NOT_IN_TEXT = bytes({*range(0x20)} - {0x09, 0x0A, 0x0C, 0x0D, 0x1B})
"""Bytes that no text holds (WHATWG, MIME Sniffing, 3)."""
_TELLING_BYTES = 128
"""A piece of media of this length holds one of those, unless by a chance of one in millions."""


def may_be_page(content_type: str | None) -> bool:
    """Whether what an upstream calls so has to be looked at before it is taken for media."""
    return _name(content_type) in _PAGES | _MAYBE_PAGES


def is_page(content_type: str | None, beginning: bytes, *, from_start: bool = True) -> bool:
    """Whether this is what servers send with a good status in the place of media that are over, were never there, or
    are not for who asks: AList answers so to a signature that has run out.

    `beginning` are the first bytes of the answer, `ENOUGH_BYTES` where there are so many; `from_start` tells that they
    are those of the whole thing. Further on, what is called a page is one if it is text at all.
    """
    name = _name(content_type)
    if name not in _PAGES:
        return name in _MAYBE_PAGES and from_start and is_document(beginning)
    if not from_start:
        return len(beginning) >= _TELLING_BYTES and _is_text(beginning)
    text = _text(beginning)
    if not text:
        return len(beginning) >= ENOUGH_BYTES  # what scripts leave of their own lines before the first tag
    # A single byte, which is asked for to see whether there is more, says nothing.
    return len(beginning) > 1 and _is_text(text) and not _is_subtitles(text)


def is_document(beginning: bytes) -> bool:
    """Whether a text begins as documents of HTML do, whatever it is called."""
    text = _text(beginning)
    return text.startswith(_DOCUMENTS) or (text.startswith(b"<?xml") and b"<html" in text)


def _name(content_type: str | None) -> str:
    return (content_type or "").partition(";")[0].strip().lower()


def _text(beginning: bytes) -> bytes:
    """The beginning from its first character on, in lower case; of UTF-16 its ASCII."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        beginning = beginning.replace(b"\0", b"")
    return beginning.lstrip(_MARKS).lower()


def _is_text(content: bytes) -> bool:
    return len(content.translate(None, _NOT_IN_TEXT)) == len(content)


def _is_subtitles(text: bytes) -> bool:
    """Whether it is the text that media are made of: WebVTT, or TTML."""
    return text.startswith((b"webvtt", b"<tt")) or (text.startswith(b"<?xml") and b"<html" not in text)
