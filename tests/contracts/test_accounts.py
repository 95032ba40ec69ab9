"""What every storage promises about accounts and sign-in sessions."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.application.ports.accounts import EVERY_ACCOUNT, AccountFilter
from synctv.domain.accounts.account import Account, Ban, GlobalRole, Language, PasswordRecords
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.session import Rotation, SignInSession
from synctv.domain.errors import AlreadyExists, Conflict, NotFound, VersionConflict
from synctv.domain.ids import AccountId, SessionId
from synctv.domain.rooms.room import RoomStatus
from tests.builders import (
    NOW,
    a_membership,
    a_passkey,
    a_room,
    a_session,
    a_totp_secret,
    an_account,
    an_account_id,
    an_identity,
    an_identity_provider,
    at,
)
from tests.contracts.storage import Storage

NO_IDS = ["", "nonsense", "usr_", "room_01h455vb4pex5vsknk084sn02q", "usr_01H455VB4PEX5VSKNK084SN02Q", "usr_\0"]


BAN = Ban("spam", "operator", NOW, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"role": GlobalRole.ROOT, "session_generation": 7, "password": None},
        {"password": PasswordRecords(None, bytes(range(192))), "two_factor": True},
        {"password": PasswordRecords("$argon2id$x", b"\0"), "must_reset": True},
        {"pending": True, "email": "Ada+tv@Example.org", "language": Language.CHINESE},
        {"ban": BAN},
        {"ban": Ban("é 🎬", "", at(-5), at(5)), "pending": True},
    ],
    ids=["root", "opaque", "both", "pending", "banned", "banned for a while"],
)
async def test_an_account_comes_back_as_it_was_stored(storage: Storage, changes: dict[str, object]) -> None:
    account = await storage.add_account(an_account(**changes))
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == account
    async with storage.transactions.write() as tx:
        assert await tx.accounts.get(account.id, lock=True) == account
        await tx.accounts.update(replace(account, password=None, ban=None, email=None, version=2), 1)
        assert await tx.accounts.get(account.id) == replace(account, password=None, ban=None, email=None, version=2)


async def test_an_account_that_is_not_there_is_none(storage: Storage) -> None:
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(an_account_id()) is None
        assert await tx.accounts.by_username("nobody") is None
        assert await tx.accounts.by_email("nobody@example.org") is None


@pytest.mark.parametrize("text", NO_IDS)
async def test_what_is_no_id_is_not_found(storage: Storage, text: str) -> None:
    await storage.add_account()
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(AccountId(text)) is None
        assert await tx.sessions.get(SessionId(text)) is None
        if text != "room_01h455vb4pex5vsknk084sn02q":
            assert list(await tx.accounts.list(EVERY_ACCOUNT, after=AccountId(text), limit=10)) == []


@pytest.mark.parametrize(
    "name, typed", [("Anna", "aNNA"), ("Straße", "STRASSE"), ("Ünal", "U\u0308nal"), ("wide", "\uff57ide")]
)
async def test_names_are_compared_without_case_and_composition(storage: Storage, name: str, typed: str) -> None:
    account = await storage.add_account(an_account(username=name))
    async with storage.transactions.read() as tx:
        assert await tx.accounts.by_username(typed) == account
    with pytest.raises(AlreadyExists) as error:
        await storage.add_account(an_account(username=typed))
    assert error.value.what == "username"


async def test_of_two_who_take_a_name_at_once_one_gets_it(storage: Storage) -> None:
    results = await asyncio.gather(
        *(storage.add_account(an_account(username="wanted")) for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["Account", *["AlreadyExists"] * 4]


async def test_addresses_are_compared_without_case(storage: Storage) -> None:
    account = await storage.add_account(an_account(email="Ada@example.org"))
    async with storage.transactions.read() as tx:
        assert await tx.accounts.by_email(" aDA@EXAMPLE.org") == account
    with pytest.raises(AlreadyExists) as error:
        await storage.add_account(an_account(email="ADA@example.org"))
    assert error.value.what == "email address"


async def test_any_number_of_accounts_may_have_no_address(storage: Storage) -> None:
    accounts = [await storage.add_account(an_account(email=None)) for _ in range(3)]
    async with storage.transactions.read() as tx:
        assert await tx.accounts.count(EVERY_ACCOUNT) == len(accounts)


async def test_of_two_who_take_an_address_at_once_one_gets_it(storage: Storage) -> None:
    results = await asyncio.gather(
        *(storage.add_account(an_account(email="wanted@example.org")) for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["Account", *["AlreadyExists"] * 4]
    assert {result.what for result in results if isinstance(result, AlreadyExists)} == {"email address"}


async def test_whoever_takes_a_name_and_an_address_of_others_is_told_of_the_name(storage: Storage) -> None:
    taken = await storage.add_account(an_account(email="wanted@example.org"))
    for account in (replace(taken, id=an_account_id()), taken):
        with pytest.raises(AlreadyExists) as error:
            await storage.add_account(account)
        assert error.value.what == "username"


async def test_an_address_that_was_given_up_is_free(storage: Storage) -> None:
    account = await storage.add_account(an_account(email="ada@example.org"))
    async with storage.transactions.write() as tx:
        await tx.accounts.update(replace(account, email="ada@example.net", version=2), 1)
        assert await tx.accounts.by_email("ada@example.org") is None
    other = await storage.add_account(an_account(email="ada@example.org"))
    with pytest.raises(AlreadyExists) as error:
        async with storage.transactions.write() as tx:
            await tx.accounts.update(replace(other, email="Ada@example.net", version=2), 1)
    assert error.value.what == "email address"
    async with storage.transactions.read() as tx:
        assert await tx.accounts.by_email("ada@example.org") == other


async def test_changing_an_account_with_a_lock_happens_one_after_the_other(storage: Storage) -> None:
    account = await storage.add_account()

    async def sign_out_everywhere() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.accounts.get(account.id, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            await tx.accounts.update(found.without_sessions().next_version(), found.version)

    await asyncio.gather(*(sign_out_everywhere() for _ in range(8)))
    async with storage.transactions.read() as tx:
        found = await tx.accounts.get(account.id)
    assert found is not None
    assert (found.session_generation, found.version) == (9, 9)


async def test_an_update_replaces_the_account(storage: Storage) -> None:
    account = await storage.add_account()
    changed = replace(
        account, username="another", role=GlobalRole.ADMIN, session_generation=2, two_factor=True, version=2
    )
    async with storage.transactions.write() as tx:
        await tx.accounts.update(changed, 1)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == changed
        assert await tx.accounts.by_username("another") == changed
        assert await tx.accounts.by_username(account.username) is None


async def test_a_stale_update_conflicts_and_shows_what_is_stored(storage: Storage) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        for stale in (0, 2, 10**30):
            with pytest.raises(VersionConflict) as error:
                await tx.accounts.update(replace(account, version=3), stale)
            assert error.value.current == account


async def test_updating_an_account_that_is_not_there_conflicts_with_nothing(storage: Storage) -> None:
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict) as error:
            await tx.accounts.update(an_account(), 1)
    assert error.value.current is None


async def test_an_update_can_not_take_the_name_of_another(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    with pytest.raises(AlreadyExists, match="username"):
        async with storage.transactions.write() as tx:
            await tx.accounts.update(replace(account, username=other.username.upper(), version=2), 1)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == account


async def test_accounts_are_listed_by_id_in_pages(storage: Storage) -> None:
    accounts = [await storage.add_account() for _ in range(5)]
    async with storage.transactions.read() as tx:
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=None, limit=2)) == accounts[:2]
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=accounts[1].id, limit=2)) == accounts[2:4]
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=accounts[3].id, limit=100)) == accounts[4:]
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=accounts[4].id, limit=2)) == []
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=None, limit=0)) == []
        assert await tx.accounts.count(EVERY_ACCOUNT) == 5


@pytest.fixture
async def people(storage: Storage) -> dict[str, Account]:
    """Accounts that filters tell apart."""
    people = [
        an_account(username="Straße", email="anna@example.org", password=PasswordRecords("$argon2id$", b"record")),
        an_account(username="anna_2", pending=True),
        an_account(username="100%", email="x@anna.example", ban=BAN),
        an_account(username="Bob", ban=Ban("", "operator", at(-9), at(-1)), pending=True),
    ]
    return {person.username: await storage.add_account(person) for person in people}


@pytest.mark.parametrize(
    "filter, found",
    [
        (EVERY_ACCOUNT, ["Straße", "anna_2", "100%", "Bob"]),
        (AccountFilter("ANNA"), ["Straße", "anna_2", "100%"]),
        (AccountFilter("STRASSE"), ["Straße"]),
        (AccountFilter(" @Example"), ["Straße"]),
        (AccountFilter("%"), ["100%"]),
        (AccountFilter("a_2"), ["anna_2"]),
        (AccountFilter("carol"), []),
        (AccountFilter(" "), ["Straße", "anna_2", "100%", "Bob"]),
        (AccountFilter(pending=True), ["anna_2", "Bob"]),
        (AccountFilter(banned=True), ["100%", "Bob"]),
        (AccountFilter(pending=True, banned=True), ["Bob"]),
        (AccountFilter("anna", banned=True), ["100%"]),
        (AccountFilter(plain_only=True), ["anna_2", "100%", "Bob"]),
        (AccountFilter(closed=True), []),
    ],
)
async def test_a_filter_takes_names_addresses_and_states(
    storage: Storage, people: dict[str, Account], filter: AccountFilter, found: list[str]
) -> None:
    async with storage.transactions.read() as tx:
        page = await tx.accounts.list(filter, after=None, limit=10)
        assert [account.username for account in page] == found
        assert list(page) == [people[name] for name in found]
        assert await tx.accounts.count(filter) == len(found)
        assert list(await tx.accounts.list(filter, after=people["Straße"].id, limit=10)) == [
            account for account in page if account.username != "Straße"
        ]


async def test_a_page_may_start_at_an_account_that_is_gone(storage: Storage) -> None:
    first, missing, last = an_account(), an_account(), an_account()
    await storage.add_account(first)
    await storage.add_account(last)
    async with storage.transactions.read() as tx:
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=missing.id, limit=10)) == [last]


async def test_of_those_who_want_to_be_the_first_account_one_is(storage: Storage) -> None:
    async def set_up() -> bool:
        async with storage.transactions.write() as tx:
            first = await tx.accounts.lock_first()
            if first:
                await tx.accounts.add(an_account(role=GlobalRole.ROOT))
            return first

    assert sorted(await asyncio.gather(*(set_up() for _ in range(5)))) == [False, False, False, False, True]


async def test_a_removed_account_takes_what_signs_it_in_with_it(storage: Storage) -> None:
    account, other = await storage.add_account(an_account(email="a@example.org")), await storage.add_account()
    provider, kept = an_identity_provider(), a_passkey(other)
    session, passkey, identity = a_session(account), a_passkey(account), an_identity(account, provider)
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)
        await tx.passkeys.add(passkey)
        await tx.passkeys.add(kept)
        await tx.totp_secrets.save(a_totp_secret(account))
        await tx.recovery_codes.replace(account.id, [b"1", b"2"])
        await tx.identity_providers.save(provider)
        await tx.identities.add(identity)
    async with storage.transactions.write() as tx:
        await tx.accounts.remove(account.id)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) is None
        assert await tx.accounts.by_username(account.username) is None
        assert await tx.accounts.by_email("a@example.org") is None
        assert await tx.sessions.get(session.id) is None
        assert await tx.passkeys.by_credential(passkey.credential_id) is None
        assert await tx.totp_secrets.get(account.id) is None
        assert await tx.recovery_codes.left(account.id) == 0
        assert await tx.identities.find(identity.provider, identity.subject) is None
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=None, limit=10)) == [other]
        assert list(await tx.passkeys.of_account(other.id)) == [kept]
    await storage.add_account(account)


async def test_an_account_to_which_something_belongs_stays(storage: Storage) -> None:
    owner, member = await storage.add_account(), await storage.add_account()
    room = await storage.add_room(a_room(owner, status=RoomStatus.DELETED))
    passkey = a_passkey(owner)
    async with storage.transactions.write() as tx:
        await tx.memberships.save(a_membership(room, member))
        await tx.passkeys.add(passkey)
    async with storage.transactions.write() as tx:
        for account in (owner, member):
            with pytest.raises(Conflict, match="Ban it instead"):
                await tx.accounts.remove(account.id)
        assert await tx.accounts.get(owner.id) == owner
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(member.id) == member
        assert list(await tx.passkeys.of_account(owner.id)) == [passkey]


@pytest.mark.parametrize("text", NO_IDS)
async def test_what_is_no_account_can_not_be_removed(storage: Storage, text: str) -> None:
    async with storage.transactions.write() as tx:
        for id in (AccountId(text), an_account_id()):
            with pytest.raises(NotFound, match="account"):
                await tx.accounts.remove(id)


async def test_of_those_who_remove_an_account_at_once_one_does(storage: Storage) -> None:
    account = await storage.add_account()

    async def remove() -> None:
        async with storage.transactions.write() as tx:
            await tx.accounts.remove(account.id)

    results = await asyncio.gather(*(remove() for _ in range(4)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", *["NotFound"] * 3]


async def test_somebody_who_joins_a_room_is_not_removed_meanwhile(storage: Storage) -> None:
    account, room = await storage.add_account(), await storage.add_room()

    async def remove() -> None:
        async with storage.transactions.write() as tx:
            await tx.accounts.remove(account.id)

    async with asyncio.TaskGroup() as group, storage.transactions.write() as tx:
        await tx.memberships.save(a_membership(room, account))
        removing = group.create_task(asyncio.wait_for(asyncio.gather(remove(), return_exceptions=True), 30))
        await asyncio.sleep(0.05)
    assert [type(result) for result in removing.result()] == [Conflict]
    async with storage.transactions.read() as tx:
        assert await tx.accounts.get(account.id) == account


async def test_a_session_comes_back_as_it_was_stored(storage: Storage) -> None:
    session = a_session(
        await storage.add_account(),
        refresh_digest=bytes([0, 255, 39, 92]),
        user_agent="",
        address="::1",
        methods=frozenset({Factor.TOTP, Factor.PASSKEY}),
        family_digest=bytes([255, 0, 39]),
        rotation=Rotation(bytes(range(32)), bytes(range(32, 64)), bytes(32)),
    )
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)
    async with storage.transactions.read() as tx:
        assert await tx.sessions.get(session.id) == session


async def test_an_update_replaces_the_session(storage: Storage) -> None:
    session = a_session(await storage.add_account())
    ended = session.rotated(b"another", at(5), at(500)).proven(Factor.EMAIL).ended(at(6))
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)
        await tx.sessions.update(ended)
    async with storage.transactions.read() as tx:
        assert await tx.sessions.get(session.id) == ended


async def test_a_session_belongs_to_an_account_and_is_added_once(storage: Storage) -> None:
    session = a_session(await storage.add_account())
    with pytest.raises(NotFound, match="account"):
        async with storage.transactions.write() as tx:
            await tx.sessions.add(a_session(an_account()))
    async with storage.transactions.write() as tx:
        with pytest.raises(NotFound, match="session"):
            await tx.sessions.update(session)
        await tx.sessions.add(session)
        with pytest.raises(AlreadyExists):
            await tx.sessions.add(session)


async def test_refreshing_with_a_lock_happens_one_after_the_other(storage: Storage) -> None:
    session = a_session(await storage.add_account(), refresh_digest=b"0")
    async with storage.transactions.write() as tx:
        await tx.sessions.add(session)

    async def refresh() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.sessions.get(session.id, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            digest = str(int(found.refresh_digest) + 1).encode()
            await tx.sessions.update(found.rotated(digest, at(1), at(100)))

    await asyncio.gather(*(refresh() for _ in range(8)))
    async with storage.transactions.read() as tx:
        found = await tx.sessions.get(session.id)
    assert found is not None
    assert found.refresh_digest == b"8"


async def add_sessions(storage: Storage, *sessions: SignInSession) -> None:
    async with storage.transactions.write() as tx:
        for session in sessions:
            await tx.sessions.add(session)


async def test_the_sessions_of_an_account_that_are_alive_are_told_newest_refresh_first(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    old, new, newest = (a_session(account, refreshed_at=at(seconds)) for seconds in (2, 5, 9))
    await add_sessions(storage, new, newest, old)
    await add_sessions(
        storage,
        a_session(account, ended_at=at(1)),
        a_session(account, expires_at=at(10)),
        a_session(account, generation=2),
        a_session(other),
    )
    async with storage.transactions.read() as tx:
        assert list(await tx.sessions.alive(account.id, 1, at(10))) == [newest, new, old]
        assert len(await tx.sessions.alive(account.id, 1, at(9))) == 4
        assert len(await tx.sessions.alive(account.id, 2, at(10))) == 1
        assert not await tx.sessions.alive(account.id, 10**30, at(10))
        assert not await tx.sessions.alive(an_account_id(), 1, at(10))
        assert not await tx.sessions.alive(AccountId("nonsense"), 1, at(10))


async def test_sessions_that_are_over_are_pruned_in_steps_the_oldest_first(storage: Storage) -> None:
    account = await storage.add_account()
    alive = a_session(account, expires_at=at(100))
    just_ended = a_session(account, ended_at=at(10))
    ended = [a_session(account, ended_at=at(second)) for second in (3, 1)]
    ran_out = a_session(account, expires_at=at(2), ended_at=at(50))
    await add_sessions(storage, alive, just_ended, *ended, ran_out)
    pruned = []
    for limit in (0, 2, 2, 2):
        async with storage.transactions.write() as tx:
            pruned.append(await tx.sessions.prune(at(10), limit))
    assert pruned == [0, 2, 1, 0]
    async with storage.transactions.read() as tx:
        assert await tx.sessions.get(alive.id) == alive
        assert await tx.sessions.get(just_ended.id) == just_ended
        for gone in (*ended, ran_out):
            assert await tx.sessions.get(gone.id) is None


async def test_pruning_takes_the_oldest_sessions_first(storage: Storage) -> None:
    account = await storage.add_account()
    younger, older = a_session(account, ended_at=at(5)), a_session(account, expires_at=at(4))
    await add_sessions(storage, younger, older)
    async with storage.transactions.write() as tx:
        assert await tx.sessions.prune(at(10), 1) == 1
        assert await tx.sessions.get(older.id) is None
        assert await tx.sessions.get(younger.id) == younger


async def closed(storage: Storage, when: float = 0, **changes: object) -> Account:
    """A new account that was closed at an instant."""
    return await storage.add_account(an_account(closed_at=at(when), **changes))


async def test_a_closed_account_is_found_only_by_who_asks_for_it(storage: Storage) -> None:
    account = await closed(storage, email="ada@example.org")
    async with storage.transactions.write() as tx:
        for lock in (False, True):
            assert await tx.accounts.get(account.id, lock=lock) is None
            assert await tx.accounts.get(account.id, lock=lock, even_closed=True) == account
        assert await tx.accounts.by_username(account.username) is None
        assert await tx.accounts.by_username(account.username, even_closed=True) == account
        assert await tx.accounts.by_email("ada@example.org") is None
        assert await tx.accounts.by_email("ada@example.org", even_closed=True) == account


async def test_the_name_and_the_address_of_a_closed_account_stay_taken(storage: Storage) -> None:
    account = await closed(storage, email="ada@example.org")
    for taken in ({"username": account.username.upper()}, {"email": "ADA@example.org"}):
        with pytest.raises(AlreadyExists):
            await storage.add_account(an_account(**taken))


async def test_a_closed_account_that_is_opened_again_is_there_as_before(storage: Storage) -> None:
    account = await closed(storage, password=PasswordRecords("$argon2id$x", None))
    opened = replace(account, closed_at=None, version=2)
    async with storage.transactions.write() as tx:
        assert await tx.accounts.count(AccountFilter(plain_only=True)) == 0
        await tx.accounts.update(opened, 1)
    async with storage.transactions.read() as tx:
        assert await tx.accounts.by_username(account.username) == opened
        assert await tx.accounts.count(AccountFilter(plain_only=True)) == 1


async def test_a_stale_update_of_a_closed_account_shows_what_is_stored(storage: Storage) -> None:
    account = await closed(storage)
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict) as error:
            await tx.accounts.update(replace(account, closed_at=None, version=9), 8)
    assert error.value.current == account


async def test_closed_accounts_are_listed_with_the_others_and_alone(storage: Storage) -> None:
    here, gone = await storage.add_account(), await closed(storage)
    async with storage.transactions.read() as tx:
        assert list(await tx.accounts.list(EVERY_ACCOUNT, after=None, limit=10)) == [here, gone]
        assert list(await tx.accounts.list(AccountFilter(closed=True), after=None, limit=10)) == [gone]
        assert await tx.accounts.count(AccountFilter(closed=True)) == 1


async def test_the_roots_are_those_that_are_not_closed(storage: Storage) -> None:
    root = await storage.add_account(an_account(role=GlobalRole.ROOT))
    await storage.add_account(an_account(role=GlobalRole.ADMIN))
    await closed(storage, role=GlobalRole.ROOT)
    async with storage.transactions.write() as tx:
        assert list(await tx.accounts.lock_roots()) == [root]


async def test_of_two_roots_who_leave_at_once_the_second_sees_that_the_first_has_left(storage: Storage) -> None:
    roots = [await storage.add_account(an_account(role=GlobalRole.ROOT)) for _ in range(3)]

    async def leave(root: Account) -> int:
        async with storage.transactions.write() as tx:
            seen = await tx.accounts.lock_roots()
            await asyncio.sleep(0)
            await tx.accounts.update(replace(root, closed_at=NOW, version=2), 1)
        return len(seen)

    assert sorted(await asyncio.gather(*(leave(root) for root in roots))) == [1, 2, 3]
