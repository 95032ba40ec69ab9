"""`Idempotency-Key`: a request that makes something can be sent again without making it twice.

The first request with a key claims it; its answer is kept for a day and given to every repetition. A failed request
gives the key back, so that it can be tried again.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256

import msgspec
import structlog
from blacksheep import Content, Response
from msgspec import Struct

from synctv.application.ports.short_lived import ShortLived
from synctv.domain.errors import Conflict, Invalid, Unavailable
from synctv.entrypoints.http.answers import JSON, NO_STORE
from synctv.entrypoints.http.endpoint import Handler
from synctv.entrypoints.http.exchange import Exchange

log = structlog.stdlib.get_logger(__name__)

KEEP_SECONDS = 86_400.0
CLAIM_SECONDS = 120.0
KEY_LENGTH = 255


class _Kept(Struct, frozen=True):
    """What is known of a key: the request that it was first sent with, and its answer (status 0: not given yet)."""

    request: str
    status: int = 0
    body: str = ""


async def once(exchange: Exchange, handler: Handler) -> Response:
    """The handler's answer, or the one that it gave before to the same key of the same person.

    Raises `Conflict` for a key that came with another request before, or whose request is still being carried out.
    """
    key = exchange.header(b"idempotency-key")
    if not key:
        return await handler(exchange)
    if len(key) > KEY_LENGTH or not key.isprintable():
        message = f"An idempotency key has 1 to {KEY_LENGTH} visible characters."
        raise Invalid.field("Idempotency-Key", message, "length")
    store = exchange.application.short_lived
    place = "repeat:" + sha256(f"{exchange.actor.id} {key}".encode()).hexdigest()
    claim = _Kept(await _fingerprint(exchange))
    if not await store.add(place, msgspec.json.encode(claim), CLAIM_SECONDS):
        return await _repeated(store, place, claim.request)
    try:
        response = await handler(exchange)
    except Exception:
        # Not for a cancellation: nobody knows how far it came, so the claim stays until its time is over.
        with suppress(Unavailable):
            await store.delete(place)
        raise
    await _keep(store, place, claim.request, response)
    return response


async def _fingerprint(exchange: Exchange) -> str:
    request = exchange.request
    digest = sha256(f"{request.method} {request.path}\n".encode())
    digest.update(await exchange.raw_body())
    return digest.hexdigest()


async def _repeated(store: ShortLived, place: str, request: str) -> Response:
    value = await store.get(place)
    kept = msgspec.json.decode(value, type=_Kept) if value is not None else _Kept(request)
    if kept.request != request:
        raise Conflict("This idempotency key was used for another request. Take a new one.")
    if kept.status == 0:
        raise Conflict("The first request with this idempotency key is not finished yet. Try again in a moment.")
    headers = [NO_STORE, (b"Idempotency-Replayed", b"true")]
    return Response(kept.status, headers, Content(JSON, b64decode(kept.body)))


async def _keep(store: ShortLived, place: str, request: str, response: Response) -> None:
    body = response.content.body if response.content else b""
    kept = _Kept(request, response.status, b64encode(body).decode())
    try:
        await store.put(place, msgspec.json.encode(kept), KEEP_SECONDS)
    except Unavailable:
        # The thing is made and the answer true; only a repetition soon after would be told to wait.
        log.warning("an answer could not be kept for repetitions")
