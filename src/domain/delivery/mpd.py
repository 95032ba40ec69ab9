"""Composes the DASH manifest of a film whose tracks are files of their own, each with an index (ISO/IEC 23009-1). Pure.

What sites give as separate pictures and sounds becomes one thing to play: the on-demand profile, one period, and an
AdaptationSet for each family of codecs and language, since players switch within one only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from synctv.domain.delivery.media_index import ByteRange
from synctv.domain.delivery.playable import Container

_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_PROFILE = "urn:mpeg:dash:profile:isoff-on-demand:2011"
# Rates that are a thousandth off a whole number are written as what they are meant to be: 23.976 is 24000/1001.
_NTSC = 1001


@dataclass(frozen=True, slots=True)
class Track:
    """One file with pictures or sounds, at a player's address for it.

    `codecs` is as in RFC 6381. `bandwidth` is in bits a second, `frame_rate` in pictures a second, `sampling_rate` in
    Hz, `language` as in BCP 47. It shows pictures where it has a width, and sounds otherwise.
    """

    id: str
    url: str
    container: Literal[Container.MP4, Container.WEBM]
    codecs: str
    bandwidth: int
    init_range: ByteRange
    index_range: ByteRange
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    sampling_rate: int | None = None
    language: str | None = None

    @property
    def content(self) -> str:
        """`video` or `audio`."""
        return "video" if self.width is not None else "audio"


def compose(tracks: Sequence[Track], duration: float) -> bytes:
    """The manifest of these tracks, best first as they come, which last so many seconds.

    Raises `ValueError` without a track, without a duration, and for two tracks with one id.
    """
    if not tracks or len({track.id for track in tracks}) < len(tracks):
        raise ValueError("A manifest has tracks, each with an id of its own.")
    if not (math.isfinite(duration) and duration > 0):
        raise ValueError("A manifest lasts for some time.")
    root = Element(
        "MPD",
        {
            "xmlns": _NAMESPACE,
            "type": "static",
            "profiles": _PROFILE,
            "mediaPresentationDuration": f"PT{duration:.3f}S",
            "minBufferTime": "PT1.5S",
        },
    )
    period = SubElement(root, "Period", {"id": "0"})
    for number, alike in enumerate(_grouped(tracks)):
        _adaptation_set(period, number, alike)
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _grouped(tracks: Sequence[Track]) -> list[list[Track]]:
    groups: dict[tuple[str, ...], list[Track]] = {}
    for track in tracks:
        family = track.codecs.partition(",")[0].partition(".")[0].strip()
        key = (track.content, track.container, family, track.language or "")
        groups.setdefault(key, []).append(track)
    return list(groups.values())


def _adaptation_set(period: Element, number: int, tracks: Sequence[Track]) -> None:
    first = tracks[0]
    attributes = {
        "id": str(number),
        "contentType": first.content,
        "mimeType": f"{first.content}/{first.container}",
        "subsegmentAlignment": "true",
        "subsegmentStartsWithSAP": "1",
    }
    if first.language:
        attributes["lang"] = first.language
    adaptation_set = SubElement(period, "AdaptationSet", _clean(attributes))
    for track in tracks:
        _representation(adaptation_set, track)


def _representation(adaptation_set: Element, track: Track) -> None:
    said = {
        "id": track.id,
        "codecs": track.codecs,
        "bandwidth": max(1, track.bandwidth),
        "width": track.width,
        "height": track.height,
        "frameRate": frame_rate(track.frame_rate),
        "audioSamplingRate": track.sampling_rate,
    }
    attributes = {name: str(value) for name, value in said.items() if value is not None}
    representation = SubElement(adaptation_set, "Representation", _clean(attributes))
    SubElement(representation, "BaseURL").text = _clean({"": track.url})[""]
    segments = SubElement(representation, "SegmentBase", {"indexRange": str(track.index_range)})
    SubElement(segments, "Initialization", {"range": str(track.init_range)})


def frame_rate(rate: float | None) -> str | None:
    """Pictures a second as DASH writes them: `25`, or `30000/1001`; None for what is no rate."""
    if rate is None or not (math.isfinite(rate) and 0 < rate < 1_000):
        return None
    whole = round(rate)
    if whole and abs(rate - whole) < 1e-4:
        return str(whole)
    meant = round(rate * _NTSC / 1_000)
    if meant and abs(rate - meant * 1_000 / _NTSC) < 5e-3:
        return f"{meant * 1_000}/{_NTSC}"
    exact = Fraction(round(rate * 1_000), 1_000)
    return f"{exact.numerator}/{exact.denominator}" if exact else None


def _clean(attributes: dict[str, str]) -> dict[str, str]:
    """Without the characters that XML has no form for."""
    return {name: "".join(filter(_is_xml, value)) for name, value in attributes.items()}


def _is_xml(character: str) -> bool:
    code = ord(character)
    return code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
