"""Time."""

from __future__ import annotations

from abc import ABC, abstractmethod

from synctv.domain.ids import Micros


class Clock(ABC):
    """The server's clock, and waiting on it."""

    @abstractmethod
    def now(self) -> Micros:
        """The instant now. Never goes backwards within a process."""

    @abstractmethod
    async def sleep_until(self, instant: Micros) -> None:
        """Returns at the instant, or at once when it has passed."""
