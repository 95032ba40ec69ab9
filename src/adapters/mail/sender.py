"""Sending through a mail server, with SMTP."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

import aiosmtplib

from synctv.adapters.mail.message import Envelope, NotAnAddress, composed, domain_of
from synctv.adapters.mail.refusals import NoLogin, NoStartTls, refusal
from synctv.adapters.mail.server import MailServer, Security
from synctv.application.ports.mail_sender import CannotDeliver, MailSender, Message
from synctv.domain.ids import MailId, Micros

FAREWELL_SECONDS = 2.0


class SmtpMailSender(MailSender):
    """One connection for each letter. Without a server it is not configured, and delivers nothing."""

    def __init__(self, server: MailServer | None) -> None:
        """Reads the certificates. Raises `OSError` for a file without any."""
        self._server = server
        secure = server is not None and server.security is not Security.NONE
        self._tls = ssl.create_default_context(cafile=server.ca_file) if server and secure else None

    @property
    def configured(self) -> bool:
        """Whether there is a mail server at all."""
        return self._server is not None

    async def send(self, message: Message, mail_id: MailId, written_at: Micros) -> None:
        """Returns when the server has taken the letter; what goes wrong after that is of no account."""
        server = self._server
        if server is None:
            raise CannotDeliver("No mail server is set up. Set `mail.host`.", for_good=False)
        try:
            envelope = composed(message, mail_id, written_at, server.from_address, server.from_name)
        except NotAnAddress:
            raise CannotDeliver("The address can't be written on a letter.", for_good=True) from None
        client = _client(server, self._tls)
        try:
            async with asyncio.timeout(server.timeout):
                await self._connect(client, server)
                await _hand_over(client, envelope)
            await _say_farewell(client)
        except (aiosmtplib.SMTPException, OSError) as error:
            # Not even as the cause: these errors carry addresses.
            raise refusal(error, server) from None
        finally:
            client.close()

    async def _connect(self, client: aiosmtplib.SMTP, server: MailServer) -> None:
        await client.connect()
        if server.security is Security.STARTTLS:
            await client.ehlo()
            if not client.supports_extension("starttls"):
                raise NoStartTls
            await client.starttls()
        if server.login:
            await client.ehlo()
            await _log_in(client, *server.login)


def _client(server: MailServer, tls: ssl.SSLContext | None) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        # Servers want a full name here; the one of this machine is often none, and asking for it may take long.
        local_hostname=domain_of(server.from_address),
        timeout=None,
        use_tls=server.security is Security.TLS,
        start_tls=False,
        tls_context=tls,
    )


async def _log_in(client: aiosmtplib.SMTP, username: str, password: str) -> None:
    """Tries one way only: a wrong password that is tried in three ways is three wrong passwords."""
    offered = client.server_auth_methods
    if "plain" in offered:
        await client.auth_plain(username, password)
    elif "login" in offered:
        await client.auth_login(username, password)
    elif "cram-md5" in offered:
        await client.auth_crammd5(username, password)
    else:
        raise NoLogin


async def _hand_over(client: aiosmtplib.SMTP, envelope: Envelope) -> None:
    if client.is_ehlo_or_helo_needed:
        await client.ehlo()
    if envelope.utf8 and not client.supports_extension("smtputf8"):
        raise aiosmtplib.SMTPNotSupported("no SMTPUTF8")
    encoding, options = ("utf-8", ["SMTPUTF8"]) if envelope.utf8 else ("ascii", [])
    await client.mail(envelope.sender, options=options, encoding=encoding)
    await client.rcpt(envelope.recipient, encoding=encoding)
    await client.data(envelope.content)


async def _say_farewell(client: aiosmtplib.SMTP) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await client.quit()
