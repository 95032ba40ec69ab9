"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synctv.adapters.memory.store import MemoryStore, OutgoingMail, State, View, with_entry, without
from synctv.application.ports.mail import Lease, MailQueue, Outbox, QueuedMail
from synctv.domain.errors import AlreadyExists
from synctv.domain.ids import Micros


class MemoryOutbox(Outbox):
    """The outbox, as a transaction writes it."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, mail: QueuedMail) -> None:
        """Puts a letter in, due as soon as it was written."""
        state = self._view.state
        if mail.id in state.outbox:
            raise AlreadyExists("letter")
        self._view.change(_with(state, OutgoingMail(mail, mail.created_at)))


class MemoryMailQueue(MailQueue):
    """The store's committed letters."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def lease(self, now: Micros, until: Micros, limit: int) -> Sequence[Lease]:
        """Letters that are due and that nobody holds."""
        async with self._store.change() as view:
            free = [one for one in view.state.outbox.values() if _is_free(one, now)]
            free.sort(key=lambda one: (one.mail.created_at, one.mail.id))
            leases = [Lease(one.mail, one.lease_number + 1, until) for one in free[: max(limit, 0)]]
            for lease in leases:
                due_at = view.state.outbox[lease.mail.id].due_at
                view.change(_with(view.state, OutgoingMail(lease.mail, due_at, lease.number, until)))
        return leases

    async def done(self, lease: Lease) -> bool:
        """Removes the letter."""
        async with self._store.change() as view:
            state = view.state
            if held := _held(state, lease):
                view.change(replace(state, outbox=without(state.outbox, {held.mail.id})))
        return held is not None

    async def again(self, lease: Lease, due_at: Micros) -> bool:
        """Notes a failed attempt and gives the letter back."""
        async with self._store.change() as view:
            if held := _held(view.state, lease):
                tried = replace(held.mail, attempts=held.mail.attempts + 1)
                view.change(_with(view.state, OutgoingMail(tried, due_at, held.lease_number)))
        return held is not None

    async def waiting(self) -> int:
        """How many letters are in the outbox."""
        return len(self._store.state.outbox)


def _is_free(letter: OutgoingMail, now: Micros) -> bool:
    return letter.due_at <= now and (letter.leased_until is None or letter.leased_until <= now)


def _held(state: State, lease: Lease) -> OutgoingMail | None:
    """The letter, unless it is gone, was given back, or belongs to a later lease."""
    letter = state.outbox.get(lease.mail.id)
    ours = letter is not None and letter.lease_number == lease.number and letter.leased_until is not None
    return letter if ours else None


def _with(state: State, letter: OutgoingMail) -> State:
    return replace(state, outbox=with_entry(state.outbox, letter.mail.id, letter))
