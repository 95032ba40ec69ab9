"""Observing what one's own player needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from synctv.application.library.items import NewItem
from synctv.application.playback.commands import Order, Pause, Select, Stop
from synctv.application.ports.providers import Login, Manifest, PlayRequest, Provider, ResolvedSource, Source
from synctv.application.realtime.messages import (
    Changed,
    Mode,
    Observe,
    Observed,
    PlayableQuery,
    PlayableView,
    Unobserve,
)
from synctv.application.realtime.playables import MARGIN_SECONDS, RETRY_SECONDS
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container, Delivery, DeliveryMode
from synctv.domain.delivery.profile import ANY, Profile
from synctv.domain.errors import UpstreamUnavailable
from synctv.domain.ids import RoomId, seconds_after
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.actor import AccountActor
from tests.application.realtime.nodes import Nodes, nodes
from tests.application.realtime.watching import Watcher, connect, settle
from tests.applications import Memory


class SlowFilms(Provider):
    """Films whose offers may take their time, run out, or fail."""

    manifest = Manifest("slow", "Slow films", 50)

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.down = False
        self.lasts: float | None = None
        self.product: Memory | None = None
        self.asked = 0

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        return [ResolvedSource(source, str(source["title"]), MediaKind.VIDEO, None)]

    async def play(self, request: PlayRequest) -> Offer:
        self.asked += 1
        await self.may_answer.wait()
        if self.down:
            raise UpstreamUnavailable("slow.test")
        upstream = Upstream(f"https://slow.test/{request.source['title']}?{self.asked}")
        expires = None
        if self.lasts is not None and self.product is not None:
            expires = seconds_after(self.product.clock.now(), self.lasts)
        return Offer((OfferedVariant("a", "A", Container.MP4, upstream, public=True),), expires)


@pytest.fixture
def provider() -> SlowFilms:
    return SlowFilms()


@pytest.fixture
async def server(provider: SlowFilms) -> AsyncIterator[Nodes]:
    async with nodes(films=provider) as server:
        provider.product = server.one
        yield server


@pytest.fixture
def product(server: Nodes) -> Memory:
    return server.one


@pytest.fixture
async def mia(product: Memory) -> AccountActor:
    return await product.account("mia")


@pytest.fixture
async def room(product: Memory, mia: AccountActor) -> RoomId:
    return await product.room(mia)


async def film(product: Memory, actor: AccountActor, room: RoomId, title: str) -> MediaItem:
    return await product.application.items.add(actor, room, NewItem("slow", {"title": title}))


async def select(product: Memory, actor: AccountActor, room: RoomId, item: MediaItem) -> None:
    await product.application.playback.command(actor, room, Order(Select(item.id)))
    await settle()


async def watching(product: Memory, actor: AccountActor, room: RoomId, profile: Profile = ANY) -> Watcher:
    watcher = await connect(product, actor, room)
    await watcher.observe(PlayableQuery(profile))
    await settle()
    return watcher


def urls(watcher: Watcher) -> list[str | None]:
    """The first address of each playable that was told; None for nothing, the error's code for a failure."""
    told: list[str | None] = []
    for view in watcher.values(PlayableView):
        if view.error is not None:
            told.append(getattr(view.error, "code", "?"))
        else:
            told.append(view.playable.variants[0].url if view.playable else None)
    return told


async def test_each_item_is_told_with_what_the_player_needs(product: Memory, mia: AccountActor, room: RoomId) -> None:
    watcher = await watching(product, mia, room)
    assert urls(watcher) == [None]
    await select(product, mia, room, await film(product, mia, room, "one"))
    await select(product, mia, room, await film(product, mia, room, "two"))
    await product.application.playback.command(mia, room, Order(Stop()))
    await settle()
    assert urls(watcher) == [None, "https://slow.test/one?1", "https://slow.test/two?2", None]


async def test_a_change_that_is_none_of_the_item_tells_nothing(
    product: Memory, mia: AccountActor, room: RoomId
) -> None:
    await select(product, mia, room, await film(product, mia, room, "one"))
    watcher = await watching(product, mia, room)
    await product.application.playback.command(mia, room, Order(Pause(3.0)))
    await settle()
    assert len(watcher.values(PlayableView)) == 1


async def test_what_a_player_asks_for_is_heeded(product: Memory, mia: AccountActor, room: RoomId) -> None:
    await select(product, mia, room, await film(product, mia, room, "one"))
    watcher = await watching(product, mia, room, Profile(mode=DeliveryMode.PROXY_ONLY))
    (view,) = watcher.values(PlayableView)
    assert view.playable is not None
    assert [variant.delivery for variant in view.playable.variants] == [Delivery.PROXY]


async def test_a_slow_provider_holds_up_nobody_and_what_comes_too_late_is_not_told(
    product: Memory, mia: AccountActor, room: RoomId, provider: SlowFilms
) -> None:
    first, second = await film(product, mia, room, "one"), await film(product, mia, room, "two")
    watcher = await watching(product, mia, room)
    provider.may_answer.clear()
    await select(product, mia, room, first)
    assert watcher.told(Observed)
    await select(product, mia, room, second)
    provider.may_answer.set()
    await settle()
    assert urls(watcher)[-1] == "https://slow.test/two?2"
    assert "https://slow.test/one?1" not in urls(watcher)


async def test_a_failure_is_told_and_mended(
    product: Memory, mia: AccountActor, room: RoomId, provider: SlowFilms
) -> None:
    provider.down = True
    watcher = await watching(product, mia, room)
    await select(product, mia, room, await film(product, mia, room, "one"))
    assert urls(watcher) == [None, "upstream_unavailable"]
    provider.down = False
    product.clock.advance(RETRY_SECONDS)
    await settle()
    assert urls(watcher)[-1] == "https://slow.test/one?2"


async def test_addresses_are_told_anew_before_they_run_out(
    product: Memory, mia: AccountActor, room: RoomId, provider: SlowFilms
) -> None:
    # Shorter than a silent connection lives, so that the offer itself is kept a little longer than the margin.
    provider.lasts = 280.0
    await select(product, mia, room, await film(product, mia, room, "one"))
    watcher = await watching(product, mia, room)
    for seconds in (280.0 - MARGIN_SECONDS, RETRY_SECONDS - 1):
        product.clock.advance(seconds)
        await settle()
        assert len(watcher.values(PlayableView)) == 1
    product.clock.advance(1)
    await settle()
    assert urls(watcher) == ["https://slow.test/one?1", "https://slow.test/one?2"]


async def test_who_wants_to_be_notified_gets_no_value(product: Memory, mia: AccountActor, room: RoomId) -> None:
    watcher = await connect(product, mia, room)
    await watcher.ask(Observe("it", PlayableQuery(ANY), Mode.NOTIFY, None))
    await settle()
    assert [changed.value for changed in watcher.told(Changed)] == [None]


async def test_nothing_is_asked_for_who_has_ended_it_or_left(
    product: Memory, mia: AccountActor, room: RoomId, provider: SlowFilms
) -> None:
    staying, leaving = await watching(product, mia, room), await watching(product, mia, room)
    await staying.ask(Unobserve("it"))
    product.application.hub.disconnect(leaving.connection)
    await select(product, mia, room, await film(product, mia, room, "one"))
    assert provider.asked == 0


async def test_only_who_added_an_item_is_told_where_it_can_not_be_played_from(
    product: Memory, provider: SlowFilms, mia: AccountActor, room: RoomId
) -> None:
    ben = await product.member("ben", room)
    await select(product, mia, room, await film(product, mia, room, "one"))
    provider.down = True
    own, other = await watching(product, mia, room), await watching(product, ben, room)
    (mine,), (theirs,) = own.values(PlayableView), other.values(PlayableView)
    assert str(mine.error).startswith("slow.test failed: ")
    assert str(theirs.error).startswith("The item's server failed: ")
    assert "slow.test" not in str(theirs.error)
