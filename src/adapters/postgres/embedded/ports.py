"""TCP ports of the loopback interface."""

from __future__ import annotations

import socket

from synctv.adapters.postgres.embedded.errors import PortTaken
from synctv.adapters.postgres.embedded.settings import HOST


def why_taken(port: int) -> str | None:
    """What the system says when `port` is listened on (as PostgreSQL would, reusing addresses); None if it may be."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            return error.strerror or str(error)
    return None


def free_port() -> int:
    """A port that was free a moment ago; somebody else may take it before it is used."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def choose_port(wanted: int, remembered: int | None) -> int:
    """`wanted` if it is not 0, or PortTaken; else the remembered port if it is free, else any free one."""
    if wanted:
        if reason := why_taken(wanted):
            raise PortTaken(wanted, reason)
        return wanted
    if remembered is not None and why_taken(remembered) is None:
        return remembered
    return free_port()
