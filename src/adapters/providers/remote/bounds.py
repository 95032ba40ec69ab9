"""HTTP/2 connections that end a call when it sends more than it may: grpclib itself reads messages of any size.

Every call of the contract has one message each way, so that the bytes of a stream are the bytes of its message.
"""

from __future__ import annotations

from asyncio import BaseTransport
from weakref import WeakSet

from grpclib.client import Channel, Handler
from grpclib.protocol import EventsProcessor, H2Protocol
from grpclib.server import Server
from h2.errors import ErrorCodes
from h2.events import DataReceived

MAX_REQUEST_BYTES = 1 << 20
MAX_ANSWER_BYTES = 16 << 20
_FRAMING_BYTES = 5
TOO_LARGE = "More bytes than a message may have."


class _BoundedProcessor(EventsProcessor):
    """Resets a stream at the first byte too many; the others of the connection go on."""

    max_bytes = MAX_ANSWER_BYTES

    def process_data_received(self, event: DataReceived) -> None:
        stream = self.streams.get(event.stream_id)
        super().process_data_received(event)
        if stream is None or stream.data_received <= self.max_bytes + _FRAMING_BYTES:
            return
        if stream.closable:
            stream.reset_nowait(ErrorCodes.ENHANCE_YOUR_CALM)
        stream.__terminated__(TOO_LARGE)


class _BoundedProtocol(H2Protocol):
    max_bytes = MAX_ANSWER_BYTES

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.processor = _BoundedProcessor(self.handler, self.connection)
        self.processor.max_bytes = self.max_bytes


class BoundedChannel(Channel):
    """A channel whose answers have at most 16 MiB."""

    def _protocol_factory(self) -> H2Protocol:
        return _BoundedProtocol(Handler(), self._config, self._h2_config)


class BoundedServer(Server):
    """A server whose requests have at most 1 MiB, and that can end its connections."""

    _connections: WeakSet[H2Protocol] | None = None

    def _protocol_factory(self) -> H2Protocol:
        made = super()._protocol_factory()
        protocol = _BoundedProtocol(made.handler, made.config, made.h2_config)
        protocol.max_bytes = MAX_REQUEST_BYTES
        if self._connections is None:
            self._connections = WeakSet()
        self._connections.add(protocol)
        return protocol

    def hang_up(self) -> None:
        """Ends all connections: from Python 3.12 on, waiting for the server's end would wait for all clients."""
        for protocol in self._connections or ():
            if hasattr(protocol, "connection") and not protocol.connection.is_closing():
                protocol.connection.close()
