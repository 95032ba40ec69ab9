"""Addresses that people paste, and the titles that they tell."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.providers.direct.address import extension_of, title_of, valid_url
from synctv.domain.errors import Invalid
from synctv.domain.library.item import valid_title


@pytest.mark.parametrize(
    "pasted, url",
    [
        ("https://a.test/f.mp4", "https://a.test/f.mp4"),
        ("  http://a.test/my film.mp4#t=5\n", "http://a.test/my%20film.mp4"),
        ("http://a.test", "http://a.test"),
        ("http://[::1]:8080/f.mp4?x=@y", "http://[::1]:8080/f.mp4?x=@y"),
        ("https://a.test/电影.mp4", "https://a.test/电影.mp4"),
    ],
)
def test_an_address_is_taken_in_its_normal_form(pasted: str, url: str) -> None:
    assert valid_url({"url": pasted}) == url
    assert valid_url({"url": url}) == url


@pytest.mark.parametrize(
    "source, code",
    [
        ({}, "required"),
        ({"url": None}, "required"),
        ({"url": " "}, "required"),
        ({"url": 5}, "required"),
        ({"url": "a.test/f.mp4"}, "url"),
        ({"url": "ftp://a.test/f.mp4"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "http://"}, "url"),
        ({"url": "http://a.test:99999/"}, "url"),
        ({"url": "http://[::1/"}, "url"),
        ({"url": "http://a.te\x00st/"}, "url"),
        ({"url": "http://a.test/\ud800"}, "url"),
        ({"url": "http://a.test/a\nb"}, "url"),
        ({"url": "http://me:secret@a.test/f.mp4"}, "credentials"),
        ({"url": "http://me@a.test/f.mp4"}, "credentials"),
        ({"url": "http://a.test/" + "x" * 4_096}, "length"),
    ],
)
def test_what_can_be_no_address_is_refused_with_its_path(source: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as caught:
        valid_url(source)
    (error,) = caught.value.errors
    assert (error.path, error.code) == ("source.url", code)
    assert error.message.endswith(".")


@pytest.mark.parametrize(
    "url, title",
    [
        ("https://a.test/dir/My%20Film%20(2020).mp4?x=1.webm", "My Film (2020)"),
        ("https://a.test/%E7%94%B5%E5%BD%B1.mp4", "电影"),
        ("https://a.test/Part.One.v2.final.mp4", "Part.One.v2.final"),
        ("https://a.test/watch", "watch"),
        ("https://a.test/Show/720p/index.m3u8", "720p"),
        ("https://a.test/master.m3u8", "master"),
        ("https://a.test/", "a.test"),
        ("https://a.test", "a.test"),
        ("https://a.test/Dr.%20Who", "Dr. Who"),
        ("https://a.test/a%00%0Ab.mp4", "a b"),
        ("https://a.test/" + "x" * 300 + ".mp4", "x" * 200),
    ],
)
def test_the_title_is_the_name_of_the_file(url: str, title: str) -> None:
    assert title_of(url) == title


@pytest.mark.parametrize(
    "url, extension",
    [
        ("http://a/f.MP4?x#y", "mp4"),
        ("http://a/f", ""),
        ("http://a.mp4", ""),
        ("http://a/.mp4", ""),
        ("http://a/f.", ""),
    ],
)
def test_the_extension_is_that_of_the_path(url: str, extension: str) -> None:
    assert extension_of(url) == extension


@given(st.text().map("http://a.test/".__add__) | st.text())
def test_every_address_that_is_taken_has_a_valid_title(text: str) -> None:
    with suppress(Invalid):
        url = valid_url({"url": text})
        assert valid_title(title_of(url)) == title_of(url)
        assert valid_url({"url": url}) == url
