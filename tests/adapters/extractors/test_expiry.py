"""When an address says that it runs out, and which site a page belongs to."""

from __future__ import annotations

import pytest

from synctv.adapters.extractors.expiry import UNKNOWN_SECONDS, runs_out
from synctv.adapters.extractors.pages import page_title, page_url, site_of
from synctv.domain.errors import Invalid
from synctv.domain.ids import MICROS, Micros, seconds_after

AT = Micros(1_800_000_000 * MICROS)
END = 1_800_007_200


@pytest.mark.parametrize(
    "url",
    [
        f"https://m.test/videoplayback?expire={END}&ip=1",
        f"https://m.test/api/manifest/hls_variant/expire/{END}/ei/x/index.m3u8",
        f"https://m.test/a?deadline={END}",
        f"https://m.test/a?Expires={END}",
        f"https://m.test/a?x-expires={END}",
        f"https://m.test/a?e={END}&e2=1",
        f"https://m.test/a?exp={END}000",
        f"https://m.test/a.flv?wsTime={END:x}",
        f"https://m.test/a?token=%7B%22expires%22%3A{END}%7D",
        "https://m.test/a?X-Amz-Date=20270115T080000Z&X-Amz-Expires=7200",
        f"https://m.test/a?expires={END + 50}&deadline={END}",
    ],
)
def test_an_address_that_tells_its_end_is_believed(url: str) -> None:
    assert runs_out(["https://m.test/quiet", url], AT) == END * MICROS


@pytest.mark.parametrize(
    "url",
    [
        "https://m.test/a",
        "https://m.test/a?expires=3600",
        "https://m.test/a?e=1234567890",
        "https://m.test/a?expire=99999999999999",
        "https://m.test/a?wsTime=zzzzzzzz",
        "https://m.test/a?X-Amz-Date=nonsense&X-Amz-Expires=60",
    ],
)
def test_one_that_tells_nothing_usable_lasts_ten_minutes(url: str) -> None:
    assert runs_out([url], AT) == seconds_after(AT, UNKNOWN_SECONDS)


@pytest.mark.parametrize(
    "url, site",
    [
        ("https://www.youtube.com/watch?v=1", "youtube.com"),
        ("https://youtu.be/1", "youtube.com"),
        ("https://live.video.co.uk/x", "video.co.uk"),
        ("https://a.b.c.video.test", "video.test"),
        ("https://v.qq.com/x", "qq.com"),
        ("https://tv.cctv.com.cn/", "cctv.com.cn"),
        ("http://127.0.0.1:8080/x", "127.0.0.1"),
        ("http://[::1]/x", "::1"),
        ("http://nas/x", "nas"),
    ],
)
def test_a_page_belongs_to_a_site(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize("title, expected", [("  A\n film ", "A film"), (None, "watch"), ("\u200b", "watch")])
def test_a_title_is_one_line_or_the_end_of_the_address(title: str | None, expected: str) -> None:
    assert page_title(title, "https://video.test/watch/") == expected
    assert len(page_title("x" * 500, "https://video.test/")) == 200


def test_a_page_without_any_name_is_called_like_its_site() -> None:
    assert page_title(None, "https://video.test/") == "video.test"


def test_what_is_no_text_is_no_page() -> None:
    for nonsense in (None, 7, {"a": 1}, "https://a b.test/"):
        with pytest.raises(Invalid):
            page_url(nonsense)
