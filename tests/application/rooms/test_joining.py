"""Joining, asking to join, leaving and being removed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from synctv.application.limits.limits import Category, Rate
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.rooms.lifecycle import NewRoom, RoomEdit
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.errors import Conflict, Denied, DomainError, NotFound, QuotaExceeded, RateLimited
from synctv.domain.ids import AccountId, RoomId
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.events import MemberChange, MemberChanged
from synctv.domain.rooms.membership import Membership, MembershipState
from synctv.domain.rooms.permissions import Permission, RoomRole
from synctv.domain.rooms.settings import RoomSettings
from tests.application.house import House, furnished
from tests.applications import PLENTY

COOLDOWN = 600.0


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("Anna")


@pytest.fixture
async def bert(house: House) -> AccountActor:
    return await house.account("Bert")


async def locked_room(house: House, owner: AccountActor, **settings: Any) -> RoomId:
    return await house.application.rooms.create(
        owner, NewRoom("Cinema", password="popcorn", settings=RoomSettings(**settings))
    )


async def join(house: House, actor: AccountActor, room: RoomId, password: str | None = None) -> Membership:
    return await house.application.members.join(actor, room, password, "Hello")


async def active(house: House, room: RoomId) -> int:
    async with house.transactions.read() as tx:
        return await tx.memberships.count(room, MembershipState.ACTIVE)


async def test_a_room_is_joined_by_who_knows_its_id(house: House, anna: AccountActor, bert: AccountActor) -> None:
    room = await house.room(anna)
    joined = await join(house, bert, room)
    assert (joined.role, joined.state, joined.username) == (RoomRole.MEMBER, MembershipState.ACTIVE, "Bert")
    assert house.events(room) == [MemberChanged(bert.id, MemberChange.JOINED)]


async def test_joining_twice_changes_nothing_and_tells_nobody(
    house: House, anna: AccountActor, bert: AccountActor
) -> None:
    room = await house.room(anna)
    first = await join(house, bert, room)
    assert await join(house, bert, room) == first
    assert await asyncio.gather(*(join(house, bert, room) for _ in range(3))) == [first] * 3
    assert len(house.events(room)) == 1


async def test_of_two_joins_at_once_one_is_told(house: House, anna: AccountActor, bert: AccountActor) -> None:
    room = await house.room(anna)
    await asyncio.gather(*(join(house, bert, room) for _ in range(4)))
    assert house.events(room) == [MemberChanged(bert.id, MemberChange.JOINED)]


@pytest.mark.parametrize("password, said", [(None, "has a password"), ("", "wrong"), ("Popcorn", "wrong")])
async def test_a_locked_room_takes_only_who_knows_the_password(
    house: House, anna: AccountActor, bert: AccountActor, password: str | None, said: str
) -> None:
    room = await locked_room(house, anna)
    with pytest.raises(Denied, match=said):
        await join(house, bert, room, password)
    assert await active(house, room) == 1
    assert (await join(house, bert, room, "popcorn")).active


async def test_members_and_the_owner_need_no_password(house: House, anna: AccountActor, bert: AccountActor) -> None:
    room = await locked_room(house, anna)
    await join(house, bert, room, "popcorn")
    assert (await join(house, bert, room)).active
    assert (await join(house, anna, room)).role is RoomRole.CREATOR


async def test_guessing_a_rooms_password_is_slowed_down(passwords: PasswordHasher) -> None:
    house = furnished(passwords, rates={**PLENTY, Category.AUTH: Rate(3, 60.0)})
    room = await locked_room(house, await house.account("Anna"))
    bert = await house.account("Bert")
    for _ in range(3):
        with pytest.raises(Denied):
            await join(house, bert, room, "guess")
    with pytest.raises(RateLimited):
        await join(house, bert, room, "popcorn")


async def test_a_request_waits_until_somebody_approves(house: House, anna: AccountActor, bert: AccountActor) -> None:
    room, members = await house.room(anna, require_approval=True), house.application.members
    asked = await join(house, bert, room)
    assert (asked.state, asked.message) == (MembershipState.PENDING, "Hello")
    with pytest.raises(Denied, match="Join it first"):
        await house.application.directory.get(bert, room)
    waiting = await members.requests(anna, room, after=None, limit=10)
    assert [view.membership.account_id for view in waiting.members] == [bert.id]
    await members.decide(anna, room, bert.id, approve=True)
    assert (await house.application.directory.get(bert, room)).members == 2
    changes = [event.change for event in house.events(room) if isinstance(event, MemberChanged)]
    assert changes == [MemberChange.REQUESTED, MemberChange.JOINED]


async def test_a_refused_request_is_over_and_may_be_made_again(
    house: House, anna: AccountActor, bert: AccountActor
) -> None:
    room, members = await house.room(anna, require_approval=True), house.application.members
    await join(house, bert, room)
    await members.decide(anna, room, bert.id, approve=False)
    with pytest.raises(NotFound, match="request"):
        await members.decide(anna, room, bert.id, approve=True)
    assert (await join(house, bert, room)).state is MembershipState.PENDING


async def test_only_who_reviews_requests_sees_and_decides_them(
    house: House, anna: AccountActor, bert: AccountActor
) -> None:
    room, members = await house.room(anna), house.application.members
    carl = await house.member("Carl", room)
    wanted = RoomEdit(settings=lambda _: RoomSettings(require_approval=True))
    await house.application.rooms.edit(anna, room, wanted, None)
    await join(house, bert, room)
    for act in (members.requests(carl, room, after=None, limit=10), members.decide(carl, room, bert.id, approve=True)):
        with pytest.raises(Denied) as refused:
            await act
        assert refused.value.permission == "review_join_requests"


async def test_approving_does_not_fill_a_room_past_its_size(
    house: House, anna: AccountActor, bert: AccountActor
) -> None:
    room = await house.room(anna, require_approval=True, max_members=2)
    carl = await house.account("Carl")
    await asyncio.gather(join(house, bert, room), join(house, carl, room))
    await house.application.members.decide(anna, room, bert.id, approve=True)
    with pytest.raises(QuotaExceeded, match="members in this room"):
        await house.application.members.decide(anna, room, carl.id, approve=True)
    assert await active(house, room) == 2
    await house.application.members.decide(anna, room, carl.id, approve=False)


async def test_the_last_place_goes_to_one_of_many(house: House, anna: AccountActor) -> None:
    room = await house.room(anna, max_members=3)
    people = [await house.account(f"Person{n}") for n in range(5)]
    results = await asyncio.gather(*(join(house, one, room) for one in people), return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, DomainError)] == [QuotaExceeded] * 3
    assert await active(house, room) == 3


async def test_a_place_is_free_again_when_somebody_leaves(house: House, anna: AccountActor, bert: AccountActor) -> None:
    room = await house.room(anna, max_members=2)
    await join(house, bert, room)
    carl = await house.account("Carl")
    with pytest.raises(QuotaExceeded):
        await join(house, carl, room)
    await house.application.members.leave(bert, room)
    assert (await join(house, carl, room)).active


async def test_leaving_ends_all_that_a_member_may(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    bert = await house.member("Bert", room)
    await house.application.members.leave(bert, room)
    with pytest.raises(Denied, match="Join it first"):
        await house.application.playback.current(bert, room)
    with pytest.raises(Denied, match="Join it first"):
        await house.application.members.leave(bert, room)
    assert house.events(room)[-1] == MemberChanged(bert.id, MemberChange.LEFT)


async def test_the_creator_can_not_leave(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    with pytest.raises(Conflict, match="Delete it instead"):
        await house.application.members.leave(anna, room)


async def test_a_kicked_member_comes_back_after_a_cooldown(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    bert = await house.member("Bert", room)
    await house.application.members.kick(anna, room, bert.id)
    assert house.events(room)[-1] == MemberChanged(bert.id, MemberChange.KICKED)
    house.clock.advance(COOLDOWN - 30.0)
    with pytest.raises(RateLimited, match="30 s"):
        await join(house, bert, room)
    house.clock.advance(30.0)
    assert (await join(house, bert, room)).active


async def test_a_muted_member_does_not_get_the_voice_back_by_leaving(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    bert = await house.member("Bert", room)
    await house.forbid(anna, room, bert, Permission.SEND_CHAT_MESSAGES)
    await house.application.members.leave(bert, room)
    await join(house, bert, room)
    standing = (await house.application.directory.get(bert, room)).standing
    assert standing is not None
    assert not standing.may(Permission.SEND_CHAT_MESSAGES)


async def test_people_remove_only_who_is_below_them(house: House, anna: AccountActor) -> None:
    room, kick = await house.room(anna), house.application.members.kick
    bert, carl = await house.member("Bert", room), await house.member("Carl", room)
    await house.allow(anna, room, bert, Permission.REMOVE_MEMBERS)
    with pytest.raises(Denied, match="remove people"):
        await kick(carl, room, bert.id)
    for target in (carl, bert, anna):
        with pytest.raises(Denied, match="below your own role"):
            await kick(bert, room, target.id)
    with pytest.raises(NotFound, match="member"):
        await kick(anna, room, AccountId("usr_00000000000000000000000000"))


async def test_guests_neither_join_nor_leave(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    guest = await house.guest(room)
    with pytest.raises(Denied, match="Sign in first"):
        await house.application.members.join(guest, room, None, "")
    with pytest.raises(Denied, match="closing the page"):
        await house.application.members.leave(guest, room)


@pytest.mark.parametrize("room", ["room_00000000000000000000000000", "nonsense"])
async def test_a_room_that_is_not_there_is_unavailable(house: House, bert: AccountActor, room: str) -> None:
    with pytest.raises(NotFound, match="unavailable"):
        await join(house, bert, RoomId(room))


async def test_a_deleted_room_is_unavailable_to_everybody(house: House, anna: AccountActor, bert: AccountActor) -> None:
    room = await house.room(anna)
    await house.application.rooms.delete(anna, room)
    for act in (join(house, bert, room), house.application.directory.get(anna, room)):
        with pytest.raises(NotFound, match="unavailable"):
            await act


async def test_being_an_operator_opens_no_room(house: House, anna: AccountActor) -> None:
    room = await house.room(anna)
    root = await house.account("Root", GlobalRole.ROOT)
    with pytest.raises(Denied, match="Join it first"):
        await house.application.directory.get(root, room)
