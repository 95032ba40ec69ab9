"""Mail as the operator sees it: whether it works, and what waits."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.mail.post import Post
from synctv.application.mail.postman import Postman
from synctv.application.ports.mail import MailQueue
from synctv.application.ports.mail_sender import CannotDeliver
from synctv.domain.accounts.account import Language
from synctv.domain.errors import UpstreamFailed


@dataclass(frozen=True, slots=True)
class MailStatus:
    """Whether there is a mail server, and how many letters are in the outbox of all processes."""

    configured: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class OperatedMail:
    """Tries it out."""

    post: Post
    postman: Postman
    queue: MailQueue

    async def test(self, to: str, language: Language = Language.ENGLISH) -> None:
        """Sends a letter now, past the outbox; returns when the mail server has taken it.

        Raises `Invalid` for what is no address, `PreconditionFailed` without a mail server, and `UpstreamFailed` when
        it does not take the letter.
        """
        try:
            await self.postman.send_test(to, language)
        except CannotDeliver as error:
            raise UpstreamFailed("The mail server", error.reason) from error

    async def status(self) -> MailStatus:
        """How things stand."""
        return MailStatus(self.post.open, await self.queue.waiting())
