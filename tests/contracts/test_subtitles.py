"""What every converter of subtitles promises."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synctv.adapters.subtitles.converter import TextSubtitleConverter
from synctv.application.ports.subtitles import MAX_CUES, MAX_SUBTITLE_BYTES, SubtitleConverter, UnreadableSubtitles


@pytest.fixture
def converter() -> SubtitleConverter:
    return TextSubtitleConverter()


def vtt(*cues: str) -> str:
    """A file of cues, each `start end text` with seconds, or `start end^ text` for one at the top."""
    written = ["WEBVTT\n"]
    for cue in cues:
        start, end, text = cue.split(" ", 2)
        top = " line:5%" if end.endswith("^") else ""
        written.append(f"00:00:{float(start):06.3f} --> 00:00:{float(end.rstrip('^')):06.3f}{top}\n{text}\n")
    return "\n".join(written)


SRT = "1\n00:00:01,000 --> 00:00:02,500\n{\\an8}I <3 you, <i>really</i>\n"
BROKEN_SRT = (
    "\ufeff00:00:01.0-->00:00:02.5 X1:10\r\nfirst\r\n\r\nstill first\r\n\r\n"
    "00:03,5 --> 00:00:04\r\n42\r\n\r\n7\r\n0:00:05,000 --> 0:00:06,000\r\n"
    '<font color="red">R&amp;B &amp &lt;b&gt;</font> <sigh>'
)
VTT = (
    "WEBVTT - a title\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\nSTYLE\n::cue { color: red }\n\n"
    "NOTE 00:01.000 or so\n\nan id\n00:01.000 --> 00:02.000 line:0 align:left\n"
    "<v Ada>Hi</v> <c.yellow>you</c> <00:00:01.500>there\n\n00:03.000 --> 00:04.000\n<b>a<i>b</b>c\n"
)
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Alignment\nStyle: Default,2\nStyle: Above,8\n\n"
    "[Events]\nFormat: Start, End, Style, Text\nComment: 0:00:00.00,0:00:09.00,Default,never\n"
    "Dialogue: 0:00:03.00,0:00:04.00,Above,{\\b1}up{\\r} there, friend\n"
    "Dialogue: 0:00:01.00,0:00:02.50,Default,one\\Ntwo\\hthree{\\pos(1,2)\\i1\\blur3}!{\\i0}\n"
    "Dialogue: 0:00:01.00,0:00:02.50,Default,{\\p1}m 0 0 l 1 1{\\p0}\n"
    "Dialogue: 0:00:01.00,0:00:02.50,Default,{\\bord2}one\\Ntwo\\hthree{\\i1}!\n"
    "Dialogue: broken\nDialogue: 0:00:xx.00,0:00:09.00,Default,broken\n"
)
SBV = "0:00:01.000,0:00:02.500\nfirst[br]line\n\n0:00:03.000,0:00:04.000\nsecond\n"
TTML = (
    '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" '
    'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:tickRate="1000" ttp:frameRate="25"><head><styling>'
    '<style xml:id="s" tts:fontStyle="italic"/></styling></head><body begin="1s"><div>'
    '<p begin="0s" dur="1.5s">one<br/>  two <span style="s">three</span></p>'
    '<p begin="2000t" end="00:00:03:00">&lt;b></p></div></body></tt>'
)
SRV3 = '<timedtext format="3"><body><p t="1000" d="1500">a <s>b</s></p></body></timedtext>'
SAMI = (
    "<SAMI><HEAD></HEAD><BODY>\n<SYNC Start=1000><P Class=KRCC>안녕<br>하세요\n<SYNC Start=1000><P Class=ENCC>hello\n"
    "<SYNC Start=2500><P Class=KRCC>&nbsp;\n<SYNC Start='3000'><P Class=KRCC><i>둘</BODY></SAMI>"
)
BILIBILI = json.dumps({"body": [{"from": 1, "to": 2.5, "location": 2, "content": "<一>"}, {"from": None}, 3]})
JSON3 = json.dumps(
    {
        "wireMagic": "pb3",
        "events": [
            {"tStartMs": 0, "dDurationMs": 9000, "id": 1},
            {"tStartMs": 1000, "dDurationMs": 5000, "segs": [{"utf8": "hi "}, {"utf8": "you"}]},
            {"tStartMs": 2000, "dDurationMs": 500, "segs": [{"utf8": "\n"}], "aAppend": 1},
            {"tStartMs": 3000, "dDurationMs": 1000, "segs": [{"utf8": "bye"}]},
        ],
    }
)


@pytest.mark.parametrize(
    "source, expected",
    [
        (SRT, vtt("1 2.5^ I &lt;3 you, <i>really</i>")),
        (BROKEN_SRT, vtt("1 2.5 first\nstill first", "3.5 4 42", "5 6 R&amp;B &amp; &lt;b&gt; &lt;sigh&gt;")),
        (VTT, vtt("11 12^ Hi you there", "13 14 <b>a<i>b</i></b><i>c</i>")),
        (ASS, vtt("1 2.5 one\ntwo\u00a0three<i>!</i>", "3 4^ <b>up</b> there, friend")),
        (SBV, vtt("1 2.5 first\nline", "3 4 second")),
        (TTML, vtt("1 2.5 one\ntwo <i>three</i>", "3 4 &lt;b&gt;")),
        (SRV3, vtt("1 2.5 a b")),
        (SAMI, vtt("1 2.5 안녕\n하세요", "3 8 <i>둘</i>")),
        (BILIBILI, vtt("1 2.5 &lt;一&gt;")),
        (JSON3, vtt("1 3 hi you", "3 4 bye")),
        ("WEBVTT", "WEBVTT\n"),
    ],
    ids=["srt", "broken srt", "vtt", "ass", "sbv", "ttml", "srv3", "sami", "bilibili", "json3", "empty vtt"],
)
def test_every_format_becomes_the_same_webvtt(converter: SubtitleConverter, source: str, expected: str) -> None:
    assert converter.to_vtt(source.encode(), None) == expected


LANGUAGES = [
    ("gb18030", "你好世界。我们一起看电影吧", "今天的天气很好你觉得呢"),
    ("big5", "你好世界。我們一起看電影吧", "今天的天氣很好你覺得呢"),
    ("cp932", "こんにちは、世界。映画を見ましょう", "今日はとてもいい天気ですね"),
    ("cp949", "안녕하세요 세계. 같이 영화를 봅시다", "오늘 날씨가 참 좋네요"),
    ("cp1251", "Привет, мир. Давайте смотреть кино", "Сегодня очень хорошая погода"),
    ("utf-16-le", "你好世界", "今天"),
    ("utf-16", "你好世界", "今天"),
    ("utf-8-sig", "你好世界", "今天"),
]


@pytest.mark.parametrize(
    "hint", [None, "text/plain; charset=iso-8859-1", "text/plain; charset=utf-8", "a.srt", "; charset"]
)
@pytest.mark.parametrize("charset, first, second", LANGUAGES, ids=[name for name, *_ in LANGUAGES])
def test_the_charset_is_found_whatever_a_careless_server_says(
    converter: SubtitleConverter, charset: str, first: str, second: str, hint: str | None
) -> None:
    source = f"1\n00:00:01,000 --> 00:00:02,000\n{first}\n\n2\n00:00:03,000 --> 00:00:04,000\n{second}\n"
    assert converter.to_vtt(source.encode(charset), hint) == vtt(f"1 2 {first}", f"3 4 {second}")


@pytest.mark.parametrize(
    "declared, charset, text",
    [
        ("gb2312", "gb18030", "囧镕"),
        ("GBK", "gb18030", "囧镕"),
        ('"cp866"', "cp866", "Привет"),
        ("iso-8859-2", "iso-8859-2", "žluťoučký"),
    ],
)
def test_a_declared_charset_counts_where_the_bytes_are_text_in_it(
    converter: SubtitleConverter, declared: str, charset: str, text: str
) -> None:
    source = f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n".encode(charset)
    assert converter.to_vtt(source, f"text/plain; charset={declared}") == vtt(f"1 2 {text}")


@pytest.mark.parametrize("declared", ["unicode_escape", "zip", "rot13", "no-such-thing", "\0", "utf-7", "punycode"])
def test_a_declared_charset_that_is_none_is_passed_over(converter: SubtitleConverter, declared: str) -> None:
    assert converter.to_vtt(SRT.encode(), f"text/plain; charset={declared}").startswith("WEBVTT")


def test_cues_are_moved_in_order_and_those_before_the_beginning_are_left_out(converter: SubtitleConverter) -> None:
    source = "\n\n".join(f"00:0{second}.000 --> 00:0{second + 1}.000\nn{second}" for second in (5, 1, 3, 2))
    assert converter.to_vtt(f"WEBVTT\n\n{source}".encode(), None, -2.5) == vtt("0 0.5 n2", "0.5 1.5 n3", "2.5 3.5 n5")


def test_a_cue_that_comes_twice_or_shows_nothing_is_not_repeated(converter: SubtitleConverter) -> None:
    cues = "00:01.000 --> 00:02.000\nsame\n\n" * 2 + "00:05.000 --> 00:04.000\nno\n\n00:05.000 --> 00:06.000\n<i> </i>"
    assert converter.to_vtt(f"WEBVTT\n\n{cues}".encode(), None) == vtt("1 2 same")


BOMB = '<!DOCTYPE tt [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><tt><body><p begin="0s" end="1s">&b;</p></body></tt>'


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "no format"),
        (b"hello", "no format"),
        (b"PK\x03\x04" + bytes(60), "no format"),
        (b"<html><body>404</body></html>", "broken"),
        (b"<tt><body>", "broken"),
        (BOMB.encode(), "broken"),
        (b'{"body": [', "broken"),
        (b'{"a": ' * 100_000, "broken"),
        (b'{"a": 1}', "no format"),
        (b" " * (MAX_SUBTITLE_BYTES + 1), "too large"),
        (b"WEBVTT\n\n" + b"00:01.000 --> 00:02.000\na\n\n" * (MAX_CUES + 1), "too many"),
    ],
)
def test_anything_else_is_an_error_with_a_sentence(converter: SubtitleConverter, content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableSubtitles, match=sentence):
        converter.to_vtt(content, None)


SAMPLES = [SRT, BROKEN_SRT, VTT, ASS, SBV, TTML, SRV3, SAMI, BILIBILI, JSON3]
EVIL = [
    "<script>",
    "</i>",
    "<b><i><u>",
    "&lt;script&gt;",
    "-->",
    "\n\n00:00:09.000 --> 00:00:10.000\n",
    "{\\i1",
    "\\N",
    "<",
    "&",
    "]]>",
]
SAFE = re.compile(r"(?:[^<>&]|</?[biu]>|&amp;|&lt;|&gt;)*")


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0), st.sampled_from(EVIL) | st.text(max_size=5)), max_size=5),
)
def test_no_damage_to_a_file_breaks_it_or_lets_markup_through(sample: str, damage: list[tuple[int, str]]) -> None:
    for place, text in damage:
        at = place % (len(sample) + 1)
        sample = sample[:at] + text + sample[at:]
    with suppress(UnreadableSubtitles):
        header, *cues = TextSubtitleConverter().to_vtt(sample.encode("utf-8", "surrogatepass"), None).split("\n\n")
        assert header.strip() == "WEBVTT"
        for cue in cues:
            times, _, text = cue.partition("\n")
            assert re.fullmatch(r"\d\d+:\d\d:\d\d\.\d{3} --> \d\d+:\d\d:\d\d\.\d{3}(?: line:5%)?", times)
            assert text.strip()
            assert SAFE.fullmatch(text)


@settings(deadline=None, max_examples=60)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"WEBVTT\n\n", b"[Events]\n", b"<SAMI>", b"<tt>", b"\xff\xfe", b'{"']),
)
def test_no_bytes_break_it(content: bytes, start: bytes) -> None:
    with suppress(UnreadableSubtitles):
        TextSubtitleConverter().to_vtt(start + content, None)


@pytest.mark.parametrize(
    "start, piece",
    [
        ("[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,", "{\\i1}a"),
        ("[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,", "{\\i1"),
        ("00:00:01,000 --> 00:00:02,000\na", "\n"),
        ("00:00:01,000 --> 00:00:02,000\n", "<i"),
        ("00:00:01,000 --> 00:00:02,000\n", "&"),
        ("<SAMI>", "<sync "),
        ("<SAMI><SYNC Start=1>", "<p "),
        ("", "00:00 --> "),
        ("00:00:01,000 --> 00:00:02,000\n", "12:34:56,7 \n\xff"),
    ],
)
def test_what_is_hostile_takes_no_longer_than_its_length(converter: SubtitleConverter, start: str, piece: str) -> None:
    # Were it to grow with the square of the length, this would run into the limit of the whole test run.
    content = (start + piece * ((2 << 20) // len(piece))).encode("latin-1")
    with suppress(UnreadableSubtitles):
        converter.to_vtt(content, None)
