"""Finds out what a document of danmaku is, and reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synctv.adapters.danmaku.compression import CompressionError, TooLongError, decompressed
from synctv.adapters.danmaku.site_json import read_json
from synctv.adapters.subtitles.charset import declared_in, text_of
from synctv.application.ports.danmaku import MAX_DANMAKU_BYTES, DanmakuReader, UnreadableDanmaku
from synctv.domain.delivery.danmaku import Comment, bilibili, selected

_UNKNOWN = "These comments are in no format that can be shown here."


class TextDanmakuReader(DanmakuReader):
    """Bilibili's XML, the JSON of Dandanplay and AcFun, and YouTube's chat."""

    def read(self, content: bytes, content_encoding: str | None, hint: str | None) -> Sequence[Comment]:
        """See `DanmakuReader`."""
        try:
            plain = decompressed(content, content_encoding, MAX_DANMAKU_BYTES)
        except CompressionError:
            raise UnreadableDanmaku("These comments are compressed in a way that is not known here.") from None
        except TooLongError:
            raise UnreadableDanmaku("There are too many comments in this document to read it.") from None
        text = text_of(plain, declared_in(hint)).lstrip("\ufeff \t\r\n")
        return selected(_comments(text))


def _comments(text: str) -> Iterator[Comment]:
    found = None
    if text.startswith("<") and ("<i>" in text[:2_000] or "<i " in text[:2_000] or "<d " in text[:2_000]):
        found = bilibili(text)
    elif text.startswith(("{", "[")):
        found = read_json(text)
    if found is None:
        raise UnreadableDanmaku(_UNKNOWN)
    return found
