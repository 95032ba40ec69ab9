"""Subtitles of every kind, as the one kind that browsers show."""

from __future__ import annotations

from abc import ABC, abstractmethod

MAX_SUBTITLE_BYTES = 8 << 20
MAX_CUES = 50_000


class UnreadableSubtitles(ValueError):
    """This is no file of subtitles that can be shown. The message is a sentence for the person."""


class SubtitleConverter(ABC):
    """Makes WebVTT of subtitles. It computes, up to a few seconds for the largest files: call it in a thread."""

    @abstractmethod
    def to_vtt(self, content: bytes, hint: str | None, offset: float = 0) -> str:
        """The subtitles as WebVTT, all of them `offset` seconds later; what would end before 0 is left out.

        `hint` is the content type that came with them, or a file's name: it may say the charset (`; charset=gb18030`),
        which counts where the bytes are text in it. What format it is, the content alone decides. The text holds no
        markup but `b`, `i` and `u`, and is safe to be put into a page by a player.

        Raises `UnreadableSubtitles`, for more than `MAX_SUBTITLE_BYTES` or `MAX_CUES` too.
        """
