"""Danmaku of every site, as the comments that our page shows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from synctv.domain.delivery.danmaku import Comment

MAX_DANMAKU_BYTES = 32 << 20
"""The longest document that is read, after decompression."""


class UnreadableDanmaku(ValueError):
    """These are no comments that can be shown. The message is a sentence for the person."""


class DanmakuReader(ABC):
    """Reads documents of danmaku. It computes, up to a few seconds for the largest: call it in a thread."""

    @abstractmethod
    def read(self, content: bytes, content_encoding: str | None, hint: str | None) -> Sequence[Comment]:
        """The comments in the order of their time, at most `danmaku.MAX_COMMENTS`, thinned evenly.

        `content_encoding` is the header that came with the bytes as they are; None for what is decompressed already,
        though what is still compressed is recognised. `hint` is the content type, which may name a charset. A document
        without a comment gives none; single comments that are broken are left out.

        Raises `UnreadableDanmaku`, for a document of more than `MAX_DANMAKU_BYTES` too.
        """
