"""What every storage promises about the outbox. The way to the mail server has a suite of its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.application.ports.mail import Lease, QueuedMail
from synctv.domain.errors import AlreadyExists
from synctv.domain.ids import MailId
from tests.builders import a_mail, at
from tests.contracts.storage import Storage

NOT_LONG = at(30)


async def add(storage: Storage, *letters: QueuedMail) -> tuple[QueuedMail, ...]:
    async with storage.transactions.write() as tx:
        for mail in letters:
            await tx.outbox.add(mail)
    return letters


async def lease_one(storage: Storage, seconds: float = 0) -> Lease:
    (lease,) = await storage.mail_queue.lease(at(seconds), at(seconds + 30), 10)
    return lease


async def test_a_letter_comes_back_as_it_was_put_in(storage: Storage) -> None:
    for_somebody = a_mail(sealed=bytes(range(256)), expires_at=at(7))
    for_nobody = a_mail(sealed=b"", for_nobody=True, attempts=3)
    await add(storage, for_somebody, for_nobody)
    assert list(await storage.mail_queue.lease(at(0), NOT_LONG, 10)) == [
        Lease(for_somebody, 1, NOT_LONG),
        Lease(for_nobody, 1, NOT_LONG),
    ]


async def test_a_letter_is_put_in_once(storage: Storage) -> None:
    (mail,) = await add(storage, a_mail())
    with pytest.raises(AlreadyExists):
        await add(storage, mail)
    assert await storage.mail_queue.waiting() == 1


async def test_a_letter_is_due_as_soon_as_its_transaction_is_committed(storage: Storage) -> None:
    async with storage.transactions.write() as tx:
        await tx.outbox.add(a_mail())
        assert await storage.mail_queue.waiting() == 0
    assert await storage.mail_queue.waiting() == 1
    assert not await storage.mail_queue.lease(at(-1), NOT_LONG, 10)
    assert len(await storage.mail_queue.lease(at(0), NOT_LONG, 10)) == 1


async def test_a_letter_of_a_transaction_that_rolled_back_is_never_sent(storage: Storage) -> None:
    async def write_and_fail() -> None:
        async with storage.transactions.write() as tx:
            await tx.outbox.add(a_mail())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    assert not await storage.mail_queue.lease(at(9), NOT_LONG, 10)
    assert await storage.mail_queue.waiting() == 0


async def test_letters_are_leased_oldest_first_and_no_more_than_asked_for(storage: Storage) -> None:
    third, first, second = await add(storage, *(a_mail(created_at=at(seconds)) for seconds in (3, 1, 2)))
    assert not await storage.mail_queue.lease(at(9), NOT_LONG, 0)
    assert [lease.mail for lease in await storage.mail_queue.lease(at(9), NOT_LONG, 2)] == [first, second]
    assert [lease.mail for lease in await storage.mail_queue.lease(at(9), NOT_LONG, 2)] == [third]
    assert not await storage.mail_queue.lease(at(9), NOT_LONG, 2)
    assert await storage.mail_queue.waiting() == 3


async def test_each_letter_is_leased_by_one_of_those_who_want_it_at_once(storage: Storage) -> None:
    letters = await add(storage, *(a_mail() for _ in range(12)))
    taken = await asyncio.gather(*(storage.mail_queue.lease(at(0), NOT_LONG, 5) for _ in range(8)))
    leased = [lease.mail for leases in taken for lease in leases]
    assert all(len(leases) <= 5 for leases in taken)
    # Whoever finds a letter that somebody is just taking leaves it alone; at the latest the next round has it.
    leased += [lease.mail for lease in await storage.mail_queue.lease(at(0), NOT_LONG, 12)]
    assert sorted(mail.id for mail in leased) == [mail.id for mail in letters]


async def test_one_letter_is_leased_by_one_of_two(storage: Storage) -> None:
    await add(storage, a_mail())
    taken = await asyncio.gather(*(storage.mail_queue.lease(at(0), NOT_LONG, 1) for _ in range(2)))
    assert sorted(len(leases) for leases in taken) == [0, 1]


async def test_a_letter_that_was_sent_is_gone(storage: Storage) -> None:
    await add(storage, a_mail())
    lease = await lease_one(storage)
    assert await storage.mail_queue.done(lease)
    assert await storage.mail_queue.waiting() == 0
    assert not await storage.mail_queue.done(lease)
    assert not await storage.mail_queue.again(lease, at(1))
    assert not await storage.mail_queue.lease(at(99), at(120), 10)


async def test_a_letter_that_failed_waits_until_it_is_due_again(storage: Storage) -> None:
    (mail,) = await add(storage, a_mail())
    assert await storage.mail_queue.again(await lease_one(storage), at(5))
    assert not await storage.mail_queue.lease(at(4), NOT_LONG, 10)
    second = await lease_one(storage, 5)
    assert second == Lease(replace(mail, attempts=1), 2, at(35))
    assert await storage.mail_queue.again(second, at(6))
    assert (await lease_one(storage, 6)).mail.attempts == 2


async def test_a_lease_that_was_given_back_is_over(storage: Storage) -> None:
    await add(storage, a_mail())
    lease = await lease_one(storage)
    assert await storage.mail_queue.again(lease, at(5))
    assert not await storage.mail_queue.done(lease)
    assert not await storage.mail_queue.again(lease, at(0))
    assert not await storage.mail_queue.lease(at(4), NOT_LONG, 10)
    assert (await lease_one(storage, 5)).mail.attempts == 1


async def test_a_lease_that_ran_out_is_taken_over_and_fenced_off(storage: Storage) -> None:
    (mail,) = await add(storage, a_mail())
    lapsed = await lease_one(storage)
    assert not await storage.mail_queue.lease(at(29.999), at(60), 10)
    taken_over = await lease_one(storage, 30)
    assert (taken_over.mail, taken_over.number) == (mail, lapsed.number + 1)
    assert not await storage.mail_queue.done(lapsed)
    assert not await storage.mail_queue.again(lapsed, at(0))
    assert await storage.mail_queue.waiting() == 1
    assert await storage.mail_queue.done(taken_over)


async def test_a_lease_that_ran_out_and_that_nobody_took_over_still_holds(storage: Storage) -> None:
    await add(storage, a_mail(), a_mail())
    late, later = await storage.mail_queue.lease(at(0), at(1), 10)
    assert await storage.mail_queue.done(late)
    assert await storage.mail_queue.again(later, at(90))
    assert await storage.mail_queue.waiting() == 1


async def test_a_lease_of_a_letter_that_never_was_holds_nothing(storage: Storage) -> None:
    await add(storage, a_mail())
    for mail in (a_mail(), a_mail(id=MailId("nonsense"))):
        assert not await storage.mail_queue.done(Lease(mail, 1, NOT_LONG))
        assert not await storage.mail_queue.again(Lease(mail, 1, NOT_LONG), at(1))
    assert await storage.mail_queue.waiting() == 1


async def test_a_lease_can_not_be_made_up(storage: Storage) -> None:
    (mail,) = await add(storage, a_mail())
    for number in (-1, 0, 1, 10**30):
        assert not await storage.mail_queue.done(Lease(mail, number, NOT_LONG))
    await lease_one(storage)
    for number in (-1, 0, 2, 10**30):
        assert not await storage.mail_queue.done(Lease(mail, number, NOT_LONG))
    assert await storage.mail_queue.waiting() == 1


async def test_what_ran_out_is_leased_too_so_that_somebody_drops_it(storage: Storage) -> None:
    (mail,) = await add(storage, a_mail(expires_at=at(1)))
    assert (await lease_one(storage, 2)).mail == mail
