"""What members may do, and what people may change of it."""

from __future__ import annotations

import pytest

from synctv.application.rooms.lifecycle import RoomEdit
from synctv.application.rooms.membership import AccessEdit, MemberView
from synctv.domain.errors import Denied, Invalid, NotFound, VersionConflict
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.events import MemberChange, MemberChanged
from synctv.domain.rooms.permissions import (
    EVERYTHING,
    MEMBER_DEFAULT,
    NOTHING,
    Permission,
    PermissionChange,
    RoleChanges,
    RoomRole,
)
from synctv.domain.rooms.settings import RoomSettings
from tests.application.house import House

PROMOTED = AccessEdit(role=RoomRole.ADMIN)


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def room(house: House, anna: AccountActor) -> RoomId:
    return await house.room(anna)


@pytest.fixture
async def bert(house: House, room: RoomId) -> AccountActor:
    return await house.member("Bert", room)


@pytest.fixture
async def carl(house: House, room: RoomId) -> AccountActor:
    return await house.member("Carl", room)


async def change(
    house: House,
    by: AccountActor,
    room: RoomId,
    member: AccountActor,
    edit: AccessEdit,
    expected_version: int | None = None,
) -> MemberView:
    return await house.application.members.change_access(by, room, member.id, edit, expected_version)


async def test_the_creator_makes_admins_and_members(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor
) -> None:
    promoted = await change(house, anna, room, bert, PROMOTED)
    assert promoted.permissions == EVERYTHING - {Permission.DELETE_ROOM}
    demoted = await change(house, anna, room, bert, AccessEdit(role=RoomRole.MEMBER))
    assert demoted.permissions == MEMBER_DEFAULT
    assert house.events(room)[-1] == MemberChanged(bert.id, MemberChange.ACCESS)


@pytest.mark.parametrize("role", [RoomRole.CREATOR, RoomRole.GUEST])
async def test_nobody_is_made_creator_or_guest(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor, role: RoomRole
) -> None:
    with pytest.raises(Invalid) as refused:
        await change(house, anna, room, bert, AccessEdit(role=role))
    assert [(error.path, error.code) for error in refused.value.errors] == [("role", "choice")]


async def test_admins_change_members_but_neither_each_other_nor_the_creator(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor, carl: AccountActor
) -> None:
    await change(house, anna, room, bert, PROMOTED)
    muted = await change(house, bert, room, carl, AccessEdit(removed=frozenset({Permission.SEND_CHAT_MESSAGES})))
    assert Permission.SEND_CHAT_MESSAGES not in muted.permissions
    with pytest.raises(Denied, match="below your own role"):
        await change(house, bert, room, carl, PROMOTED)
    await change(house, anna, room, carl, PROMOTED)
    for target in (carl, anna, bert):
        with pytest.raises(Denied, match="below your own role"):
            await change(house, bert, room, target, AccessEdit(role=RoomRole.MEMBER))


async def test_members_change_nobody(house: House, room: RoomId, bert: AccountActor, carl: AccountActor) -> None:
    with pytest.raises(Denied) as refused:
        await change(house, bert, room, carl, AccessEdit(removed=EVERYTHING))
    assert refused.value.permission == "manage_member_permissions"


async def test_nobody_gives_what_they_do_not_have(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor, carl: AccountActor
) -> None:
    await change(house, anna, room, bert, AccessEdit(RoomRole.ADMIN, removed=frozenset({Permission.DELETE_MEDIA})))
    both = frozenset({Permission.DELETE_MEDIA, Permission.REORDER_MEDIA})
    with pytest.raises(Denied, match=r"delete_media\.$"):
        await change(house, bert, room, carl, AccessEdit(added=both))
    given = await change(house, bert, room, carl, AccessEdit(added=frozenset({Permission.REORDER_MEDIA})))
    assert given.permissions - MEMBER_DEFAULT == {Permission.REORDER_MEDIA}


async def test_nobody_gives_back_what_they_do_not_have(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor, carl: AccountActor
) -> None:
    playing = frozenset({Permission.CONTROL_PLAYBACK_STATE})
    await change(house, anna, room, bert, AccessEdit(RoomRole.ADMIN, removed=playing))
    await change(house, anna, room, carl, AccessEdit(removed=playing))
    with pytest.raises(Denied, match="control_playback_state"):
        await change(house, bert, room, carl, AccessEdit(removed=NOTHING))
    assert (await change(house, anna, room, carl, AccessEdit(removed=NOTHING))).permissions == MEMBER_DEFAULT


async def test_what_others_gave_stays_when_somebody_without_it_changes_the_rest(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor, carl: AccountActor
) -> None:
    given = frozenset({Permission.DELETE_MEDIA})
    await change(house, anna, room, carl, AccessEdit(added=given))
    await change(house, anna, room, bert, AccessEdit(RoomRole.ADMIN, removed=given))
    edit = AccessEdit(added=given, removed=frozenset({Permission.USE_VOICE_CHAT}))
    assert Permission.DELETE_MEDIA in (await change(house, bert, room, carl, edit)).permissions


async def test_a_part_that_is_not_named_stays(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor
) -> None:
    await change(house, anna, room, bert, AccessEdit(added=frozenset({Permission.DELETE_MEDIA})))
    view = await change(house, anna, room, bert, AccessEdit(removed=frozenset({Permission.USE_P2P_MEDIA})))
    assert view.membership.overrides == PermissionChange(
        frozenset({Permission.DELETE_MEDIA}), frozenset({Permission.USE_P2P_MEDIA})
    )


async def test_of_two_changes_of_the_same_version_the_second_is_refused(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor
) -> None:
    view = await change(house, anna, room, bert, PROMOTED, 1)
    assert view.membership.version == 2
    with pytest.raises(VersionConflict):
        await change(house, anna, room, bert, PROMOTED, 1)


async def test_who_is_no_member_can_not_be_changed(house: House, anna: AccountActor, room: RoomId) -> None:
    stranger = await house.account("Stranger")
    with pytest.raises(NotFound, match="member"):
        await change(house, anna, room, stranger, PROMOTED)


async def test_the_rooms_settings_hold_for_everybody_of_a_role_but_the_creator(
    house: House, anna: AccountActor, room: RoomId, bert: AccountActor
) -> None:
    closed = RoleChanges(member=PermissionChange(removed=frozenset({Permission.VIEW_MEMBERS})))
    edit = RoomEdit(settings=lambda _: RoomSettings(permissions=closed))
    await house.application.rooms.edit(anna, room, edit, None)
    with pytest.raises(Denied) as refused:
        await house.application.members.list(bert, room, after=None, limit=10)
    assert refused.value.permission == "view_members"
    members = await house.application.members.list(anna, room, after=None, limit=10)
    permissions = {view.membership.username: view.permissions for view in members.members}
    assert permissions == {"Anna": EVERYTHING, "Bert": MEMBER_DEFAULT - {Permission.VIEW_MEMBERS}}


async def test_members_are_listed_page_by_page_without_gaps(house: House, anna: AccountActor, room: RoomId) -> None:
    people = [anna.id, *[(await house.member(f"Person{n}", room)).id for n in range(5)]]
    seen, after = list[str](), None
    while True:
        page = await house.application.members.list(anna, room, after=after, limit=2)
        assert page.total == 6
        seen += [view.membership.account_id for view in page.members]
        after = page.next_cursor
        if after is None:
            break
    assert seen == sorted(people)
