"""What a person reads who started the server."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from typing import TextIO

from synctv.application.accounts.setup import Setup
from synctv.entrypoints.bootstrap.settings import Settings

EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound


def page_address(settings: Settings, port: int) -> str:
    """The address at which the person can open the page on this machine, or from anywhere if one is configured."""
    if settings.http.public_url is not None:
        return str(settings.http.public_url).rstrip("/")
    host = "localhost" if settings.http.host in EVERYWHERE else settings.http.host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def greet(
    settings: Settings, endpoints: Mapping[str, str], address: str | None, setup: Setup, out: TextIO | None = None
) -> None:
    """Prints where the server is and, as long as nobody has set it up, the link for that."""
    out = out or sys.stdout
    lines = ["", f"  {settings.server.name} is running.", ""]
    if address is not None:
        lines.append(f"  Open        {address}")
        if settings.http.public_url is None and settings.http.host in EVERYWHERE:
            lines.append(f"  Elsewhere   {address.replace('localhost', socket.gethostname())}")
        token = await setup.invite()
        if token is not None:
            lines += [
                "",
                "  Set it up   (this link works once, for whoever opens it first)",
                f"  {address}/setup#token={token}",
            ]
    else:
        lines += [f"  {name:<11} {where}" for name, where in endpoints.items()]
    lines += ["", "  Stop it with Ctrl+C.", ""]
    print("\n".join(lines), file=out, flush=True)
