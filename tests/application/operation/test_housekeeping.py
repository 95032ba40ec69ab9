"""Housekeeping: what was kept long enough is forgotten, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from synctv.application.operation.housekeeping import BATCH, DAY, EVERY_SECONDS, Housekeeping, Retention
from synctv.domain.audit.entry import Action
from tests.application.accounts.people import entries, person
from tests.application.house import House
from tests.applications import PASSWORD
from tests.builders import an_audit_entry, at

RETENTION = Retention(sessions=30.0, audit=365.0, accounts=30.0)


def housekeeping_of(house: House) -> Housekeeping:
    return replace(house.application.housekeeping, retention=RETENTION)


async def test_sessions_that_are_over_are_forgotten_after_their_time(house: House) -> None:
    housekeeping = housekeeping_of(house)
    await house.application.accounts.create("ada", PASSWORD)
    await house.sign_in("ada")
    session = next(iter(house.state.sessions.values()))
    async with house.transactions.write() as tx:
        await tx.sessions.update(session.ended(house.clock.now()))
    await house.sign_in("ada")
    house.clock.advance(30 * DAY - 1)
    assert not await housekeeping.tidy()
    assert len(house.state.sessions) == 2
    house.clock.advance(2)
    await housekeeping.tidy()
    assert session.id not in house.state.sessions
    assert len(house.state.sessions) == 1


async def test_the_log_is_kept_for_its_time(house: House) -> None:
    housekeeping = housekeeping_of(house)
    async with house.transactions.write() as tx:
        await tx.audit.append(an_audit_entry(at=at(0), action=Action.SIGNED_IN))
        await tx.audit.append(an_audit_entry(at=at(10), action=Action.SIGNED_OUT))
    house.clock.advance(365 * DAY + 5)
    await housekeeping.tidy()
    assert [entry.action for entry in house.state.audit.values()] == [Action.SIGNED_OUT]


async def test_it_goes_on_until_everything_old_is_gone_and_comes_back_every_hour(house: House) -> None:
    housekeeping = housekeeping_of(house)

    async def grow(entries: int) -> None:
        async with house.transactions.write() as tx:
            for _ in range(entries):
                await tx.audit.append(an_audit_entry(at=house.clock.now()))

    await grow(BATCH + 5)
    house.clock.advance(366 * DAY)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(housekeeping.run())
        while house.state.audit:
            await asyncio.sleep(0)
        await grow(3)
        house.clock.advance(366 * DAY + EVERY_SECONDS)
        while house.state.audit:
            await asyncio.sleep(0)
        running.cancel()


async def test_two_replicas_tidy_at_once(house: House) -> None:
    housekeeping = housekeeping_of(house)
    async with house.transactions.write() as tx:
        await tx.audit.append(an_audit_entry(at=at(0)))
    house.clock.advance(366 * DAY)
    await asyncio.gather(housekeeping.tidy(), housekeeping.tidy())
    assert not house.state.audit


async def test_closed_accounts_are_purged_after_their_time(house: House) -> None:
    housekeeping = housekeeping_of(house)
    anna, here = await person(house), await person(house, "Bob")
    await house.application.account_closing.close("Anna", "")
    house.clock.advance(30 * DAY)
    assert not await housekeeping.tidy()
    house.clock.advance(1)
    assert await housekeeping.tidy()
    assert not await housekeeping.tidy()
    assert set(house.state.accounts) == {here.id}
    (noted,) = entries(house, Action.ACCOUNT_PURGED)
    assert (noted.actor.kind, noted.target.id, noted.target.name) == ("server", anna.id, "Anna")
    await house.application.accounts.create("Anna", PASSWORD)


async def test_a_restored_account_is_not_purged(house: House) -> None:
    housekeeping = housekeeping_of(house)
    await person(house)
    await house.application.account_closing.close("Anna", "")
    await house.application.account_closing.restore("Anna")
    house.clock.advance(99 * DAY)
    assert not await housekeeping.tidy()
    assert len(house.state.accounts) == 1
