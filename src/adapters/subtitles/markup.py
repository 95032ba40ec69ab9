"""The markup inside of subtitles: what of it is shown, and what is dropped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from synctv.domain.delivery.webvtt import Style, Switch, cue_text

_STYLES = {
    "b": Style.BOLD, "strong": Style.BOLD, "i": Style.ITALIC, "em": Style.ITALIC, "u": Style.UNDERLINED,
}  # fmt: skip
# Anything else between angle brackets is what somebody wrote, such as "<3" or "<sigh>".
_KNOWN = frozenset(
    {*_STYLES, "br", "c", "v", "lang", "ruby", "rt", "font", "s", "span", "p", "div", "sync", "body", "sami"}
)
_TAG = re.compile(r"<(/?)([A-Za-z]{1,6})\b[^<>]*>|<\d[\d:.]{1,15}>|\{\\[^{}]*\}")
_OVERRIDE = re.compile(r"\{[^{}]*\}")
_ASS_TAG = re.compile(r"\\(?:([ibu])(\d{0,3})(?![A-Za-z(])|(r)|an?(\d{1,2})|p(\d{1,3}))")
_ASS_ESCAPES = {"\\N": "\n", "\\n": " ", "\\h": "\u00a0"}
_ASS_ESCAPE = re.compile(r"\\[Nnh]")


def from_html(text: str) -> str:
    """The text of a cue from text with tags and entities, as SubRip, WebVTT and SAMI have them."""
    return cue_text(_html_pieces(text))


def _html_pieces(text: str) -> Iterator[str | Switch]:
    position = 0
    for match in _TAG.finditer(text):
        name = (match[2] or "").lower()
        if match[2] and name not in _KNOWN:
            continue
        yield html.unescape(text[position : match.start()])
        position = match.end()
        if name == "br":
            yield "\n"
        elif name in _STYLES:
            yield Switch(_STYLES[name], on=not match[1])
    yield html.unescape(text[position:])


def at_the_top(text: str) -> bool:
    """Whether SubStation's override tags put the text to the top (`{\\an8}`), as they do in SubRip too."""
    return any(
        (match[4] or "") in ("7", "8", "9")
        for override in _OVERRIDE.findall(text)
        for match in _ASS_TAG.finditer(override)
        if match[0].startswith("\\an")
    )


def from_ass(text: str) -> str:
    """The text of a cue from SubStation's; empty for a drawing."""
    pieces: list[str | Switch] = []
    position = 0
    for match in _OVERRIDE.finditer(text):
        pieces.append(_unescaped(text[position : match.start()]))
        position = match.end()
        for tag in _ASS_TAG.finditer(match[0]):
            if tag[5] and int(tag[5]):
                return ""
            pieces.extend(_switches(tag))
    pieces.append(_unescaped(text[position:]))
    return cue_text(pieces)


def _switches(tag: re.Match[str]) -> list[Switch]:
    if tag[3]:
        return [Switch(style, on=False) for style in Style]
    return [Switch(Style(tag[1]), on=tag[2] not in ("", "0"))] if tag[1] else []


def _unescaped(text: str) -> str:
    return _ASS_ESCAPE.sub(lambda match: _ASS_ESCAPES[match[0]], text)
