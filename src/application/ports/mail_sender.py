"""The way to the mail server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from synctv.domain.ids import MailId, Micros

LONGEST_SEND_SECONDS = 60.0
"""Within this a mail server has taken a letter or has not; leases last longer."""


@dataclass(frozen=True, slots=True)
class Message:
    """A letter as it is sent: both bodies say the same."""

    to: str
    subject: str
    text: str
    html: str


class CannotDeliver(Exception):
    """The mail server did not take a letter. `for_good`: it will not take this one later either.

    The sentence is for the operator and names neither a secret nor anything of the letter.
    """

    def __init__(self, reason: str, *, for_good: bool) -> None:
        self.reason = reason
        self.for_good = for_good
        super().__init__(reason)


class MailSender(ABC):
    """The way to the mail server."""

    @property
    @abstractmethod
    def configured(self) -> bool:
        """Whether there is a mail server at all."""

    @abstractmethod
    async def send(self, message: Message, mail_id: MailId, written_at: Micros) -> None:
        """Returns when the mail server has taken the letter, within `LONGEST_SEND_SECONDS`. Raises `CannotDeliver`.

        `mail_id` and `written_at` become `Message-ID` and `Date`: a letter that is sent twice is still one letter.
        """
