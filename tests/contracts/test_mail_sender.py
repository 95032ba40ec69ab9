"""What every way to a mail server promises."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.adapters.mail.sender import SmtpMailSender
from synctv.adapters.mail.server import MailServer, Security
from synctv.application.ports.mail_sender import CannotDeliver, MailSender, Message
from synctv.domain.ids import MailId
from tests.builders import IDS, NOW, at
from tests.servers.mail import HOST, MailServerUnderTest, mail_server

LETTER = Message("ada@example.org", "A subject", "Some words.\n", "<p>Some words.</p>\n")


@pytest.fixture
async def server() -> AsyncIterator[MailServerUnderTest]:
    async with mail_server() as server:
        yield server


@pytest.fixture
def sender(server: MailServerUnderTest) -> MailSender:
    return SmtpMailSender(MailServer(HOST, server.port, Security.NONE, "tv@example.org", "SyncTV", timeout=20.0))


@pytest.fixture
def nowhere() -> MailSender:
    return SmtpMailSender(None)


def an_id() -> MailId:
    return MailId(IDS.new("mail"))


async def test_what_was_sent_arrives_whole(sender: MailSender, server: MailServerUnderTest) -> None:
    await sender.send(LETTER, an_id(), NOW)
    (letter,) = server.letters
    assert letter.recipient == LETTER.to
    assert letter.message["Subject"] == LETTER.subject
    assert letter.body("plain") == LETTER.text
    assert letter.body("html") == LETTER.html


async def test_a_letter_that_is_sent_twice_is_recognisably_one(sender: MailSender, server: MailServerUnderTest) -> None:
    mail_id = an_id()
    await sender.send(LETTER, mail_id, NOW)
    await sender.send(LETTER, mail_id, NOW)
    await sender.send(LETTER, an_id(), at(60))
    first, again, other = (letter.message for letter in server.letters)
    assert mail_id in first["Message-ID"]
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Date"] == again["Date"] != other["Date"]


async def test_a_refusal_says_whether_it_is_for_good(sender: MailSender, server: MailServerUnderTest) -> None:
    server.recipient_answers.extend(["550 Nobody of that name", "450 Come again"])
    reasons = []
    for _ in range(2):
        with pytest.raises(CannotDeliver) as caught:
            await sender.send(LETTER, an_id(), NOW)
        reasons.append(caught.value.for_good)
    assert reasons == [True, False]
    assert not server.letters


async def test_after_a_refusal_the_next_letter_goes_out(sender: MailSender, server: MailServerUnderTest) -> None:
    server.data_answers.append("451 Not this one")
    with pytest.raises(CannotDeliver):
        await sender.send(LETTER, an_id(), NOW)
    await sender.send(LETTER, an_id(), NOW)
    assert len(server.letters) == 1


async def test_without_a_server_nothing_is_configured_and_nothing_delivered(
    sender: MailSender, nowhere: MailSender
) -> None:
    assert sender.configured
    assert not nowhere.configured
    with pytest.raises(CannotDeliver) as caught:
        await nowhere.send(LETTER, an_id(), NOW)
    assert not caught.value.for_good
