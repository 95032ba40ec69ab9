"""What a player gets to show what the room shows."""

from __future__ import annotations

import pytest

from synctv.application.playback.commands import Select, Stop
from synctv.domain.delivery.playable import Delivery, DeliveryMode
from synctv.domain.delivery.profile import Profile
from synctv.domain.errors import Conflict, Denied, NotFound, UpstreamFailed
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor, Actor
from tests.application.house import House
from tests.builders import an_item


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


async def test_everybody_inside_may_play_the_current_item(house: House, anna: AccountActor, room: RoomId) -> None:
    film = await house.film(anna, room, "Film")
    await house.do(anna, room, Select(film.id))
    for actor in (anna, await house.member("Bert", room), await house.guest(room)):
        playable = await house.application.playables.of_current(actor, room)
        assert playable.item_id == film.id
        direct, proxied = playable.variants
        assert (direct.id, direct.delivery, direct.url) == ("source", Delivery.DIRECT, "https://shelf.example/Film.mp4")
        assert (proxied.id, proxied.delivery) == ("source~proxy", Delivery.PROXY)
        assert proxied.url.startswith("/media/v1/")
        assert proxied.url.endswith("/video.mp4")


async def test_each_viewer_has_addresses_of_their_own(house: House, anna: AccountActor, room: RoomId) -> None:
    await house.do(anna, room, Select((await house.film(anna, room)).id))
    actors: list[Actor] = [anna, await house.member("Bert", room), await house.guest(room), await house.guest(room)]
    playables = [await house.application.playables.of_current(actor, room) for actor in actors]
    assert len({playable.variants[1].url for playable in playables}) == len(actors)


async def test_asking_again_gives_the_same_addresses(house: House, anna: AccountActor, room: RoomId) -> None:
    await house.do(anna, room, Select((await house.film(anna, room)).id))
    first = await house.application.playables.of_current(anna, room)
    house.clock.advance(1.0)
    assert await house.application.playables.of_current(anna, room) == first


@pytest.mark.parametrize(
    "mode, ways",
    [
        (DeliveryMode.AUTO, ["direct", "proxy"]),
        (DeliveryMode.DIRECT_PREFERRED, ["direct", "proxy"]),
        (DeliveryMode.PROXY_PREFERRED, ["proxy", "direct"]),
        (DeliveryMode.DIRECT_ONLY, ["direct"]),
        (DeliveryMode.PROXY_ONLY, ["proxy"]),
    ],
)
async def test_a_viewer_chooses_the_way(
    house: House, anna: AccountActor, room: RoomId, mode: DeliveryMode, ways: list[str]
) -> None:
    await house.do(anna, room, Select((await house.film(anna, room)).id))
    playable = await house.application.playables.of_current(anna, room, Profile(mode=mode))
    assert [variant.delivery for variant in playable.variants] == ways


async def test_nobody_else_may(house: House, anna: AccountActor, room: RoomId) -> None:
    stranger, guest_elsewhere = await house.account("Stranger"), await house.guest(await house.room(anna))
    with pytest.raises(Denied, match="Join it first"):
        await house.application.playables.of_current(stranger, room)
    with pytest.raises(NotFound):
        await house.application.playables.of_current(guest_elsewhere, room)


async def test_nothing_can_be_played_while_nothing_is_selected(house: House, anna: AccountActor, room: RoomId) -> None:
    with pytest.raises(Conflict, match="Nothing is selected"):
        await house.application.playables.of_current(anna, room)
    await house.do(anna, room, Select((await house.film(anna, room)).id))
    await house.do(anna, room, Stop())
    with pytest.raises(Conflict, match="Nothing is selected"):
        await house.application.playables.of_current(anna, room)


async def test_an_item_of_a_provider_that_is_gone_says_so(house: House, anna: AccountActor, room: RoomId) -> None:
    orphan = an_item(room, provider="gone")
    async with house.transactions.write() as tx:
        await tx.library.add(orphan)
    await house.do(anna, room, Select(orphan.id))
    with pytest.raises(UpstreamFailed, match="no longer has the provider"):
        await house.application.playables.of_current(anna, room)
