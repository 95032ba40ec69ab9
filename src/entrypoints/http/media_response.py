"""Sending media: bodies of any length, in large pieces, as fast as the viewer takes them and no further."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast

import blacksheep
import structlog
from blacksheep import Content, Request, Response, StreamedContent

from synctv.application.delivery.answer import MediaAnswer
from synctv.application.ports.slices import FileRegion, Piece
from synctv.domain.errors import DomainError
from synctv.entrypoints.http.zero_copy import ZERO_COPY_SEND, FileCut

log = structlog.stdlib.get_logger(__name__)

SEND_SECONDS = 60.0
"""A viewer who takes nothing for so long, or twice as long, is cut off; players come back with a range."""

_PIECES_AT_ONCE = 4

Message = MutableMapping[str, Any]
_CHANNEL = "synctv.channel"
_CONTENT_HEADERS = frozenset({"content-type", "content-length"})


class BodyCut(Exception):
    """A body can't be sent to its announced end: the connection has to be closed, so that nobody takes it for whole."""


class ViewerLeft(Exception):
    """Nobody is there to read the rest."""


@dataclass(frozen=True, slots=True)
class Channel:
    """The server's side of one request: what comes from the client, and what goes to it."""

    receive: Callable[[], Awaitable[Message]]
    send: Callable[[Message], Awaitable[None]]

    async def departure(self) -> None:
        """Returns when the client has gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def piece(self, piece: Piece) -> None:
        """Sends a piece, once the network has taken what was sent before."""
        try:
            await self.send(_message(piece))
        except RuntimeError:  # uvloop's word for a connection that is closed, before the server has heard of that
            raise ViewerLeft from None


def _message(piece: Piece) -> Message:
    if not isinstance(piece, FileRegion):
        return {"type": "http.response.body", "body": piece, "more_body": True}
    place = {"file": piece.file.handle, "offset": piece.offset, "count": piece.length}
    return {"type": ZERO_COPY_SEND, **place, "more_body": True}


class PiecewiseApplication(blacksheep.Application):
    """An application whose responses may be sent in pieces, past the framework, and be cut."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Serves one request."""
        scope[_CHANNEL] = Channel(receive, send)
        # Nothing more is sent, so the server closes the connection.
        with suppress(BodyCut):
            await super().__call__(scope, receive, send)  # type: ignore[no-untyped-call]


def takes_files(request: Request) -> bool:
    """Whether the response to this request may come from files."""
    return ZERO_COPY_SEND in (cast("dict[str, Any]", request.scope).get("extensions") or {})


def media_response(request: Request, answer: MediaAnswer) -> Response:
    """The answer as a response, which closes it when it was sent or the viewer left.

    Pieces go to the server as they are: the framework would copy them, and go on after the viewer has left.
    """
    headers = [
        (name.encode(), value.encode("latin-1"))
        for name, value in answer.headers.items()
        if name not in _CONTENT_HEADERS
    ]
    media_type = answer.headers.get("content-type", "application/octet-stream").encode("latin-1")
    length = int(answer.headers.get("content-length", -1))
    if answer.body is None:
        return Response(answer.status, headers, _nothing(media_type, length) if answer.status < 300 else None)
    channel: Channel = cast("dict[str, Any]", request.scope)[_CHANNEL]

    async def sent() -> AsyncGenerator[bytes, None]:
        await _send(answer, channel)
        yield b""

    return Response(answer.status, headers, StreamedContent(media_type, sent, length))


def _nothing(media_type: bytes, length: int) -> Content:
    """The body of a HEAD: none, of a length that is told."""

    async def empty() -> AsyncGenerator[bytes, None]:
        yield b""

    return StreamedContent(media_type, empty, length)


@dataclass(slots=True)
class _Progress:
    """How many pieces were sent, and whether one is waiting for the viewer now."""

    pieces: int = 0
    waiting: bool = False

    async def made(self) -> None:
        """Counts a piece that the network took."""
        self.waiting = False
        self.pieces += 1
        if self.pieces % _PIECES_AT_ONCE == 0:
            # Sending waits for nothing while the network takes everything, nor when the viewer has gone: without this,
            # nobody else would be served, and nobody would hear of that.
            await asyncio.sleep(0)


async def _send(answer: MediaAnswer, channel: Channel) -> None:
    body, progress, piece = answer.body, _Progress(), None
    try:
        async with _watched(channel, progress):
            while body is not None and (piece := await anext(body, None)) is not None:
                progress.waiting = True
                await channel.piece(piece)
                await progress.made()
    except ViewerLeft:
        log.debug("a viewer left before the end")
        raise BodyCut from None
    except TimeoutError:
        log.info("a viewer took nothing for too long", seconds=SEND_SECONDS)
        raise BodyCut from None
    except FileCut:
        log.warning("a kept file could not be sent to its end")
        raise BodyCut from None
    except DomainError as error:
        log.warning("a body could not be sent to its end", code=error.code, detail=str(error))
        raise BodyCut from None
    finally:
        if isinstance(piece, FileRegion):
            piece.file.close()  # errors, which refer to all that was going on, may live for a while
        await answer.aclose()


@asynccontextmanager
async def _watched(channel: Channel, progress: _Progress) -> AsyncIterator[None]:
    """Runs the block; raises `ViewerLeft` into it when the viewer goes and `TimeoutError` when it takes nothing, and
    what the block raises as it is."""
    group = asyncio.TaskGroup()
    try:
        async with group:
            watching = group.create_task(_watch(channel, progress), name="watching a viewer")
            yield
            watching.cancel()
    except BaseExceptionGroup as errors:
        # One of them at a time: what the watcher raises cancels the block, what the block raises the watcher.
        raise errors.exceptions[0] from None


async def _watch(channel: Channel, progress: _Progress) -> None:
    # A timer for each piece would cost more than sending it.
    before = -1
    while True:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await channel.departure()
            raise ViewerLeft
        except TimeoutError:
            if progress.waiting and progress.pieces == before:
                raise
            before = progress.pieces
