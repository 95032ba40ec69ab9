"""Membership: how it comes about, how it ends, and what is remembered of it."""

from __future__ import annotations

from typing import Any

import pytest

from synctv.domain.accounts.account import Account
from synctv.domain.errors import Denied, QuotaExceeded, RateLimited
from synctv.domain.rooms.membership import (
    KICK_COOLDOWN_SECONDS,
    REQUEST_MESSAGE_LENGTH,
    Membership,
    MembershipState,
    joining,
    must_outrank,
)
from synctv.domain.rooms.permissions import NO_CHANGE, Permission, PermissionChange, RoomRole
from synctv.domain.rooms.room import Room
from synctv.domain.rooms.settings import RoomSettings
from tests.builders import a_membership, a_room, an_account, at

OWNER, VISITOR = an_account(), an_account()
MUTED = PermissionChange(removed=frozenset({Permission.SEND_CHAT_MESSAGES}))
TRUSTED = PermissionChange(added=frozenset({Permission.DELETE_MEDIA}))


def the_room(**settings: Any) -> Room:
    return a_room(OWNER, settings=RoomSettings(**settings))


def joins(
    room: Room,
    before: Membership | None = None,
    *,
    account: Account = VISITOR,
    active_members: int = 1,
    message: str = "",
    after: float = 0.0,
) -> Membership:
    return joining(
        room,
        account.id,
        account.username,
        before,
        active_members=active_members,
        message=message,
        now=at(after),
    )


def test_joining_makes_an_ordinary_member() -> None:
    joined = joins(the_room(), after=5.0)
    assert (joined.role, joined.state, joined.version) == (RoomRole.MEMBER, MembershipState.ACTIVE, 1)
    assert (joined.joined_at, joined.overrides, joined.returns_at) == (at(5.0), NO_CHANGE, None)
    assert joined.active


def test_the_owner_joins_as_creator_and_waits_for_nobody() -> None:
    joined = joins(the_room(require_approval=True), account=OWNER, active_members=0)
    assert (joined.role, joined.state) == (RoomRole.CREATOR, MembershipState.ACTIVE)


def test_where_approval_is_wanted_joining_is_a_request() -> None:
    asked = joins(the_room(require_approval=True), message="It's me")
    assert (asked.state, asked.message) == (MembershipState.PENDING, "It's me")
    granted = asked.approved(at(60.0))
    assert (granted.state, granted.joined_at, granted.version) == (MembershipState.ACTIVE, at(60.0), 2)


def test_a_long_message_to_who_decides_is_cut() -> None:
    assert len(joins(the_room(require_approval=True), message="x" * 1_000).message) == REQUEST_MESSAGE_LENGTH


def test_who_is_a_member_already_joins_again_unchanged_even_when_the_room_is_full() -> None:
    room = the_room(max_members=1)
    before = joins(room, active_members=0)
    assert joins(room, before, active_members=1) is before


def test_a_full_room_takes_nobody() -> None:
    room = the_room(max_members=2)
    assert joins(room, active_members=1).active
    with pytest.raises(QuotaExceeded, match=r"members in this room.*\(2\)"):
        joins(room, active_members=2)


def test_a_kicked_member_waits_out_the_cooldown() -> None:
    room = the_room()
    kicked = joins(room).kicked(at(0.0))
    assert kicked.state is MembershipState.KICKED
    with pytest.raises(RateLimited) as refused:
        joins(room, kicked, after=KICK_COOLDOWN_SECONDS - 1)
    assert refused.value.retry_after == 1.0
    back = joins(room, kicked, after=KICK_COOLDOWN_SECONDS)
    assert (back.active, back.returns_at, back.version) == (True, None, kicked.version + 1)


def test_who_left_may_return_at_once() -> None:
    room = the_room()
    left = joins(room).left()
    assert not left.active
    assert joins(room, left).active


def test_returning_does_not_bring_back_a_role_or_what_was_granted() -> None:
    room = the_room()
    admin = a_membership(room, VISITOR, role=RoomRole.ADMIN, overrides=TRUSTED)
    for gone in (admin.left(), admin.kicked(at(-KICK_COOLDOWN_SECONDS))):
        back = joins(room, gone)
        assert (back.role, back.overrides) == (RoomRole.MEMBER, NO_CHANGE)


def test_returning_does_not_give_back_what_was_taken() -> None:
    room = the_room()
    muted = a_membership(room, VISITOR, overrides=MUTED)
    for gone in (muted.left(), muted.kicked(at(-KICK_COOLDOWN_SECONDS))):
        assert joins(room, gone).overrides == MUTED, "Else leaving and returning would undo it."


def test_asking_again_while_a_request_waits_renews_it() -> None:
    room = the_room(require_approval=True)
    asked = joins(room, message="Please")
    again = joins(room, asked, message="Pretty please")
    assert (again.state, again.message, again.version) == (MembershipState.PENDING, "Pretty please", 2)
    assert joins(the_room(), asked).active, "When approval is not wanted any more, asking again is joining."


def test_every_change_of_a_membership_is_another_version() -> None:
    membership = a_membership(the_room(), VISITOR)
    for changed in (
        membership.left(),
        membership.kicked(at(0.0)),
        membership.approved(at(0.0)),
        membership.with_access(RoomRole.ADMIN, TRUSTED),
    ):
        assert changed.version == membership.version + 1


@pytest.mark.parametrize("actor", RoomRole)
@pytest.mark.parametrize("target", RoomRole)
def test_people_act_only_on_those_below_them(actor: RoomRole, target: RoomRole) -> None:
    order = [RoomRole.GUEST, RoomRole.MEMBER, RoomRole.ADMIN, RoomRole.CREATOR]
    if order.index(actor) > order.index(target):
        must_outrank(actor, target)
    else:
        with pytest.raises(Denied, match="below your own role"):
            must_outrank(actor, target)
