"""What every provider promises."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.direct.provider import DirectProvider
from synctv.adapters.serialization.codec import decode, encode
from synctv.application.ports.providers import Provider, ResolvedSource
from synctv.domain.errors import Invalid
from synctv.domain.ids import ItemId, Micros, RoomId
from synctv.domain.library.item import MAX_DURATION_SECONDS, MediaItem, valid_title
from synctv.domain.rooms.actor import ActorKind, ActorRef

Case = tuple[Provider, Mapping[str, object]]


def direct() -> Case:
    fetch = MemoryFetch()
    url = "https://media.test/A%20Film.m3u8"
    fetch.answers(url, b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\na.ts\n#EXT-X-ENDLIST\n")
    return DirectProvider(fetch), {"url": f" {url}#t=1 "}


@pytest.fixture(params=[direct])
def case(request: pytest.FixtureRequest) -> Case:
    """A provider, and a source that it can resolve, as a person might give it."""
    found: Case = request.param()
    return found


def as_item(provider: Provider, resolved: ResolvedSource) -> MediaItem:
    """The item that is stored for it."""
    ann = ActorRef("usr_1", "Ann", ActorKind.ACCOUNT)
    return MediaItem(
        id=ItemId("item_1"),
        room_id=RoomId("room_1"),
        folder_id=None,
        title=resolved.title,
        provider=provider.name,
        kind=resolved.kind,
        source=resolved.source,
        duration=resolved.duration,
        added_by=ann,
        added_at=Micros(1),
        rank=0,
        version=1,
    )


async def test_what_is_resolved_fits_into_an_item(case: Case) -> None:
    provider, source = case
    resolved = await provider.resolve(source)
    assert provider.name
    assert valid_title(resolved.title) == resolved.title
    assert resolved.duration is None or 0 < resolved.duration <= MAX_DURATION_SECONDS


async def test_the_normal_form_of_a_source_is_stable(case: Case) -> None:
    provider, source = case
    resolved = await provider.resolve(source)
    assert await provider.resolve(resolved.source) == resolved


async def test_a_stored_item_has_something_to_play(case: Case) -> None:
    provider, source = case
    item = as_item(provider, await provider.resolve(source))
    playable = await provider.play(decode(MediaItem, encode(item)))
    assert playable.item_id == item.id
    assert playable.variants
    assert len({variant.id for variant in playable.variants}) == len(playable.variants)
    assert all(variant.url.startswith(("http://", "https://")) for variant in playable.variants)


@pytest.mark.parametrize("source", [{}, {"url": None}, {"url": {"a": 1}}, {"nonsense": [1]}])
async def test_a_source_that_is_none_is_invalid_below_source(case: Case, source: Mapping[str, object]) -> None:
    provider, _ = case
    with pytest.raises(Invalid) as caught:
        await provider.resolve(source)
    assert all(error.path.startswith("source") for error in caught.value.errors)
