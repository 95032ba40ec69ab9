"""Media that their server calls a page, and pages that it sends in the place of media: over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.delivery.playable import Container
from tests.application.delivery.media_server import Behaviour, Exchange, Film
from tests.entrypoints.http.screening import Got, Screening, page, playlist, screening

SEGMENT = b"\x47\x40\x11\x10" + Film(200_000, seed=7).body
PAGES = [b"\xef\xbb\xbf \r\n<!DOCTYPE html><html>over</html>", b"<html>" + b"x" * 70_000, b"<?xml?><html/>"]


@pytest.fixture
async def hall(passwords: PasswordHasher) -> AsyncIterator[Screening]:
    async with screening(passwords) as opened:
        yield opened


def ranged(content: bytes, content_type: str) -> Behaviour:
    """A server that sends parts of this, and calls it so."""

    async def behave(exchange: Exchange) -> None:
        own = Exchange(Film(0), exchange.method, exchange.path, exchange.headers, exchange.writer, 0, exchange.closing)
        own.film.body, own.film.length, own.film.media_type = content, len(content), content_type
        await own.honest()

    return behave


async def segment(hall: Screening, **headers: str) -> Got:
    """What the only segment of the playlist is to a viewer."""
    hall.pages["/list"] = playlist("one.ts")
    hall.shows("/list")
    at = hall.address()
    (line,) = [one for one in (await hall.get(at)).text.splitlines() if one and not one.startswith("#")]
    return await hall.get(urlsplit(f"{at.rpartition('/')[0]}/{line}").path, **headers)


@pytest.mark.parametrize(
    "called", ["text/html", "text/html; charset=utf-8", "image/png", "text/plain", "application/json"]
)
@pytest.mark.parametrize("parts", [True, False])
async def test_a_segment_is_played_whatever_its_server_calls_it(hall: Screening, called: str, parts: bool) -> None:
    hall.pages["/one.ts"] = ranged(SEGMENT, called) if parts else page(SEGMENT, content_type=called)
    got = await segment(hall)
    assert (got.status, got.body) == (200, SEGMENT)
    assert "html" not in got.headers["content-type"]
    assert (await segment(hall)).body == SEGMENT
    if parts:
        assert hall.paths.count("/one.ts") == 1


@pytest.mark.parametrize("content", PAGES, ids=["marked", "long", "xml"])
@pytest.mark.parametrize("called", ["text/html", "application/xhtml+xml", "text/plain"])
@pytest.mark.parametrize("parts", [True, False])
async def test_a_page_is_never_a_segment(hall: Screening, content: bytes, called: str, parts: bool) -> None:
    hall.pages["/one.ts"] = ranged(content, called) if parts else page(content, content_type=called)
    got = await segment(hall)
    assert got.problem == (502, "upstream_format")
    assert "a page in the place of media" in got.detail
    store = hall.memory.container.delivery.sliced().store
    assert store is not None
    assert store.stats().slices == 0


async def test_a_page_that_begins_with_empty_lines_is_no_segment(hall: Screening) -> None:
    hall.pages["/one.ts"] = ranged(b"\r\n" * 400 + b"<!DOCTYPE html><html>over</html>", "text/html")
    assert (await segment(hall)).problem == (502, "upstream_format")


async def test_the_middle_of_a_page_is_no_media_either(hall: Screening) -> None:
    hall.pages["/one.ts"] = ranged(b"<html>" + b"and so on " * 400_000, "text/html")
    assert (await segment(hall, range="bytes=3000000-")).problem == (502, "upstream_format")


async def test_a_live_stream_is_played_whatever_its_server_calls_it(hall: Screening) -> None:
    hall.pages["/live"] = page(b"FLV\x01\x05\x00\x00\x00\x09" + SEGMENT, content_type="text/html")
    hall.shows("/live", Container.FLV, live=True)
    got = await hall.get(hall.address(container=Container.FLV))
    assert got.body == b"FLV\x01\x05\x00\x00\x00\x09" + SEGMENT
    assert got.headers["content-type"] == "application/octet-stream"


async def test_a_page_that_never_comes_is_waited_for_no_longer_than_for_headers(
    hall: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dripping(exchange: Exchange) -> None:
        await exchange.head(200, content_type="text/html", content_length=1_000)
        await exchange.send(b"<")
        await exchange.hang()

    monkeypatch.setattr("synctv.application.delivery.live.HEAD_SECONDS", 0.2)
    hall.pages["/live"] = dripping
    hall.shows("/live", Container.FLV, live=True)
    assert (await hall.get(hall.address(container=Container.FLV))).problem == (504, "upstream_timeout")
