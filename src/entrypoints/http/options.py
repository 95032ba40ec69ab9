"""What the composition chooses for the HTTP entrypoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

PAGE_FOLDER = Path(__file__).parent / "page"
"""Where the build of the page is put."""


def _new_request_id() -> str:
    return token_hex(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How the HTTP entrypoint presents itself.

    `public_url` (`https://watch.example.org`) is the address of the page where it is not the one that browsers ask for,
    `realtime_public_url` (`wss://…`) the one of the realtime server; without it, browsers take the host of the page and
    `realtime_port`. `cors_origins` are exact (`https://other.example.org`). `page` is None where no page is served.
    """

    version: str
    server_name: str = "SyncTV"
    realtime_port: int = 8081
    public_url: str | None = None
    realtime_public_url: str | None = None
    cors_origins: frozenset[str] = frozenset()
    openapi: bool = True
    docs: bool = True
    page: Path | None = PAGE_FOLDER
    max_body_bytes: int = 1 << 20
    new_request_id: Callable[[], str] = field(default=_new_request_id)
