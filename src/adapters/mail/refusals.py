"""What can go wrong between us and a mail server, as sentences for the operator."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Final

import aiosmtplib

from synctv.adapters.mail.server import MailServer
from synctv.application.ports.mail_sender import CannotDeliver

SETUP_CODES: Final = frozenset({530, 534, 535, 538})
"""Who may send at all, and how (RFC 4954, RFC 3207): what the operator mends, whatever the letter."""

_QUOTED_CHARACTERS = 200
# Addresses, links, and anything that could be a code, a token or an encoded password.
_PRIVATE = re.compile(r"\S*(?:@|://|\d{4}|[\w+/=-]{24})\S*")


class NoStartTls(aiosmtplib.SMTPException):
    """The server does not offer to go on with TLS."""

    def __init__(self) -> None:
        super().__init__("no STARTTLS")


class NoLogin(aiosmtplib.SMTPException):
    """The server offers no way to sign in that we know."""

    def __init__(self) -> None:
        super().__init__("no AUTH")


# The first that fits is said.
_OF_THE_WAY: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (NoStartTls, "{server} offers no STARTTLS, so nothing was sent. Set `mail.security` to what it offers."),
    (NoLogin, "{server} takes no username and password there. Check `mail.port` and `mail.security`."),
    (
        ssl.SSLCertVerificationError,
        "{server} is not trusted: {reason}. Check `mail.host`, or name the file of its authority in `mail.ca_file`.",
    ),
    (ssl.SSLError, "{server} speaks no TLS that we understand. Check `mail.port` and `mail.security`."),
    (TimeoutError, "{server} did not finish within {timeout:g} s. Check `mail.port` and `mail.security`."),
    (socket.gaierror, "{server} can't be found. Check `mail.host`, and the name server of this machine."),
    (ConnectionRefusedError, "{server} can't be reached: nobody listens there. Check `mail.host` and `mail.port`."),
    (ConnectionError, "{server} closed the connection."),
    (OSError, "{server} can't be reached: {reason}."),
    (BaseException, "{server} answered in a way that we don't understand."),
)


def refusal(error: Exception, server: MailServer) -> CannotDeliver:
    """What went wrong. For good is only what the server says of this letter: what it says of us can be mended.

    Names neither the login nor anything of the letter, whatever the server repeats of them.
    """
    cause = error.__cause__ if type(error) is aiosmtplib.SMTPConnectError else None
    match cause or error:
        case aiosmtplib.SMTPNotSupported():
            return CannotDeliver(f"{server} takes no addresses beyond ASCII.", for_good=True)
        case (aiosmtplib.SMTPRecipientRefused() | aiosmtplib.SMTPDataError()) as refused:
            for_good = 500 <= refused.code < 600 and refused.code not in SETUP_CODES
            return CannotDeliver(f"{server} refused the letter: {_quoted(refused)}.", for_good=for_good)
        case aiosmtplib.SMTPResponseException() as refused:
            return CannotDeliver(_of_us(refused, server), for_good=False)
        case other:
            return CannotDeliver(_of_the_way(other, server), for_good=False)


def _of_us(error: aiosmtplib.SMTPResponseException, server: MailServer) -> str:
    match error:
        case aiosmtplib.SMTPAuthenticationError():
            # Its words are not repeated: some servers repeat what they were sent.
            advice = "Check `mail.username` and `mail.password`."
            return f"{server} did not take the username and password ({error.code}). {advice}"
        case aiosmtplib.SMTPSenderRefused():
            return f"{server} does not let us send as `mail.from_address`: {_quoted(error)}. Check it, and the login."
        case _:
            return f"{server} refused: {_quoted(error)}."


def _of_the_way(error: BaseException, server: MailServer) -> str:
    sentence = next(sentence for kind, sentence in _OF_THE_WAY if isinstance(error, kind))
    return sentence.format(server=server, timeout=server.timeout, reason=_reason(error))


def _reason(error: BaseException) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return str(error.verify_message).rstrip(".")
        case OSError():
            return error.strerror or str(error)
        case _:
            return ""


def _quoted(error: aiosmtplib.SMTPResponseException) -> str:
    """The answer of a server, without what could be private."""
    words = _PRIVATE.sub("…", " ".join(error.message.split()))
    shown = "".join(character if character.isprintable() else "?" for character in words)
    return f"{error.code} {shown}"[:_QUOTED_CHARACTERS].rstrip(" .")
