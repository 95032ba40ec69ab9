"""Messages in the form of the wire (RFC 5322, MIME), made so that nothing in them can become a header of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import idna

from synctv.application.ports.mail_sender import Message
from synctv.domain.ids import MICROS, MailId, Micros

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class NotAnAddress(Exception):
    """The address can't be written on a letter. Says nothing of it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A letter ready to go. `utf8`: its addresses need a server that knows SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool


def composed(message: Message, mail_id: MailId, written_at: Micros, from_address: str, from_name: str) -> Envelope:
    """The message with its headers, in ASCII alone unless an address is not. Raises `NotAnAddress`."""
    sender, recipient = _address(from_address, from_name), _address(message.to)
    utf8 = not (sender.addr_spec + recipient.addr_spec).isascii()
    letter = EmailMessage(policy.SMTP.clone(cte_type="7bit", utf8=utf8))
    letter["From"] = sender
    letter["To"] = recipient
    letter["Subject"] = _one_line(message.subject)
    letter["Date"] = format_datetime(datetime.fromtimestamp(written_at // MICROS, UTC))
    letter["Message-ID"] = f"<{mail_id}@{sender.domain}>"
    # RFC 3834, and its elder in Exchange: nobody's holiday notice answers.
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(message.text)
    letter.add_alternative(message.html, subtype="html")
    return Envelope(sender.addr_spec, recipient.addr_spec, letter.as_bytes(), utf8)


def domain_of(address: str) -> str:
    """The domain of an address as the network knows it, in ASCII. Raises `NotAnAddress`."""
    domain = address.rpartition("@")[2]
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise NotAnAddress from None


def _address(text: str, name: str = "") -> Address:
    local = text.rpartition("@")[0]
    if not local or _BREAKS.search(text):
        raise NotAnAddress
    return Address(_one_line(name), local, domain_of(text))


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()
