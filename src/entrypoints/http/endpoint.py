"""Endpoints: one declaration each, from which both the router and the API's description are made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from blacksheep import Response
from msgspec import Struct

from synctv.application.limits.limits import Category
from synctv.domain.errors import Unauthenticated, Unavailable
from synctv.domain.rooms.actor import Actor
from synctv.entrypoints.http.exchange import Exchange

Handler = Callable[[Exchange], Awaitable[Response]]

API = "/api/v1"


class Caller(Enum):
    """Who may ask: anybody without saying who (the token is not looked at), anybody, or who has a token."""

    NOBODY = "nobody"
    ANYBODY = "anybody"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Said:
    """One successful answer: the Struct that it holds (None: no content), or text of another media type."""

    what: str
    kind: type[Struct] | None = None
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method at one address.

    `body` is a Struct or a union of tagged ones, `query` a Struct. `answers` are the successful ones by status.
    `category` is what its use is counted under; None is not counted. `versioned` endpoints take `If-Match`,
    `repeatable` ones take `Idempotency-Key`. `codes` are errors beyond those that follow from the rest.
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
    codes: tuple[str, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)


async def admit(endpoint: Endpoint, exchange: Exchange) -> None:
    """Finds out who is asking, and counts it. Raises `Unauthenticated`, `Banned` and `RateLimited`."""
    if endpoint.caller is not Caller.NOBODY:
        await _identify(endpoint, exchange)
    if endpoint.category is not None:
        who = exchange.caller.id if exchange.caller else exchange.address
        await _count(exchange, endpoint.category, who)


async def _identify(endpoint: Endpoint, exchange: Exchange) -> None:
    kind, _, token = exchange.header(b"authorization").partition(" ")
    exchange.token = token.strip() if kind.lower() == "bearer" else None
    if exchange.token:
        try:
            exchange.caller = await _known(exchange, exchange.token)
        except Unauthenticated:
            # Where nobody has to be known, a token that has run out is as good as none.
            if endpoint.caller is Caller.KNOWN:
                raise
    if exchange.caller is None and endpoint.caller is Caller.KNOWN:
        raise Unauthenticated


async def _known(exchange: Exchange, token: str) -> Actor:
    try:
        return await exchange.application.identity.of(token)
    except Unauthenticated:
        await _count(exchange, Category.READ, exchange.address)
        raise


async def _count(exchange: Exchange, category: Category, who: str) -> None:
    try:
        await exchange.application.limits.check(category, f"http:{who}")
    except Unavailable:
        # Watching goes on while nobody can count; guessing passwords does not.
        if category is Category.AUTH:
            raise
