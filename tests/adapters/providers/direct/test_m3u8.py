"""HLS playlists tell whether they are live and how long they last."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.providers.direct.m3u8 import M3u8Error, Master, Media, parse

URL = "https://media.test/film/index.m3u8?k=1"
TAGS = ["#EXTM3U", "#EXTINF:", "#EXTINF:4", "#EXT-X-STREAM-INF:BANDWIDTH=1", "#EXT-X-ENDLIST", "a.ts", "//[", "", ":"]


def playlist(*lines: str) -> str:
    return "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:6", *lines])


def test_a_finished_playlist_lasts_as_long_as_its_segments() -> None:
    text = playlist("#EXTINF:6.006,title", "a.ts", "#EXTINF:3", "b.ts", "#EXT-X-ENDLIST")
    assert parse(text, URL) == Media(live=False, duration=9.006)


def test_a_playlist_that_never_changes_is_finished_too() -> None:
    text = playlist("#EXT-X-PLAYLIST-TYPE:VOD", "#EXTINF:6,", "a.ts")
    assert parse(text, URL) == Media(live=False, duration=6.0)


@pytest.mark.parametrize("kind", ["", "#EXT-X-PLAYLIST-TYPE:EVENT"])
def test_a_playlist_without_an_end_is_live(kind: str) -> None:
    assert parse(playlist(kind, "#EXTINF:6,", "a.ts"), URL) == Media(live=True, duration=None)


@pytest.mark.parametrize(
    "address, absolute",
    [
        ("720p/a.m3u8", "https://media.test/film/720p/a.m3u8"),
        ("/a.m3u8?x=y", "https://media.test/a.m3u8?x=y"),
        ("//cdn.test/a.m3u8", "https://cdn.test/a.m3u8"),
        ("http://cdn.test/a.m3u8", "http://cdn.test/a.m3u8"),
    ],
)
def test_a_master_playlist_names_its_first_stream_absolutely(address: str, absolute: str) -> None:
    text = f'#EXTM3U\r\n#EXT-X-MEDIA:TYPE=AUDIO,URI="x.m3u8"\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\n#c\r\n{address}\r\nb'
    assert parse(text, URL) == Master(absolute)


def test_a_byte_order_mark_and_spaces_around_lines_are_no_obstacle() -> None:
    assert parse("\ufeff#EXTM3U \n #EXTINF:2,\na.ts\n#EXT-X-ENDLIST ", URL) == Media(live=False, duration=2.0)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("", "no HLS playlist"),
        ("<html>", "no HLS playlist"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "names no stream"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://[\n", "names no stream"),
        ("#EXTM3U\n#EXTINF:abc,\na.ts", "without a length"),
        ("#EXTM3U\n#EXTINF:nan,\na.ts", "without a length"),
        ("#EXTM3U\n#EXTINF:1e999,\na.ts", "without a length"),
        ("#EXTM3U\n#EXTINF:-1 tvg-id=x,News\nhttp://a/", "without a length|list of channels"),
        ("#EXTM3U\n#EXTINF:-1,News\nhttp://a/", "list of channels"),
    ],
)
def test_anything_else_is_an_error_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(M3u8Error, match=sentence):
        parse(text, URL)


@given(
    st.text() | st.lists(st.sampled_from(TAGS) | st.text(max_size=9)).map(lambda lines: "#EXTM3U\n" + "\n".join(lines))
)
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(M3u8Error):
        parse(text, URL)
