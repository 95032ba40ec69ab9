"""WebVTT (W3C), as much of it as our players get: cues with bold, italic and underlined text. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MAX_CUE_LENGTH = 5_000
MAX_SECONDS = 360_000.0
"""A hundred hours."""

_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_AT_THE_TOP = " line:5%"


class Style(StrEnum):
    """How a stretch of text may be set."""

    BOLD = "b"
    ITALIC = "i"
    UNDERLINED = "u"


@dataclass(frozen=True, slots=True)
class Switch:
    """From here on the text is in this style, or no longer."""

    style: Style
    on: bool


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from `start` to `end`, in seconds. `text` is what `cue_text` made: safe, without empty lines."""

    start: float
    end: float
    text: str
    top: bool = False


def cue_text(pieces: Iterable[str | Switch]) -> str:
    """The text of a cue: escaped, without control characters and empty lines, its tags in pairs."""
    written: list[str] = []
    open_: list[Style] = []
    room = MAX_CUE_LENGTH
    for piece in pieces:
        if isinstance(piece, Switch):
            written.extend(_switched(open_, piece))
        else:
            written.extend(_ESCAPED.get(character, character) for character in piece[:room] if _is_shown(character))
            room -= min(room, len(piece))
    written.extend(f"</{style}>" for style in reversed(open_))
    lines = ("".join(written)).split("\n")
    return "\n".join(stripped for line in lines if (stripped := line.strip(" \t")))


def _switched(open_: list[Style], switch: Switch) -> list[str]:
    """The tags that a switch comes to. A tag within it is closed before, and opened again."""
    if switch.on == (switch.style in open_):
        return []
    if switch.on:
        open_.append(switch.style)
        return [f"<{switch.style}>"]
    place = open_.index(switch.style)
    inner = open_[place + 1 :]
    open_.remove(switch.style)
    closed = [f"</{style}>" for style in (*reversed(inner), switch.style)]
    return closed + [f"<{style}>" for style in inner]


def _is_shown(character: str) -> bool:
    # Lone surrogates have no form in UTF-8; what reads as the end of a line is one, and \n is the only one.
    code = ord(character)
    return character in "\n\t" or (
        code >= 0x20 and not 0x7F <= code < 0xA0 and not 0xD800 <= code < 0xE000 and code != 0xFEFF
    )


def write(cues: Iterable[Cue], offset: float = 0) -> str:
    """The cues in the order of their time, `offset` seconds later, each once; without those that are never shown."""
    moved = {moved for cue in cues if (moved := _moved(cue, offset)) is not None}
    lines = ["WEBVTT\n"]
    for cue in sorted(moved, key=lambda cue: (cue.start, cue.end, cue.top, cue.text)):
        settings = _AT_THE_TOP if cue.top else ""
        lines.append(f"{_stamp(cue.start)} --> {_stamp(cue.end)}{settings}\n{cue.text}\n")
    return "\n".join(lines)


def _moved(cue: Cue, offset: float) -> Cue | None:
    start, end = max(0.0, cue.start + offset), min(cue.end + offset, MAX_SECONDS)
    shown = bool(_visible(cue.text)) and math.isfinite(start) and _milliseconds(start) < _milliseconds(end)
    return Cue(start, end, cue.text, cue.top) if shown else None


def _visible(text: str) -> str:
    for style in Style:
        text = text.replace(f"<{style}>", "").replace(f"</{style}>", "")
    return text.strip()


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1_000) if math.isfinite(seconds) else 0


def _stamp(seconds: float) -> str:
    minutes, milliseconds = divmod(_milliseconds(seconds), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1_000:02}.{milliseconds % 1_000:03}"
