"""Endpoints: one declaration each, from which both the router and the API's description are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from blacksheep import Response
from msgspec import Struct

from synctv.application.limits.limits import Category
from synctv.domain.errors import Unauthenticated
from synctv.domain.rooms.actor import Actor
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.own_page import must_be_our_page

Handler = Callable[[Exchange], Awaitable[Response]]

API = "/api/v1"
UPSTREAM = (
    "upstream_failed",
    "upstream_refused",
    "upstream_not_found",
    "upstream_credential",
    "upstream_rate_limited",
    "upstream_unavailable",
    "upstream_format",
    "upstream_timeout",
    "too_many_calls",
)
"""The codes of an endpoint that calls a provider."""


class Caller(Enum):
    """Who may ask: anybody without saying who (the token is not looked at), anybody, or who has a token."""

    NOBODY = "nobody"
    ANYBODY = "anybody"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Said:
    """One successful answer: the Struct that it holds, or a union of those that it may hold (None: no content), or text
    of another media type. A redirection holds nothing and says where to go."""

    what: str
    kind: Any = None
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method at one address.

    `body` is a Struct or a union of some, `query` a Struct. `answers` are the successful ones by status.
    `category` is what its use is counted under; None is not counted. `versioned` endpoints take `If-Match`,
    `repeatable` ones take `Idempotency-Key`, `granted` ones need `X-Grant`, and `cookie` names the one that is read.
    `max_body_bytes` bounds a body further than the server's setting does. The last part of a `deep` address may have
    slashes in it. `codes` are errors beyond those that follow
    from the rest.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    tag: str
    answers: Mapping[int, Said]
    body: Any = None
    query: type[Struct] | None = None
    caller: Caller = Caller.KNOWN
    category: Category | None = Category.WRITE
    versioned: bool = False
    repeatable: bool = False
    granted: bool = False
    cookie: str | None = None
    max_body_bytes: int | None = None
    deep: bool = False
    codes: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)

    @property
    def route(self) -> str:
        """The address as the router writes it."""
        if not self.deep:
            return self.path
        start, _, last = self.path.rpartition("{")
        return f"{start}{{path:{last}"


async def admit(endpoint: Endpoint, exchange: Exchange) -> None:
    """Finds out who is asking, and counts it. Raises `Unauthenticated`, `Denied`, `Banned` and `RateLimited`."""
    if endpoint.cookie is not None:
        must_be_our_page(exchange, endpoint.cookie)
    if endpoint.caller is not Caller.NOBODY:
        await _identify(endpoint, exchange)
    if endpoint.category is not None:
        await _count(exchange, endpoint.category)


async def _identify(endpoint: Endpoint, exchange: Exchange) -> None:
    kind, _, token = exchange.header(b"authorization").partition(" ")
    exchange.token = token.strip() if kind.lower() == "bearer" else None
    if exchange.token:
        try:
            exchange.caller = await _known(exchange, exchange.token)
        except Unauthenticated as refusal:
            # Where nobody has to be known, a token that has run out is as good as none.
            if endpoint.caller is Caller.KNOWN:
                raise
            exchange.refusal = refusal
    if exchange.caller is None and endpoint.caller is Caller.KNOWN:
        raise Unauthenticated


async def _known(exchange: Exchange, token: str) -> Actor:
    try:
        return await exchange.application.identity.of(token)
    except Unauthenticated:
        await _count(exchange, Category.READ)
        raise


async def _count(exchange: Exchange, category: Category) -> None:
    account = exchange.caller.id if exchange.caller else None
    await exchange.application.limits.check_request(category, account=account, address=exchange.address)
