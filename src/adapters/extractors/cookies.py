"""Cookies that a person pasted: as a file for programs (Netscape's format), or as a browser shows them. Pure.

They are secrets: no error repeats one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_LENGTH = 100_000
MAX_COOKIES = 300

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_HTTP_ONLY = "#HttpOnly_"
_FIELDS = 7


class CookieRefused(Exception):
    """The text can't be used; its own text says why, to people."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. A domain with a dot ahead counts for all below it; `expires` is in seconds, 0 for a session's end."""

    domain: str
    name: str
    value: str = field(repr=False)
    path: str = "/"
    secure: bool = False
    expires: int = 0


def pasted_cookies(text: str, site: str) -> list[Cookie]:
    """Those of the text that belong to the site (`example.org`) or to a host below it. Raises `CookieRefused`."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        raise CookieRefused(
            f"Cookies of one site have at most {MAX_LENGTH:,} characters. Export those of {site} alone."
        )
    is_file = "\t" in text or text.startswith("#")
    found = parsed_netscape(text) if is_file else _parsed_header(text, site)
    own = [cookie for cookie in found if _belongs(cookie.domain, site)]
    if not own:
        raise CookieRefused(
            f"No cookie of {site} was found. Paste a line such as name=value; other=value, or a cookies.txt file."
        )
    if len(own) > MAX_COOKIES:
        raise CookieRefused(f"These are more than {MAX_COOKIES} cookies. Export those of {site} alone.")
    for cookie in own:
        _must_be_sendable(cookie)
    return own


def parsed_netscape(text: str) -> list[Cookie]:
    """The cookies of a file; lines that hold none are passed over."""
    found = []
    for line in text.splitlines():
        parts = line.removeprefix(_HTTP_ONLY).split("\t")
        if len(parts) != _FIELDS or (line.startswith("#") and not line.startswith(_HTTP_ONLY)):
            continue
        domain, _, path, secure, expires, name, value = (part.strip() for part in parts)
        digits = expires.partition(".")[0]
        until = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 13 else 0
        found.append(Cookie(domain.lower(), name, value, path or "/", secure.upper() == "TRUE", until))
    return found


def netscape(cookies: Iterable[Cookie]) -> str:
    """The file that holds these."""
    lines = ["# Netscape HTTP Cookie File"]
    for cookie in cookies:
        below, secure = ("TRUE" if flag else "FALSE" for flag in (cookie.domain.startswith("."), cookie.secure))
        parts = (cookie.domain, below, cookie.path, secure, str(cookie.expires), cookie.name, cookie.value)
        lines.append("\t".join(parts))
    return "\n".join(lines) + "\n"


def _parsed_header(text: str, site: str) -> list[Cookie]:
    text = re.sub(r"^cookie:\s*", "", text, flags=re.IGNORECASE)
    if "\n" in text or "\r" in text:
        raise CookieRefused("A cookie is one line, such as name=value; other=value. Remove the line breaks.")
    found = []
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.append(Cookie(f".{site}", name.strip(), value.strip(), secure=True))
    return found


def _belongs(domain: str, site: str) -> bool:
    host = domain.lstrip(".")
    return host == site or host.endswith(f".{site}")


def _must_be_sendable(cookie: Cookie) -> None:
    usable = cookie.value.isascii() and cookie.value.isprintable() and ";" not in cookie.value
    if not (usable and _NAME.fullmatch(cookie.name) and cookie.path.startswith("/") and cookie.path.isprintable()):
        raise CookieRefused(
            "One of these cookies holds characters that no cookie has. Copy them from the browser again."
        )
