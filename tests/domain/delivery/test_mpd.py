"""Tracks that are files of their own become one manifest, which our own rewriting takes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.dash import rewrite
from synctv.domain.delivery.manifests import Role
from synctv.domain.delivery.media_index import ByteRange
from synctv.domain.delivery.mpd import Track, compose, frame_rate
from synctv.domain.delivery.playable import Container

NAMESPACE = "{urn:mpeg:dash:schema:mpd:2011}"
VIDEO = Track(
    "80-7", "/media/v1/a?b=1&c=2", Container.MP4, "avc1.640032", 2_000_000, ByteRange(0, 821), ByteRange(822, 1_309),
    width=1_920, height=1_080, frame_rate=29.97,
)  # fmt: skip
AUDIO = Track(
    "30280", "/media/v1/d", Container.MP4, "mp4a.40.2", 128_000, ByteRange(0, 9), ByteRange(10, 20),
    sampling_rate=48_000,
)  # fmt: skip


def sets_of(*tracks: Track) -> list[tuple[dict[str, str], list[str]]]:
    """The attributes of each AdaptationSet, and the ids in it."""
    root = ElementTree.fromstring(compose(tracks, 61.5))
    return [(found.attrib, [each.attrib["id"] for each in found]) for found in root.iter(f"{NAMESPACE}AdaptationSet")]


def test_a_manifest_says_all_that_a_player_asks_of_a_track() -> None:
    text = compose([VIDEO, AUDIO], 61.5).decode()
    assert 'type="static"' in text
    assert 'mediaPresentationDuration="PT61.500S"' in text
    assert (
        '<Representation id="80-7" codecs="avc1.640032" bandwidth="2000000" width="1920" height="1080" '
        'frameRate="30000/1001"><BaseURL>/media/v1/a?b=1&amp;c=2</BaseURL><SegmentBase indexRange="822-1309">'
        '<Initialization range="0-821" /></SegmentBase></Representation>'
    ) in text
    assert 'codecs="mp4a.40.2" bandwidth="128000" audioSamplingRate="48000"><BaseURL>' in text


def test_each_family_of_codecs_container_and_language_is_a_set_of_its_own() -> None:
    found = sets_of(
        VIDEO,
        replace(VIDEO, id="64-7", codecs="avc1.64001F"),
        replace(VIDEO, id="80-12", codecs="hev1.1.6.L120.90"),
        replace(VIDEO, id="v", codecs="vp09.00.40.08", container=Container.WEBM),
        AUDIO,
        replace(AUDIO, id="flac", codecs="fLaC"),
        replace(AUDIO, id="fr", language="fr"),
    )
    assert [ids for _, ids in found] == [["80-7", "64-7"], ["80-12"], ["v"], ["30280"], ["flac"], ["fr"]]
    assert [said["mimeType"] for said, _ in found][2:4] == ["video/webm", "audio/mp4"]
    assert [said.get("lang") for said, _ in found] == [None] * 5 + ["fr"]
    assert len({said["id"] for said, _ in found}) == 6


@pytest.mark.parametrize(
    "rate, written",
    [
        (25.0, "25"), (23.976, "24000/1001"), (29.97, "30000/1001"), (59.94, "60000/1001"), (30.0000001, "30"),
        (29.412, "7353/250"), (12.5, "25/2"), (None, None), (0.0, None), (-1.0, None), (math.nan, None),
        (math.inf, None), (1e-9, None),
    ],
)  # fmt: skip
def test_a_frame_rate_is_a_number_or_a_fraction(rate: float | None, written: str | None) -> None:
    assert frame_rate(rate) == written


@pytest.mark.parametrize(
    "tracks, duration",
    [([], 1.0), ([VIDEO, VIDEO], 1.0), ([VIDEO], 0.0), ([VIDEO], math.inf), ([VIDEO], math.nan)],
)
def test_what_can_t_be_a_film_is_a_mistake_of_the_caller(tracks: list[Track], duration: float) -> None:
    with pytest.raises(ValueError, match="manifest"):
        compose(tracks, duration)


@given(st.text(), st.text(), st.text())
def test_any_text_is_written_as_xml_and_taken_by_our_own_rewriting(id: str, codecs: str, language: str) -> None:
    asked: list[tuple[str, Role]] = []

    def note(url: str, role: Role) -> Any:
        asked.append((url, role))
        return "/ours"

    track = replace(VIDEO, id=id, codecs=codecs, language=language)
    found = rewrite(compose([track], 5), "https://a.test/", note)
    assert (found.live, found.duration) == (False, 5.0)
    assert asked == [("https://a.test/media/v1/a?b=1&c=2", Role.SEGMENT)]
    assert b"<BaseURL>/ours</BaseURL>" in found.document
