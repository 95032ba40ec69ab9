"""Guests: who gets in, what they may do, and what puts them out."""

from __future__ import annotations

import pytest

from synctv.application.limits.limits import Category, Rate
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.rooms.lifecycle import RoomEdit
from synctv.domain.errors import Denied, Invalid, NotFound, RateLimited, Unauthenticated
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.domain.rooms.events import RoomChanged
from synctv.domain.rooms.permissions import NOTHING, Permission, PermissionChange, RoleChanges, RoomRole
from synctv.domain.rooms.settings import RoomSettings
from tests.application.house import House, furnished
from tests.applications import PLENTY

ADDRESS = "192.0.2.7"


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


async def inside(house: House, actor: Actor, room: RoomId) -> bool:
    """Whether the actor sees the room."""
    try:
        await house.application.directory.get(actor, room)
    except Unauthenticated:
        return False
    return True


async def edit(house: House, by: AccountActor, room: RoomId, change: RoomEdit) -> None:
    await house.application.rooms.edit(by, room, change, None)


async def test_a_guest_enters_by_id_or_code_and_sees_the_room(house: House, room: RoomId) -> None:
    code = house.state.rooms[room].code
    for door in (room, code, f"{code[:4]}-{code[4:]}".lower()):
        admitted = await house.application.guests.enter(door, "  Jane  Doe ", ADDRESS)
        assert (admitted.guest.name, admitted.guest.room_id) == ("Jane Doe", room)
        view = await house.application.directory.get(admitted.guest, room)
        assert view.standing is not None
        assert (view.standing.role, view.standing.permissions) == (RoomRole.GUEST, NOTHING)


async def test_a_guest_sees_the_playback_and_nothing_else(house: House, anna: AccountActor, room: RoomId) -> None:
    guest, app = await house.guest(room), house.application
    assert (await app.playback.current(guest, room)).item is None
    for act, permission in [
        (app.folders.list(guest, room, None, offset=0, limit=10), "browse_library"),
        (app.members.list(guest, room, after=None, limit=10), "view_members"),
        (app.chat.page(guest, room), "view_chat_history"),
        (app.playback.history(guest, room), "browse_library"),
    ]:
        with pytest.raises(Denied) as refused:
            await act
        assert refused.value.permission == permission


async def test_what_the_room_allows_its_guests_holds_at_once(house: House, anna: AccountActor, room: RoomId) -> None:
    guest = await house.guest(room)
    open_chat = RoleChanges(guest=PermissionChange(added=frozenset({Permission.VIEW_CHAT_HISTORY})))
    await edit(house, anna, room, RoomEdit(settings=lambda _: RoomSettings(permissions=open_chat)))
    assert (await house.application.chat.page(guest, room)).messages == []


async def test_guests_of_one_room_are_nobody_in_another(house: House, anna: AccountActor, room: RoomId) -> None:
    guest, other = await house.guest(room), await house.room(anna)
    with pytest.raises(NotFound, match="room"):
        await house.application.directory.get(guest, other)


@pytest.mark.parametrize(
    "change",
    [
        RoomEdit(settings=lambda _: RoomSettings(allow_guests=False)),
        RoomEdit(password="popcorn"),
    ],
)
async def test_closing_the_room_to_guests_puts_them_out_for_good(
    house: House, anna: AccountActor, room: RoomId, change: RoomEdit
) -> None:
    guest = await house.guest(room)
    await edit(house, anna, room, change)
    assert not await inside(house, guest, room)
    with pytest.raises(Denied, match="takes no guests"):
        await house.guest(room)
    await edit(house, anna, room, RoomEdit(password=None, settings=lambda _: RoomSettings()))
    assert not await inside(house, guest, room)
    assert await inside(house, await house.guest(room), room)


async def test_revoking_puts_out_who_is_inside_and_lets_new_ones_in(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    guest = await house.guest(room)
    await house.application.guests.revoke(anna, room)
    assert house.events(room) == [RoomChanged(2)]
    assert not await inside(house, guest, room)
    assert await inside(house, await house.guest(room), room)


async def test_only_who_manages_the_room_revokes(house: House, room: RoomId) -> None:
    guest, member = await house.guest(room), await house.member("Bert", room)
    for actor in (guest, member):
        with pytest.raises(Denied, match="settings"):
            await house.application.guests.revoke(actor, room)
    assert await inside(house, guest, room)


async def test_an_edit_that_does_not_concern_guests_leaves_them_inside(
    house: House, anna: AccountActor, room: RoomId
) -> None:
    guest = await house.guest(room)
    await edit(house, anna, room, RoomEdit(name="Other", settings=lambda _: RoomSettings(chat_enabled=False)))
    assert await inside(house, guest, room)


async def test_a_guest_of_a_deleted_room_is_nowhere(house: House, anna: AccountActor, room: RoomId) -> None:
    guest = await house.guest(room)
    await house.application.rooms.delete(anna, room)
    with pytest.raises(NotFound):
        await house.application.directory.get(guest, room)
    with pytest.raises(NotFound):
        await house.guest(room)


async def test_a_server_without_guests_lets_none_in(passwords: PasswordHasher) -> None:
    house = furnished(passwords, guests_allowed=False)
    room = await house.room(await house.account("Anna"))
    with pytest.raises(Denied, match="This server takes no guests"):
        await house.guest(room)
    assert not (await house.application.directory.invitation(None, room)).guests_allowed


@pytest.mark.parametrize("door", ["", "ABCDEFGH", "room_00000000000000000000000000", "<script>"])
async def test_a_door_that_leads_nowhere_is_unavailable(house: House, door: str) -> None:
    with pytest.raises(NotFound, match="room"):
        await house.application.guests.enter(door, "Jane", ADDRESS)


async def test_a_guest_needs_a_name(house: House, room: RoomId) -> None:
    with pytest.raises(Invalid):
        await house.guest(room, " ")


async def test_one_address_brings_only_so_many_guests(passwords: PasswordHasher) -> None:
    house = furnished(passwords, rates={**PLENTY, Category.AUTH: Rate(2, 60.0)})
    room = await house.room(await house.account("Anna"))
    for _ in range(2):
        await house.application.guests.enter(room, "Jane", ADDRESS)
    with pytest.raises(RateLimited):
        await house.application.guests.enter(room, "John", ADDRESS)
    await house.application.guests.enter(room, "John", "192.0.2.8")
