"""The outbox: letters that are written with what they tell of, and those who empty it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from synctv.domain.ids import MailId, Micros


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """A letter in the outbox. `sealed` holds address and content. After `expires_at` it is worthless.

    `attempts` were made to send it. `for_nobody` is one that is only stored so that asking for a letter to an unknown
    address takes as long as asking for a real one; it is dropped instead of sent.
    """

    id: MailId
    sealed: bytes
    created_at: Micros
    expires_at: Micros
    attempts: int = 0
    for_nobody: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send one letter until an instant. `number` fences: a later lease of the letter has a higher one."""

    mail: QueuedMail
    number: int
    until: Micros


class Outbox(ABC):
    """The outbox as a transaction writes it: rolled back, the letter is never sent."""

    @abstractmethod
    async def add(self, mail: QueuedMail) -> None:
        """Puts a letter in, due at once."""


class MailQueue(ABC):
    """The outbox as those see it who empty it. Each method is a transaction of its own."""

    @abstractmethod
    async def lease(self, now: Micros, until: Micros, limit: int) -> Sequence[Lease]:
        """Letters that are due and that nobody holds, oldest first, held by the caller from now on.

        Of any number of callers at once, one gets each. A lease that ran out is as good as none.
        """

    @abstractmethod
    async def done(self, lease: Lease) -> bool:
        """Removes the letter: it was sent, or never will be. False when a later lease holds it."""

    @abstractmethod
    async def again(self, lease: Lease, due_at: Micros) -> bool:
        """Notes a failed attempt, and lets the letter wait until it is due again. False when a later lease holds it."""

    @abstractmethod
    async def waiting(self) -> int:
        """How many letters are in the outbox."""
