"""Which addresses are certainly pages of a Jellyfin or Emby server."""

from __future__ import annotations

import pytest

from synctv.adapters.providers.jellyfin.pasted import source_of


@pytest.mark.parametrize(
    "url, server, item",
    [
        ("https://j.test/web/index.html#!/details?id=abc&serverId=s", "https://j.test", "abc"),
        ("https://j.test/web/#/details?id=abc", "https://j.test", "abc"),
        ("https://x.test/jellyfin/web/index.html#/details?id=abc", "https://x.test/jellyfin", "abc"),
        ("http://emby.lan:8096/web/index.html#!/item?id=4211&serverId=s", "http://emby.lan:8096", "4211"),
        ("https://j.test/web/#/movies?topParentId=lib1", "https://j.test", "lib1"),
    ],
)
def test_pages_of_items_and_libraries_are(url: str, server: str, item: str) -> None:
    assert source_of(url) == {"server": server, "id": item}


@pytest.mark.parametrize(
    "url",
    [
        "https://j.test/web/#/home",
        "https://j.test/web/#/details?id=../../x",
        "https://j.test/details?id=abc",
        "https://j.test/webmail/#/details?id=abc",
        "https://u:p@j.test/web/#/details?id=abc",
        "/web/#/details?id=abc",
    ],
)
def test_others_are_not(url: str) -> None:
    assert source_of(url) is None
