"""What the names of files tell: which of them play, in which order they stand, and which belong together. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2s
from typing import NamedTuple

from synctv.domain.delivery.playable import Container
from synctv.domain.library.item import TITLE_LENGTH, MediaKind
from synctv.domain.text import has_visible, one_line


class FileType(NamedTuple):
    """How a file is packed, and what a viewer gets from it."""

    container: Container
    kind: MediaKind


_VIDEO, _AUDIO = MediaKind.VIDEO, MediaKind.AUDIO
_TYPES: Mapping[str, FileType] = {
    "mp4": FileType(Container.MP4, _VIDEO),
    "m4v": FileType(Container.MP4, _VIDEO),
    "mov": FileType(Container.MP4, _VIDEO),
    "webm": FileType(Container.WEBM, _VIDEO),
    "mkv": FileType(Container.MKV, _VIDEO),
    "ogv": FileType(Container.OGG, _VIDEO),
    "flv": FileType(Container.FLV, _VIDEO),
    "ts": FileType(Container.MPEGTS, _VIDEO),
    "m2ts": FileType(Container.MPEGTS, _VIDEO),
    "mts": FileType(Container.MPEGTS, _VIDEO),
    "m3u8": FileType(Container.HLS, _VIDEO),
    "mpd": FileType(Container.DASH, _VIDEO),
    "m4a": FileType(Container.MP4, _AUDIO),
    "m4b": FileType(Container.MP4, _AUDIO),
    "mka": FileType(Container.MKV, _AUDIO),
    "weba": FileType(Container.WEBM, _AUDIO),
    "mp3": FileType(Container.MP3, _AUDIO),
    "aac": FileType(Container.AAC, _AUDIO),
    "ogg": FileType(Container.OGG, _AUDIO),
    "oga": FileType(Container.OGG, _AUDIO),
    "opus": FileType(Container.OGG, _AUDIO),
    "flac": FileType(Container.FLAC, _AUDIO),
    "wav": FileType(Container.WAV, _AUDIO),
}
_SUBTITLES = frozenset({"srt", "ass", "ssa", "vtt"})
_DANMAKU = frozenset({"xml"})
_FLAGS = frozenset({"default", "forced", "sdh", "cc", "hi"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.ASCII | re.IGNORECASE)
# How files name languages beyond the shortest tags of BCP 47.
_NICKNAMES: Mapping[str, str] = {
    "chs": "zh-Hans", "sc": "zh-Hans", "gb": "zh-Hans", "cht": "zh-Hant", "tc": "zh-Hant", "big5": "zh-Hant",
    "chi": "zh", "zho": "zh", "eng": "en", "jpn": "ja", "kor": "ko", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr",
    "spa": "es", "ita": "it", "por": "pt", "rus": "ru", "pol": "pl", "dut": "nl", "nld": "nl", "swe": "sv", "dan": "da",
    "nor": "no", "fin": "fi", "tur": "tr", "ara": "ar", "heb": "he", "hin": "hi", "tha": "th", "vie": "vi", "ind": "id",
    "cze": "cs", "ces": "cs", "hun": "hu", "gre": "el", "ell": "el", "rum": "ro", "ron": "ro", "ukr": "uk",
}  # fmt: skip
_UNKNOWN = frozenset({"und", "zxx", "mis", "mul"})
_DIGITS = re.compile(r"(\d+)", re.ASCII)
_UNITS = ("B", "kB", "MB", "GB", "TB")
_GOES_ON = (".", "_", "-", "(", "[", " - ", " (", " [")
"""What comes between a film's name and what a text track of it is called."""
MAX_BESIDE = 40
"""So many text tracks of one film are offered at most."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A file that belongs to a film: its name, and what stands between the film's name and the ending."""

    name: str
    label: str
    language: str | None
    format: str


def type_of(name: str) -> FileType | None:
    """The type that the ending names; None for what no player of ours plays."""
    return _TYPES.get(_ending(name))


def title_of(name: str) -> str:
    """The name without its ending, fit for a title."""
    stem = name.rpartition(".")[0] if type_of(name) is not None else name
    for candidate in (stem, name):
        title = shown(candidate)
        if title:
            return title
    return "Untitled"


def shown(text: str) -> str:
    """The text on one line, as long as a title may be; empty when nothing of it can be seen."""
    line = one_line(text)[: TITLE_LENGTH[1]].rstrip()
    return line if has_visible(line) else ""


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts `part 2` before `part 10`, and takes no notice of case."""
    parts = (part for part in _DIGITS.split(name.casefold()) if part)
    # Numbers of any length compare by their length first, so that none is ever converted.
    return tuple(_number(part) if part[0] in "0123456789" else (1, 0, part) for part in parts)


def size_words(size: int | None) -> str:
    """The size as people say it (`2.1 GB`); empty for an unknown or an impossible one."""
    if size is None or size <= 0:
        return ""
    amount, unit = float(size), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 1 if amount < 9.95 and unit > 1 else 0
    return f"{amount:,.{digits}f} {_UNITS[unit]}"


def detail_of(name: str, size: int | None) -> str:
    """What tells a file from others of its name (`MP4 · 2.1 GB`)."""
    return " · ".join(part for part in (_ending(name).upper(), size_words(size)) if part)


def subtitles_beside(film: str, names: Iterable[str]) -> list[Beside]:
    """The text tracks among these names that belong to the film (`film.srt`, `film.zh.ass`), in natural order."""
    return _beside(film, names, _SUBTITLES)


def danmaku_beside(film: str, names: Iterable[str]) -> list[Beside]:
    """The files of flying comments (`film.xml`)."""
    return _beside(film, names, _DANMAKU)


def track_id(prefix: str, name: str) -> str:
    """An id that a track keeps as long as it keeps its name."""
    return f"{prefix}-{blake2s(name.encode('utf-8', 'surrogatepass'), digest_size=6).hexdigest()}"


def language_of(word: str) -> str | None:
    """The tag of a language that the word is one of; None for any other word."""
    lower = word.lower()
    if lower in _FLAGS or lower in _UNKNOWN:
        return None
    return _NICKNAMES.get(lower) or (word if _LANGUAGE.fullmatch(word) else None)


def _beside(film: str, names: Iterable[str], endings: frozenset[str]) -> list[Beside]:
    stem = film.rpartition(".")[0] or film
    found = []
    for name in names:
        ending = _ending(name)
        rest = name[: -len(ending) - 1].removeprefix(stem) if ending in endings and name.startswith(stem) else None
        # `film2.srt` and `film 2.srt` belong to other films than `film.mp4`.
        if rest is not None and (not rest or rest.startswith(_GOES_ON)):
            found.append(_described(name, rest.strip(". _-[]()"), ending))
    return sorted(found, key=lambda one: natural(one.name))[:MAX_BESIDE]


def _described(name: str, middle: str, ending: str) -> Beside:
    words = re.split(r"[. _\[\]()]+", middle)
    language = next((tag for word in reversed(words) if (tag := language_of(word)) is not None), None)
    return Beside(name, shown(middle) or ending.upper(), language, ending)


def _ending(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    return ending.lower() if stem else ""


def _number(digits: str) -> tuple[int, int, str]:
    plain = digits.lstrip("0")
    return (0, len(plain), plain)
