"""Email addresses: their form, and which of them a server takes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from synctv.domain.errors import Invalid
from synctv.domain.text import composed

MAX_LENGTH = 254
"""RFC 5321, 4.5.3.1.3, less the angle brackets."""
_LOCAL_LENGTH = 64
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f]+")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")


def valid_email(text: str, path: str = "email") -> str:
    """The address with its domain in lower case, or `Invalid`.

    Quoted local parts, bare hosts, and characters that nobody sees (so that two addresses look like one) are not taken.
    """
    address = composed("NFC", text.strip(), MAX_LENGTH).strip()
    local, at, domain = address.rpartition("@")
    well_formed = (
        at
        and len(address) <= MAX_LENGTH
        and len(local) <= _LOCAL_LENGTH
        and _LOCAL.fullmatch(local)
        and local.isprintable()
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
        and "." in domain
        and _is_domain(domain)
    )
    if not well_formed:
        raise Invalid.field(path, "This is no email address. It looks like ada@example.org.", "email")
    return f"{local}@{domain.lower()}"


def email_key(address: str) -> str:
    """What must be unique of an address: no mail server in use tells two people apart by case."""
    return unicodedata.normalize("NFC", address).strip().casefold()


def valid_domain(text: str, path: str = "domain") -> str:
    """The domain of addresses in lower case, without the `@` that it may begin with, or `Invalid`."""
    domain = composed("NFC", text.strip(), MAX_LENGTH).strip().removeprefix("@").lower()
    if not (len(domain) <= MAX_LENGTH and _is_domain(domain)):
        raise Invalid.field(path, "This is no domain of email addresses. It looks like example.org.", "domain")
    return domain


@dataclass(frozen=True, slots=True)
class EmailRules:
    """Which domains may sign up. An empty `allowed` takes every domain that is not `blocked`; subdomains count."""

    allowed: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()

    def check(self, address: str, path: str = "email") -> None:
        """Raises `Invalid` for an address of a domain that is not taken."""
        domain = address.rpartition("@")[2]
        if (self.allowed and not _within(domain, self.allowed)) or _within(domain, self.blocked):
            raise Invalid.field(path, "Addresses of this domain can't sign up here. Take another address.", "domain")


def _is_domain(text: str) -> bool:
    return all(_LABEL.fullmatch(label) for label in text.split("."))


def _within(domain: str, domains: frozenset[str]) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))
