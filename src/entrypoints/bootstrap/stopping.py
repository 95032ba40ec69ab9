"""How a server is told to stop: once to finish in order, twice to end at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)

_KILLED = 130


class Stopping:
    """Set by a signal or by the operator's command. `now` says that nobody is waited for."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.now = False
        self.failed = False

    def ask(self, now: bool = False) -> None:
        """Asks for a stop."""
        self.now = self.now or now
        self.asked.set()

    def fail(self) -> None:
        """Asks for a stop, since the process can't do its work any more."""
        self.failed = True
        self.ask()

    def signalled(self) -> None:
        """Takes a signal: the first one asks, the second one ends the process on the spot."""
        if self.asked.is_set():
            log.warning("stopped_at_once", advice="What was open was cut off. Committed data is safe.")
            os._exit(_KILLED)
        log.info("stopping", advice="Press Ctrl+C again to stop at once.")
        self.ask()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Listens to SIGINT and SIGTERM while the block lasts."""
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.signalled)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
