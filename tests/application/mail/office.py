"""A post office on memory: an outbox, postmen, and a mail server to choose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from synctv.adapters.crypto.keys import SigningKey
from synctv.adapters.crypto.sealing import KeySealer
from synctv.adapters.mail.writer import JinjaLetterWriter
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.ids import MemoryIds
from synctv.adapters.memory.mail import MemoryMailQueue
from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.application.mail.post import Post
from synctv.application.mail.postman import Postman
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.mail import Lease, MailQueue
from synctv.application.ports.mail_sender import CannotDeliver, MailSender, Message
from synctv.application.ports.sealing import Sealer
from synctv.domain.accounts.account import Language
from synctv.domain.errors import Unavailable
from synctv.domain.ids import MailId, Micros

CODE = "493817"
MINUTE = 60.0
TEN_MINUTES = 600.0
KEY = SigningKey("00" * 8, b"the key that letters are sealed with")


def sealer(key: SigningKey = KEY) -> Sealer:
    return KeySealer([key], "mail")


def a_code(to: str = "ada@example.org", code: str = CODE) -> Letter:
    """A letter with a code."""
    facts = {"username": "ada", "code": code, "minutes": "10", "address": "203.0.113.9"}
    return Letter(LetterKind.SIGN_IN_CODE, to, Language.ENGLISH, facts)


async def until(condition: Callable[[], object]) -> None:
    """Lets the others work until it holds; the test's own limit ends what never comes."""
    while not condition():
        await asyncio.sleep(0.002)


@dataclass(slots=True)
class FakeServer(MailSender):
    """Takes letters, unless the next of `answers` says otherwise: an error is raised, an event is waited for."""

    answers: list[Exception | asyncio.Event] = field(default_factory=list)
    begun: list[MailId] = field(default_factory=list)
    taken: list[tuple[MailId, Micros, Message]] = field(default_factory=list)
    is_configured: bool = True

    @property
    def configured(self) -> bool:
        return self.is_configured

    async def send(self, message: Message, mail_id: MailId, written_at: Micros) -> None:
        self.begun.append(mail_id)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, asyncio.Event):
            await answer.wait()
        elif answer is not None:
            raise answer
        self.taken.append((mail_id, written_at, message))


class FlakyQueue(MailQueue):
    """A queue whose storage can be taken away with `down`."""

    def __init__(self, inner: MailQueue) -> None:
        self._inner = inner
        self.down = False
        self.asked = 0

    async def lease(self, now: Micros, until: Micros, limit: int) -> Sequence[Lease]:
        self._must_be_up()
        return await self._inner.lease(now, until, limit)

    async def done(self, lease: Lease) -> bool:
        self._must_be_up()
        return await self._inner.done(lease)

    async def again(self, lease: Lease, due_at: Micros) -> bool:
        self._must_be_up()
        return await self._inner.again(lease, due_at)

    async def waiting(self) -> int:
        return await self._inner.waiting()

    def _must_be_up(self) -> None:
        self.asked += 1
        if self.down:
            raise Unavailable("storage")


class Office:
    """Everything around the outbox. Postmen work inside of `open`."""

    def __init__(self) -> None:
        self.clock, self.ids, self.store = MemoryClock(), MemoryIds(), MemoryStore()
        self.queue = FlakyQueue(MemoryMailQueue(self.store))
        self.server = FakeServer()
        self.transactions = MemoryTransactions(self.store, lambda _: None)

    def postman(self, server: MailSender | None = None, **changes: Any) -> Postman:
        ports: dict[str, Any] = {"sealer": sealer(), "writer": JinjaLetterWriter("SyncTV"), **changes}
        return Postman(
            self.queue, sender=self.server if server is None else server, clock=self.clock, ids=self.ids, **ports
        )

    @asynccontextmanager
    async def working(self, *postmen: Postman) -> AsyncIterator[None]:
        """Lets them work until the block is left, as a process that ends would."""
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(postman.run()) for postman in postmen]
            yield
            for task in running:
                task.cancel()

    async def put(self, *letters: Letter, seconds: float = TEN_MINUTES) -> None:
        async with self.transactions.write() as tx:
            for letter in letters:
                await self._post().put(tx, letter, seconds)

    async def put_for_nobody(self) -> None:
        async with self.transactions.write() as tx:
            await self._post().put_for_nobody(tx, TEN_MINUTES)

    def waiting(self) -> int:
        return len(self.store.state.outbox)

    def empty(self) -> bool:
        return not self.store.state.outbox

    def attempts(self) -> list[int]:
        """How often each waiting letter was tried, as far as the outbox knows."""
        return [one.mail.attempts for one in self.store.state.outbox.values()]

    def stored(self) -> bytes:
        """All bytes of the outbox."""
        return repr(self.store.state.outbox).encode() + b"".join(
            one.mail.sealed for one in self.store.state.outbox.values()
        )

    def _post(self) -> Post:
        return Post(sealer(), self.server, self.clock, self.ids)


def refusal(
    reason: str = "mail.example.org:587 refused the letter: 450 later.", *, for_good: bool = False
) -> Exception:
    return CannotDeliver(reason, for_good=for_good)
