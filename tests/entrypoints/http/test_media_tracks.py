"""Films whose picture and sound lie in files of their own, played as DASH through the whole server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from synctv.application.delivery.shared import FAILED_SECONDS
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.delivery.offer import Offer, OfferedVariant, Track, Tracks
from synctv.domain.delivery.playable import Container
from tests.application.delivery.media_server import Behaviour, Exchange, Film
from tests.domain.delivery.test_media_index import MP4, WEBM
from tests.entrypoints.http.screening import Screening, page, screening

DASH = {"d": "urn:mpeg:dash:schema:mpd:2011"}


def file(content: bytes) -> Behaviour:
    """A server of one file, with ranges."""
    film = Film(len(content))
    film.body = content

    async def behave(exchange: Exchange) -> None:
        exchange.film = film
        await exchange.honest()

    return behave


@pytest.fixture
async def hall(passwords: PasswordHasher) -> AsyncIterator[Screening]:
    async with screening(passwords) as opened:
        opened.pages |= {"/v.mp4": file(MP4), "/w.webm": file(WEBM), "/a.mp4": file(MP4 + b"sound")}
        yield opened


def picture(hall: Screening, path: str = "/v.mp4", id: str = "v/1", **changes: object) -> Track:
    container = Container.WEBM if path.endswith("webm") else Container.MP4
    upstream = hall.upstream(path, {"Referer": "https://films.test/"}, key=f"film {path}")
    track = Track(id, upstream, container, "avc1.64001f", 1_000_000, width=1920, height=1080)
    return replace(track, **changes)  # type: ignore[arg-type]


def sound(hall: Screening, path: str = "/a.mp4") -> Track:
    return Track("a", hall.upstream(path, key=f"film {path}"), Container.MP4, "mp4a.40.2", 128_000)


def offer(*video: Track, audio: tuple[Track, ...] = (), duration: float = 4.5) -> Offer:
    return Offer((OfferedVariant("main", "", Container.DASH, Tracks(duration, video, audio)),))


async def manifest(hall: Screening) -> tuple[str, list[tuple[str, str, str]]]:
    """The address of the manifest; address, head and index of each track in it."""
    at = hall.address(container=Container.DASH)
    got = await hall.get(at)
    assert (got.status, got.headers["content-type"]) == (200, "application/dash+xml"), got.body
    tracks = []
    for representation in ElementTree.fromstring(got.body).iterfind(".//d:Representation", DASH):
        base = representation.find("d:BaseURL", DASH)
        segment = representation.find("d:SegmentBase", DASH)
        initial = representation.find("d:SegmentBase/d:Initialization", DASH)
        assert base is not None
        assert segment is not None
        assert initial is not None
        url = f"{at.rpartition('/')[0]}/{base.text}"
        tracks.append((url, initial.attrib["range"], segment.attrib["indexRange"]))
    return at, tracks


async def test_a_film_in_tracks_is_played_by_the_ranges_that_its_manifest_names(hall: Screening) -> None:
    hall.projector.offers = [offer(picture(hall), picture(hall, "/w.webm", "w"), audio=(sound(hall),))]
    _, tracks = await manifest(hall)
    assert len(tracks) == 3
    (mp4,) = [track for track in tracks if track[0].endswith("/track.mp4") and await size(hall, track[0]) == len(MP4)]
    for asked, begins in ((mp4[1], MP4[:8]), (mp4[2], MP4[MP4.index(b"sidx") - 4 :][:8])):
        got = await hall.get(mp4[0], range=f"bytes={asked}")
        assert got.status == 206
        assert got.body.startswith(begins)
    assert {exchange.headers.get("referer") for exchange in hall.server.seen if exchange.path == "/v.mp4"} == {
        "https://films.test/"
    }


async def size(hall: Screening, url: str) -> int:
    return len((await hall.get(url)).body)


async def test_a_crowd_causes_the_beginning_of_each_track_to_be_read_once(hall: Screening) -> None:
    hall.projector.offers = [offer(picture(hall), audio=(sound(hall),))]
    guests = [await hall.memory.guest(hall.room, f"Guest {number}") for number in range(30)]
    answers = await asyncio.gather(*(hall.get(hall.address(guest, Container.DASH)) for guest in guests))
    assert {got.status for got in answers} == {200}
    assert len({got.body for got in answers}) == 30
    assert sorted(hall.paths) == ["/a.mp4", "/v.mp4"]


async def test_a_track_without_an_index_is_left_out(hall: Screening) -> None:
    hall.pages["/bad.mp4"] = page(b"no film at all")
    hall.projector.offers = [offer(picture(hall, "/bad.mp4", "bad"), picture(hall), audio=(sound(hall),))]
    _, tracks = await manifest(hall)
    assert len(tracks) == 2


@pytest.mark.parametrize(
    "status, code", [(403, "upstream_refused"), (404, "upstream_not_found"), (500, "upstream_unavailable")]
)
async def test_a_film_without_any_sound_that_should_have_some_is_refused(
    hall: Screening, status: int, code: str
) -> None:
    hall.pages["/a.mp4"] = page(b"", status)
    hall.projector.offers = [offer(picture(hall), audio=(sound(hall),))]
    at = hall.address(container=Container.DASH)
    for _ in range(3):
        assert (await hall.get(at)).problem == (502, code)
    assert hall.paths.count("/a.mp4") <= 2
    hall.pages["/a.mp4"] = file(MP4)
    hall.memory.clock.advance(FAILED_SECONDS)
    assert (await hall.get(at)).status == 200


async def test_tracks_that_are_no_film_are_refused(hall: Screening) -> None:
    hall.pages["/v.mp4"] = page(b"<html>log in</html>", content_type="text/html")
    hall.projector.offers = [offer(picture(hall))]
    assert (await hall.get(hall.address())).problem == (502, "upstream_format")


@pytest.mark.parametrize("duration", [0.0, float("nan"), -1.0])
async def test_a_film_that_makes_no_sense_is_refused(hall: Screening, duration: float) -> None:
    hall.projector.offers = [offer(picture(hall), duration=duration)]
    assert (await hall.get(hall.address())).problem == (502, "upstream_format")


async def test_a_container_that_can_not_be_put_together_is_left_out(hall: Screening) -> None:
    hall.projector.offers = [offer(picture(hall, id="f", container=Container.FLV), picture(hall))]
    _, tracks = await manifest(hall)
    assert len(tracks) == 1
    hall.projector.offers = [offer(picture(hall, id="f", container=Container.FLV))]
    hall.memory.clock.advance(600)
    assert (await hall.get(hall.address())).problem == (502, "upstream_format")


async def test_a_track_whose_address_has_run_out_is_asked_for_anew(hall: Screening) -> None:
    hall.pages["/old.mp4"] = page(b"", 403)
    old = picture(hall, "/old.mp4", "v")
    new = replace(picture(hall, "/v.mp4", "v"), upstream=replace(hall.upstream("/v.mp4"), key=old.upstream.key))
    hall.projector.offers = [offer(old), offer(new)]
    _, tracks = await manifest(hall)
    assert (await hall.get(tracks[0][0])).body == MP4
    assert hall.projector.asked == 2
