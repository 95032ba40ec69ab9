"""What every reader of danmaku promises."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synctv.adapters.danmaku.reader import TextDanmakuReader
from synctv.application.ports.danmaku import MAX_DANMAKU_BYTES, DanmakuReader, UnreadableDanmaku
from synctv.domain.delivery.danmaku import MAX_COMMENTS, WHITE, Comment, Mode
from synctv.domain.text import one_line


@pytest.fixture
def reader() -> DanmakuReader:
    return TextDanmakuReader()


RAW_DEFLATE = bytes.fromhex(
    "2d8c4b0e82301400afd274e1ea693f8235f1f1d879023d40a18dbc040a91c6e8edad91594c6635d8bea751bce273e53935d21cb41431f573e0f4"
    "68e4fd76dd9f654bc884fde03307aa2caa2d71cd3e47d2a8fe81412cbf450d066cd1c939674d09a7374083effa60ecb18222a8250d2c767e5a2e"
    "a2fb445465aa98be"
)
"""A document as Bilibili's server sends it, with `Content-Encoding: deflate`."""

XML = (
    '<?xml version="1.0" encoding="UTF-8"?><i><chatid>42</chatid>'
    '<d p="61,5,36,16711680,1700000000,0,a,1">to\x08p</d>'
    '<d p="2,4,99,-5,0,0,a,2,9">a &lt;b&gt; & \x00c\u202e</d>'
    "<d p='3,6,1,0'><![CDATA[x & <y>]]></d>"
    '<d p="4,7,25,0,0,0,a,3">[1,2,"moved"]</d><d p="5,8,25,0,0,0,a,4">code</d><d p="6,9,25,0">bas</d>'
    '<d p="never,1,25,0">no</d><d p="nan,1,25,0">no</d><d p="1,1">no</d><d>no</d><d p="1,1,25,0"> </d>'
    '<d p="1,1,25,0">unclosed <d p="-1,1,25,255">  early\n bird </d><d p="9,1,25,0">cut o'
)
DANDANPLAY = json.dumps({"count": 3, "comments": [{"cid": 1, "p": "1.5,5,255,u", "m": "a"}, {"p": "x", "m": "b"}, 3]})
ACFUN = json.dumps([[], [], [{"c": "2.5,255,4,25,u,1700000000", "m": "a"}, {"c": 3, "m": "b"}]])


def chat(milliseconds: str, *runs: Any, kind: str = "liveChatTextMessageRenderer", role: str | None = None) -> str:
    badges = [{"liveChatAuthorBadgeRenderer": {"icon": {"iconType": role}}}]
    item = {kind: {"message": {"runs": list(runs)}, "authorBadges": badges}}
    action = {"actions": [{"addChatItemAction": {"item": item}}, {"other": 1}], "videoOffsetTimeMsec": milliseconds}
    return json.dumps({"replayChatItemAction": action})


OWN_EMOJI = {"emojiId": "UC/1", "isCustomEmoji": True, "shortcuts": [":x:"]}
YOUTUBE = "\n".join(
    [
        chat("-500", {"text": "waiting"}),
        chat("3000", {"text": "late"}, role="OWNER"),
        chat("1500", {"text": "hi "}, {"emoji": {"emojiId": "😀"}}, {"emoji": OWN_EMOJI}),
        '{"replayChatItemAction": {"videoOffsetTimeMsec": "x"}}',
        '{"cut o',
    ]
)  # fmt: skip


def read(reader: DanmakuReader, text: str) -> list[Comment]:
    return list(reader.read(text.encode(), None, None))


@pytest.mark.parametrize("encoding", ["deflate", "Deflate "])
def test_a_document_is_read_as_bilibili_sends_it(reader: DanmakuReader, encoding: str) -> None:
    assert list(reader.read(RAW_DEFLATE, encoding, None)) == [Comment(1.5, Mode.SCROLL, WHITE, "hi & bye", 25)]


def test_every_usual_compression_is_undone(reader: DanmakuReader) -> None:
    plain = zlib.decompress(RAW_DEFLATE, -15)
    ways = [(plain, None), (plain, "identity"), (zlib.compress(plain), "deflate"), (gzip.compress(plain), "gzip")]
    ways += [(gzip.compress(plain), None), (plain, "deflate"), (plain, "gzip")]
    assert {len(reader.read(content, encoding, "text/xml; charset=utf-8")) for content, encoding in ways} == {1}


def test_broken_comments_are_left_out_and_the_rest_is_made_fit_to_be_shown(reader: DanmakuReader) -> None:
    assert read(reader, XML) == [
        Comment(0.0, Mode.SCROLL, 255, "early bird", 25),
        Comment(2.0, Mode.BOTTOM, WHITE, "a <b> & c", 64),
        Comment(3.0, Mode.SCROLL, 0, "x & <y>", 10),
        Comment(61.0, Mode.TOP, 0xFF0000, "top", 36),
    ]


def test_the_json_of_other_sites_is_read_too(reader: DanmakuReader) -> None:
    assert read(reader, DANDANPLAY) == [Comment(1.5, Mode.TOP, 255, "a")]
    assert read(reader, ACFUN) == [Comment(2.5, Mode.BOTTOM, 255, "a")]
    assert read(reader, json.dumps(json.loads(DANDANPLAY), indent=1)) == [Comment(1.5, Mode.TOP, 255, "a")]


def test_a_youtube_chat_is_read_line_by_line(reader: DanmakuReader) -> None:
    assert read(reader, YOUTUBE) == [
        Comment(1.5, Mode.SCROLL, WHITE, "hi 😀:x:"),
        Comment(3.0, Mode.SCROLL, 0xFFD600, "late"),
    ]


def test_of_too_many_comments_some_of_every_part_of_the_film_stay(reader: DanmakuReader) -> None:
    items = "".join(f'<d p="{second},1,25,0">{second}</d>' for second in range(2 * MAX_COMMENTS))
    found = read(reader, f"<i>{items}</i>")
    assert len(found) == MAX_COMMENTS
    assert [each.time for each in found[:3]] == [0.0, 2.0, 4.0]
    assert found[-1].time >= 2 * MAX_COMMENTS - 2


def test_one_wrong_byte_does_not_turn_all_others_into_another_charset(reader: DanmakuReader) -> None:
    document = "".join(f'<d p="{second},1,25,0">你好世界</d>' for second in range(9)).encode()
    found = reader.read(b"<i>" + document.replace("界".encode(), b"\xe7", 1), None, None)
    assert [each.text for each in found] == ["你好世\ufffd"] + ["你好世界"] * 8


def test_a_long_comment_is_cut(reader: DanmakuReader) -> None:
    assert len(read(reader, f'<i><d p="1,1,25,0">{"字" * 9_000}</d></i>')[0].text) == 200


@pytest.mark.parametrize("text", ["<i></i>", '<?xml version="1.0"?><i/><d ', '{"comments": []}', "[]"])
def test_a_document_without_comments_gives_none(reader: DanmakuReader, text: str) -> None:
    assert read(reader, text) == []


def test_entities_of_a_document_type_are_never_put_in(reader: DanmakuReader) -> None:
    bomb = '<!DOCTYPE i [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><i><d p="1,1,25,0">&b;</d></i>'
    assert [each.text for each in read(reader, bomb)] == ["&b;"]


@pytest.mark.parametrize(
    "content, encoding, sentence",
    [
        (b"", None, "no format"),
        (b"hello", None, "no format"),
        (b"<html>", None, "no format"),
        (b'{"code": -404}', None, "no format"),
        (b"[" * 100_000, None, "no format"),
        (b"\x00\x01\x02", "deflate", "compressed"),
        (b"\x00\x01\x02", "gzip", "compressed"),
        (b"<i></i>", "br", "compressed"),
        (b"x" * (MAX_DANMAKU_BYTES + 1), None, "too many"),
        (zlib.compress(bytes(8 * MAX_DANMAKU_BYTES)), "deflate", "too many"),
        (gzip.compress(bytes(8 * MAX_DANMAKU_BYTES)), "gzip", "too many"),
    ],
    ids=range(11),
)
def test_anything_else_is_an_error_with_a_sentence(
    reader: DanmakuReader, content: bytes, encoding: str | None, sentence: str
) -> None:
    with pytest.raises(UnreadableDanmaku, match=sentence):
        reader.read(content, encoding, None)


def test_a_bomb_is_not_unpacked_beyond_what_is_read(reader: DanmakuReader) -> None:
    bomb = zlib.compress(bytes(8 * MAX_DANMAKU_BYTES), 9)
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableDanmaku):
            reader.read(bomb, "deflate", None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_DANMAKU_BYTES


PIECES = [
    "<d ",
    '<d p="1,1,25,0">',
    "</d>",
    ">",
    '"',
    "&#x0;",
    "&#99999999999;",
    "<![CDATA[",
    ",",
    "1e999",
    "\ud800",
    "{",
    "\n",
]


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([XML, DANDANPLAY, ACFUN, YOUTUBE, "<i>"]),
    st.lists(st.tuples(st.integers(0), st.sampled_from(PIECES) | st.text(max_size=4)), max_size=6),
)
def test_no_damage_to_a_document_breaks_the_reader(sample: str, damage: list[tuple[int, str]]) -> None:
    for place, text in damage:
        at = place % (len(sample) + 1)
        sample = sample[:at] + text + sample[at:]
    with suppress(UnreadableDanmaku):
        for found in TextDanmakuReader().read(sample.encode("utf-8", "surrogatepass"), None, None):
            assert found.text
            assert found.text == one_line(found.text)
            assert 0 <= found.color <= WHITE
            assert found.time >= 0


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200), st.sampled_from([None, "deflate", "gzip", "br", ""]))
def test_no_bytes_break_the_reader(content: bytes, encoding: str | None) -> None:
    with suppress(UnreadableDanmaku):
        TextDanmakuReader().read(content, encoding, None)


@pytest.mark.parametrize("piece", ["<d ", "<d p='1'>", "</d>", "<d></d>", "&", "<d p = <d>"])
def test_what_is_hostile_takes_no_longer_than_its_length(reader: DanmakuReader, piece: str) -> None:
    # Were it to grow with the square of the length, this would run into the limit of the whole test run.
    assert read(reader, "<i>" + piece * ((4 << 20) // len(piece))) == []
