"""Transport: what the realtime hub writes to. One instance per connection."""

from __future__ import annotations

from abc import ABC, abstractmethod

from synctv.application.realtime.messages import Goodbye, Outgoing


class Transport(ABC):
    """One open connection to a client.

    Nothing here blocks: bytes that the network does not take at once are kept by the transport, and `backlog` says how
    many. An `Outgoing` that goes to many transports is encoded once per codec.
    """

    @abstractmethod
    def send(self, message: Outgoing) -> None:
        """Writes the message after all that were written before. Does nothing once the connection is closed."""

    @abstractmethod
    def backlog(self) -> int:
        """Bytes that were written and that the network has not taken yet."""

    @abstractmethod
    def close(self, goodbye: Goodbye) -> None:
        """Says goodbye and closes. A client that does not read is cut off; the first call counts."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
