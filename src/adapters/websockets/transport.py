"""One WebSocket connection as a transport, written to without a task or a lock per message."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from synctv.application.ports.transport import Transport
from synctv.application.realtime.messages import Goodbye, Outgoing

SEND_BUFFER_BYTES = 128 * 1024
"""What the kernel may keep for a client that does not read; by default it takes megabytes before anybody notices."""

CLOSING_SECONDS = 5.0
CLOSE_REASON_BYTES = 120


class WebsocketTransport(Transport):
    """Writes whole frames to the socket, each serialised once for all connections of the same codec.

    `encode` makes the payload of a message; `codec` names it. Compression must be off, since it would make the frames
    of two connections differ.
    """

    def __init__(
        self, connection: ServerConnection, codec: str, *, binary: bool, encode: Callable[[Outgoing], bytes]
    ) -> None:
        self._connection = connection
        self._codec = codec
        self._opcode = Opcode.BINARY if binary else Opcode.TEXT
        self._encode = encode
        self._closing = False
        sock = connection.transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def send(self, message: Outgoing) -> None:
        """Writes the message after all that were written before. Does nothing once the connection is closed."""
        if self.closed:
            return
        frame = message.encoded.get(self._codec)
        if frame is None:
            frame = Frame(self._opcode, self._encode(message)).serialize(mask=False)
            message.encoded[self._codec] = frame
        self._connection.transport.write(frame)

    def backlog(self) -> int:
        """Bytes that were written and that the network has not taken yet."""
        return 0 if self.closed else self._connection.transport.get_write_buffer_size()

    def close(self, goodbye: Goodbye) -> None:
        """Says goodbye and closes. A client that does not answer within 5 s is cut off."""
        if self.closed:
            return
        self.send(Outgoing(goodbye))
        self._closing = True
        reason = goodbye.code.value[:CLOSE_REASON_BYTES]
        self._connection.protocol.send_close(CloseCode.NORMAL_CLOSURE, reason)
        self._connection.send_data()
        asyncio.get_running_loop().call_later(CLOSING_SECONDS, self._connection.transport.abort)

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closing or self._connection.protocol.state is not State.OPEN
