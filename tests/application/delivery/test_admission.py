"""Who may still have what an address was given out for."""

from __future__ import annotations

import pytest

from synctv.application.delivery.admission import CHECKED_SECONDS, Admission, viewer_of
from synctv.application.ports.media_links import MediaClaims
from synctv.domain.errors import Denied, NotFound, TokenExpired, Unauthenticated
from synctv.domain.ids import Micros, RoomId
from synctv.domain.library.item import MediaItem
from synctv.domain.rooms.actor import AccountActor, Actor
from tests.application.house import House
from tests.applications import CLIENT


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@pytest.fixture
async def film(house: House, anna: AccountActor, room: RoomId) -> MediaItem:
    return await house.film(anna, room, "Film")


@pytest.fixture
def admission(house: House) -> Admission:
    application = house.application
    return Admission(house.transactions, application.members.access, application.identity, house.clock)


def claims(film: MediaItem, actor: Actor) -> MediaClaims:
    return MediaClaims(film.room_id, film.id, viewer_of(actor), "v:source", "", Micros(0))


async def test_members_and_guests_get_the_item(
    house: House, admission: Admission, anna: AccountActor, film: MediaItem
) -> None:
    for actor in (anna, await house.member("Bert", film.room_id), await house.guest(film.room_id)):
        assert await admission.item(claims(film, actor)) == film


async def test_strangers_do_not(house: House, admission: Admission, film: MediaItem) -> None:
    with pytest.raises(Denied):
        await admission.item(claims(film, await house.account("Stranger")))


async def test_who_signed_out_does_not_after_a_moment(
    house: House, admission: Admission, anna: AccountActor, film: MediaItem
) -> None:
    await admission.item(claims(film, anna))
    await house.application.sessions.sign_out(anna, CLIENT)
    await admission.item(claims(film, anna))
    house.clock.advance(CHECKED_SECONDS)
    with pytest.raises(TokenExpired):
        await admission.item(claims(film, anna))


async def test_a_guest_whose_access_ended_does_not(house: House, admission: Admission, film: MediaItem) -> None:
    guest = await house.guest(film.room_id)
    async with house.transactions.write() as tx:
        room = await tx.rooms.get(film.room_id, lock=True)
        assert room is not None
        await tx.rooms.update(room.without_guests(), room.version)
    with pytest.raises(Unauthenticated):
        await admission.item(claims(film, guest))


async def test_a_removed_item_is_gone(house: House, admission: Admission, anna: AccountActor, film: MediaItem) -> None:
    await house.application.items.delete(anna, film.room_id, film.id)
    with pytest.raises(NotFound):
        await admission.item(claims(film, anna))


async def test_what_was_looked_at_is_not_looked_at_again_for_a_moment(
    house: House, admission: Admission, anna: AccountActor, film: MediaItem
) -> None:
    await admission.item(claims(film, anna))
    await house.application.items.delete(anna, film.room_id, film.id)
    house.clock.advance(CHECKED_SECONDS - 1)
    assert await admission.item(claims(film, anna)) == film
