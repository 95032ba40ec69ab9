"""Addresses of people's own servers, and of what lies on them. Pure.

A login is good for one server. Everything here exists so that it is never shown to another one, and so that a path
stays below the place where it begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from synctv.adapters.providers.answers import host_of
from synctv.application.ports.fetch import FetchResponse
from synctv.application.ports.providers import Login
from synctv.domain.delivery.offer import origin_of
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamMissing
from synctv.domain.library.credential import SERVER_LENGTH, normal_server

MAX_PATH_LENGTH = 2_000


def server_of(value: object, path: str) -> str:
    """The address of a server in its one form: lower case, no usual port, no query, no slash at the end.

    Raises `Invalid` for `path`.
    """
    if not isinstance(value, str) or not _is_address(value.strip()):
        raise Invalid.field(
            path,
            "Give the address of the server, beginning with http:// or https://, without a name or password.",
            "url",
        )
    return normal_server(value)


def fitting(server: str, login: Login | None) -> Login:
    """The login, if it is one for this server. Raises `UpstreamCredential`: it is never tried on another one."""
    if login is None or login.server != server:
        raise UpstreamCredential(host_of(server))
    return login


def must_stay(server: str, answer: FetchResponse, path: str = "fields.server") -> FetchResponse:
    """The answer, if the server itself gave it. Raises `Invalid` when redirects led to another one."""
    if origin_of(answer.url) != origin_of(server):
        raise Invalid.field(
            path, f"This server sends callers on to {origin_of(answer.url)}. Enter that address.", "url"
        )
    return answer


def header_value(text: str, path: str) -> str:
    """The text without white space around it, fit for a header. Raises `Invalid` for `path`."""
    value = text.strip()
    if not value.isprintable():
        raise Invalid.field(path, "This is on one line, without control characters.", "format")
    return value


def segments_of(path: str, server: str) -> tuple[str, ...]:
    """The names on the way to something. Raises `UpstreamMissing` for a path that leads out, or is none."""
    names = tuple(name for name in path.split("/") if name)
    if len(path) > MAX_PATH_LENGTH or not all(is_name(name) for name in names):
        raise UpstreamMissing(host_of(server), "this path leads nowhere. Go back to the top.")
    return names


def is_name(name: str) -> bool:
    """Whether it can be the name of one file or folder, which leads neither up nor further down."""
    # A lone surrogate can't be sent, and so would not be what the server has.
    surrogates = any("\ud800" <= character <= "\udfff" for character in name)
    return bool(name) and name not in (".", "..") and "/" not in name and "\0" not in name and not surrogates


def joined(names: Iterable[str]) -> str:
    """The path of these names, as `segments_of` reads it."""
    return "/" + "/".join(names)


def encoded(names: Iterable[str]) -> str:
    """The path of these names for an address: everything that means something there is escaped."""
    return "".join("/" + quote(name, safe="") for name in names)


def _is_address(text: str) -> bool:
    if not text.isprintable() or len(text) > SERVER_LENGTH or "\\" in text or " " in text:
        return False
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and "@" not in parts.netloc and not _leads_up(parts.path)


def _leads_up(path: str) -> bool:
    lower = path.lower()
    return "%2f" in lower or "%2e" in lower or "%5c" in lower or any(name in (".", "..") for name in path.split("/"))
