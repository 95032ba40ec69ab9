"""Nobody gets more out of a room's settings than they have: neither for themselves nor for others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.rooms.lifecycle import RoomEdit
from synctv.application.rooms.membership import AccessEdit
from synctv.domain.errors import Denied
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.permissions import Permission, PermissionChange, RoleChanges, RoomRole
from tests.application.house import House


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@pytest.fixture
async def admin(house: House, anna: AccountActor, room: RoomId) -> AccountActor:
    bert = await house.member("Bert", room)
    await house.application.members.change_access(anna, room, bert.id, AccessEdit(role=RoomRole.ADMIN), None)
    return bert


def changes(role: str, added: set[Permission] | None = None, removed: set[Permission] | None = None) -> RoomEdit:
    """An edit of what one role may do."""
    change = PermissionChange(frozenset(added or ()), frozenset(removed or ()))
    return RoomEdit(settings=lambda now: replace(now, permissions=replace(now.permissions, **{role: change})))


async def test_an_admin_may_let_members_do_more(house: House, admin: AccountActor, room: RoomId) -> None:
    edit = changes("member", added={Permission.REORDER_MEDIA})
    await house.application.rooms.edit(admin, room, edit, None)


async def test_an_admin_does_not_change_what_admins_may(house: House, admin: AccountActor, room: RoomId) -> None:
    with pytest.raises(Denied, match="below your own role"):
        await house.application.rooms.edit(admin, room, changes("admin", removed={Permission.CLEAR_MEDIA}), None)


async def test_what_was_taken_from_admins_they_give_to_nobody(
    house: House, anna: AccountActor, admin: AccountActor, room: RoomId
) -> None:
    await house.application.rooms.edit(anna, room, changes("admin", removed={Permission.CLEAR_MEDIA}), None)
    with pytest.raises(Denied, match="clear_media"):
        await house.application.rooms.edit(admin, room, changes("member", added={Permission.CLEAR_MEDIA}), None)


async def test_lifting_a_removal_is_giving_too(
    house: House, anna: AccountActor, admin: AccountActor, room: RoomId
) -> None:
    taken = RoleChanges(
        admin=PermissionChange(removed=frozenset({Permission.SEND_CHAT_MESSAGES})),
        member=PermissionChange(removed=frozenset({Permission.SEND_CHAT_MESSAGES})),
    )
    await house.application.rooms.edit(anna, room, RoomEdit(settings=lambda now: replace(now, permissions=taken)), None)
    with pytest.raises(Denied, match="send_chat_messages"):
        await house.application.rooms.edit(admin, room, changes("member"), None)


async def test_a_request_to_join_can_be_taken_back(house: House, anna: AccountActor) -> None:
    room = await house.room(anna, require_approval=True)
    bert = await house.account("Bert")
    await house.application.members.join(bert, room, None, "Let me in")
    await house.application.members.leave(bert, room)
    assert (await house.application.members.requests(anna, room, after=None, limit=50)).total == 0
