"""Which addresses are certainly of a WebDAV server."""

from __future__ import annotations

import pytest

from synctv.adapters.providers.webdav.pasted import source_of
from synctv.adapters.providers.webdav.products import PRODUCTS, known_address

NEXT: dict[str, object] = {"product": "nextcloud"}
ANNA = NEXT | {"account": "u-7"}


@pytest.mark.parametrize(
    "url, server, path, more",
    [
        ("davs://nas.test:5006/films/a%20%23.mkv", "https://nas.test:5006", "/films/a #.mkv", {"full": True}),
        ("webdav://nas.test/a.mkv", "http://nas.test", "/a.mkv", {"full": True}),
        ("https://c.test/n/remote.php/dav/files/u-7/a/b.mkv", "https://c.test/n", "/a/b.mkv", ANNA),
        ("davs://c.test/remote.php/dav/files/u%407/b.mkv", "https://c.test", "/b.mkv", ANNA | {"account": "u@7"}),
        ("https://c.test/remote.php/webdav/a.mkv", "https://c.test", "/a.mkv", NEXT),
        ("https://s.test/seafdav/Library/a.mkv", "https://s.test", "/Library/a.mkv", {"product": "seafile"}),
        ("https://c.test/index.php/apps/files/files/1?dir=/100%25%20films", "https://c.test", "/100% films", NEXT),
        ("https://c.test/apps/files/?dir=/films", "https://c.test", "/films", NEXT),
    ],
)  # fmt: skip
def test_those_that_say_so_are(url: str, server: str, path: str, more: dict[str, object]) -> None:
    assert source_of(url) == {"server": server, "path": path} | more


@pytest.mark.parametrize(
    "url",
    [
        "https://nas.test/films/a.mkv",
        "https://nas.test/dav/a.mkv",
        "davs://nas.test",
        "davs://user:password@nas.test/a.mkv",
        "davs://nas.test/a/../b.mkv",
        "davs://nas.test/a%2Fb.mkv",
        "https://c.test/apps/files/?dir=/",
        "https://c.test/apps/files/?dir=/../x",
        "https://c.test/remote.php/dav/files/u-7/",
    ],
)
def test_others_are_not(url: str) -> None:
    assert source_of(url) is None


@pytest.mark.parametrize(
    "product, entered, known",
    [
        ("nextcloud", "https://c.test/nc/index.php/apps/files/files", "https://c.test/nc"),
        ("nextcloud", "https://c.test/remote.php/dav/files/u-7", "https://c.test"),
        ("nextcloud", "https://c.test/login", "https://c.test"),
        ("nextcloud", "https://c.test/index.phpx", "https://c.test/index.phpx"),
        ("seafile", "https://s.test/seafdav", "https://s.test"),
        ("cloudreve", "https://cr.test/dav", "https://cr.test"),
        ("qnap", "https://nas.test/dav/Multimedia", "https://nas.test/dav/Multimedia"),
    ],
)
def test_what_people_copy_leads_to_the_address_of_the_server(product: str, entered: str, known: str) -> None:
    assert known_address(PRODUCTS[product], entered) == known
