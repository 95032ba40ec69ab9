"""A transport that keeps what was sent, so that the hub can be tried without a network."""

from __future__ import annotations

from synctv.application.ports.transport import Transport
from synctv.application.realtime.messages import Goodbye, Outgoing


class MemoryTransport(Transport):
    """Keeps messages in `sent`. While `reading` is False the network takes nothing, and each counts `message_bytes`."""

    def __init__(self, message_bytes: int = 300) -> None:
        self.sent: list[Outgoing] = []
        self.goodbye: Goodbye | None = None
        self._message_bytes = message_bytes
        self._backlog = 0
        self._reading = True

    def send(self, message: Outgoing) -> None:
        """Keeps the message."""
        if self.closed:
            return
        self.sent.append(message)
        if not self._reading:
            self._backlog += self._message_bytes

    def backlog(self) -> int:
        """What the client has not read."""
        return 0 if self.closed else self._backlog

    def close(self, goodbye: Goodbye) -> None:
        """Keeps the first goodbye."""
        if self.goodbye is None:
            self.sent.append(Outgoing(goodbye))
            self.goodbye = goodbye

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self.goodbye is not None

    def stop_reading(self) -> None:
        """From now on the client reads nothing."""
        self._reading = False

    def read_on(self) -> None:
        """The client reads all that waits, and goes on reading."""
        self._reading = True
        self._backlog = 0
