"""Mail as the operator tries it out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.operation.mail import MailStatus
from synctv.application.ports.mail_sender import CannotDeliver, MailSender, Message
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Language
from synctv.domain.errors import Invalid, PreconditionFailed, UpstreamFailed
from synctv.domain.ids import MailId, Micros
from tests.application.house import House, furnished
from tests.applications import SilentMail
from tests.builders import an_account


class Counter(MailSender):
    """A mail server that takes letters, until it has a reason not to."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.reason = ""

    @property
    def configured(self) -> bool:
        """It is there."""
        return True

    async def send(self, message: Message, mail_id: MailId, written_at: Micros) -> None:
        """Takes the letter, or says why not."""
        if self.reason:
            raise CannotDeliver(self.reason, for_good=False)
        self.taken.append(message)


async def test_a_test_letter_is_sent_at_once_in_the_chosen_language(passwords: PasswordHasher) -> None:
    counter = Counter()
    house = furnished(passwords, mail=counter)
    await house.application.mail.test("Ada@Example.org")
    await house.application.mail.test("ada@example.org", Language.CHINESE)
    english, chinese = counter.taken
    assert english.to == "Ada@example.org"
    assert english.subject.isascii()
    assert not chinese.subject.isascii()
    assert (await house.application.mail.status()).waiting == 0


async def test_what_the_mail_server_says_is_passed_on(passwords: PasswordHasher) -> None:
    counter = Counter()
    counter.reason = "smtp.example:25 takes nothing today."
    house = furnished(passwords, mail=counter)
    with pytest.raises(UpstreamFailed, match="takes nothing today"):
        await house.application.mail.test("ada@example.org")


@pytest.mark.parametrize("address", ["", "ada", "ada@", "a@b\r\nBcc: c@d.example", "x" * 300 + "@example.org"])
async def test_what_is_no_address_is_refused(house: House, address: str) -> None:
    with pytest.raises(Invalid):
        await house.application.mail.test(address)


async def test_without_a_mail_server_nothing_is_tried(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    with pytest.raises(PreconditionFailed, match=r"mail\.host"):
        await house.application.mail.test("ada@example.org")
    assert await house.application.mail.status() == MailStatus(configured=False, waiting=0)


async def test_waiting_letters_are_counted(house: House) -> None:
    account = replace(an_account(), username="ada", pending=True, email="ada@example.org")
    async with house.transactions.write() as tx:
        await tx.accounts.add(account)
    await house.application.accounts.approve("ada")
    assert await house.application.mail.status() == MailStatus(configured=True, waiting=1)
