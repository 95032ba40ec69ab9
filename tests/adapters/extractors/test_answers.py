"""What yt-dlp describes, in our own form, with the odd values that occur."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from yt_dlp.networking.common import Response  # type: ignore[import-untyped]
from yt_dlp.networking.exceptions import HTTPError, TransportError  # type: ignore[import-untyped]
from yt_dlp.utils import (  # type: ignore[import-untyped]
    DownloadError,
    ExtractorError,
    GeoRestrictedError,
    UnsupportedError,
    UserNotLive,
)

from synctv.adapters.extractors.failures import error_of
from synctv.adapters.extractors.info import Answer, Failure, Info
from synctv.adapters.extractors.ytdlp_answers import first_of_nested, listed, shown
from synctv.adapters.extractors.ytdlp_failures import failure_of
from synctv.domain.errors import DomainError

FILM: dict[str, Any] = {
    "id": "x1",
    "extractor_key": "Youtube",
    "title": "T",
    "duration": 12.0,
    "live_status": "not_live",
    "webpage_url": "https://site.test/x1",
    "thumbnails": [{"url": "https://img.test/s.jpg"}, {"url": "https://img.test/l.jpg"}, {"id": "none"}],
    "chapters": [{"start_time": 0, "end_time": 6, "title": "A"}, {"start_time": None, "title": "B"}],
    "language": "en",
    "subtitles": {
        "en": [
            {"ext": "vtt", "url": "https://media.test/sub.vtt"},
            {"ext": "vtt", "url": "x", "protocol": "m3u8_native"},
        ],
        "live_chat": [{"ext": "json", "url": "https://media.test/chat"}],
        "danmaku": [{"ext": "xml", "url": "https://media.test/1.xml"}],
        "zh": [{"ext": "srt", "data": "1\n00:00:00,000 --> 00:00:01,000\nX\n"}],
    },
    "automatic_captions": {
        "en-orig": [{"ext": "json3", "url": "https://media.test/a"}],
        "fr": [{"url": "https://b.test"}],
    },
    "formats": [
        {"format_id": "sb0", "url": "https://media.test/s", "ext": "mhtml", "vcodec": "none", "acodec": "none"},
        {"format_id": "drm", "url": "https://media.test/d", "ext": "mp4", "has_drm": True},
        {"format_id": "rtmp", "url": "rtmp://media.test/r", "ext": "flv"},
        {
            "format_id": "18",
            "url": "https://media.test/m.mp4?expire=1800000000",
            "protocol": "https",
            "ext": "mp4",
            "vcodec": "avc1.42001E",
            "acodec": "mp4a.40.2",
            "width": 640,
            "height": 360,
            "fps": 29.97,
            "tbr": 500,
            "http_headers": {"User-Agent": "UA-X", "Accept-Encoding": "gzip", "X-Bad": "a\r\nb"},
            "available_at": 1700000005,
        },
        {
            "format_id": "hls-720",
            "url": "https://media.test/v720.m3u8",
            "manifest_url": "https://media.test/master.m3u8",
            "protocol": "m3u8_native",
            "ext": "mp4",
            "vcodec": "avc1.4d401f",
            "acodec": "none",
            "height": "720",
            "tbr": float("nan"),
        },
    ],
}


def answered(answer: dict[str, object]) -> Info:
    """The answer after it went through the pipe."""
    info = msgspec.json.decode(json.dumps({"info": answer}).replace("NaN", "null"), type=Answer).info
    assert info is not None
    return info


def test_what_can_be_played_is_kept_and_nothing_else() -> None:
    info = answered(shown(FILM, lambda url: "k=v" if "m.mp4" in url else None))
    assert [one.id for one in info.formats] == ["18", "hls-720"]
    first, second = info.formats
    assert (first.cookie, second.cookie) == ("k=v", "")
    assert first.headers == {"User-Agent": "UA-X"}
    assert (first.height, first.fps, first.available_at) == (360, 29.97, 1700000005)
    assert second.manifest_url == "https://media.test/master.m3u8"
    assert second.height is None


def test_everything_around_it_is_kept() -> None:
    info = answered(shown(FILM, lambda url: None))
    assert (info.title, info.duration, info.live, info.cover) == ("T", 12.0, False, "https://img.test/l.jpg")
    assert [(one.start, one.title) for one in info.chapters] == [(0, "A")]
    assert info.danmaku == "https://media.test/1.xml"
    assert [(one.language, one.ext, one.automatic) for one in info.subtitles] == [
        ("en", "vtt", False),
        ("zh", "srt", False),
        ("en", "json3", True),
    ]
    assert info.subtitles[1].text is not None


def test_a_page_that_is_a_file_itself_has_one_format() -> None:
    info = answered(shown({"id": "1", "url": "https://media.test/a.mp4", "ext": "mp4"}, lambda url: None))
    assert [(one.id, one.url) for one in info.formats] == [("0", "https://media.test/a.mp4")]


@pytest.mark.parametrize(
    "info", [{}, {"formats": None}, {"formats": []}, {"formats": [{}]}, {"duration": True, "id": None}]
)
def test_pages_with_nothing_on_them_are_answered(info: dict[str, Any]) -> None:
    assert answered(shown(info, lambda url: None)).formats == []


def test_a_list_has_at_most_200_pages_and_only_pages() -> None:
    entries: list[Any] = [None, {}, {"url": "ytsearch:x"}, {"webpage_url": "https://site.test/w", "duration": "7"}]
    entries += [{"url": f"https://site.test/{number}", "title": str(number)} for number in range(300)]
    info = answered(listed({"id": "l", "title": "L", "entries": entries}))
    assert info.kind == "list"
    assert len(info.entries) == 200
    assert info.entries[0].url == "https://site.test/w"
    assert info.entries[0].duration is None


def test_a_list_of_lists_is_looked_into() -> None:
    tabs = [{"url": f"https://site.test/@a/{tab}", "ie_key": "Tab"} for tab in ("videos", "shorts")]
    channel = {"_type": "playlist", "extractor_key": "Tab", "entries": tabs}
    assert first_of_nested(channel) == "https://site.test/@a/videos"
    videos = [*tabs, {"url": "https://site.test/1", "ie_key": "Video"}]
    assert first_of_nested(channel | {"entries": videos}) is None
    assert first_of_nested(channel | {"entries": []}) is None
    assert first_of_nested({"extractor_key": "Tab"}) is None


def wrapped(inner: Exception) -> DownloadError:
    """As yt-dlp raises it."""
    return DownloadError(f"ERROR: {inner}", (type(inner), inner, None))


def status(code: int) -> ExtractorError:
    """A call of an extractor that was answered with this status."""
    answer = HTTPError(Response(None, "https://site.test/", {}, code))
    return ExtractorError(f"Unable to download webpage: {answer}", cause=answer)


@pytest.mark.parametrize(
    "inner, kind",
    [
        (GeoRestrictedError("not here"), "geo"),
        (UserNotLive(), "not_live"),
        (UnsupportedError("https://site.test/"), "unsupported"),
        (status(429), "limited"),
        (status(412), "risk"),
        (status(404), "missing"),
        (status(500), "unavailable"),
        (status(418), "other"),
        (ExtractorError("x", cause=TransportError("reset")), "unreachable"),
        (ExtractorError("This video is DRM protected", expected=True), "drm"),
        (ExtractorError("Sign in to confirm you\u2019re not a bot. Use --cookies", expected=True), "risk"),
        (ExtractorError("This video is only available for registered users. Use --cookies", expected=True), "login"),
        (ExtractorError("Private video. Sign in if you've been granted access", expected=True), "login"),
        (ExtractorError("Join this channel to get access to members-only content", expected=True), "members"),
        (ExtractorError("This live event will begin in 2 hours.", expected=True), "not_live"),
        (ExtractorError("Video unavailable", expected=True), "missing"),
        (ExtractorError("No video formats found!", expected=True), "nothing"),
        (ExtractorError("Something new", expected=True), "other"),
    ],
)
def test_each_failure_has_a_kind_and_a_sentence(inner: Exception, kind: str) -> None:
    failure = failure_of(wrapped(inner))
    assert failure["kind"] == kind
    error = error_of(msgspec.convert(failure, Failure), "site.test")
    assert isinstance(error, DomainError)
    assert str(error).endswith(".")


def test_no_advice_for_users_of_yt_dlp_is_passed_on() -> None:
    text = "It broke at https://site.test/?token=secret today; please report this. Use --cookies-from-browser"
    message = failure_of(wrapped(ExtractorError(text, expected=True)))["message"]
    assert message.startswith("It broke at")
    assert "secret" not in message
    assert "--cookies" not in message
    assert failure_of(wrapped(ValueError("https://user:pass@proxy")))["message"] == ""
