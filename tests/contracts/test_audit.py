"""What every storage promises about the audit log."""

from __future__ import annotations

import pytest

from synctv.application.ports.audit import AuditFilter
from synctv.domain.audit.entry import OPERATOR, Action, AuditEntry
from synctv.domain.errors import AlreadyExists
from synctv.domain.ids import AuditId
from tests.builders import a_session, an_account, an_audit_entry, at, the_party
from tests.contracts.storage import Storage

EVERYTHING = AuditFilter()
ANNA, BOB = the_party(an_account(username="anna")), the_party(an_account(username="bob"))


async def append(storage: Storage, *entries: AuditEntry) -> list[AuditEntry]:
    """Entries in the log; returned newest first, as the log tells them."""
    async with storage.transactions.write() as tx:
        for entry in entries:
            await tx.audit.append(entry)
    return list(reversed(entries))


async def listed(storage: Storage, filter: AuditFilter, before: AuditId | None = None, limit: int = 100) -> object:
    async with storage.transactions.read() as tx:
        return list(await tx.audit.list(filter, before=before, limit=limit))


async def prune(storage: Storage, seconds: float, limit: int) -> int:
    async with storage.transactions.write() as tx:
        return await tx.audit.prune(at(seconds), limit)


async def test_an_entry_comes_back_as_it_was_appended(storage: Storage) -> None:
    full = an_audit_entry(
        at=at(5),
        action=Action.BANNED,
        actor=OPERATOR,
        target=ANNA,
        reason="spam 🎬\n{}",
        address="2001:db8::1",
        user_agent="Mozilla/5.0 ($1)",
        session_id=a_session(an_account()).id,
        detail={"until": "never", "é": ""},
    )
    bare = an_audit_entry()
    await append(storage, full, bare)
    assert await listed(storage, EVERYTHING) == [bare, full]


@pytest.mark.parametrize("action", Action)
async def test_every_action_can_be_noted_and_found(storage: Storage, action: Action) -> None:
    (entry,) = await append(storage, an_audit_entry(action=action))
    assert await listed(storage, AuditFilter(action=action)) == [entry]
    assert await listed(storage, EVERYTHING) == [entry]


async def test_an_entry_is_appended_once(storage: Storage) -> None:
    entry = an_audit_entry()
    await append(storage, entry)
    with pytest.raises(AlreadyExists):
        await append(storage, entry)
    assert await listed(storage, EVERYTHING) == [entry]


async def test_an_entry_outlives_whom_it_tells_of(storage: Storage) -> None:
    account = await storage.add_account()
    party = the_party(account)
    (entry,) = await append(storage, an_audit_entry(action=Action.SIGN_UP_REJECTED, actor=OPERATOR, target=party))
    async with storage.transactions.write() as tx:
        await tx.accounts.remove(account.id)
    assert await listed(storage, AuditFilter(account.id)) == [entry]


async def test_entries_are_told_newest_first_in_pages(storage: Storage) -> None:
    entries = await append(storage, *(an_audit_entry() for _ in range(5)))
    assert await listed(storage, EVERYTHING, limit=2) == entries[:2]
    assert await listed(storage, EVERYTHING, entries[1].id, 2) == entries[2:4]
    assert await listed(storage, EVERYTHING, entries[3].id) == entries[4:]
    assert await listed(storage, EVERYTHING, entries[4].id) == []
    assert await listed(storage, EVERYTHING, limit=0) == []
    assert await listed(storage, EVERYTHING, AuditId("nonsense")) == []


async def test_a_page_may_start_at_an_entry_that_is_gone(storage: Storage) -> None:
    first, missing, last = an_audit_entry(), an_audit_entry(), an_audit_entry()
    await append(storage, first, last)
    assert await listed(storage, EVERYTHING, missing.id) == [first]


async def test_a_filter_takes_those_who_acted_or_were_acted_on_and_what_was_done(storage: Storage) -> None:
    alone = an_audit_entry(action=Action.SIGNED_IN, actor=ANNA, target=ANNA)
    suffered = an_audit_entry(action=Action.BANNED, actor=BOB, target=ANNA)
    acted = an_audit_entry(action=Action.BANNED, actor=ANNA, target=BOB)
    other = an_audit_entry(action=Action.SIGNED_IN, actor=BOB, target=BOB)
    again = an_audit_entry(action=Action.SIGNED_IN, actor=ANNA, target=ANNA)
    await append(storage, alone, suffered, acted, other, again)
    anna = AuditFilter(ANNA.id)
    assert await listed(storage, anna) == [again, acted, suffered, alone]
    assert await listed(storage, anna, limit=2) == [again, acted]
    assert await listed(storage, anna, acted.id, limit=2) == [suffered, alone]
    assert await listed(storage, AuditFilter(BOB.id)) == [other, acted, suffered]
    assert await listed(storage, AuditFilter(ANNA.id, Action.BANNED)) == [acted, suffered]
    assert await listed(storage, AuditFilter(action=Action.SIGNED_IN)) == [again, other, alone]
    assert await listed(storage, AuditFilter(action=Action.SIGNED_IN), again.id, 1) == [other]
    assert await listed(storage, AuditFilter(action=Action.SIGNED_OUT)) == []
    assert await listed(storage, AuditFilter("usr_nobody")) == []


async def test_what_has_no_id_can_be_asked_for(storage: Storage) -> None:
    by_operator, by_anna = an_audit_entry(actor=OPERATOR, target=ANNA), an_audit_entry(actor=ANNA, target=ANNA)
    await append(storage, by_operator, by_anna)
    assert await listed(storage, AuditFilter(OPERATOR.id)) == [by_operator]


async def test_old_entries_are_pruned_in_steps_the_oldest_first(storage: Storage) -> None:
    entries = [an_audit_entry(at=at(seconds)) for seconds in (4, 1, 3, 2, 5)]
    await append(storage, *entries)
    assert await prune(storage, 4, 0) == 0
    assert await prune(storage, 4, 2) == 2
    assert await listed(storage, EVERYTHING) == [entries[4], entries[2], entries[0]]
    assert [await prune(storage, 4, 2) for _ in range(2)] == [1, 0]
    assert await listed(storage, EVERYTHING) == [entries[4], entries[0]]
