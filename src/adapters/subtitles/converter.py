"""Finds out what a file of subtitles is, and makes WebVTT of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from synctv.adapters.subtitles.ass import is_ass, read_ass
from synctv.adapters.subtitles.blocks import is_sbv, read_sbv, read_srt, read_vtt
from synctv.adapters.subtitles.charset import declared_in, text_of
from synctv.adapters.subtitles.sami import is_sami, read_sami
from synctv.adapters.subtitles.site_json import read_json
from synctv.adapters.subtitles.ttml import read_ttml
from synctv.application.ports.subtitles import MAX_CUES, MAX_SUBTITLE_BYTES, SubtitleConverter, UnreadableSubtitles
from synctv.domain.delivery.webvtt import Cue, write
from synctv.domain.delivery.xml_document import XmlError

_UNKNOWN = "These subtitles are in no format that can be shown here. Use srt, vtt, ass, ttml, sbv or smi."
_BROKEN = "This file of subtitles is broken. Try another one."


class TextSubtitleConverter(SubtitleConverter):
    """SubRip, WebVTT, SubStation, SubViewer, TTML, SAMI, and the JSON of Bilibili and YouTube."""

    def to_vtt(self, content: bytes, hint: str | None, offset: float = 0) -> str:
        """See `SubtitleConverter`."""
        if len(content) > MAX_SUBTITLE_BYTES:
            raise UnreadableSubtitles(
                f"This file of subtitles is too large: at most {MAX_SUBTITLE_BYTES:,} bytes are read."
            )
        text = text_of(content, declared_in(hint)).replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        try:
            return write(_bounded(_cues(text)), offset)
        except XmlError:
            raise UnreadableSubtitles(_BROKEN) from None


def _cues(text: str) -> Iterator[Cue]:
    start = text[:200].lstrip()
    if start.startswith("WEBVTT"):
        return read_vtt(text)
    if is_ass(text):
        return read_ass(text)
    if start.startswith("<"):
        return read_sami(text) if is_sami(text) else read_ttml(text.lstrip())
    if start.startswith("{") and start[1:].lstrip().startswith('"'):
        return _from_json(text)
    if is_sbv(text.lstrip()):
        return read_sbv(text.lstrip())
    if "-->" in text:
        return read_srt(text)
    raise UnreadableSubtitles(_UNKNOWN)


def _from_json(text: str) -> Iterator[Cue]:
    try:
        cues = read_json(json.loads(text))
    except (ValueError, RecursionError):
        raise UnreadableSubtitles(_BROKEN) from None
    if cues is None:
        raise UnreadableSubtitles(_UNKNOWN)
    return cues


def _bounded(cues: Iterator[Cue]) -> Iterator[Cue]:
    for count, cue in enumerate(cues):
        if count >= MAX_CUES:
            raise UnreadableSubtitles(f"There are too many lines in these subtitles: at most {MAX_CUES:,} are shown.")
        yield cue
