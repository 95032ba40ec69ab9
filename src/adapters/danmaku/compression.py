"""Decompresses within a bound."""

from __future__ import annotations

import zlib

_ZLIB, _RAW, _GZIP = 15, -15, 31
_GZIP_MAGIC = b"\x1f\x8b"


class CompressionError(ValueError):
    """These bytes are not compressed as they should be."""


class TooLongError(ValueError):
    """Decompressed there is more of it than is read."""


def decompressed(content: bytes, encoding: str | None, limit: int) -> bytes:
    """The content without its encoding. Raises `CompressionError` and `TooLongError`.

    `deflate` stands for a zlib stream, but some servers, Bilibili's among them, send the bare deflate stream.
    """
    ways: tuple[int, ...]
    match (encoding or "identity").strip().lower():
        case "deflate":
            ways = (_ZLIB, _RAW)
        case "gzip" | "x-gzip":
            ways = (_GZIP,)
        case "identity":
            if not content.startswith(_GZIP_MAGIC):
                return _bounded(content, limit)
            ways = (_GZIP,)
        case _:
            raise CompressionError(encoding)
    for way in ways:
        try:
            return _inflated(content, way, limit)
        except zlib.error:
            continue
    # A proxy in between may have decompressed it, and kept the header.
    if content.lstrip()[:1] in (b"<", b"{", b"["):
        return _bounded(content, limit)
    raise CompressionError(encoding)


def _inflated(content: bytes, way: int, limit: int) -> bytes:
    stream = zlib.decompressobj(way)
    found = stream.decompress(content, limit + 1)
    if not found and not stream.eof:  # of one that is cut off later, its beginning is taken
        raise zlib.error
    return _bounded(found, limit)


def _bounded(content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise TooLongError(limit)
    return content
