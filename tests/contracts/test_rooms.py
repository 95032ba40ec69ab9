"""What every storage promises about rooms and memberships."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.application.ports.rooms import RoomFilter
from synctv.domain.errors import AlreadyExists, NotFound, VersionConflict
from synctv.domain.ids import AccountId, RoomId
from synctv.domain.rooms.membership import Membership, MembershipState
from synctv.domain.rooms.permissions import Permission, PermissionChange, RoleChanges, RoomRole
from synctv.domain.rooms.room import Room, RoomStatus, Visibility
from synctv.domain.rooms.settings import AutoPlay, AutoPlayMode, RoomSettings, WaitForBuffering
from tests.builders import a_membership, a_room, a_room_id, an_account, an_account_id, at
from tests.contracts.storage import Storage

UNUSUAL = PermissionChange(frozenset({Permission.DELETE_MEDIA}), frozenset({Permission.USE_VOICE_CHAT}))
SETTINGS = RoomSettings(
    allow_guests=False,
    max_members=3,
    auto_play=AutoPlay(AutoPlayMode.SHUFFLE, 0.1),
    wait_for_buffering=WaitForBuffering(True, 59.9),
    permissions=RoleChanges(guest=UNUSUAL),
)


async def listed(storage: Storage, filter: RoomFilter) -> list[RoomId]:
    async with storage.transactions.read() as tx:
        rooms = await tx.rooms.list(filter, before=None, limit=100)
        assert await tx.rooms.count(filter) == len(rooms)
        return [room.id for room in rooms]


async def test_a_room_comes_back_as_it_was_stored(storage: Storage) -> None:
    owner = await storage.add_account()
    room = await storage.add_room(
        a_room(
            owner,
            description="Two\nlines",
            visibility=Visibility.UNLISTED,
            password_hash="$argon2id$",
            settings=SETTINGS,
            guest_version=4,
        )
    )
    async with storage.transactions.read() as tx:
        assert await tx.rooms.get(room.id) == room
        assert await tx.rooms.by_code(room.code) == room


@pytest.mark.parametrize("text", ["", "nonsense", "room_", "usr_01h455vb4pex5vsknk084sn02q", "room_\0"])
async def test_what_is_no_id_is_not_found(storage: Storage, text: str) -> None:
    room = await storage.add_room()
    async with storage.transactions.read() as tx:
        assert await tx.rooms.get(RoomId(text)) is None
        assert await tx.rooms.by_code(text) is None
        assert await tx.rooms.owned_by(AccountId(text)) == 0
        assert await tx.memberships.get(RoomId(text), room.owner_id) is None
        assert await tx.memberships.count(RoomId(text), MembershipState.ACTIVE) == 0


async def test_a_code_is_given_once(storage: Storage) -> None:
    owner = await storage.add_account()
    room = await storage.add_room(a_room(owner))
    another = a_room(owner)
    async with storage.transactions.write() as tx:
        with pytest.raises(AlreadyExists) as error:
            await tx.rooms.add(a_room(owner, code=room.code))
        await tx.rooms.add(another)
    assert error.value.what == "room code"
    async with storage.transactions.read() as tx:
        assert await tx.rooms.get(another.id) == another


async def test_an_update_replaces_what_people_may_edit(storage: Storage) -> None:
    room = await storage.add_room()
    changed = replace(
        room.deleted(), name="New", description="x", settings=SETTINGS, password_hash="h", guest_version=2
    )
    async with storage.transactions.write() as tx:
        await tx.rooms.update(changed, 1)
    async with storage.transactions.read() as tx:
        assert await tx.rooms.get(room.id) == changed
        assert await tx.rooms.by_code(room.code) == changed


async def test_a_stale_update_conflicts_and_shows_what_is_stored(storage: Storage) -> None:
    room = await storage.add_room()
    async with storage.transactions.write() as tx:
        for stale in (0, 2, 10**30):
            with pytest.raises(VersionConflict) as error:
                await tx.rooms.update(replace(room, version=9), stale)
            assert error.value.current == room
        with pytest.raises(VersionConflict) as error:
            await tx.rooms.update(replace(room, id=a_room_id()), 1)
        assert error.value.current is None


async def test_of_two_updates_of_one_version_the_second_loses(storage: Storage) -> None:
    room = await storage.add_room()

    async def rename(name: str) -> None:
        async with storage.transactions.write() as tx:
            await tx.rooms.update(replace(room, name=name, version=2), 1)

    results = await asyncio.gather(rename("one"), rename("other"), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [VersionConflict]


async def test_changes_with_a_lock_happen_one_after_the_other(storage: Storage) -> None:
    room = await storage.add_room()

    async def rename() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.rooms.get(room.id, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            await tx.rooms.update(replace(found, name=f"{found.name}x", version=found.version + 1), found.version)

    await asyncio.gather(*(rename() for _ in range(8)))
    async with storage.transactions.read() as tx:
        found = await tx.rooms.get(room.id)
    assert found is not None
    assert (found.name, found.version) == (f"{room.name}xxxxxxxx", 9)


async def test_everybody_sees_public_rooms_that_are_open_newest_first(storage: Storage) -> None:
    owner = await storage.add_account()
    one = a_room(owner)
    hidden = [
        a_room(owner, visibility=Visibility.UNLISTED),
        a_room(owner, status=RoomStatus.BANNED),
        a_room(owner, status=RoomStatus.DELETED),
    ]
    other = a_room(owner)
    for room in (other, *hidden, one):
        await storage.add_room(room)
    assert await listed(storage, RoomFilter()) == [other.id, one.id]
    assert await listed(storage, RoomFilter(everything=True)) == [
        other.id,
        *(room.id for room in reversed(hidden)),
        one.id,
    ]


async def test_a_member_sees_the_open_rooms_that_it_is_in_or_owns(storage: Storage) -> None:
    owner, person = await storage.add_account(), await storage.add_account()
    own = a_room(person, visibility=Visibility.UNLISTED)
    joined = a_room(owner, visibility=Visibility.UNLISTED)
    left, pending, public = a_room(owner), a_room(owner), a_room(owner)
    closed = a_room(person, status=RoomStatus.DELETED)
    for room in (own, joined, left, pending, public, closed):
        await storage.add_room(room)
    async with storage.transactions.write() as tx:
        await tx.memberships.save(a_membership(own, person, role=RoomRole.CREATOR))
        await tx.memberships.save(a_membership(joined, person))
        await tx.memberships.save(a_membership(left, person, state=MembershipState.LEFT))
        await tx.memberships.save(a_membership(pending, person, state=MembershipState.PENDING))
    assert await listed(storage, RoomFilter(member=person.id)) == [joined.id, own.id]
    assert await listed(storage, RoomFilter(member=an_account_id())) == []
    assert await listed(storage, RoomFilter(member=AccountId("nonsense"))) == []


@pytest.mark.parametrize(
    "query, found",
    [
        ("night", True),
        ("FILM", True),
        ("fi m", False),
        ("%", True),
        ("100%_\\", True),
        ("film%night", False),
        ("É", True),
        ("e\u0301", True),
        ("strasse", True),
        ("", True),
        ("\0", False),
        ("\ud83d", False),
    ],
)
async def test_names_are_searched_without_case_and_without_wildcards(storage: Storage, query: str, found: bool) -> None:
    room = await storage.add_room(a_room(await storage.add_account(), name="Film night é Straße 100%_\\"))
    assert await listed(storage, RoomFilter(query=query)) == ([room.id] if found else [])


async def test_a_search_follows_the_new_name_of_a_room(storage: Storage) -> None:
    room = await storage.add_room()
    async with storage.transactions.write() as tx:
        await tx.rooms.update(replace(room, name="Matinée", version=2), 1)
    assert await listed(storage, RoomFilter(query="matinée")) == [room.id]
    assert await listed(storage, RoomFilter(query=room.name)) == []


async def test_rooms_are_listed_in_pages(storage: Storage) -> None:
    owner = await storage.add_account()
    rooms: list[Room] = [await storage.add_room(a_room(owner)) for _ in range(5)]
    newest_first = rooms[::-1]
    async with storage.transactions.read() as tx:
        everything = RoomFilter()
        assert list(await tx.rooms.list(everything, before=None, limit=2)) == newest_first[:2]
        assert list(await tx.rooms.list(everything, before=newest_first[1].id, limit=2)) == newest_first[2:4]
        assert list(await tx.rooms.list(everything, before=newest_first[4].id, limit=2)) == []
        assert list(await tx.rooms.list(everything, before=RoomId("nonsense"), limit=2)) == []
        assert list(await tx.rooms.list(everything, before=None, limit=0)) == []


async def test_rooms_count_for_their_owner_until_they_are_deleted(storage: Storage) -> None:
    owner, other = await storage.add_account(), await storage.add_account()
    for room in (a_room(owner), a_room(owner, status=RoomStatus.BANNED), a_room(owner).deleted(), a_room(other)):
        await storage.add_room(room)
    async with storage.transactions.read() as tx:
        assert await tx.rooms.owned_by(owner.id) == 2
        assert await tx.rooms.owned_by(an_account_id()) == 0


async def test_a_membership_comes_back_as_it_was_stored(storage: Storage) -> None:
    room, account = await storage.add_room(), await storage.add_account()
    membership = a_membership(
        room,
        account,
        role=RoomRole.ADMIN,
        state=MembershipState.KICKED,
        overrides=UNUSUAL,
        message="Let me in",
        returns_at=at(600),
    )
    async with storage.transactions.write() as tx:
        await tx.memberships.save(membership)
    async with storage.transactions.read() as tx:
        assert await tx.memberships.get(room.id, account.id) == membership


async def test_a_membership_shows_the_name_that_its_account_has_now(storage: Storage) -> None:
    room, account = await storage.add_room(), await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.memberships.save(a_membership(room, account, username="something else"))
        await tx.accounts.update(replace(account, username="renamed", version=2), 1)
    async with storage.transactions.read() as tx:
        found = await tx.memberships.get(room.id, account.id)
        (of_room,) = await tx.memberships.of_room(room.id, MembershipState.ACTIVE, after=None, limit=5)
        among = await tx.memberships.among(room.id, [account.id])
    assert found is not None
    assert [found.username, of_room.username, among[account.id].username] == ["renamed"] * 3


async def test_saving_replaces_the_version_right_before(storage: Storage) -> None:
    room, account = await storage.add_room(), await storage.add_account()
    joined = a_membership(room, account)
    async with storage.transactions.write() as tx:
        await tx.memberships.save(joined)
        await tx.memberships.save(joined.left())
    async with storage.transactions.write() as tx:
        for version in (1, 2, 4):
            with pytest.raises(VersionConflict) as error:
                await tx.memberships.save(replace(joined, version=version))
            assert error.value.current == joined.left()


async def test_a_membership_begins_with_version_one(storage: Storage) -> None:
    room, account = await storage.add_room(), await storage.add_account()
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict) as error:
            await tx.memberships.save(a_membership(room, account, version=2))
    assert error.value.current is None


async def test_of_two_who_save_the_same_version_the_second_loses(storage: Storage) -> None:
    room, account = await storage.add_room(), await storage.add_account()

    async def join() -> None:
        async with storage.transactions.write() as tx:
            await tx.memberships.save(a_membership(room, account))

    results = await asyncio.gather(join(), join(), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [VersionConflict]


async def test_a_membership_needs_its_room_and_its_account(storage: Storage) -> None:
    room, account = await storage.add_room(), await storage.add_account()
    strangers = [
        (a_membership(a_room(account), account), "room"),
        (a_membership(room, an_account()), "account"),
    ]
    for membership, missing in strangers:
        with pytest.raises(NotFound, match=missing):
            async with storage.transactions.write() as tx:
                await tx.memberships.save(membership)


async def test_memberships_are_listed_by_state_in_pages(storage: Storage) -> None:
    room = await storage.add_room()
    members: list[Membership] = []
    async with storage.transactions.write() as tx:
        for number in range(6):
            account = an_account()
            await tx.accounts.add(account)
            state = MembershipState.PENDING if number == 3 else MembershipState.ACTIVE
            members.append(a_membership(room, account, state=state))
            await tx.memberships.save(members[-1])
    pending = members.pop(3)
    async with storage.transactions.read() as tx:
        of_room, state = tx.memberships.of_room, MembershipState.ACTIVE
        assert list(await of_room(room.id, state, after=None, limit=3)) == members[:3]
        assert list(await of_room(room.id, state, after=members[2].account_id, limit=3)) == members[3:]
        assert list(await of_room(room.id, state, after=members[4].account_id, limit=3)) == []
        assert list(await of_room(room.id, state, after=AccountId("nonsense"), limit=3)) == []
        assert list(await of_room(room.id, state, after=None, limit=0)) == []
        assert list(await of_room(room.id, MembershipState.PENDING, after=None, limit=3)) == [pending]
        assert list(await of_room(a_room_id(), state, after=None, limit=3)) == []
        assert await tx.memberships.count(room.id, state) == 5
        assert await tx.memberships.count(room.id, MembershipState.KICKED) == 0


async def test_memberships_are_found_among_accounts(storage: Storage) -> None:
    room, one, other = await storage.add_room(), await storage.add_account(), await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.memberships.save(a_membership(room, one))
        await tx.memberships.save(a_membership(room, other, state=MembershipState.LEFT))
    async with storage.transactions.read() as tx:
        found = await tx.memberships.among(room.id, [one.id, other.id, an_account_id(), AccountId("nonsense")])
        assert {id: membership.state for id, membership in found.items()} == {
            one.id: MembershipState.ACTIVE,
            other.id: MembershipState.LEFT,
        }
        assert await tx.memberships.among(room.id, []) == {}
        assert await tx.memberships.among(a_room_id(), [one.id]) == {}


async def test_the_rooms_of_an_owner_are_those_that_are_not_deleted(storage: Storage) -> None:
    owner, other = await storage.add_account(), await storage.add_account()
    states = (RoomStatus.ACTIVE, RoomStatus.BANNED, RoomStatus.CLOSED, RoomStatus.DELETED)
    rooms = [await storage.add_room(a_room(owner, status=status)) for status in states]
    await storage.add_room(a_room(other))
    assert await listed(storage, RoomFilter(owner=owner.id)) == [room.id for room in reversed(rooms[:3])]
    assert await listed(storage, RoomFilter(owner=AccountId("nobody"))) == []


async def test_a_closed_room_is_shown_to_nobody_but_operators(storage: Storage) -> None:
    room = await storage.add_room(a_room(await storage.add_account(), status=RoomStatus.CLOSED))
    assert await listed(storage, RoomFilter()) == []
    assert await listed(storage, RoomFilter(member=room.owner_id)) == []
    assert await listed(storage, RoomFilter(everything=True)) == [room.id]


async def test_the_memberships_of_an_account_are_listed_by_room(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    rooms = [await storage.add_room() for _ in range(5)]
    states = (*(MembershipState.ACTIVE, MembershipState.PENDING) * 2, MembershipState.KICKED)
    memberships = [a_membership(room, account, state=state) for room, state in zip(rooms, states, strict=True)]
    async with storage.transactions.write() as tx:
        for membership in memberships:
            await tx.memberships.save(membership)
        await tx.memberships.save(a_membership(rooms[0], other))
    async with storage.transactions.read() as tx:
        assert list(await tx.memberships.of_account(account.id, after=None, limit=3)) == memberships[:3]
        assert list(await tx.memberships.of_account(account.id, after=rooms[2].id, limit=3)) == memberships[3:4]
        assert list(await tx.memberships.of_account(account.id, after=RoomId("nonsense"), limit=3)) == []
        assert list(await tx.memberships.of_account(AccountId("nonsense"), after=None, limit=3)) == []


async def test_the_memberships_of_a_closed_account_are_hidden_until_it_is_back(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    room = await storage.add_room()
    mine, theirs = a_membership(room, account, role=RoomRole.ADMIN), a_membership(room, other)
    async with storage.transactions.write() as tx:
        await tx.memberships.save(mine)
        await tx.memberships.save(theirs)
        await tx.accounts.update(replace(account, closed_at=at(0), version=2), 1)
    async with storage.transactions.write() as tx:
        members = tx.memberships
        assert await members.get(room.id, account.id) is None
        assert list(await members.of_room(room.id, MembershipState.ACTIVE, after=None, limit=9)) == [theirs]
        assert await members.among(room.id, [account.id, other.id]) == {other.id: theirs}
        assert await members.count(room.id, MembershipState.ACTIVE) == 1
        assert list(await members.of_account(account.id, after=None, limit=9)) == []
        with pytest.raises(VersionConflict):
            await members.save(mine)
        await tx.accounts.update(replace(account, version=3), 2)
        assert await members.get(room.id, account.id) == mine
        assert await members.count(room.id, MembershipState.ACTIVE) == 2
