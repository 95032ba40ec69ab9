"""Where an item lies is told to who added it and to nobody else, whatever goes wrong there."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator

import pytest

from synctv.application.delivery.offers import FAILED_SECONDS
from synctv.application.delivery.shared import FAILED_SECONDS as SHARED_SECONDS
from synctv.application.library.items import NewItem
from synctv.application.playback.commands import Order, Select
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.delivery.offer import OfferedDanmaku, OfferedSubtitle, OfferedVariant
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import DomainError, Invalid, UpstreamCredential, UpstreamMissing, UpstreamUnavailable
from synctv.domain.rooms.actor import Actor
from tests.entrypoints.http.screening import Got, Screening, page, playlist, screening

HOST = "127.0.0.1"


@pytest.fixture
async def hall(passwords: PasswordHasher) -> AsyncIterator[Screening]:
    async with screening(passwords) as opened:
        yield opened


async def asked(hall: Screening, actor: Actor, path: str) -> Got:
    """What somebody gets once nothing is remembered of how it failed before."""
    hall.memory.clock.advance(max(FAILED_SECONDS, SHARED_SECONDS))
    return await hall.get(path)


async def must_be_discreet(hall: Screening, part: str) -> None:
    """Asks for a part of the item as who added it, as another member and as a guest."""
    bob, guest = await hall.memory.member("Bob", hall.room), await hall.memory.guest(hall.room)

    def at(actor: Actor) -> str:
        addresses = hall.addresses(actor)
        parts = {"subtitle": addresses.subtitle, "danmaku": addresses.danmaku}
        return parts[part]("main") if part in parts else addresses.variant("main", Container(part))

    own = await asked(hall, hall.anna, at(hall.anna))
    assert own.detail.startswith(HOST), own.body
    for other in (bob, guest):
        got = await asked(hall, other, at(other))
        assert got.detail.startswith("The item's server failed: "), got.body
        assert got.problem == own.problem
        assert HOST not in got.text
        assert str(hall.server.port) not in got.text


# ---------------------------------------------------------------- the proxy


@pytest.mark.parametrize("status", [401, 403, 404, 418, 429, 500])
async def test_a_film_that_its_server_refuses(hall: Screening, status: int) -> None:
    hall.shows("/gone.mp4", Container.MP4)
    hall.pages["/gone.mp4"] = page("no", status)
    await must_be_discreet(hall, "mp4")


async def test_a_playlist_that_is_none(hall: Screening) -> None:
    hall.shows("/page.m3u8")
    hall.pages["/page.m3u8"] = page("<!doctype html>", content_type="text/html")
    await must_be_discreet(hall, "hls")


async def test_a_live_stream_that_is_over(hall: Screening) -> None:
    hall.shows("/live.flv", Container.FLV, live=True)
    hall.pages["/live.flv"] = page("<!doctype html>", content_type="text/html")
    await must_be_discreet(hall, "flv")


@pytest.mark.parametrize("part", ["subtitle", "danmaku"])
async def test_texts_that_are_gone(hall: Screening, part: str) -> None:
    film = OfferedVariant("main", "Main", Container.MP4, hall.upstream())
    text = hall.upstream("/text")
    hall.offers(
        film, subtitles=(OfferedSubtitle("main", "S", text),), danmaku=(OfferedDanmaku("main", "D", text, None),)
    )
    hall.pages["/text"] = page("gone", 404)
    await must_be_discreet(hall, part)


async def test_a_segment_that_is_gone(hall: Screening) -> None:
    bob = await hall.memory.member("Bob", hall.room)
    hall.shows("/list.m3u8")
    hall.pages["/list.m3u8"] = playlist("one.ts")
    hall.pages["/one.ts"] = page("gone", 404)
    said = []
    for actor in (hall.anna, bob):
        at = hall.address(actor)
        (line,) = [one for one in (await hall.get(at)).text.splitlines() if one and not one.startswith("#")]
        said.append((await asked(hall, actor, f"{at.rpartition('/')[0]}/{line}")).detail)
    assert said[0].startswith(HOST)
    assert said[1].startswith("The item's server failed: ")
    assert HOST not in said[1]


async def test_a_private_address(passwords: PasswordHasher) -> None:
    async with screening(passwords, allow=[]) as hall:
        hall.shows("/film.mp4", Container.MP4)
        own = await hall.get(hall.address(container=Container.MP4))
        assert f"synctv egress allow {HOST}" in own.detail
        await must_be_discreet(hall, "mp4")


async def test_a_server_whose_address_viewers_are_given_is_named(hall: Screening) -> None:
    bob = await hall.memory.member("Bob", hall.room)
    hall.offers(OfferedVariant("main", "Main", Container.MP4, hall.upstream("/gone.mp4"), public=True))
    hall.pages["/gone.mp4"] = page("gone", 404)
    assert (await hall.get(hall.address(bob, Container.MP4))).detail.startswith(HOST)


async def test_the_log_tells_the_operator_where_it_was(hall: Screening, caplog: pytest.LogCaptureFixture) -> None:
    bob = await hall.memory.member("Bob", hall.room)
    hall.shows("/gone.mp4", Container.MP4)
    hall.pages["/gone.mp4"] = page("gone", 404)
    with caplog.at_level(logging.INFO, logger="synctv.application.library.discretion"):
        await hall.get(hall.address(bob, Container.MP4))
    assert HOST in caplog.text


# ---------------------------------------------------------------- what plays


FAILURES: list[DomainError] = [
    UpstreamUnavailable("nas.alice.example:8096"),
    UpstreamMissing("nas.alice.example", "nas.alice.example has moved."),
    UpstreamCredential("nas.alice.example", provider="nas", server="https://nas.alice.example"),
    Invalid.field("source.url", "https://nas.alice.example can't be read.", "format"),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.code)
async def test_what_a_room_plays(hall: Screening, failure: DomainError) -> None:
    ada, ada_is = await hall.memory.signed_in("Ada")
    await hall.memory.application.members.join(ada, hall.room, None, "")
    bob, bob_is = await hall.memory.signed_in("Bob")
    await hall.memory.application.members.join(bob, hall.room, None, "")
    item = await hall.memory.application.items.add(ada, hall.room, NewItem("direct", {"url": "https://x.example/"}))
    await hall.memory.application.playback.command(hall.anna, hall.room, Order(Select(item.id)))
    hall.projector.offers = [failure]
    path = f"/api/v1/rooms/{hall.room}/playable"
    own = await hall.get(path, authorization=f"Bearer {ada_is.access_token}")
    other = await hall.get(path, authorization=f"Bearer {bob_is.access_token}")
    through = await hall.get(hall.addresses(bob, item).variant("main", Container.MP4))
    assert "alice" in own.text
    for got in (other, through):
        assert json.loads(got.body)["detail"].startswith("The item's server failed: ")
        assert "alice" not in got.text
