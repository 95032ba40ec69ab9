"""What a worker may do on this machine, besides computing. The proxy is its way out by configuration; this makes sure.

An audit hook can't be taken away again. It guards against libraries that look for another way, not against native code.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from typing import Any

LOOPBACK = "127.0.0.1"
JAVASCRIPT = ("deno",)
"""What a worker may start: it solves the JavaScript of YouTube's pages, and yt-dlp starts it without a network."""

_PR_SET_CHILD_SUBREAPER = 36
"""linux/prctl.h"""

_STARTING = frozenset({"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system"})
_SENDING = frozenset({"socket.sendto", "socket.sendmsg", "socket.gethostbyname", "socket.gethostbyaddr"})


class FencedOff(PermissionError):
    """A library tried what a worker may not do."""


def raise_fence(proxy_port: int) -> None:
    """From now on this process connects to the proxy alone, resolves no names, and starts nothing but JavaScript."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in _CHECKS:
            _CHECKS[event](args, proxy_port)
        elif event in _SENDING or event in _STARTING:
            raise FencedOff(f"{event} is not for a worker.")

    sys.addaudithook(hook)


def _connect(args: tuple[Any, ...], proxy_port: int) -> None:
    address = args[1]
    if not (isinstance(address, tuple) and address[:2] == (LOOPBACK, proxy_port)):
        raise FencedOff("A worker connects to its proxy alone.")


def _resolve(args: tuple[Any, ...], proxy_port: int) -> None:
    if args[0] not in (LOOPBACK, LOOPBACK.encode()):
        raise FencedOff("A worker resolves no names: its proxy does.")


def _start(args: tuple[Any, ...], proxy_port: int) -> None:
    program = os.path.basename(os.fsdecode(args[0] or b""))  # noqa: PTH119 - it may be no path at all
    if program not in JAVASCRIPT:
        raise FencedOff("A worker starts no programs.")


_CHECKS = {"socket.connect": _connect, "socket.getaddrinfo": _resolve, "subprocess.Popen": _start}


def adopt_orphans() -> None:
    """From now on what a child of this process leaves behind becomes its own child, so that the server, which watches
    memory, still sees it. Only Linux has that."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def limit_resources(memory_mib: int, cpu_seconds: int) -> None:
    """A bound that the system keeps, should the server's own watch be too slow or gone. Not every system has each.

    Of memory, what is written to counts and not address space, of which a JavaScript engine reserves a lot.
    """
    for kind, most in ((resource.RLIMIT_DATA, memory_mib << 20), (resource.RLIMIT_CPU, cpu_seconds)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
