"""One request on its way through: what handlers ask of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeVar

from blacksheep import Request
from msgspec import Struct

from synctv.application.accounts.client import Client
from synctv.application.application import Application
from synctv.application.ports.webauthn import Site
from synctv.domain.errors import (
    Denied,
    FieldError,
    Invalid,
    ReauthenticationRequired,
    TooLarge,
    Unauthenticated,
)
from synctv.domain.ids import (
    AccountId,
    CredentialId,
    FolderId,
    IdentityId,
    ItemId,
    MessageId,
    PasskeyId,
    RoomId,
    SessionId,
)
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.decoding import decode_json, decode_query
from synctv.entrypoints.http.languages import preferred_language
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.refusals import wrong_host, wrong_media_type
from synctv.entrypoints.http.sites import site_at

T = TypeVar("T")
Query = TypeVar("Query", bound=Struct)

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
_VERSION = re.compile(r'(?:W/)?"?(\d{1,18})"?')


@dataclass(slots=True)
class Exchange:
    """A request with who sent it. `token` is the bearer token, `caller` whom it stands for.

    `refusal` says why it stands for nobody, where one may ask without. A body has at most `body_limit` bytes.
    """

    request: Request
    application: Application
    options: HttpOptions
    body_limit: int
    token: str | None = None
    caller: Actor | None = None
    refusal: Unauthenticated | None = None
    _body: bytes | None = field(default=None, init=False)

    # ------------------------------------------------------------ what was sent

    async def raw_body(self) -> bytes:
        """The body, read once. Raises `TooLarge` as soon as it is known to be, without keeping what came."""
        if self._body is None:
            self._body = await self._read()
        return self._body

    async def body(self, kind: type[T], *, optional: bool = False) -> T:
        """The JSON body. Where it is `optional`, an empty one is an empty object."""
        raw = await self.raw_body()
        if optional and not raw:
            raw = b"{}"
        elif not self.says_json:
            raise wrong_media_type()
        return decode_json(raw, kind)

    def query(self, kind: type[Query]) -> Query:
        """The parameters after the `?`."""
        return decode_query(self.request.url.query or b"", kind)

    def part(self, name: str) -> str:
        """A variable part of the address."""
        return (self.request.route_values or {}).get(name) or ""

    @property
    def room_id(self) -> RoomId:
        """The room in the address. Raises `NotFound` for a text that is no id of a room; so do the ones below."""
        return ids.room_id(self.part("roomId"))

    @property
    def item_id(self) -> ItemId:
        """The item in the address."""
        return ids.item_id(self.part("itemId"))

    @property
    def folder_id(self) -> FolderId:
        """The folder in the address."""
        return ids.folder_id(self.part("folderId"))

    @property
    def account_id(self) -> AccountId:
        """The account in the address."""
        return ids.account_id(self.part("accountId"))

    @property
    def message_id(self) -> MessageId:
        """The message in the address."""
        return ids.message_id(self.part("messageId"))

    @property
    def passkey_id(self) -> PasskeyId:
        """The passkey in the address."""
        return ids.passkey_id(self.part("passkeyId"))

    @property
    def identity_id(self) -> IdentityId:
        """The linked identity in the address."""
        return ids.identity_id(self.part("identityId"))

    @property
    def credential_id(self) -> CredentialId:
        """The sign-in at a provider in the address."""
        return ids.credential_id(self.part("credentialId"))

    @property
    def session_id(self) -> SessionId:
        """The sign-in session in the address."""
        return ids.session_id(self.part("sessionId"))

    def expected_version(self, in_body: int | None) -> int | None:
        """The version that a change was made on, from the body or `If-Match`; None when the client doesn't care."""
        header = self.header(b"if-match").strip()
        if header in ("", "*"):
            return in_body
        found = _VERSION.fullmatch(header)
        if found is None:
            raise Invalid.field("If-Match", 'If-Match is one version, such as "7".', "pattern")
        if in_body not in (None, int(found[1])):
            raise Invalid(FieldError("expectedVersion", "contradiction", "This is another version than in If-Match."))
        return int(found[1])

    # ------------------------------------------------------------ who sent it

    @property
    def actor(self) -> Actor:
        """Who is asking. Raises `Unauthenticated` when nobody is known to."""
        if self.caller is None:
            raise self.refusal or Unauthenticated
        return self.caller

    @property
    def account(self) -> AccountActor:
        """The account that is asking. Raises `Denied` for guests."""
        if not isinstance(self.actor, AccountActor):
            raise Denied("Guests have no account. Sign in first.")
        return self.actor

    @property
    def client(self) -> Client:
        """Where the request comes from."""
        language = preferred_language(self.header(b"accept-language"))
        return Client(self.header(b"user-agent"), self.address, language)

    @property
    def grant(self) -> str:
        """The grant that came along. Raises `ReauthenticationRequired` when there is none."""
        grant = self.header(b"x-grant")
        if not grant:
            raise ReauthenticationRequired
        return grant

    @property
    def address(self) -> str:
        """The client's network address, as the server and the proxies that it trusts saw it."""
        return client_address(self.request)

    # ------------------------------------------------------------ how it came

    def header(self, name: bytes) -> str:
        """The first header of this name, or nothing."""
        return (self.request.get_first_header(name) or b"").decode("latin-1")

    @property
    def says_json(self) -> bool:
        """Whether the body is declared as JSON. No page of another origin can say so without asking first (CORS)."""
        return self.header(b"content-type").partition(";")[0].strip().lower() == "application/json"

    @property
    def secure(self) -> bool:
        """Whether the browser is on https."""
        public = self.options.public_url
        return public.startswith("https:") if public else scheme(self.request) == "https"

    @property
    def host_name(self) -> str:
        """The host that the client asked for, without port; an IPv6 address in brackets."""
        found = _HOST.fullmatch(self._host)
        if found is None:
            raise wrong_host()
        return found["name"]

    @property
    def site(self) -> Site:
        """Where the page is: at the public address, else at the one that the client asked for.

        Whoever lies about the host gains nothing by it: authenticators sign only for the host that their browser is
        at, and providers send people back only to addresses that the operator gave them.
        """
        if self.options.public_url:
            return site_at(self.options.public_url)
        if not _HOST.fullmatch(self._host):
            raise wrong_host()
        try:
            return site_at(f"{scheme(self.request)}://{self._host}")
        except ValueError as error:
            raise wrong_host() from error

    @property
    def _host(self) -> str:
        return self.header(b"host") or "localhost"

    async def _read(self) -> bytes:
        limit = self.body_limit
        declared = self.header(b"content-length")
        if declared.isdecimal() and int(declared) > limit:
            raise TooLarge("body of this request", limit)
        if self.request.content is None:
            return b""
        value = bytearray()
        # The stub declares a coroutine where the library has an asynchronous generator.
        async for chunk in self.request.stream():  # type: ignore[attr-defined]
            value += chunk
            if len(value) > limit:
                raise TooLarge("body of this request", limit)
        return bytes(value)


def client_address(request: Request) -> str:
    """The network address at the other end; empty for a socket that has none."""
    client = request.scope.get("client")
    return str(client[0]) if client else ""


def scheme(request: Request) -> str:
    """`http` or `https`, as the server and the proxies that it trusts saw it."""
    return str(request.scope.get("scheme", "http"))
