"""Cookies that people paste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.extractors.cookies import Cookie, CookieRefused, netscape, parsed_netscape, pasted_cookies

FILE = """# Netscape HTTP Cookie File
# a comment

#HttpOnly_.video.test\tTRUE\t/\tTRUE\t1900000000.5\tsession\tabc%2Cdef
www.video.test\tFALSE\t/watch\tFALSE\t0\ttheme\t"dark"
.other.test\tTRUE\t/\tTRUE\t0\ttheirs\thidden
a line that is none
"""


def test_of_a_file_those_of_the_site_are_kept() -> None:
    assert pasted_cookies(FILE, "video.test") == [
        Cookie(".video.test", "session", "abc%2Cdef", "/", secure=True, expires=1900000000),
        Cookie("www.video.test", "theme", '"dark"', "/watch"),
    ]


def test_a_header_is_taken_for_the_whole_site() -> None:
    found = pasted_cookies(" cookie: a=1; b=x=y;; c= ; junk ", "video.test")
    assert [(one.domain, one.name, one.value) for one in found] == [
        (".video.test", "a", "1"),
        (".video.test", "b", "x=y"),
        (".video.test", "c", ""),
    ]


@given(st.lists(st.from_regex(r"[a-z]{1,8}=[!-:<-~]{0,20}", fullmatch=True), min_size=1, max_size=5))
def test_what_was_kept_reads_back_the_same(pairs: list[str]) -> None:
    found = pasted_cookies("; ".join(pairs), "video.test")
    assert parsed_netscape(netscape(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no cookie at all",
        "a=1\nb=2",
        "a=1\rb=2",
        "a b=1",
        "a=\x00",
        "a=ü",
        ".evil-video.test\tTRUE\t/\tTRUE\t0\ta\tb",
        ".video.test\tTRUE\tnowhere\tTRUE\t0\ta\tb",
        ".video.test\tTRUE\t/\tTRUE\t0\ta\tb;c",
        "; ".join(f"a{number}=1" for number in range(301)),
        "a=" + "x" * 100_001,
    ],
)
def test_what_could_do_harm_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(CookieRefused):
        pasted_cookies(text, "video.test")


def test_no_value_is_in_a_text_form_or_a_refusal() -> None:
    assert "hidden" not in repr(Cookie(".video.test", "a", "hidden"))
    with pytest.raises(CookieRefused) as caught:
        pasted_cookies("a=hidden\x07", "video.test")
    assert "hidden" not in str(caught.value)
