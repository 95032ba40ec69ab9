"""Rooms coming into being, changing and going."""

from __future__ import annotations

import pytest

from synctv.adapters.memory.ids import MemoryIds
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.rooms.lifecycle import NewRoom, RoomEdit
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.errors import AlreadyExists, Denied, Invalid, NotFound, QuotaExceeded, VersionConflict
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.events import RoomChanged, RoomDeleted
from synctv.domain.rooms.permissions import EVERYTHING, RoomRole
from synctv.domain.rooms.room import RoomStatus, Visibility
from synctv.domain.rooms.settings import RoomSettings
from tests.application.house import House, furnished


class StutteringIds(MemoryIds):
    """Draws the same number so many times before it goes on."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times

    def random(self, bits: int) -> int:
        """A number of so many bits."""
        if self._left == 0:
            return super().random(bits)
        self._left -= 1
        return 7


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


async def test_a_new_room_has_its_creator_inside_and_shows_nothing(house: House, anna: AccountActor) -> None:
    room = await house.application.rooms.create(anna, NewRoom("  Film   night ", " Fridays "))
    view = await house.application.directory.get(anna, room)
    assert (view.room.name, view.room.description, view.room.visibility) == (
        "Film night",
        "Fridays",
        Visibility.UNLISTED,
    )
    assert (view.members, view.online, view.now_playing) == (1, 0, None)
    assert view.standing is not None
    assert (view.standing.role, view.standing.permissions) == (RoomRole.CREATOR, EVERYTHING)
    assert view.room.owner == anna.ref


async def test_guests_make_no_rooms(house: House, anna: AccountActor) -> None:
    guest = await house.guest(await house.room(anna))
    with pytest.raises(Denied, match="Sign in first"):
        await house.application.rooms.create(guest, NewRoom("Mine"))


@pytest.mark.parametrize(
    "new, path",
    [
        (NewRoom(" "), "name"),
        (NewRoom("Cinema", "x" * 2_001), "description"),
        (NewRoom("Cinema", password=""), "password"),
        (NewRoom("Cinema", password="x" * 65), "password"),
        (NewRoom("Cinema", settings=RoomSettings(max_members=0)), "settings.maxMembers"),
    ],
)
async def test_what_makes_no_room_is_refused_and_named(
    house: House, anna: AccountActor, new: NewRoom, path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await house.application.rooms.create(anna, new)
    assert [error.path for error in refused.value.errors] == [path]
    assert not house.state.rooms


async def test_an_account_has_only_so_many_rooms_and_deleting_makes_place(passwords: PasswordHasher) -> None:
    house = furnished(passwords, max_rooms=2)
    anna, bert = await house.account("Anna"), await house.account("Bert")
    first, _ = await house.room(anna), await house.room(anna)
    with pytest.raises(QuotaExceeded, match="rooms of yours"):
        await house.room(anna)
    assert await house.room(bert)
    await house.application.rooms.delete(anna, first)
    assert await house.room(anna)


async def test_a_code_that_is_taken_is_drawn_again(passwords: PasswordHasher) -> None:
    house = furnished(passwords, ids=StutteringIds(times=5))
    anna = await house.account("Anna")
    rooms = [await house.room(anna) for _ in range(2)]
    assert len({house.state.rooms[room].code for room in rooms}) == 2


async def test_drawing_codes_is_given_up_at_last(passwords: PasswordHasher) -> None:
    house = furnished(passwords, ids=StutteringIds(times=6))
    anna = await house.account("Anna")
    await house.room(anna)
    with pytest.raises(AlreadyExists):
        await house.room(anna)
    assert len(house.state.rooms) == 1
    assert await house.room(anna)


async def test_an_edit_changes_what_it_names_and_nothing_else(house: House, anna: AccountActor) -> None:
    room = await house.room(anna, max_members=7)
    before = house.state.rooms[room]
    await house.application.rooms.edit(anna, room, RoomEdit(description="New"), before.version)
    after = house.state.rooms[room]
    assert (after.description, after.name, after.settings) == ("New", before.name, before.settings)
    assert after.version == before.version + 1
    assert house.events(room) == [RoomChanged(before.guest_version)]


async def test_a_password_is_set_kept_and_taken_away(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    edit = house.application.rooms.edit
    await edit(anna, room, RoomEdit(password="popcorn"), None)
    stored = house.state.rooms[room].password_hash
    assert stored is not None
    assert "popcorn" not in stored
    await edit(anna, room, RoomEdit(name="Other"), None)
    assert house.state.rooms[room].password_hash == stored
    await edit(anna, room, RoomEdit(password=None), None)
    assert house.state.rooms[room].password_hash is None


async def test_an_edit_of_an_older_version_gets_the_room_as_it_is_now(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    await house.application.rooms.edit(anna, room, RoomEdit(name="First"), 1)
    with pytest.raises(VersionConflict) as conflict:
        await house.application.rooms.edit(anna, room, RoomEdit(name="Second"), 1)
    assert conflict.value.current == house.state.rooms[room]
    assert house.state.rooms[room].name == "First"


async def test_an_edit_that_is_wrong_in_part_changes_nothing(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    wrong = RoomEdit(name="Other", settings=lambda _: RoomSettings(max_members=0))
    with pytest.raises(Invalid):
        await house.application.rooms.edit(anna, room, wrong, None)
    assert house.state.rooms[room].name == "Cinema"
    assert house.events(room) == []


async def test_members_and_guests_do_not_edit(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    for actor in (await house.member("Bert", room), await house.guest(room)):
        with pytest.raises(Denied) as refused:
            await house.application.rooms.edit(actor, room, RoomEdit(name="Mine"), None)
        assert refused.value.permission == "manage_room_settings"


async def test_the_creator_deletes_a_room_once(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    await house.application.rooms.delete(anna, room)
    assert house.state.rooms[room].status is RoomStatus.DELETED
    assert house.events(room) == [RoomDeleted()]
    with pytest.raises(NotFound):
        await house.application.rooms.delete(anna, room)


@pytest.mark.parametrize("role", [GlobalRole.ADMIN, GlobalRole.ROOT])
async def test_an_operator_deletes_any_room(house: House, anna: AccountActor, role: GlobalRole) -> None:
    room = await house.room(anna)
    await house.application.rooms.delete(await house.account("Operator", role), room)
    assert house.state.rooms[room].status is RoomStatus.DELETED


async def test_nobody_else_deletes_a_room(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    member, guest, stranger = await house.member("Bert", room), await house.guest(room), await house.account("Carl")
    for actor in (member, guest, stranger):
        with pytest.raises(Denied):
            await house.application.rooms.delete(actor, room)
    with pytest.raises(NotFound):
        await house.application.rooms.delete(anna, RoomId("room_00000000000000000000000000"))
