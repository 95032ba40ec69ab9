"""The page: its files, its addresses, and what it says when it was not built."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from synctv.application.ports.passwords import PasswordHasher
from synctv.entrypoints.http.static_files import find_file
from tests.entrypoints.http.api import OPTIONS, Api, serving_api

DOCUMENT = b"<!doctype html><title>SyncTV</title>"
SCRIPT = b"console.log('hello')"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(DOCUMENT)
    (folder / "favicon.svg").write_bytes(b"<svg/>")
    (folder / "assets" / "app-3f2a.js").write_bytes(SCRIPT)
    (folder / "assets" / "app-3f2a.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "app-3f2a.js.br").write_bytes(b"brotli")
    (folder / ".secret").write_bytes(b"no")
    (tmp_path / "outside.txt").write_bytes(b"no")
    (folder / "way-out.txt").symlink_to(tmp_path / "outside.txt")
    return folder


@pytest.fixture
async def site(passwords: PasswordHasher, built: Path) -> AsyncIterator[Api]:
    async with serving_api(passwords, replace(OPTIONS, page=built)) as api:
        yield api


@pytest.mark.parametrize(
    "path", ["//", "//setup", "//r/ABCD2345", "//rooms/room_01jh1qmzmaexwrnk0zx5xcd5vj", "//a/b/c/"]
)
async def test_every_address_of_the_page_is_its_document(site: Api, path: str) -> None:
    answer = await site.get(path)
    assert (answer.status, answer.body) == (200, DOCUMENT)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "form-action 'self'"} <= set(policy)
    abilities = answer.headers["permissions-policy"].split(", ")
    assert {"publickey-credentials-get=(self)", "publickey-credentials-create=(self)", "camera=()"} <= set(abilities)


async def test_hashed_files_are_kept_for_ever(site: Api) -> None:
    answer = await site.get("//assets/app-3f2a.js", headers={"accept-encoding": "identity"})
    assert (answer.status, answer.body) == (200, SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "accepted,encoding",
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_packed_files_go_to_who_can_unpack_them(site: Api, accepted: str, encoding: str | None) -> None:
    answer = await site.get("//assets/app-3f2a.js", headers={"accept-encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_a_browser_that_has_the_document_is_told_so(site: Api) -> None:
    etag = (await site.get("//")).headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        answer = await site.get("//rooms", headers={"if-none-match": known})
        assert (answer.status, answer.body) == (304, b"")
    assert (await site.get("//", headers={"if-none-match": '"other"'})).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "//assets/missing.js",
        "//missing.png",
        "//.secret",
        "//way-out.txt",
        "//../outside.txt",
        "//assets/../../outside.txt",
        "//%2e%2e/outside.txt",
        "//..%2foutside.txt",
        "//assets%5c..%5c..%5coutside.txt",
        "//api/index.html",
        "//API/x",
        "//media/index",
    ],
)
async def test_nothing_else_is_served(site: Api, path: str) -> None:
    answer = await site.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize("relative", ["..", "../outside.txt", "a\0b", "a\\b", "", "assets", "assets/", "./index.html"])
def test_no_path_leads_out_of_the_folder(built: Path, relative: str) -> None:
    assert find_file(built, relative, "") is None


async def test_the_page_takes_no_posts(site: Api) -> None:
    answer = await site.post("//setup", {})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_page_that_was_not_built_says_how(passwords: PasswordHasher, tmp_path: Path) -> None:
    async with serving_api(passwords, replace(OPTIONS, page=tmp_path / "none")) as api:
        answer = await api.get("//")
        assert answer.status == 404
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert b"make serve" in answer.body
        assert (await api.get("//favicon.ico")).status == 404
