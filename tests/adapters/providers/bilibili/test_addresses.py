"""All the forms in which people have an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.providers.bilibili.addresses import Kind, is_own_host, page_of

MAIN = "https://www.bilibili.com"
SPACE = "https://space.bilibili.com"
VIDEO = f"{MAIN}/video/BV17x411w7KC"


@pytest.mark.parametrize(
    "text, kind, url",
    [
        ("BV17x411w7KC", Kind.VIDEO, VIDEO),
        ("bv17x411w7KC", Kind.VIDEO, VIDEO),
        ("av170001", Kind.VIDEO, VIDEO),
        ("AV170001", Kind.VIDEO, VIDEO),
        (" ep123 ", Kind.EPISODE, f"{MAIN}/bangumi/play/ep123"),
        ("ss33", Kind.LIST, f"{MAIN}/bangumi/play/ss33"),
        (VIDEO, Kind.VIDEO, VIDEO),
        (f"{VIDEO}/", Kind.VIDEO, VIDEO),
        (f"{VIDEO}?p=3&vd_source=1", Kind.VIDEO, f"{VIDEO}?p=3"),
        (f"{VIDEO}?p=0", Kind.VIDEO, VIDEO),
        (f"{VIDEO}?p=x", Kind.VIDEO, VIDEO),
        ("http://m.bilibili.com/video/av170001?p=2", Kind.VIDEO, f"{VIDEO}?p=2"),
        (f"{MAIN}/festival/2026?bvid=BV17x411w7KC", Kind.VIDEO, VIDEO),
        ("https://player.bilibili.com/player.html?aid=170001&cid=1&p=2", Kind.VIDEO, f"{VIDEO}?p=2"),
        ("https://player.bilibili.com/player.html?bvid=BV17x411w7KC", Kind.VIDEO, VIDEO),
        (f"{MAIN}/bangumi/play/ep9", Kind.EPISODE, f"{MAIN}/bangumi/play/ep9"),
        (f"{MAIN}/bangumi/play/ss9?from=x", Kind.LIST, f"{MAIN}/bangumi/play/ss9"),
        (f"{MAIN}/bangumi/media/md9", Kind.LIST, f"{MAIN}/bangumi/media/md9"),
        (f"{MAIN}/cheese/play/ep9", Kind.EPISODE, f"{MAIN}/cheese/play/ep9"),
        (f"{MAIN}/cheese/play/ss9", Kind.LIST, f"{MAIN}/cheese/play/ss9"),
        (f"{MAIN}/list/42?sid=7&spm=x", Kind.LIST, f"{MAIN}/list/42?sid=7"),
        (f"{MAIN}/medialist/play/ml7", Kind.LIST, f"{MAIN}/medialist/play/ml7"),
        (f"{MAIN}/medialist/detail/ml7", Kind.LIST, f"{MAIN}/medialist/detail/ml7"),
        (f"{MAIN}/watchlater/#/list", Kind.LIST, f"{MAIN}/watchlater"),
        (f"{SPACE}/42", Kind.LIST, f"{SPACE}/42"),
        (f"{SPACE}/42/upload/video?tid=0", Kind.LIST, f"{SPACE}/42/upload/video"),
        (f"{SPACE}/42/favlist?fid=7&ftype=create", Kind.LIST, f"{SPACE}/42/favlist?fid=7"),
        (f"{SPACE}/42/lists/7?type=season", Kind.LIST, f"{SPACE}/42/lists/7?type=season"),
        (f"{SPACE}/42/channel/seriesdetail?sid=7", Kind.LIST, f"{SPACE}/42/channel/seriesdetail?sid=7"),
        ("https://live.bilibili.com/21?broadcast_type=0", Kind.LIVE, "https://live.bilibili.com/21"),
        ("https://live.bilibili.com/blanc/21", Kind.LIVE, "https://live.bilibili.com/21"),
        ("https://live.bilibili.com/h5/21/", Kind.LIVE, "https://live.bilibili.com/21"),
        ("https://b23.tv/AbCdEf1?share=1", Kind.SHORT, "https://b23.tv/AbCdEf1"),
        ("https://b23.tv/BV17x411w7KC", Kind.VIDEO, VIDEO),
        ("https://b23.tv/ep123", Kind.EPISODE, f"{MAIN}/bangumi/play/ep123"),
        ("https://bili2233.cn/AbCdEf1", Kind.SHORT, "https://bili2233.cn/AbCdEf1"),
    ],
)
def test_each_form_has_one_address(text: str, kind: Kind, url: str) -> None:
    page = page_of(text)
    assert page is not None
    assert (page.kind, page.url) == (kind, url)
    assert page_of(page.url) == page


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "av",
        "av0",
        "av2251799813685248",
        "av99999999999999999999",
        "BV1xx411c7m",
        "epic",
        "ss",
        "hello world",
        f"{MAIN}/",
        f"{MAIN}/video/BV1xx",
        f"{MAIN}/festival/2026",
        f"{MAIN}/opus/1",
        f"{SPACE}/42/favlist",
        f"{SPACE}/me",
        "https://www.bilibili.tv/en/video/1",
        "https://live.bilibili.com/p/html",
        "https://video.test/video/BV17x411w7KC",
        "https://www.bilibili.com.evil.test/video/BV17x411w7KC",
        "https://www.bilibili.com@evil.test/video/BV17x411w7KC",
        "https://www.bilibili.com:8080/video/BV17x411w7KC",
        "ftp://www.bilibili.com/video/BV17x411w7KC",
        "https://b23.tv/",
        "https://b23.tv/../etc",
        "https://[",
        "BV17x411w7KC\nx",
        "https://live.bilibili.com/٢١",
    ],
)
def test_what_is_none_is_none(text: object) -> None:
    assert page_of(text) is None


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    page_of(text)
    page_of(f"https://www.bilibili.com/{text}")
    page_of(f"https://b23.tv/{text}")


def test_hosts_of_bilibili_are_its_own_alone() -> None:
    assert is_own_host("www.bilibili.com")
    assert is_own_host("b23.tv")
    assert not is_own_host("evil-bilibili.com")
    assert not is_own_host("bilibili.com.evil.test")
    assert not is_own_host("")
