"""What a person reads who started the server."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from typing import TextIO

from synctv.application.accounts.setup import Setup
from synctv.entrypoints.bootstrap.page_address import EVERYWHERE
from synctv.entrypoints.bootstrap.settings import Settings


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
