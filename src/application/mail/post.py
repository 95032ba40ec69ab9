"""Post: puts letters into the outbox, in the transaction of what they tell of."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.mail.packing import pack, place_of
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.mail import QueuedMail
from synctv.application.ports.mail_sender import MailSender
from synctv.application.ports.sealing import Sealer
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Language
from synctv.domain.errors import PreconditionFailed
from synctv.domain.ids import MailId, seconds_after

NOBODY = Letter(LetterKind.TEST, "", Language.ENGLISH, {})


@dataclass(frozen=True, slots=True)
class Post:
    """Writes to people."""

    sealer: Sealer
    sender: MailSender
    clock: Clock
    ids: Ids

    @property
    def open(self) -> bool:
        """Whether this server has a mail server to send with."""
        return self.sender.configured

    def must_be_open(self) -> None:
        """Raises `PreconditionFailed` on a server without mail."""
        if not self.open:
            raise PreconditionFailed("This server has no mail. Ask its operator.")

    async def put(self, tx: Transaction, letter: Letter, seconds: float) -> None:
        """Queues a letter, which is worth sending for so many seconds."""
        await self._queue(tx, letter, seconds, for_nobody=False)

    async def put_for_nobody(self, tx: Transaction, seconds: float) -> None:
        """Does as much work, and nobody gets a letter: so that time doesn't tell who has an account."""
        await self._queue(tx, NOBODY, seconds, for_nobody=True)

    async def _queue(self, tx: Transaction, letter: Letter, seconds: float, *, for_nobody: bool) -> None:
        now, mail_id = self.clock.now(), MailId(self.ids.new("mail"))
        sealed = self.sealer.seal(pack(letter), place_of(mail_id))
        expires = seconds_after(now, seconds)
        await tx.outbox.add(QueuedMail(mail_id, sealed, now, expires, for_nobody=for_nobody))
