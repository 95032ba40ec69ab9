"""The SMTP sender against real servers that take, refuse, lie, hang and hang up."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from synctv.adapters.mail.sender import SmtpMailSender
from synctv.adapters.mail.server import MailServer, Security
from synctv.application.ports.mail_sender import CannotDeliver, Message
from synctv.domain.ids import MailId
from tests.builders import NOW
from tests.servers.mail import HOST, Authority, MailServerUnderTest, authority, mail_server, scripted_server
from tests.servers.ports import quiet_port

LOGIN = ("tv@example.org", "hunter2-hunter2")
CODE = "493817"
LETTER = Message("ada@example.org", "A code", f"The code is {CODE}.\n", f"<p>The code is {CODE}.</p>\n")
ID = MailId("mail_01h455vb4pex5vsknk084sn02q")
EHLO = "250-mail.example.org\r\n250 SMTPUTF8"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that senders are told to trust."""
    return authority(tmp_path_factory.mktemp("known"))


def sender(port: int, **changes: Any) -> SmtpMailSender:
    described: dict[str, Any] = {
        "host": HOST,
        "port": port,
        "security": Security.NONE,
        "from_address": "tv@example.org",
        "from_name": "SyncTV",
        "timeout": 20.0,
        **changes,
    }
    return SmtpMailSender(MailServer(**described))


def trusting(server: MailServerUnderTest, known: Authority, **changes: Any) -> SmtpMailSender:
    return sender(server.port, **{"security": Security.STARTTLS, "ca_file": known.ca_file, **changes})


def protected(
    security: Security, context: ssl.SSLContext, login: tuple[str, str] | None = None
) -> AbstractAsyncContextManager[MailServerUnderTest]:
    """A server that is protected in one of the two ways."""
    if security is Security.STARTTLS:
        return mail_server(starttls=context, login=login)
    return mail_server(tls=context, login=login)


async def refused(sender: SmtpMailSender, letter: Message = LETTER) -> CannotDeliver:
    """Why the letter was not taken. Whatever happens, neither login nor letter are named."""
    with pytest.raises(CannotDeliver) as caught:
        await sender.send(letter, ID, NOW)
    error = caught.value
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    for secret in (LOGIN[1], CODE, letter.to):
        assert secret not in error.reason
    assert error.reason.endswith(".")
    return error


async def test_a_letter_goes_through_starttls_with_a_login(known: Authority) -> None:
    async with mail_server(starttls=known.context, login=LOGIN) as server:
        await trusting(server, known, login=LOGIN).send(LETTER, ID, NOW)
    (letter,) = server.letters
    assert letter.over_tls
    assert letter.login == LOGIN[0]
    assert (letter.sender, letter.recipient) == ("tv@example.org", "ada@example.org")


async def test_a_letter_goes_through_tls_from_the_start(known: Authority) -> None:
    async with mail_server(tls=known.context, login=LOGIN) as server:
        await trusting(server, known, security=Security.TLS, login=LOGIN).send(LETTER, ID, NOW)
    assert [letter.over_tls for letter in server.letters] == [True]


async def test_a_letter_goes_in_plain_where_that_is_wanted() -> None:
    async with mail_server() as server:
        await sender(server.port).send(LETTER, ID, NOW)
    assert [letter.over_tls for letter in server.letters] == [False]


async def test_nothing_is_sent_when_starttls_is_wanted_and_not_offered() -> None:
    async with mail_server(login=LOGIN) as server:
        error = await refused(sender(server.port, security=Security.STARTTLS, login=LOGIN))
    assert "offers no STARTTLS, so nothing was sent" in error.reason
    assert not error.for_good
    assert not server.letters
    assert not server.logins


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path, security: Security) -> None:
    stranger = authority(tmp_path).context
    async with protected(security, stranger, LOGIN) as server:
        error = await refused(sender(server.port, security=security, login=LOGIN))
    assert "is not trusted" in error.reason
    assert "`mail.ca_file`" in error.reason
    assert not error.for_good
    assert not server.logins


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
async def test_a_certificate_for_another_name_is_refused(tmp_path: Path, security: Security) -> None:
    other = authority(tmp_path, "mail.example.org")
    async with protected(security, other.context) as server:
        error = await refused(sender(server.port, security=security, ca_file=other.ca_file))
    assert "is not trusted" in error.reason
    assert not error.for_good


async def test_a_wrong_password_is_tried_once_and_can_be_mended(known: Authority) -> None:
    async with mail_server(starttls=known.context, login=LOGIN) as server:
        error = await refused(trusting(server, known, login=(LOGIN[0], "hunter3-hunter3")))
    assert server.logins == [False]
    assert "did not take the username and password (535)" in error.reason
    assert not error.for_good


async def test_a_login_that_nobody_asks_for_is_named(known: Authority) -> None:
    script = ["220 hello", EHLO, "250 OK"]
    async with scripted_server(script) as port:
        error = await refused(sender(port, login=LOGIN))
    assert "takes no username and password there" in error.reason


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN", "CRAM-MD5"])
async def test_every_usual_way_to_sign_in_is_known(method: str) -> None:
    turns = {"PLAIN": [], "LOGIN": ["334 UGFzc3dvcmQ6"], "CRAM-MD5": ["334 PDEuMkBleGFtcGxlLm9yZz4="]}[method]
    script = ["220 hello", f"250-mail.example.org\r\n250 AUTH {method}", *turns, "235 welcome", "550 no such user", "…"]
    async with scripted_server(script) as port:
        assert "550 no such user" in (await refused(sender(port, login=LOGIN))).reason


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "552 Mailbox full", "501 Bad address"])
async def test_what_a_server_says_for_good_of_a_recipient_is_for_good(answer: str) -> None:
    async with mail_server() as server:
        server.recipient_answers.append(answer)
        error = await refused(sender(server.port))
    assert error.for_good
    assert answer in error.reason


@pytest.mark.parametrize("answer", ["450 Greylisted, come again", "421 Too busy", "530 Authentication required"])
async def test_what_passes_or_can_be_mended_is_not_for_good(answer: str) -> None:
    async with mail_server() as server:
        server.recipient_answers.append(answer)
        error = await refused(sender(server.port))
    assert not error.for_good
    assert answer in error.reason


@pytest.mark.parametrize("answer, for_good", [("554 5.7.1 It looks like spam", True), ("451 Come again", False)])
async def test_the_letter_itself_may_be_refused(answer: str, for_good: bool) -> None:
    async with mail_server() as server:
        server.data_answers.append(answer)
        error = await refused(sender(server.port))
    assert error.for_good is for_good
    assert answer in error.reason


async def test_a_sender_who_is_not_allowed_can_be_mended() -> None:
    async with scripted_server(["220 hello", EHLO, "553 not yours"]) as port:
        error = await refused(sender(port))
    assert "does not let us send as `mail.from_address`: 553 not yours" in error.reason
    assert not error.for_good


@pytest.mark.parametrize("script", [["554 go away"], ["220 hello", "550 go away", "550 go away"]])
async def test_a_server_that_wants_nobody_can_be_mended(script: list[str]) -> None:
    async with scripted_server(script) as port:
        error = await refused(sender(port))
    assert "go away" in error.reason
    assert not error.for_good


async def test_a_server_that_repeats_what_it_heard_does_not_lead_it_into_the_log() -> None:
    secret = f"code {CODE} https://tv.example.org/reset#abc for <ada@example.org>"
    for script in (["220 hello", EHLO, "250 OK", f"550 {secret}"], ["220 hello", f"550 {secret}"]):
        async with scripted_server(script) as port:
            reason = (await refused(sender(port))).reason
        assert "tv.example.org" not in reason
        assert "550" in reason


async def test_a_server_that_repeats_the_login_does_not_lead_it_into_the_log() -> None:
    encoded = "AHR2QGV4YW1wbGUub3JnAGh1bnRlcjItaHVudGVyMg=="
    script = ["220 hello", "250-mail.example.org\r\n250 AUTH PLAIN", f"500 unknown: AUTH PLAIN {encoded}"]
    async with scripted_server(script) as port:
        assert encoded not in (await refused(sender(port, login=LOGIN))).reason


async def test_nobody_listens() -> None:
    error = await refused(sender(quiet_port()))
    assert "nobody listens there" in error.reason
    assert not error.for_good


async def test_a_host_that_nobody_knows() -> None:
    error = await refused(sender(25, host="mail.invalid"))
    assert error.reason.startswith("mail.invalid:25 can't be found")
    assert not error.for_good


@pytest.mark.parametrize(
    "script",
    [
        ["…"],
        ["220 hello", "…"],
        ["220 hello", EHLO, "250 OK", "250 OK", "…"],
        ["220 hello", EHLO, "250 OK", "250 OK", "354 go on", "…"],
    ],
)
async def test_a_server_that_falls_silent_is_not_waited_for(script: list[str]) -> None:
    async with scripted_server(script) as port:
        error = await refused(sender(port, timeout=0.1))
    assert "did not finish within 0.1 s" in error.reason
    assert not error.for_good


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_handshake_that_never_ends_is_not_waited_for(security: Security) -> None:
    script = ["…"] if security is Security.TLS else ["220 hello", "250 STARTTLS", "220 go on", "…"]
    if security is Security.STARTTLS:
        script[1] = "250-mail.example.org\r\n250 STARTTLS"
    async with scripted_server(script) as port:
        error = await refused(sender(port, security=security, timeout=0.1))
    assert "did not finish within 0.1 s" in error.reason
    assert not error.for_good


@pytest.mark.parametrize(
    "script",
    [
        [None],
        ["220 hello", None],
        ["220 hello", EHLO, "250 OK", None],
        ["220 hello", EHLO, "250 OK", "250 OK", "354 go on", None],
    ],
)
async def test_a_server_that_hangs_up_in_the_middle_is_tried_again(script: list[str | None]) -> None:
    async with scripted_server(script) as port:
        error = await refused(sender(port))
    assert "closed the connection" in error.reason
    assert not error.for_good


@pytest.mark.parametrize("script", [["HTTP/1.1 400 Bad Request"], ["220 hello", "…" * 2]])
async def test_a_server_that_speaks_something_else(script: list[str]) -> None:
    async with scripted_server(script) as port:
        assert not (await refused(sender(port))).for_good


@pytest.mark.parametrize("farewell", [None, "500 no farewell", "garbage"])
async def test_what_comes_after_the_letter_was_taken_is_of_no_account(farewell: str | None) -> None:
    script = ["220 hello", EHLO, "250 OK", "250 OK", "354 go on", "250 taken", farewell]
    async with scripted_server(script) as port:
        await sender(port).send(LETTER, ID, NOW)


async def test_a_letter_that_is_cancelled_leaves_no_connection() -> None:
    async with mail_server() as server:
        server.slow.clear()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await sender(server.port).send(LETTER, ID, NOW)
        server.slow.set()
    assert not server.letters


async def test_a_sender_without_a_server_is_not_configured() -> None:
    nowhere = SmtpMailSender(None)
    assert not nowhere.configured
    assert "`mail.host`" in (await refused(nowhere)).reason


async def test_addresses_beyond_ascii_go_where_they_are_understood() -> None:
    letter = Message("用户@例子.中国", LETTER.subject, LETTER.text, LETTER.html)
    async with mail_server() as server:
        await sender(server.port).send(letter, ID, NOW)
    assert server.letters[0].recipient == "用户@xn--fsqu00a.xn--fiqs8s"
    async with mail_server(utf8=False) as server:
        error = await refused(sender(server.port), letter)
    assert error.for_good
    assert "beyond ASCII" in error.reason


async def test_domains_beyond_ascii_need_nothing_of_the_server() -> None:
    letter = Message("ada@straße.example", LETTER.subject, LETTER.text, LETTER.html)
    async with mail_server(utf8=False) as server:
        await sender(server.port).send(letter, ID, NOW)
    assert server.letters[0].recipient == "ada@xn--strae-oqa.example"


@pytest.mark.parametrize("to", ["ada@example.org\r\nBcc: all@example.org", "ada", "@example.org", "a@b\u2028c.example"])
async def test_what_is_no_address_is_given_up(to: str) -> None:
    async with mail_server() as server:
        letter = Message(to, LETTER.subject, LETTER.text, LETTER.html)
        assert (await refused(sender(server.port), letter)).for_good
    assert not server.letters


async def test_the_log_holds_neither_login_nor_letter(known: Authority, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.CRITICAL, "mail.log")  # the server's own
    async with mail_server(starttls=known.context, login=LOGIN) as server:
        await trusting(server, known, login=LOGIN).send(LETTER, ID, NOW)
    for secret in (LOGIN[1], CODE, "ada@example.org"):
        assert secret not in caplog.text
    assert LOGIN[1] not in repr(MailServer(HOST, 25, Security.TLS, "tv@example.org", "TV", 1.0, login=LOGIN))
