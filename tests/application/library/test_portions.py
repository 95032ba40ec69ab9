"""Whose calls looking, signing in and checking are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from synctv.application.library.looking import Opened, OpenedDynamic, Pasted, Searched
from synctv.application.limits.portions import AT_ONCE
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.errors import TooManyCalls
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor
from tests.application.house import House, furnished
from tests.application.library.film_server import FilmServer
from tests.applications import CLIENT


@pytest.fixture
def house(passwords: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> House:
    house = furnished(passwords, providers={"nas": FilmServer()})
    monkeypatch.setattr(house.container.portions(), "_patience", 0.01)
    return house


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@asynccontextmanager
async def busy(house: House, actor: AccountActor) -> AsyncIterator[None]:
    """The actor's servers hang."""
    async with AsyncExitStack() as stack:
        for _ in range(AT_ONCE):
            await stack.enter_async_context(house.container.portions().of(actor.id))
        yield


async def sign_in(house: House, actor: AccountActor) -> None:
    await house.application.credentials.sign_in(actor, "nas", "password", {"password": "x"}, CLIENT)


@pytest.mark.parametrize("look", [Pasted("nas:film"), Opened("nas"), Searched("nas", "film")], ids=repr)
async def test_looking_is_a_call_of_who_looks(
    house: House, anna: AccountActor, room: RoomId, look: Pasted | Opened | Searched
) -> None:
    bert = await house.member("Bert", room)
    await sign_in(house, anna)
    await sign_in(house, bert)
    async with busy(house, anna):
        with pytest.raises(TooManyCalls):
            await house.application.looking.look(anna, room, look)
        assert (await house.application.looking.look(bert, room, look)).entries


async def test_a_folder_that_somebody_shares_is_a_call_of_theirs_whoever_looks(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    bert = await house.member("Bert", room)
    await sign_in(house, anna)
    top = await house.application.looking.look(anna, room, Opened("nas"))
    folder = await house.application.adding.add_dynamic(anna, room, top.id, "films", title=None, parent_id=None)
    async with busy(house, bert):
        assert (await house.application.looking.look(bert, room, OpenedDynamic(folder.id))).entries
    async with busy(house, anna):
        with pytest.raises(TooManyCalls):
            await house.application.looking.look(bert, room, OpenedDynamic(folder.id))


async def test_signing_in_and_checking_are_calls_and_what_waits_in_vain_is_no_failed_try(
    house: House, anna: AccountActor
) -> None:
    await sign_in(house, anna)
    (credential,) = await house.application.credentials.list(anna)
    async with busy(house, anna):
        for _ in range(30):
            with pytest.raises(TooManyCalls):
                await sign_in(house, anna)
        with pytest.raises(TooManyCalls):
            await house.application.credentials.check(anna, credential.id)
    await sign_in(house, anna)
    assert (await house.application.credentials.check(anna, credential.id)).state == "good"
