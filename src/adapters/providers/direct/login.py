"""What a server at a plain address wants to hear before it answers: kept as a login, for its own addresses alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlsplit

from synctv.adapters.providers.direct.address import valid_url
from synctv.application.ports.providers import FieldKind, FormField, Login, LoginForm, NewLogin
from synctv.domain.delivery.offer import origin_of
from synctv.domain.errors import Invalid

_SERVER = FormField(
    "server", "Address of the server", FieldKind.URL, placeholder="https://files.example.org", help="All below it."
)
SECRET_HEADERS = frozenset({"authorization", "cookie", "x-api-key", "x-auth-token", "x-access-token", "api-key"})
"""Headers that hold a secret by their names: they are kept in a login, never in a source."""
MAX_LENGTH = 4_096

FORMS = (
    LoginForm(
        "password",
        "User name and password (HTTP Basic)",
        (_SERVER, FormField("username", "User name"), FormField("password", "Password", FieldKind.HIDDEN)),
    ),
    LoginForm(
        "header",
        "A header with a secret",
        (
            _SERVER,
            FormField("name", "Name of the header", placeholder="Authorization"),
            FormField("value", "What stands in it", FieldKind.LONG_HIDDEN, placeholder="Bearer …"),
        ),
    ),
)


def new_login(form: str, fields: Mapping[str, str]) -> NewLogin:
    """The login that a person filled in. Nobody is asked: what a server takes shows with its first file.

    Raises `Invalid` with paths below `fields`.
    """
    if form not in {one.id for one in FORMS}:
        raise Invalid.field("form", "There is no such way to sign in here.", "choice")
    server = origin_of(valid_url({"url": fields.get("server")}, "fields.server"))
    if form == "header":
        name, value = _text(fields, "name").lower(), _text(fields, "value")
        if name not in SECRET_HEADERS:
            raise Invalid.field("fields.name", f"The header is one of {', '.join(sorted(SECRET_HEADERS))}.", "choice")
        return NewLogin(Login(server, {"name": name, "value": value}), f"{name} at {urlsplit(server).netloc}")
    username, password = _text(fields, "username"), _text(fields, "password")
    if ":" in username:
        raise Invalid.field("fields.username", "A user name has no colon.", "format")
    basic = b64encode(f"{username}:{password}".encode()).decode()
    return NewLogin(Login(server, {"name": "authorization", "value": f"Basic {basic}"}), username)


def headers_for(url: str, login: Login | None) -> Mapping[str, str]:
    """What the login adds to a call of this address: nothing, unless its server is the one of the login."""
    if login is None or origin_of(url) != login.server:
        return {}
    return {login.secret["name"]: login.secret["value"]}


def _text(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    # Header fields are sent as Latin-1; a line break in one would be another header.
    if not value or len(value) > MAX_LENGTH or not value.isprintable() or (name != "username" and not _is_latin(value)):
        raise Invalid.field(f"fields.{name}", f"Fill in one line of at most {MAX_LENGTH:,} characters.", "required")
    return value


def _is_latin(text: str) -> bool:
    return all(ord(character) < 256 for character in text)
