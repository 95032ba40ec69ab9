"""Finding rooms: by id, by code, in lists."""

from __future__ import annotations

import pytest

from synctv.application.playback.commands import Select
from synctv.application.rooms.lifecycle import NewRoom
from synctv.domain.errors import Denied, NotFound
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.permissions import RoomRole
from synctv.domain.rooms.room import Visibility
from tests.application.house import House


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


async def listed(house: House, actor: AccountActor, **query: object) -> list[str]:
    """The names of the rooms that a list holds, page by page."""
    names, before = list[str](), None
    while True:
        page = await house.application.directory.list(
            actor, query=str(query.get("query", "")), mine=bool(query.get("mine")), before=before, limit=2
        )
        names += [view.room.name for view in page.rooms]
        before = page.next_cursor
        if before is None:
            assert page.total == len(names)
            return names


async def named(house: House, owner: AccountActor, name: str, visibility: Visibility = Visibility.PUBLIC) -> RoomId:
    return await house.application.rooms.create(owner, NewRoom(name, visibility=visibility))


async def test_an_invitation_tells_a_stranger_what_waits_behind_the_door(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    await house.watched_by(room, 3)
    code = house.state.rooms[room].code
    for door in (room, code.lower()):
        told = await house.application.directory.invitation(None, door)
        assert (told.room.id, told.guests_allowed, told.online, told.role) == (room, True, 3, None)


async def test_an_invitation_knows_its_members(house: House, anna: AccountActor) -> None:
    room = await house.room(anna, require_approval=True)
    bert = await house.member("Bert", room)
    assert (await house.application.directory.invitation(anna, room)).role is RoomRole.CREATOR
    assert (await house.application.directory.invitation(bert, room)).role is None, "His request still waits."


async def test_who_is_online_fades_when_no_hub_says_so_any_more(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    await house.watched_by(room, 3)
    house.clock.advance(30.0)
    assert (await house.application.directory.invitation(None, room)).online == 0
    house.short_lived.down = True
    assert (await house.application.directory.invitation(None, room)).online == 0


@pytest.mark.parametrize(
    "door", ["", "ABCDEFGH", "room_00000000000000000000000000", "room_", "usr_00000000000000000000000000"]
)
async def test_a_door_that_leads_nowhere_is_unavailable(house: House, door: str) -> None:
    with pytest.raises(NotFound, match="it does not exist, or you may not see it"):
        await house.application.directory.invitation(None, door)


async def test_only_who_is_inside_sees_the_room_itself(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    stranger = await house.account("Stranger")
    with pytest.raises(Denied, match="Join it first"):
        await house.application.directory.get(stranger, room)


async def test_a_list_holds_public_rooms_newest_first(house: House, anna: AccountActor) -> None:
    for name in ("One", "Two", "Three", "Four", "Five"):
        await named(house, anna, name)
    await named(house, anna, "Hidden", Visibility.UNLISTED)
    assert await listed(house, await house.account("Bert")) == ["Five", "Four", "Three", "Two", "One"]


async def test_my_rooms_are_those_that_i_belong_to(house: House, anna: AccountActor) -> None:
    bert = await house.account("Bert")
    await named(house, anna, "Public")
    hidden = await named(house, anna, "Hidden", Visibility.UNLISTED)
    await named(house, bert, "Own", Visibility.UNLISTED)
    assert await listed(house, bert, mine=True) == ["Own"]
    await house.application.members.join(bert, hidden, None, "")
    assert await listed(house, bert, mine=True) == ["Own", "Hidden"]
    await house.application.members.leave(bert, hidden)
    assert await listed(house, bert, mine=True) == ["Own"]


async def test_a_search_finds_parts_of_names_in_any_case(house: House, anna: AccountActor) -> None:
    for name in ("Film night", "Football", "FILM CLUB", "100%"):
        await named(house, anna, name)
    assert await listed(house, anna, query=" film ") == ["FILM CLUB", "Film night"]
    assert await listed(house, anna, query="%") == ["100%"]
    assert await listed(house, anna, query="opera") == []


async def test_a_list_says_what_plays_and_who_is_inside(house: House, anna: AccountActor) -> None:
    room = await named(house, anna, "Cinema")
    film = await house.film(anna, room, "The film")
    await house.do(anna, room, Select(film.id))
    await house.watched_by(room, 2)
    bert = await house.account("Bert")
    page = await house.application.directory.list(bert, query="", mine=False, before=None, limit=10)
    (view,) = page.rooms
    assert (view.now_playing, view.online, view.members, view.standing) == ("The film", 2, 1, None)
    (own,) = (await house.application.directory.list(anna, query="", mine=False, before=None, limit=10)).rooms
    assert own.standing is not None
    assert own.standing.role is RoomRole.CREATOR


async def test_deleted_rooms_are_in_no_list(house: House, anna: AccountActor) -> None:
    await house.application.rooms.delete(anna, await named(house, anna, "Gone"))
    assert await listed(house, anna) == []
    assert await listed(house, anna, mine=True) == []


async def test_guests_see_no_other_rooms(house: House, anna: AccountActor) -> None:
    guest = await house.guest(await named(house, anna, "Public"))
    page = await house.application.directory.list(guest, query="", mine=False, before=None, limit=10)
    assert (page.rooms, page.total) == ([], 0)
