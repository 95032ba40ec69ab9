"""What the direct provider makes of the servers that people name."""

from __future__ import annotations

import struct

import pytest
from aiohttp import web

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.direct.provider import DirectProvider
from synctv.application.ports.providers import PlayRequest, ResolvedSource
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import DomainError, Invalid, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from synctv.domain.library.item import MediaKind
from tests.domain.delivery.test_ebml import element, webm
from tests.domain.delivery.test_mp4 import FILE_TYPE, box, movie_header
from tests.servers.web import serving

ORIGIN = "https://media.test"
MP4 = FILE_TYPE + box(b"moov", movie_header(61_500))
LATE_MP4 = FILE_TYPE + box(b"mdat", bytes(400_000)) + box(b"moov", movie_header(61_500))
WEBM = webm(element("4489", struct.pack(">d", 61_500)))
MKV = element("1A45DFA3", element("4282", b"matroska")) + WEBM[WEBM.index(b"\x18\x53\x80\x67") :]
MPD = (
    b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    b'mediaPresentationDuration="PT1M1.5S"><Period/></MPD>'
)
VOD = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.ts\n#EXT-X-ENDLIST\n"
LIVE = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.ts\n"
MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/a.m3u8\n"
WAV = b"RIFF\0\0\0\0WAVEfmt "


@pytest.fixture
def fetch() -> MemoryFetch:
    return MemoryFetch()


async def resolve(fetch: MemoryFetch, path: str) -> ResolvedSource:
    (found,) = await DirectProvider(fetch).resolve({"url": ORIGIN + path})
    return found


def container(resolved: ResolvedSource) -> object:
    return resolved.source["container"]


@pytest.mark.parametrize(
    "path, content_type, body, expected",
    [
        ("/f.mp4", "video/mp4", MP4, ("mp4", "video", 61.5)),
        ("/f.mp4", "application/octet-stream", LATE_MP4, ("mp4", "video", 61.5)),
        ("/f.mov", "video/quicktime", MP4, ("mp4", "video", 61.5)),
        ("/f.m4a", "audio/mp4", MP4, ("mp4", "audio", 61.5)),
        ("/f", "audio/mp4; codecs=x", MP4, ("mp4", "audio", 61.5)),
        ("/f", "", MP4, ("mp4", "video", 61.5)),
        ("/f.webm", "video/webm", WEBM, ("webm", "video", 61.5)),
        ("/f", "audio/webm", WEBM, ("webm", "audio", 61.5)),
        ("/f.mp4", "video/mp4", WEBM, ("webm", "video", 61.5)),
        ("/f.m3u8", "text/plain", VOD, ("hls", "video", 9.0)),
        ("/f", "application/x-mpegURL", VOD, ("hls", "video", 9.0)),
        ("/f", "", LIVE, ("hls", "live", None)),
        ("/f.mp3", "audio/mpeg", b"ID3\x04", ("mp3", "audio", None)),
        ("/f", "", b"\xff\xfb\x90\x64", ("mp3", "audio", None)),
        ("/f.mkv", "video/x-matroska", MKV, ("mkv", "video", 61.5)),
        ("/f.mpd", "application/dash+xml", MPD, ("dash", "video", 61.5)),
        ("/f", "", MPD, ("dash", "video", 61.5)),
        ("/f", "", MPD.replace(b"static", b"dynamic"), ("dash", "live", None)),
        ("/f.flv", "", b"FLV\x01\x05", ("flv", "video", None)),
        ("/f", "", (b"G" + bytes(187)) * 3, ("mpegts", "video", None)),
        ("/f.aac", "audio/aac", b"", ("aac", "audio", None)),
        ("/f.flac", "", b"fLaC", ("flac", "audio", None)),
        ("/f.wav", "", WAV, ("wav", "audio", None)),
        ("/f.ogg", "audio/ogg", b"OggS\0", ("ogg", "audio", None)),
        ("/f.mp4", "video/mp4", b"garbage", ("mp4", "video", None)),
        ("/f", "video/mp4", b"", ("mp4", "video", None)),
    ],
)
async def test_bytes_type_and_path_tell_what_it_is(
    fetch: MemoryFetch, path: str, content_type: str, body: bytes, expected: tuple[str, str, float | None]
) -> None:
    fetch.answers(ORIGIN + path, body, headers={"Content-Type": content_type})
    resolved = await resolve(fetch, path)
    assert (container(resolved), resolved.kind, resolved.duration) == expected
    assert len(fetch.requests) <= 2


async def test_a_master_playlist_is_followed_from_where_it_was_redirected_to(fetch: MemoryFetch) -> None:
    fetch.answers(f"{ORIGIN}/m.m3u8", MASTER, redirected_to="https://cdn.test/x/m.m3u8")
    fetch.answers("https://cdn.test/x/m.m3u8", MASTER)
    fetch.answers("https://cdn.test/x/low/a.m3u8", LIVE)
    assert (await resolve(fetch, "/m.m3u8")).kind is MediaKind.LIVE
    fetch.answers("https://cdn.test/x/low/a.m3u8", VOD)
    assert (await resolve(fetch, "/m.m3u8")).duration == 9.0


async def test_a_master_playlist_that_names_itself_ends(fetch: MemoryFetch) -> None:
    fetch.answers(f"{ORIGIN}/m.m3u8", b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nm.m3u8\n")
    resolved = await resolve(fetch, "/m.m3u8")
    assert (resolved.kind, resolved.duration) == (MediaKind.VIDEO, None)


async def test_a_long_playlist_is_read_whole(fetch: MemoryFetch) -> None:
    segments = b"#EXTINF:2,\n" + b"s" * 100 + b".ts\n"
    body = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n" + segments * 5_000 + b"#EXT-X-ENDLIST\n"
    fetch.answers(f"{ORIGIN}/f.m3u8", body)
    assert (await resolve(fetch, "/f.m3u8")).duration == 10_000.0


FAILURES: list[DomainError] = [
    UpstreamFailed("media.test", "it can't be connected to."),
    UpstreamRefused("media.test", "see security.egress.allow."),
    UpstreamTimeout("media.test", 5.0),
]


@pytest.mark.parametrize("failure", FAILURES)
async def test_where_the_server_does_not_answer_us_the_path_alone_may_tell(
    fetch: MemoryFetch, failure: DomainError
) -> None:
    fetch.fails(f"{ORIGIN}/f.mp4", failure)
    resolved = await resolve(fetch, "/f.mp4")
    assert (container(resolved), resolved.kind, resolved.duration) == ("mp4", "video", None)


@pytest.mark.parametrize("failure", FAILURES)
async def test_where_neither_tells_the_reason_is_in_the_sentence(fetch: MemoryFetch, failure: DomainError) -> None:
    fetch.fails(f"{ORIGIN}/f", failure)
    with pytest.raises(Invalid) as caught:
        await resolve(fetch, "/f")
    assert caught.value.errors[0].path == "source.url"
    assert str(failure) in str(caught.value)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_a_server_that_refuses_us_may_still_answer_viewers(fetch: MemoryFetch, status: int) -> None:
    fetch.answers(f"{ORIGIN}/f.mp4", b"no", status=status)
    fetch.answers(f"{ORIGIN}/f", b"no", status=status)
    assert container(await resolve(fetch, "/f.mp4")) == "mp4"
    with pytest.raises(Invalid, match="does not show"):
        await resolve(fetch, "/f")


@pytest.mark.parametrize(
    "path, status, content_type, body, sentence",
    [
        ("/f.mp4", 404, "", b"", "nothing at this address"),
        ("/f.mp4", 410, "", b"", "nothing at this address"),
        ("/f.mp4", 200, "text/html; charset=utf-8", b"<html>", "web page"),
        ("/f.avi", 200, "", b"", "No browser plays avi files"),
        ("/f.mpd", 200, "", b"<MPD><Period></MPD>", "no DASH manifest"),
        ("/f", 200, "image/png", b"\x89PNG", "Nothing to play"),
        ("/f.m3u8", 200, "", b"#EXTM3U\n#EXTINF:-1,News\nhttp://a/\n", "list of channels"),
        ("/f.m3u8", 200, "", b"hello", "no HLS playlist"),
        ("/f.m3u8", 200, "", b"#EXTM3U\n#EXT-X-STREAM-INF:A=1\ndata:x\n", "can't be called"),
    ],
)
async def test_what_no_browser_plays_is_refused_with_a_sentence(
    fetch: MemoryFetch, path: str, status: int, content_type: str, body: bytes, sentence: str
) -> None:
    fetch.answers(ORIGIN + path, body, status=status, headers={"Content-Type": content_type})
    with pytest.raises(Invalid, match=sentence) as caught:
        await resolve(fetch, path)
    assert caught.value.errors[0].path == "source.url"


async def test_a_stream_without_an_end_is_live(fetch: MemoryFetch) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "video/x-flv"})
        await response.prepare(request)
        for _ in range(10):
            await response.write(b"FLV\x01\x05" + bytes(60_000))
        return response

    app = web.Application()
    app.router.add_get("/live", endless)
    async with serving(app) as origin, aiohttp_fetch(EgressPolicy.of(["127.0.0.0/8"])) as real:
        (found,) = await DirectProvider(real).resolve({"url": f"{origin}/live"})
    assert (found.source["container"], found.kind) == ("flv", MediaKind.LIVE)


FULL = {
    "url": f"{ORIGIN}/f.mp4",
    "headers": {"Referer": "https://site.test/"},
    "variants": [{"url": f"{ORIGIN}/low.m3u8", "label": " Low  quality "}],
    "subtitles": [{"url": f"{ORIGIN}/f.srt", "label": "English", "language": "en"}],
}


async def test_variants_subtitles_and_headers_are_offered(fetch: MemoryFetch) -> None:
    fetch.answers(f"{ORIGIN}/f.mp4", MP4)
    provider = DirectProvider(fetch)
    (found,) = await provider.resolve(FULL)
    assert fetch.requests[0].headers["referer"] == "https://site.test/"
    offer = await provider.play(PlayRequest(found.source, found.kind))
    assert [(one.id, one.label, one.container) for one in offer.variants] == [
        ("original", "Original", Container.MP4),
        ("other-1", "Low quality", Container.HLS),
    ]
    assert all(isinstance(one.media, Upstream) and one.media.headers["referer"] for one in offer.variants)
    (subtitle,) = offer.subtitles
    assert (subtitle.language, subtitle.format, subtitle.upstream.url) == ("en", "srt", f"{ORIGIN}/f.srt")


@pytest.mark.parametrize(
    "part, path",
    [
        ({"headers": []}, "source.headers"),
        ({"headers": {"Cookie": "a=b"}}, "source.headers.Cookie"),
        ({"headers": {"X-API-Key": "a"}}, "source.headers.X-API-Key"),
        ({"headers": {"Host": "x"}}, "source.headers.Host"),
        ({"headers": {"range": "bytes=0-"}}, "source.headers.range"),
        ({"headers": {"a b": "x"}}, "source.headers.a b"),
        ({"headers": {"x-a": "line\r\nbreak: y"}}, "source.headers.x-a"),
        ({"headers": {"x-a": 7}}, "source.headers.x-a"),
        ({"headers": {f"x-{n}": "y" for n in range(17)}}, "source.headers"),
        ({"variants": {"url": "x"}}, "source.variants"),
        ({"variants": [{"url": "javascript:x", "label": "a"}]}, "source.variants.0.url"),
        ({"variants": [{"url": ORIGIN, "label": "a"}]}, "source.variants.0.container"),
        ({"variants": [{"url": ORIGIN, "label": "a", "container": "vhs"}]}, "source.variants.0.container"),
        ({"variants": [{"url": f"{ORIGIN}/a.mp4", "label": " "}]}, "source.variants.0.label"),
        ({"variants": [{"url": f"{ORIGIN}/a.mp4", "label": "a"}] * 9}, "source.variants"),
        ({"subtitles": [{"url": f"{ORIGIN}/a.srt", "label": "a", "language": "<b>"}]}, "source.subtitles.0.language"),
    ],
)
async def test_what_is_wrong_beside_the_address_is_named(
    fetch: MemoryFetch, part: dict[str, object], path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await DirectProvider(fetch).resolve({"url": f"{ORIGIN}/f.mp4", **part})
    assert caught.value.errors[0].path == path


async def test_a_login_is_for_its_own_server_alone(fetch: MemoryFetch) -> None:
    provider = DirectProvider(fetch)
    new = await provider.sign_in("header", {"server": ORIGIN, "name": "Authorization", "value": "Bearer secret"})
    for origin, expected in ((ORIGIN, "Bearer secret"), ("https://other.test", None), (f"{ORIGIN}:8443", None)):
        fetch.answers(f"{origin}/f.mp4", MP4)
        (found,) = await provider.resolve({"url": f"{origin}/f.mp4"}, new.login)
        assert fetch.requests[-1].headers.get("authorization") == expected
        (variant,) = (await provider.play(PlayRequest(found.source, found.kind, new.login))).variants
        assert isinstance(variant.media, Upstream)
        assert variant.media.headers.get("authorization") == expected
        assert variant.public == (expected is None)
        assert (variant.media.identity == variant.media.url) == (expected is None)


@pytest.mark.parametrize(
    "form, fields, path",
    [
        ("header", {"server": ORIGIN, "name": "Host", "value": "x"}, "fields.name"),
        ("header", {"server": ORIGIN, "name": "Cookie", "value": "a\r\nb"}, "fields.value"),
        ("header", {"server": ORIGIN, "name": "Cookie", "value": "中"}, "fields.value"),
        ("password", {"server": ORIGIN, "username": "a:b", "password": "x"}, "fields.username"),
        ("password", {"server": "ftp://x", "username": "a", "password": "x"}, "fields.server"),
        ("password", {"server": ORIGIN, "username": "a"}, "fields.password"),
    ],
)
async def test_what_no_server_could_be_told_is_not_kept(
    fetch: MemoryFetch, form: str, fields: dict[str, str], path: str
) -> None:
    with pytest.raises(Invalid) as caught:
        await DirectProvider(fetch).sign_in(form, fields)
    assert caught.value.errors[0].path == path
