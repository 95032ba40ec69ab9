"""Mail servers for tests: an honest one with all its ways to refuse, and one that follows a script to the letter."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST: Final = "127.0.0.1"
WAIT_SECONDS, POLL_SECONDS = 60.0, 0.05
BEGINS, ENDS = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as the server took it."""

    content: bytes
    sender: str
    recipient: str
    over_tls: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        """Parsed, with headers as people read them."""
        return message_from_bytes(self.content, policy=policy.default)

    def body(self, kind: str) -> str:
        """The `plain` or the `html` body, with plain line ends."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass(slots=True)
class MailServerUnderTest:
    """A running server. What stands in the queues is answered instead of taking a recipient or a letter, in turn.

    `begun` are the recipients of letters that reached it, taken or not. While `slow` is cleared it takes its time.
    """

    port: int = 0
    letters: list[Received] = field(default_factory=list)
    logins: list[bool] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    recipient_answers: deque[str] = field(default_factory=deque)
    data_answers: deque[str] = field(default_factory=deque)
    slow: asyncio.Event = field(default_factory=asyncio.Event)
    host: str = HOST

    def __post_init__(self) -> None:
        self.slow.set()

    async def newest_to(self, address: str) -> Received:
        """The newest letter to an address; waits for one."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not (found := [letter for letter in self.letters if letter.recipient == address]):
                await asyncio.sleep(POLL_SECONDS)
        return found[-1]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answers:
            return self.recipient_answers.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.begun.append(envelope.rcpt_tos[0])
        await self.slow.wait()
        if self.data_answers:
            return self.data_answers.popleft()
        content = envelope.content
        assert isinstance(content, bytes)
        transport: Any = server.transport
        over_tls = transport.get_extra_info("sslcontext") is not None
        given: object = session.auth_data
        login = given.login.decode() if isinstance(given, LoginPassword) else None
        self.letters.append(Received(content, str(envelope.mail_from), envelope.rcpt_tos[0], over_tls, login))
        return "250 Taken"


@asynccontextmanager
async def mail_server(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    utf8: bool = True,
) -> AsyncIterator[MailServerUnderTest]:
    """A server on this machine: in plain, with STARTTLS (which it then demands), or with TLS from the start."""
    running = MailServerUnderTest()
    protocols: list[SMTP] = []

    def authenticate(_: SMTP, __: Session, ___: Envelope, ____: str, given: LoginPassword) -> AuthResult:
        good = login is not None and (given.login.decode(), given.password.decode()) == login
        running.logins.append(good)
        return AuthResult(success=good, handled=False, auth_data=given)

    def protocol() -> SMTP:
        made = SMTP(
            running,
            hostname="mail.example.org",
            enable_SMTPUTF8=utf8,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=login is not None and starttls is not None,
            auth_require_tls=starttls is not None,
            authenticator=authenticate,
            loop=asyncio.get_running_loop(),
        )
        protocols.append(made)
        return made

    server = await asyncio.get_running_loop().create_server(protocol, HOST, 0, ssl=tls)
    running.port = server.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        running.slow.set()
        server.close()
        for made in protocols:
            if isinstance(made.transport, asyncio.WriteTransport):
                made.transport.abort()
        await server.wait_closed()


@asynccontextmanager
async def scripted_server(lines: Sequence[str | None]) -> AsyncIterator[int]:
    """The port of a server that says these lines, one for each line that it hears, the first one unasked.

    After a 354 it hears a whole letter. At None, and past the end of the script, it hangs up; `…` is silence for good.
    """
    conversations: dict[asyncio.StreamWriter, asyncio.Event] = {}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        over = conversations[writer] = asyncio.Event()
        try:
            await say_all(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The other side had enough.
        finally:
            writer.close()
            over.set()

    async def say_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in lines:
            if line is None:
                break
            if line == "…":
                await reader.read()
                break
            writer.write(line.encode() + b"\r\n")
            await (reader.readuntil(b"\r\n.\r\n") if line.startswith("354") else reader.readline())

    server = await asyncio.start_server(talk, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer, over in conversations.items():
            writer.transport.abort()
            await over.wait()
        await server.wait_closed()


@dataclass(frozen=True, slots=True)
class Authority:
    """Somebody who certifies servers: the file with their own certificate, and a server's context."""

    ca_file: Path
    context: ssl.SSLContext


def authority(folder: Path, name: str = HOST) -> Authority:
    """An authority that nobody knows, and a certificate of it for `name`."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of a test")])
    ca = _certificate(ca_name, ca_name, ca_key, ca_key).add_extension(x509.BasicConstraints(True, 0), critical=True)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mail server of a test")])
    shown = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    leaf = _certificate(named, ca_name, key, ca_key).add_extension(x509.SubjectAlternativeName([shown]), critical=False)
    ca_file, chain, key_file = folder / "ca.pem", folder / "server.pem", folder / "server.key"
    ca_file.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key_file)
    return Authority(ca_file, context)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, issuer_key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_id, critical=False)
    )
