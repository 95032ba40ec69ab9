"""Ports that a test has to know before anybody listens on them."""

from __future__ import annotations

import random
import socket

LOWEST, HIGHEST = 15_000, 29_999
"""Below the ports that systems hand out to outgoing connections, one of which could take it at any moment."""


def quiet_port() -> int:
    """A port of this machine that is free and that nobody is handed by chance."""
    while True:
        port = random.randint(LOWEST, HIGHEST)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
