"""Whoever's servers hang uses up their own share of the calls, and nobody else's: through the whole server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from synctv.application.library.items import NewItem
from synctv.application.limits.portions import AT_ONCE
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.delivery.offer import OfferedSubtitle, OfferedVariant
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import ANY
from synctv.domain.errors import TooManyCalls
from tests.entrypoints.http.screening import Screening, page, playlist, screening


@pytest.fixture
async def hall(passwords: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Screening]:
    async with screening(passwords) as opened:
        portions = opened.memory.container.portions()
        monkeypatch.setattr(portions, "_patience", 0.05)
        yield opened


async def test_what_somebody_added_asks_at_their_expense_whoever_watches(hall: Screening) -> None:
    bob = await hall.memory.member("Bob", hall.room)
    bobs = await hall.memory.application.items.add(bob, hall.room, NewItem("direct", {"url": "https://x.example/"}))
    hall.pages["/list.m3u8"] = playlist("one.ts")
    hall.pages["/text"] = page("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    media = OfferedVariant("main", "Main", Container.HLS, hall.upstream("/list.m3u8"))
    hall.offers(media, subtitles=(OfferedSubtitle("main", "S", hall.upstream("/text")),))
    theirs, ours = hall.addresses(hall.anna, bobs), hall.addresses(hall.anna)
    async with AsyncExitStack() as hanging:
        for _ in range(AT_ONCE):
            await hanging.enter_async_context(hall.memory.container.portions().of(bob.id))
        got = await hall.get(theirs.variant("main", Container.HLS))
        assert got.problem == (429, "too_many_calls")
        assert got.headers["retry-after"] == "1"
        assert (await hall.get(ours.variant("main", Container.HLS))).status == 200
        assert (await hall.get(ours.subtitle("main"))).status == 200
        with pytest.raises(TooManyCalls):
            await hall.memory.application.items.add(bob, hall.room, NewItem("direct", {"url": "https://x.example/"}))
        hall.memory.clock.advance(10)
    assert (await hall.get(theirs.variant("main", Container.HLS))).status == 200


@pytest.mark.parametrize("part", ["playlist", "subtitle"])
async def test_a_playlist_and_a_text_are_calls_of_who_added_the_item(hall: Screening, part: str) -> None:
    hall.pages["/list.m3u8"] = playlist("one.ts")
    hall.pages["/text"] = page("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    media = OfferedVariant("main", "Main", Container.HLS, hall.upstream("/list.m3u8"))
    hall.offers(media, subtitles=(OfferedSubtitle("main", "S", hall.upstream("/text")),))
    addresses = hall.addresses()
    await hall.memory.container.delivery.offers().of(hall.item, ANY.player)
    at = addresses.subtitle("main") if part == "subtitle" else addresses.variant("main", Container.HLS)
    async with AsyncExitStack() as hanging:
        for _ in range(AT_ONCE):
            await hanging.enter_async_context(hall.memory.container.portions().of(hall.anna.id))
        assert (await hall.get(at)).problem == (429, "too_many_calls")
    hall.memory.clock.advance(10)
    assert (await hall.get(at)).status == 200
