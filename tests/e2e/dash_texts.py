"""A DASH manifest with subtitles in it, in each way in which they may stand there."""

from __future__ import annotations

import struct
from pathlib import Path

SECONDS = 60

WEBVTT = "WEBVTT\n\n00:00.000 --> 00:59.000\nGreetings from a <i>file</i>\n"
TTML = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="de"><body><div>'
    '<p begin="00:00:00.000" end="00:00:59.000">Grüße &amp; Küsse<br/>aus TTML</p></div></body></tt>'
)
IN_PIECES = "来自片段"

AS_FILES = """
<AdaptationSet contentType="text" mimeType="text/vtt" lang="en">
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/><Label>English</Label>
<Representation id="t1" bandwidth="256"><BaseURL>texts/en.vtt</BaseURL></Representation></AdaptationSet>
<AdaptationSet contentType="text" mimeType="application/ttml+xml" lang="de">
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
<Representation id="t2" bandwidth="256"><BaseURL>texts/de.ttml</BaseURL></Representation></AdaptationSet>
<AdaptationSet contentType="text" mimeType="text/vtt" lang="fr">
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
<Representation id="t3" bandwidth="256"><BaseURL>texts/gone.vtt</BaseURL></Representation></AdaptationSet>
"""

AS_PIECES = """
<AdaptationSet contentType="text" mimeType="application/mp4" codecs="wvtt" lang="zh">
<Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
<SegmentTemplate timescale="1" duration="20" media="texts/zh-$Number$.m4s" initialization="texts/zh.mp4"/>
<Representation id="t1" bandwidth="256"/></AdaptationSet>
"""


def add_texts(manifest: Path) -> None:
    """Writes the manifest with subtitles to `files.mpd` and `pieces.mpd` beside it, and what they name.

    No player takes both from one manifest.
    """
    texts = manifest.parent / "texts"
    texts.mkdir()
    (texts / "en.vtt").write_text(WEBVTT, encoding="utf-8")
    (texts / "de.ttml").write_text(TTML, encoding="utf-8")
    (texts / "zh.mp4").write_bytes(_init())
    for number in range(3):
        (texts / f"zh-{number + 1}.m4s").write_bytes(_piece(number, IN_PIECES))
    plain = manifest.read_text(encoding="utf-8")
    for name, sets in {"files.mpd": AS_FILES, "pieces.mpd": AS_PIECES}.items():
        manifest.with_name(name).write_text(plain.replace("</Period>", f"{sets}</Period>"), encoding="utf-8")


def _init() -> bytes:
    """As much as players of subtitles read of it: the unit of time, which is a second."""
    mdhd = _box("mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 1, SECONDS, 0, 0))
    return _box("ftyp", b"iso6", bytes(4)) + _box("moov", _box("trak", _box("mdia", mdhd)))


def _piece(number: int, text: str) -> bytes:
    """Twenty seconds of one cue (ISO/IEC 14496-30, `wvtt`)."""
    sample = _box("vttc", _box("payl", text.encode()))
    tfhd = _box("tfhd", struct.pack(">II", 0x020000, 1))
    tfdt = _box("tfdt", struct.pack(">II", 0, number * 20))

    def moof(offset: int) -> bytes:
        trun = _box("trun", struct.pack(">IIiII", 0x000301, 1, offset, 20, len(sample)))
        return _box("moof", _box("mfhd", struct.pack(">II", 0, number + 1)), _box("traf", tfhd, tfdt, trun))

    return moof(len(moof(0)) + 8) + _box("mdat", sample)


def _box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind.encode()) + body
