"""Sending files without reading them: the extension "Zero Copy Send" of ASGI, on uvicorn's connections.

The kernel hands what it has of a file to the network by itself (`sendfile(2)`), which spares the copies into and out of
this process.

A connection ends with a message that was not sent to its end: closing it would first wait for who takes nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.utils import is_ssl

ZERO_COPY_SEND: Final = "http.response.zerocopysend"
"""https://asgi.readthedocs.io/en/stable/extensions.html#zero-copy-send"""

_COPIED_BYTES = 16 * 1_024


class FileCut(Exception):
    """The file is shorter than what was to be sent of it, or can't be read."""


class ZeroCopyProtocol(HttpToolsProtocol):
    """A connection whose requests may be answered from files, where the system can."""

    def on_headers_complete(self) -> None:
        """Offers the extension to the application, before it is told of the request."""
        super().on_headers_complete()
        self.cycle.send = _Sender(self.cycle).send  # type: ignore[method-assign]
        if sys.platform == "linux" and not is_ssl(self.transport):
            self.cycle.scope["extensions"] = {ZERO_COPY_SEND: {}}


class _Sender:
    """Sends the response of one request, in bytes and from files."""

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._send_message = cycle.send

    async def send(self, message: Any) -> None:
        """What an application calls. Raises `FileCut` beside what the server raises."""
        try:
            if message["type"] == ZERO_COPY_SEND:
                await self._send_from_file(message)
            else:
                await self._send_message(message)
        except asyncio.CancelledError:
            # A viewer may take nothing for hours, and what waits for them would stay as long.
            self._cycle.transport.abort()
            raise

    async def _send_from_file(self, message: Any) -> None:
        cycle, more_body = self._cycle, message.get("more_body", False)
        file, offset, count = message["file"], message["offset"], message["count"]
        if not cycle.response_started or cycle.response_complete or cycle.chunked_encoding:
            # Chunks have their lengths between them, and what is wrong with the message is the server's to say.
            await self._send_bytes(_read(file, offset, count), more_body=more_body)
            return
        if count > cycle.expected_content_length:
            raise RuntimeError("Response content longer than Content-Length")
        await self._send_file(file, offset, count)
        cycle.expected_content_length -= count
        if not more_body:
            await self._send_bytes(b"", more_body=False)

    async def _send_bytes(self, body: bytes, *, more_body: bool) -> None:
        await self._send_message({"type": "http.response.body", "body": body, "more_body": more_body})

    async def _send_file(self, file: int, offset: int, count: int) -> None:
        """Returns when the network has taken all of it, but for the last bytes.

        Raises `RuntimeError` once the connection is closed, as uvloop does.
        """
        transport, flow, end = self._cycle.transport, self._cycle.flow, offset + count
        # Writing is to be paused until the last byte that was written before has gone, or it would be overtaken.
        transport.set_write_buffer_limits(high=0)
        try:
            while offset < end:
                if flow.write_paused:
                    await flow.drain()
                if transport.is_closing():
                    # Where more was asked for on the connection, nobody tells this request that it has ended.
                    raise RuntimeError("The connection is closed")
                sent = self._send_at_once(file, offset, end - offset)
                if sent == 0:
                    raise FileCut
                offset += sent
        finally:
            if not transport.is_closing():
                transport.set_write_buffer_limits()

    def _send_at_once(self, file: int, offset: int, count: int) -> int:
        """How many bytes were taken. Writing is paused when that were fewer than the network has room for."""
        transport = self._cycle.transport
        try:
            return os.sendfile(transport.get_extra_info("socket").fileno(), file, offset, count)
        except (BrokenPipeError, ConnectionResetError):
            transport.abort()
            return count
        except OSError:
            # Most often the network has no room. A few bytes go the usual way: the transport waits for the network, and
            # tells when they have gone. A disk that fails fails here again.
            piece = _read(file, offset, min(_COPIED_BYTES, count))
            transport.write(piece)
            return len(piece)


def _read(file: int, offset: int, count: int) -> bytes:
    try:
        return os.pread(file, count, offset)
    except OSError:
        raise FileCut from None
