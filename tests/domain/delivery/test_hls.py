"""HLS playlists tell what they are, and lead nowhere but where the caller says."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.hls import MAX_LINE_LENGTH, MAX_LINES, Kind, Playlist, read, rewrite
from synctv.domain.delivery.manifests import MAX_ADDRESSES, MAX_TEXT_BYTES, DrmProtected, ManifestError, Role

URL = "https://media.test/film/index.m3u8?k=1"
TAGS = [
    "#EXTM3U", "#EXTINF:", "#EXTINF:4", "#EXT-X-STREAM-INF:BANDWIDTH=1", "#EXT-X-ENDLIST", "a.ts", "//[", "", ":",
    '#EXT-X-DEFINE:NAME="a",VALUE="b"', "{$a}", "{$b", '#EXT-X-KEY:METHOD=AES-128,URI="k"', "#EXT-X-MAP:URI=", "#EXT",
    '#EXT-X-MEDIA:URI="', "data:,x", "#EXT-X-TWITCH-PREFETCH:", "javascript:x", "#EXT-X-DATERANGE:,,=,", "\x85",
    "\ud800",
]  # fmt: skip


def playlist(*lines: str) -> str:
    return "\n".join(["#EXTM3U", "#EXT-X-TARGETDURATION:6", *lines])


def replaced(url: str, role: Role) -> str:
    return f"/{role}/{url.removeprefix('https://')}"


def rewritten(*lines: str) -> list[str]:
    """The lines of the rewritten playlist, after the first two."""
    return rewrite(playlist(*lines), URL, replaced).text.splitlines()[2:]


def course(text: str) -> tuple[bool, float | None]:
    found = read(text, URL)
    assert found.kind is Kind.MEDIA
    return found.live, found.duration


def test_a_finished_playlist_lasts_as_long_as_its_segments() -> None:
    text = playlist("#EXTINF:6.006,title", "a.ts", "#EXTINF:3", "b.ts", "#EXT-X-ENDLIST")
    assert course(text) == (False, 9.006)
    assert read(text, URL).target_duration == 6.0


def test_a_playlist_that_never_changes_is_finished_too() -> None:
    assert course(playlist("#EXT-X-PLAYLIST-TYPE:VOD", "#EXTINF:6,", "a.ts")) == (False, 6.0)


@pytest.mark.parametrize("kind", ["", "#EXT-X-PLAYLIST-TYPE:EVENT"])
def test_a_playlist_without_an_end_is_live(kind: str) -> None:
    assert course(playlist(kind, "#EXTINF:6,", "a.ts")) == (True, None)


@pytest.mark.parametrize(
    "address, absolute",
    [
        ("720p/a.m3u8", "https://media.test/film/720p/a.m3u8"),
        ("/a.m3u8?x=y", "https://media.test/a.m3u8?x=y"),
        ("//cdn.test/a.m3u8", "https://cdn.test/a.m3u8"),
        ("http://cdn.test/a.m3u8", "http://cdn.test/a.m3u8"),
        ("a b\\c.m3u8#t", "https://media.test/film/a%20b%5Cc.m3u8"),
    ],
)
def test_a_master_playlist_names_its_first_stream_absolutely(address: str, absolute: str) -> None:
    text = f'#EXTM3U\r\n#EXT-X-MEDIA:TYPE=AUDIO,URI="x.m3u8"\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\n#c\r\n{address}\r\nb'
    found = read(text, URL)
    assert (found.kind, found.first) == (Kind.MASTER, absolute)


def test_a_byte_order_mark_and_spaces_around_lines_are_no_obstacle() -> None:
    assert course("\ufeff#EXTM3U \n #EXTINF:2,\na.ts\n#EXT-X-ENDLIST ") == (False, 2.0)


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("", "no HLS playlist"),
        ("<html>", "no HLS playlist"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "names no stream"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://[\n", "can't be called"),
        ("#EXTM3U\n#EXTINF:abc,\na.ts", "without a length"),
        ("#EXTM3U\n#EXTINF:nan,\na.ts", "without a length"),
        ("#EXTM3U\n#EXTINF:1e999,\na.ts", "without a length"),
        ("#EXTM3U\n#EXTINF:-1 tvg-id=x,News\nhttp://a/", "list of channels"),
        ("#EXTM3U\n#EXTINF:-1,News\nhttp://a/", "list of channels"),
        ("#EXTM3U\n#EXTINF:1,\njavascript:alert(1)", "can't be called"),
        ("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd", "can't be called"),
        ("#EXTM3U\n#EXT-X-STREAM-INF:A=1\ndata:text/plain,x", "can't be called"),
        ('#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="data:text/plain,x"', "can't be called"),
        ('#EXTM3U\n#EXT-X-MAP:URI="java\tscript:x"', "can't be called"),
        ('#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM="k"\n{$k}.ts', "not supported"),
        ('#EXTM3U\n#EXT-X-DEFINE:IMPORT="k"\n{$k}.ts', "not supported"),
        ("#EXTM3U\n{$k}.ts", "does not define"),
        (f"#EXTM3U\n#EXTINF:1,\n{'a' * 9_000}", "address that is too long"),
        (f"#EXTM3U\n#{'a' * MAX_LINE_LENGTH}", "line that is too long"),
        ("#EXTM3U\n" + "\n" * MAX_LINES, "too many lines"),
        ("#EXTM3U\n" + "a\n" * (MAX_ADDRESSES + 1), "too many addresses"),
        ("#EXTM3U\n" + "a" * MAX_TEXT_BYTES, "too long"),
    ],
)
def test_anything_else_is_an_error_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ManifestError, match=sentence):
        read(text, URL)


@pytest.mark.parametrize(
    "line, written",
    [
        ("a.ts?t=1", "/segment/media.test/film/a.ts?t=1"),
        ('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1', '#EXT-X-KEY:METHOD=AES-128,URI="/key/media.test/film/k",IV=0x1'),
        (
            '#EXT-X-KEY:METHOD=AES-128,URI="k",KEYFORMAT="identity"',
            '#EXT-X-KEY:METHOD=AES-128,URI="/key/media.test/film/k",KEYFORMAT="identity"',
        ),
        ("#EXT-X-KEY:METHOD=NONE", "#EXT-X-KEY:METHOD=NONE"),
        ('#EXT-X-KEY:METHOD=AES-128,URI="data:,0123"', '#EXT-X-KEY:METHOD=AES-128,URI="data:,0123"'),
        ('#EXT-X-MAP:URI="i,1.mp4",BYTERANGE="9@0"', '#EXT-X-MAP:URI="/map/media.test/film/i,1.mp4",BYTERANGE="9@0"'),
        ("#EXT-X-MAP:URI=i.mp4, BYTERANGE=\"9@0\"", '#EXT-X-MAP:URI="/map/media.test/film/i.mp4",BYTERANGE="9@0"'),
        ('#EXT-X-MAP:xURI="http://evil",URI="i"', '#EXT-X-MAP:URI="/map/media.test/film/i"'),
        (
            '#EXT-X-PART:DURATION=0.3,URI="p.mp4",INDEPENDENT=YES',
            '#EXT-X-PART:DURATION=0.3,URI="/segment/media.test/film/p.mp4",INDEPENDENT=YES',
        ),
        (
            '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p.mp4"',
            '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="/segment/media.test/film/p.mp4"',
        ),
        ('#EXT-X-PRELOAD-HINT:TYPE=MAP,URI="i"', '#EXT-X-PRELOAD-HINT:TYPE=MAP,URI="/map/media.test/film/i"'),
        (
            '#EXT-X-RENDITION-REPORT:URI="../b.m3u8",LAST-MSN=9',
            '#EXT-X-RENDITION-REPORT:URI="/playlist/media.test/b.m3u8",LAST-MSN=9',
        ),
        (
            '#EXT-X-SESSION-DATA:DATA-ID="a",URI="d.json"',
            '#EXT-X-SESSION-DATA:DATA-ID="a",URI="/other/media.test/film/d.json"',
        ),
        ("#EXT-X-TWITCH-PREFETCH:https://v.test/n.ts", "#EXT-X-TWITCH-PREFETCH:/segment/v.test/n.ts"),
        (
            '#EXT-X-DATERANGE:ID="1",CLASS="com.apple.hls.interstitial",X-ASSET-URI="https://ads.test/a",X-B="c"',
            '#EXT-X-DATERANGE:ID="1",CLASS="com.apple.hls.interstitial",X-B="c"',
        ),
        ("#EXTINF:6,https://title.test/{$x}", "#EXTINF:6,https://title.test/{$x}"),
        ("#EXT-X-BYTERANGE:100@0", "#EXT-X-BYTERANGE:100@0"),
        ("#EXT-X-DISCONTINUITY", "#EXT-X-DISCONTINUITY"),
        ("#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z", "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z"),
        ("#EXT-X-SKIP:SKIPPED-SEGMENTS=3", "#EXT-X-SKIP:SKIPPED-SEGMENTS=3"),
        ("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES", "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES"),
    ],
)  # fmt: skip
def test_every_address_in_a_media_playlist_is_replaced_and_the_rest_stays(line: str, written: str) -> None:
    assert rewritten(line) == [written]


@pytest.mark.parametrize(
    "line",
    [
        "# a comment", "#EXT-X-NEW-THING:URI=\"https://x.test\"", "#EXT-X-NEW-THING:https://x.test",
        '#EXT-X-CONTENT-STEERING:SERVER-URI="/steer"',
    ],
)  # fmt: skip
def test_what_could_lead_elsewhere_unseen_is_dropped(line: str) -> None:
    assert rewritten(line, "#EXT-X-ENDLIST") == ["#EXT-X-ENDLIST"]


@pytest.mark.parametrize("end", ["\r", "\u2028", "\u2029", "\x85", "\v", "\f"])
def test_no_address_hides_behind_an_unusual_end_of_line(end: str) -> None:
    assert rewritten(f"#EXTINF:6,a{end}https://hidden.test/a.ts")[1] == "/segment/hidden.test/a.ts"


def test_streams_renditions_and_previews_of_a_master_playlist_are_playlists() -> None:
    lines = [
        "#EXTM3U",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k"',
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English, all",URI="s.m3u8"',
        '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",INSTREAM-ID="CC1",NAME="c"',
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI="i.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42,mp4a.40.2",SUBTITLES="s"',
        "low.m3u8",
    ]
    found = rewrite("\n".join(lines), URL, replaced)
    assert found.first == "https://media.test/film/low.m3u8"
    assert found.text.splitlines()[1:] == [
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-SESSION-KEY:METHOD=AES-128,URI="/key/media.test/film/k"',
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="s",NAME="English, all",URI="/playlist/media.test/film/s.m3u8"',
        '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="c",INSTREAM-ID="CC1",NAME="c"',
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI="/playlist/media.test/film/i.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42,mp4a.40.2",SUBTITLES="s"',
        "/playlist/media.test/film/low.m3u8",
    ]


def test_variables_are_put_in_and_their_definitions_go() -> None:
    lines = ['#EXT-X-DEFINE:NAME="host",VALUE="cdn.test"', '#EXT-X-MAP:URI="https://{$host}/i"', "https://{$host}/a.ts"]
    assert rewritten(*lines) == ['#EXT-X-MAP:URI="/map/cdn.test/i"', "/segment/cdn.test/a.ts"]


def test_variables_can_t_blow_a_playlist_up() -> None:
    lines = [f'#EXT-X-DEFINE:NAME="a",VALUE="{"x" * 8_000}"', *["{$a}" for _ in range(1_000)]]
    with pytest.raises(ManifestError, match="too long"):
        rewritten(*lines)


@pytest.mark.parametrize(
    "key",
    [
        'METHOD=SAMPLE-AES,URI="skd://x",KEYFORMAT="com.apple.streamingkeydelivery",KEYFORMATVERSIONS="1"',
        'METHOD=SAMPLE-AES-CTR,URI="data:,x",KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"',
        'METHOD=AES-128,URI="k",KEYFORMAT="com.widevine"',
        'METHOD=AES-128,URI="skd://x"',
        'METHOD=AES-128,URI="urn:x"',
    ],
)
@pytest.mark.parametrize("tag", ["#EXT-X-KEY", "#EXT-X-SESSION-KEY"])
def test_protected_streams_are_refused_with_the_reason(tag: str, key: str) -> None:
    with pytest.raises(DrmProtected, match="protected"):
        rewritten(f"{tag}:{key}")


@given(
    st.text() | st.lists(st.sampled_from(TAGS) | st.text(max_size=9)).map(lambda lines: "#EXTM3U\n" + "\n".join(lines))
)
def test_no_text_breaks_the_parser_and_no_address_is_left(text: str) -> None:
    with suppress(ManifestError):
        found = rewrite(text, "https://evil.test/a/", lambda url, role: "/ours")
        assert isinstance(found, Playlist)
        called = [line for line in found.text.splitlines() if not line.startswith("#")]
        called += re.findall(r'URI="([^"]*)', found.text)
        assert {address for address in called if address[:5].lower() != "data:"} <= {"/ours"}
        again = rewrite(found.text, "https://evil.test/", lambda url, role: "/ours")
        assert again.text == found.text


def test_attribute_lists_are_read_in_linear_time() -> None:
    for piece in ('A="', "A=", "A= ", '"', ",", " ", "A", 'A="x"y,'):
        read(playlist("#EXT-X-MAP:" + piece * (60_000 // len(piece)) + 'URI="a"'), URL)
