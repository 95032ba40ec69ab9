"""Which variants the formats of a page become."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.extractors.codecs import Ids
from synctv.adapters.extractors.info import Info
from synctv.adapters.extractors.variants import variants_of
from synctv.domain.delivery.offer import OfferedVariant, Tracks, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import ANY, Profile
from tests.adapters.extractors.scripted import file

SOUND = [
    file("140", ext="m4a", vcodec="none", acodec="mp4a.40.2", tbr=128, asr=44_100, language="en"),
    file("251", ext="webm", vcodec="none", acodec="opus", tbr=160),
    file("258", ext="m4a", vcodec="none", acodec="ec-3", tbr=384),
]


def picture(name: str, vcodec: str, height: int, ext: str = "mp4", **more: object) -> Mapping[str, object]:
    return file(name, ext=ext, vcodec=vcodec, acodec="none", height=height, width=height * 16 // 9, tbr=height, **more)


def made(formats: list[Mapping[str, object]], profile: Profile = ANY, **info: object) -> list[OfferedVariant]:
    fields = {"id": "1", "extractor": "Video", "duration": 60.0, "formats": formats, **info}
    return list(variants_of(msgspec.convert(fields, Info), profile, "", "example.org"))


def tracks(variant: OfferedVariant) -> Tracks:
    assert isinstance(variant.media, Tracks)
    return variant.media


def playlist(name: str, height: int, **more: object) -> Mapping[str, object]:
    url = f"https://media.test/{name}.m3u8"
    return {**file(name, protocol="m3u8_native", height=height, **more), "url": url}


def test_each_family_of_codecs_is_a_variant_and_what_few_play_is_last() -> None:
    formats = [
        *SOUND,
        picture("137", "avc1.640028", 1080),
        picture("136", "avc1.4d401f", 720, fps=60),
        picture("313", "vp9", 2160, "webm"),
        picture("337", "vp9.2", 2160, "webm"),
        picture("401", "av01.0.12M.08", 2160),
        picture("hev", "hev1.1.6.L150", 2160),
    ]
    found = made(formats)
    assert [one.id for one in found] == [
        "adaptive-vp9",
        "adaptive-av1",
        "adaptive-avc",
        "adaptive-hevc",
        "adaptive-vp9-hdr",
    ]
    avc = tracks(found[2])
    assert [(one.id, one.frame_rate) for one in avc.video] == [("136", 60), ("137", None)]
    assert [(one.id, one.language, one.sampling_rate) for one in avc.audio] == [("140", "en", 44_100)]
    assert [one.id for one in tracks(found[0]).audio] == ["251"]
    assert found[2].label == "Adaptive, up to 1080p (AVC)"
    assert found[0].container is Container.DASH


def test_sound_of_the_other_kind_is_better_than_none() -> None:
    (only,) = made([SOUND[1], picture("137", "avc1.640028", 1080)])
    assert [one.id for one in tracks(only).audio] == ["251"]


def test_a_client_gets_the_families_that_it_plays() -> None:
    formats = [*SOUND, picture("137", "avc1.640028", 1080), picture("401", "av01.0.12M.08", 1080)]
    assert [one.id for one in made(formats, Profile(codecs=frozenset({"av01.0.05M.08"})))] == ["adaptive-av1"]
    assert len(made(formats, Profile(codecs=frozenset({"theora"})))) == 2


def test_pieces_of_unknown_length_and_of_live_streams_are_not_put_together() -> None:
    formats = [*SOUND, picture("137", "avc1.640028", 1080), file("18", height=360)]
    assert [one.id for one in made(formats, duration=None)] == ["18"]
    assert [one.id for one in made(formats, live=True)] == ["18"]


def test_playlists_of_one_master_are_one_variant() -> None:
    master = {"manifest_url": "https://media.test/master.m3u8"}
    other = {"manifest_url": "https://media.test/other.m3u8"}
    found = made([playlist("a", 360, **master), playlist("b", 720, **master), playlist("c", 480, **other)])
    assert [(one.id, one.height, one.label) for one in found] == [
        ("hls-a", 720, "Adaptive, up to 720p"),
        ("hls", 480, "Adaptive, up to 480p"),
    ]
    urls = {one.media.url for one in found if isinstance(one.media, Upstream)}
    assert urls == {master["manifest_url"], other["manifest_url"]}
    assert all(one.container is Container.HLS for one in found)


def test_a_manifest_is_a_variant_that_holds_all_its_qualities() -> None:
    manifest = {"protocol": "http_dash_segments", "manifest_url": "https://media.test/film.mpd"}
    (only,) = made([picture("v1", "avc1.640028", 720, **manifest), {**SOUND[0], **manifest}])
    assert (only.id, only.container, only.height) == ("dash", Container.DASH, 720)
    assert isinstance(only.media, Upstream)
    assert (only.media.url, only.media.key) == ("https://media.test/film.mpd", None)


def test_a_playlist_without_a_master_is_a_variant_of_its_own() -> None:
    found = made([playlist("a", 360), playlist("b", 720, fps=60)], live=True)
    assert [(one.id, one.label, one.live) for one in found] == [("b", "720p60", True), ("a", "360p", True)]


def test_the_plain_file_is_first_among_those_of_one_height() -> None:
    found = made([*SOUND, picture("137", "avc1.640028", 720), playlist("p", 720), file("22", height=720)])
    assert [one.container for one in found] == [Container.MP4, Container.HLS, Container.DASH]


def test_what_two_hosts_call_the_same_is_not_the_same_for_the_cache() -> None:
    info = msgspec.convert({"id": "1", "extractor": "Any:host", "formats": [file("22", height=720)]}, Info)
    keys = {
        variant.media.key
        for host in ("films.test", "stranger.test")
        for variant in variants_of(info, ANY, "", host)
        if isinstance(variant.media, Upstream)
    }
    assert keys == {"site:films.test:Any%3Ahost:1:22::", "site:stranger.test:Any%3Ahost:1:22::"}


def test_a_file_keeps_its_key_and_a_playlist_or_a_live_stream_has_none() -> None:
    found = made([file("22", height=720), playlist("p", 720)])
    keys = {one.id: one.media.key for one in found if isinstance(one.media, Upstream)}
    assert keys == {"22": "site:example.org:Video:1:22::", "p": None}
    (live,) = made([file("22", ext="flv")], live=True)
    assert isinstance(live.media, Upstream)
    assert live.media.key is None
    (nameless,) = made([file("22")], id="")
    assert isinstance(nameless.media, Upstream)
    assert nameless.media.key is None


def test_names_of_codecs_are_those_that_players_know() -> None:
    (only,) = made([file("1", vcodec="h264", acodec="aac")])
    assert only.codecs == "avc1.640028,mp4a.40.2"
    (only,) = made([file("1", acodec="aac")])
    assert only.codecs is None


def test_what_nobody_plays_here_is_left_out() -> None:
    assert made([file("1", ext="rmvb"), file("2", protocol="rtmp"), file("3", protocol="http_dash_segments")]) == []


@given(st.lists(st.text(max_size=90), max_size=30))
def test_ids_are_allowed_and_unique(names: list[str]) -> None:
    ids = Ids()
    given_ids = [ids.of(name) for name in names]
    assert len(set(given_ids)) == len(given_ids)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,64}", one) for one in given_ids)
