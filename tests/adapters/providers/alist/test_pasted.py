"""Which addresses are certainly of an Alist server."""

from __future__ import annotations

import pytest

from synctv.adapters.providers.alist.pasted import source_of
from tests.adapters.providers.alist.server import signed

SIGN = signed("/x")


@pytest.mark.parametrize(
    "url, source",
    [
        (f"https://a.test/d/films/a%20%23.mkv?sign={SIGN}", ("https://a.test", "/films/a #.mkv", True)),
        (f"https://a.test/alist/p/a.mkv?sign={SIGN}", ("https://a.test/alist", "/a.mkv", True)),
        ("https://a.test/@s/Abc1/films/a.mkv", ("https://a.test", "/@s/Abc1/films/a.mkv", False)),
        ("https://a.test/sub/@s/Abc1", ("https://a.test/sub", "/@s/Abc1", False)),
        ("https://a.test/sd/Abc1/a.mkv?pwd=x", ("https://a.test", "/@s/Abc1/a.mkv", False)),
    ],
)
def test_links_to_files_and_shares_are(url: str, source: tuple[str, str, bool]) -> None:
    server, path, full = source
    assert source_of(url) == {"server": server, "path": path} | ({"full": True} if full else {})


@pytest.mark.parametrize(
    "url",
    [
        "https://a.test/films/a.mkv",
        "https://a.test/d/films/a.mkv",
        "https://a.test/d/films/a.mkv?sign=short:0",
        f"https://a.test/d/a/../b.mkv?sign={SIGN}",
        f"https://a.test/d/a%2Fb.mkv?sign={SIGN}",
        f"https://a.test/d/%FF.mkv?sign={SIGN}",
        f"https://user:password@a.test/d/a.mkv?sign={SIGN}",
        f"ftp://a.test/d/a.mkv?sign={SIGN}",
        "https://a.test/@s/",
    ],
)
def test_others_are_not(url: str) -> None:
    assert source_of(url) is None
