"""The mail server as the operator describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path


class Security(StrEnum):
    """How the way to the mail server is protected. With `starttls` nothing is sent when the server offers none."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"

    @property
    def port(self) -> int:
        """Where servers listen for it: submission (RFC 6409), submissions (RFC 8314, 3.3), and SMTP itself."""
        return {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}[self]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters go, as whom they are sent, and how.

    `login` is a username and its password. Certificates are checked against `ca_file`, or against those that the
    machine trusts. `timeout` in seconds bounds the sending of one letter as a whole.
    """

    host: str
    port: int
    security: Security
    from_address: str
    from_name: str
    timeout: float
    login: tuple[str, str] | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def __str__(self) -> str:
        """How it is called in sentences: `mail.example.org:587`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, so that nobody is on the way. Names but `localhost` are not looked up."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
