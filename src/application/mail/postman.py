"""The postman: empties the outbox, and tries again what the mail server did not take."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from traceback import format_tb

from synctv.application.mail.packing import NotALetter, place_of, unpack
from synctv.application.mail.patience import next_attempt
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.letters import Letter, LetterKind, LetterWriter
from synctv.application.ports.mail import Lease, MailQueue, QueuedMail
from synctv.application.ports.mail_sender import LONGEST_SEND_SECONDS, CannotDeliver, MailSender
from synctv.application.ports.sealing import CannotOpen, Sealer
from synctv.application.realtime.tasks import Tasks
from synctv.domain.accounts.account import Language
from synctv.domain.accounts.email import valid_email
from synctv.domain.errors import PreconditionFailed, Unavailable
from synctv.domain.ids import MICROS, MailId, Micros, seconds_after

log = logging.getLogger(__name__)

AT_ONCE = 4
LEASE_SECONDS = 2 * LONGEST_SEND_SECONDS
LOOK_SECONDS = 2.0
RETRY_SECONDS = 1.0
_CHANCE_BITS = 32


@dataclass(slots=True)
class Tally:
    """What became of attempts since the start: sent, to be tried again, and given up (expired ones too)."""

    sent: int = 0
    postponed: int = 0
    given_up: int = 0


class Postman:
    """Sends what is in the outbox. Any number of processes may have one: each letter is leased to one of them.

    A letter is sent at least once, and nearly always exactly once. A process that dies, or loses the storage for longer
    than the lease, after the mail server took the letter and before the outbox knows: then the lease runs out, and
    another one sends it again with the same `Message-ID` and `Date`, which most mailboxes show once.

    What is logged names the letter's id and why it could not be sent, never who it is for or what is in it.
    """

    def __init__(
        self, queue: MailQueue, sealer: Sealer, writer: LetterWriter, sender: MailSender, clock: Clock, ids: Ids
    ) -> None:
        self.tally = Tally()
        self._queue = queue
        self._sealer = sealer
        self._writer = writer
        self._sender = sender
        self._clock = clock
        self._ids = ids
        self._busy = 0
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Lets it look now rather than at its next turn: something was put into the outbox."""
        self._nudged.set()

    async def run(self) -> None:
        """Sends until cancelled, a few letters at once. While the storage is away it waits."""
        async with Tasks() as tasks:
            while True:
                self._nudged.clear()
                for lease in await self._take():
                    self._busy += 1
                    tasks.start(self._see_to(lease), "a letter").add_done_callback(self._freed)
                await self._rest()

    async def send_test(self, to: str, language: Language) -> None:
        """Sends a letter that says that sending works, past the outbox.

        Raises `Invalid` for what is no address, `PreconditionFailed` without a mail server, and `CannotDeliver`.
        """
        address = valid_email(to, "address")
        if not self._sender.configured:
            raise PreconditionFailed(
                "No mail server is set up. Set `mail.host` and `mail.from_address`, and start the server again."
            )
        now = self._clock.now()
        letter = Letter(LetterKind.TEST, address, language, {"at": str(now)})
        await self._sender.send(self._writer.write(letter), MailId(self._ids.new("mail")), now)

    async def _take(self) -> list[Lease]:
        free, now = AT_ONCE - self._busy, self._clock.now()
        if not free:
            return []
        try:
            return list(await self._queue.lease(now, seconds_after(now, LEASE_SECONDS), free))
        except Unavailable:
            return []

    async def _rest(self) -> None:
        """Until there may be something to do: after a nudge, when a hand is free again, or after a while."""
        async with asyncio.TaskGroup() as group:
            nudge = group.create_task(self._nudged.wait())
            alarm = group.create_task(self._clock.sleep_until(seconds_after(self._clock.now(), LOOK_SECONDS)))
            await asyncio.wait((nudge, alarm), return_when=asyncio.FIRST_COMPLETED)
            nudge.cancel()
            alarm.cancel()

    def _freed(self, _: asyncio.Task[None]) -> None:
        self._busy -= 1
        self.nudge()

    async def _see_to(self, lease: Lease) -> None:
        await self._settle(lease, await self._try(lease.mail))

    async def _try(self, mail: QueuedMail) -> Micros | None:
        """Sends the letter, if it is worth it; when to try again, or None when there is nothing left to do."""
        if mail.for_nobody:
            return None
        if mail.expires_at <= self._clock.now():
            self._give_up(mail, "It has expired.")
            return None
        try:
            await self._send(mail)
        except CannotDeliver as failure:
            return self._after(mail, failure)
        self.tally.sent += 1
        log.info("Letter %s was sent.", mail.id)
        return None

    async def _send(self, mail: QueuedMail) -> None:
        """Raises `CannotDeliver` whatever goes wrong."""
        try:
            letter = unpack(self._sealer.open(mail.sealed, place_of(mail.id)))
            await self._sender.send(self._writer.write(letter), mail.id, mail.created_at)
        except CannotOpen:
            raise CannotDeliver("It can't be opened: the key that it was sealed with is gone.", for_good=True) from None
        except (NotALetter, KeyError):
            # Of a newer server, while they are replaced one by one: that one can send it.
            raise CannotDeliver("This version of the server can't read it.", for_good=False) from None
        except CannotDeliver:
            raise
        except Exception as error:
            # Where it failed, but not what it said, which may be of the letter.
            log.error("Letter %s: %s\n%s", mail.id, type(error).__name__, "".join(format_tb(error.__traceback__)))
            raise CannotDeliver("Something unforeseen happened.", for_good=False) from None

    def _after(self, mail: QueuedMail, failure: CannotDeliver) -> Micros | None:
        chance = self._ids.random(_CHANCE_BITS) / 2**_CHANCE_BITS
        due_at = None if failure.for_good else next_attempt(mail, self._clock.now(), chance)
        if due_at is None:
            self._give_up(mail, failure.reason)
        else:
            seconds = round((due_at - self._clock.now()) / MICROS)
            log.warning("Letter %s could not be sent and is tried again in %d s. %s", mail.id, seconds, failure.reason)
        return due_at

    def _give_up(self, mail: QueuedMail, reason: str) -> None:
        self.tally.given_up += 1
        log.warning("Letter %s is given up. %s", mail.id, reason)

    async def _settle(self, lease: Lease, due_at: Micros | None) -> None:
        """Tells the outbox, for as long as the lease lasts: a letter that was sent should not be sent again."""
        while True:
            try:
                ours = await (self._queue.done(lease) if due_at is None else self._queue.again(lease, due_at))
                break
            except Unavailable:
                if self._clock.now() >= lease.until:
                    raise
                await self._clock.sleep_until(seconds_after(self._clock.now(), RETRY_SECONDS))
        if due_at is not None:
            self.tally.postponed += 1
        if not ours:
            log.warning("Letter %s was leased again meanwhile and may be sent twice.", lease.mail.id)
