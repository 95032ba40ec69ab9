"""Accounts as the operator closes and restores them: what comes back is what was hidden, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from synctv.application.ports.accounts import AccountFilter
from synctv.application.ports.letters import LetterKind
from synctv.domain.accounts.account import Account, AccountStatus, GlobalRole, Language
from synctv.domain.audit.entry import OPERATOR, Action
from synctv.domain.errors import Conflict, Invalid, InvalidCredentials, NotFound, PreconditionFailed
from synctv.domain.ids import RoomId
from synctv.domain.rooms.events import MemberChange, MemberChanged, RoomChanged
from synctv.domain.rooms.membership import MembershipState
from synctv.domain.rooms.permissions import Permission
from synctv.domain.rooms.room import RoomStatus
from tests.application.accounts.people import changed, entries, last_letter, person
from tests.application.house import House
from tests.applications import PASSWORD


async def close(house: House, name: str = "Anna", reason: str = "") -> Account:
    """Closes an account."""
    return await house.application.account_closing.close(name, reason)


async def restore(house: House, name: str = "Anna") -> Account:
    """Restores an account."""
    return await house.application.account_closing.restore(name)


async def test_an_account_is_closed_for_a_reason_and_its_holder_is_told(house: House) -> None:
    anna = await person(house, email="anna@example.org")
    account = await close(house, "anna@example.org", "asked for it")
    assert account == anna.account
    assert account.status_at(house.clock.now()) is AccountStatus.CLOSED
    (noted,) = entries(house, Action.ACCOUNT_CLOSED)
    assert (noted.actor, noted.target.id, noted.reason) == (OPERATOR, anna.id, "asked for it")
    assert last_letter(house).kind is LetterKind.ACCOUNT_CLOSED
    assert house.application.account_closing.until(account) == int(last_letter(house).facts["until"])
    with pytest.raises(InvalidCredentials):
        await anna.sign_in()


async def test_a_restored_account_signs_in_as_before(house: House) -> None:
    anna = await person(house, email="anna@example.org")
    before = anna.account
    closed = await close(house)
    assert await restore(house, before.id) == anna.account
    assert anna.account.password == before.password
    assert anna.account.closed_at is None
    assert anna.account.session_generation > closed.session_generation > before.session_generation
    assert house.application.account_closing.until(anna.account) is None
    await house.sign_in("Anna")
    (noted,) = entries(house, Action.ACCOUNT_RESTORED)
    assert (noted.actor, noted.target.id) == (OPERATOR, anna.id)
    (letter,) = [one for one in house.letters() if one.kind is LetterKind.ACCOUNT_RESTORED]
    assert letter.to == "anna@example.org"


async def test_sessions_from_before_stay_ended(house: House) -> None:
    signed_in = (await house.signed_in("Anna"))[1]
    await close(house)
    await restore(house)
    with pytest.raises(Exception, match="ended"):
        await house.application.identity.of(signed_in.access_token)


async def test_what_the_closing_hid_comes_back_and_nothing_else(house: House) -> None:
    anna, owner = await house.account("Anna"), await house.account("owner")
    kept, deleted = await house.room(anna), await house.room(anna)
    await house.application.rooms.delete(anna, deleted)
    joined, left, asked = (
        await house.room(owner),
        await house.room(owner),
        await house.room(owner, require_approval=True),
    )
    for room in (joined, left, asked):
        await house.application.members.join(anna, room, None, "Please")
    await house.application.members.leave(anna, left)
    await house.allow(owner, joined, anna, Permission.DELETE_MEDIA)
    before = {room: dict(house.state.memberships[room]) for room in house.state.rooms}
    await close(house)
    await restore(house)

    def status(room: RoomId) -> RoomStatus:
        return house.state.rooms[room].status

    assert (status(kept), status(deleted)) == (RoomStatus.ACTIVE, RoomStatus.DELETED)
    assert {room: dict(house.state.memberships[room]) for room in house.state.rooms} == before
    assert house.state.memberships[left][anna.id].state is MembershipState.LEFT
    assert house.events(kept)[-2:] == [RoomChanged(1), MemberChanged(anna.id, MemberChange.JOINED)]
    assert house.events(joined)[-1] == MemberChanged(anna.id, MemberChange.JOINED)
    assert house.events(asked)[-1] == MemberChanged(anna.id, MemberChange.REQUESTED)
    assert house.events(left)[-1] == MemberChanged(anna.id, MemberChange.LEFT)
    members = await house.application.members.list(owner, joined, after=None, limit=10)
    assert {view.membership.username for view in members.members} == {"Anna", "owner"}


async def test_an_account_of_many_rooms_is_closed_and_restored_whole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("synctv.application.accounts.closing.PAGE", 2)
    anna = await house.account("Anna")
    rooms = [await house.room(anna) for _ in range(5)]
    await close(house)
    assert {house.state.rooms[room].status for room in rooms} == {RoomStatus.CLOSED}
    await restore(house)
    assert {house.state.rooms[room].status for room in rooms} == {RoomStatus.ACTIVE}


async def test_a_closed_account_is_shown_and_listed_and_otherwise_left_alone(house: House) -> None:
    anna, other = await person(house), await person(house, "Bob")
    await close(house)
    accounts, access = house.application.accounts, house.application.account_access
    assert (await accounts.get("Anna")).account == anna.account
    assert [one.id for one in (await accounts.list()).accounts] == [anna.id, other.id]
    assert [one.id for one in (await accounts.list(AccountFilter(closed=True))).accounts] == [anna.id]
    assert {entry.target.id for entry in (await house.application.audit.list("Anna")).entries} == {anna.id}
    for refused in (access.ban("Anna", ""), access.require_reset("Anna"), accounts.set_role("Anna", GlobalRole.ROOT)):
        with pytest.raises(Conflict, match="synctv account restore NAME"):
            await refused


async def test_what_can_not_be_closed_or_restored_says_why(house: House) -> None:
    await person(house, "Waiting", pending=True)
    await person(house)
    await house.application.accounts.create("root", PASSWORD, GlobalRole.ROOT)
    with pytest.raises(Conflict, match="Reject it instead"):
        await close(house, "Waiting")
    with pytest.raises(PreconditionFailed, match="set-role"):
        await close(house, "root")
    with pytest.raises(Conflict, match="not closed"):
        await restore(house)
    with pytest.raises(Invalid):
        await close(house, reason="x" * 501)
    for step in (close, restore):
        with pytest.raises(NotFound):
            await step(house, "nobody")
    await close(house)
    with pytest.raises(Conflict, match="closed already"):
        await close(house)


async def test_of_two_who_restore_at_once_one_does(house: House) -> None:
    await person(house)
    await close(house)
    told = await asyncio.gather(restore(house), restore(house), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == ["Account", "Conflict"]


async def test_a_ban_outlasts_closing_and_restoring(house: House) -> None:
    anna = await person(house)
    await house.application.account_access.ban("Anna", "spam")
    await close(house)
    await restore(house)
    assert anna.account.status_at(house.clock.now()) is AccountStatus.BANNED


async def test_the_holder_is_written_to_in_their_own_language(house: House) -> None:
    anna = await person(house, email="anna@example.org")
    await changed(house, anna.id, language=Language.CHINESE)
    await close(house)
    assert last_letter(house).language is Language.CHINESE
