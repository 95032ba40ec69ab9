"""What a player appends to the address of a folder stays below that folder, however it is written."""

from __future__ import annotations

from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.prefixes import EscapeError, below, folder_of

BASE = "https://media.test/a/b/"
PIECES = [
    "..",
    ".",
    "/",
    "\\",
    "%2e",
    "%2E",
    "%2f",
    "%5c",
    "%252e",
    "%25",
    "a",
    "?",
    "#",
    ":",
    "http",
    "@",
    ";",
    " ",
    "\n",
]


@pytest.mark.parametrize(
    "tail",
    ["1.m4s", "v1/seg-1.m4s?tok=a/../b", "a//b", "..a/b..", "a%20b.m4s", "%E4%B8%AD.m4s", "v/1:2.m4s", "...", "a/"],
)
def test_a_relative_path_is_appended_as_it_is(tail: str) -> None:
    assert below(BASE, tail) == BASE + tail


@pytest.mark.parametrize(
    "tail",
    [
        "", "?a", "/a", "//evil.test/a", "https://evil.test/", "javascript:x", "..", "../a", "a/../../c", "a/..", ".",
        "a/./b", "%2e%2e/a", "%2E./a", ".%2e/a", "%252e%252e/a", "%25252e./a", "..%2fa", "%2fa", "a%5c..%5cb", "..\\a",
        "a\\b", "..;x/a", "a#b", "a\nb", "a%00b", "a%0d%0ab", " ../a", "%2525252525252e./a", "x" * 5_000,
    ],
)  # fmt: skip
def test_what_could_lead_out_is_refused(tail: str) -> None:
    with pytest.raises(EscapeError):
        below(BASE, tail)


@pytest.mark.parametrize("base", ["https://media.test/a", "https://media.test/a?b/", "https://media.test/a#b/"])
def test_only_a_folder_has_something_below_it(base: str) -> None:
    with pytest.raises(EscapeError):
        below(base, "a")


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join))
def test_no_tail_leads_out_for_whoever_resolves_or_decodes_it(tail: str) -> None:
    try:
        url = below(BASE, tail)
    except EscapeError:
        return
    for _ in range(3):
        assert urljoin(BASE, url).startswith(BASE)
        assert urlsplit(url).netloc == "media.test"
        assert not {".", ".."} & set(urlsplit(url.replace("\\", "/")).path.split("/"))
        url = unquote(url.partition("?")[0])


@pytest.mark.parametrize(
    "url, folder",
    [
        ("https://h.test/a/b.mpd?x=/y/", "https://h.test/a/"),
        ("https://h.test/a/", "https://h.test/a/"),
        ("https://h.test", "https://h.test/"),
        ("http://h.test:81?x", "http://h.test:81/"),
    ],
)
def test_the_folder_of_an_address_ends_with_its_last_slash(url: str, folder: str) -> None:
    assert folder_of(url) == folder
