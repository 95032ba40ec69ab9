"""Addresses that are certainly of an Alist or OpenList server. Pure.

Its pages look like those of any server, so that only links to files, which are signed in a way of its own, and links
of shares tell.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from synctv.adapters.providers.servers import is_name, joined, server_of
from synctv.application.ports.providers import Source
from synctv.domain.errors import Invalid

MAX_LENGTH = 4_096
_SIGN = re.compile(r"[A-Za-z0-9_-]{43}=:\d{1,12}", re.ASCII)
_SHARE = re.compile(r"(.*?)/(?:@s|sd)/([A-Za-z0-9_-]{1,64})(/.*)?", re.ASCII)


def source_of(text: str) -> Source | None:
    """The source that the text is. Never raises. `full` says that the path begins at the top of the server."""
    url = text.strip()
    if len(url) > MAX_LENGTH:
        return None
    try:
        parts = urlsplit(url)
        share = _share(parts.path)
        root, raw = share or _file(parts.path, parts.query) or ("", "")
        names = [unquote(name, errors="strict") for name in raw.split("/") if name]
        if not names or not all(is_name(name) for name in names):
            return None
        source = {"server": server_of(f"{parts.scheme}://{parts.netloc}{root}", "url"), "path": joined(names)}
        return source if share is not None else {**source, "full": True}
    except (Invalid, ValueError):
        return None


def _share(path: str) -> tuple[str, str] | None:
    found = _SHARE.fullmatch(path)
    return (found[1], f"/@s/{found[2]}{found[3] or ''}") if found is not None else None


def _file(path: str, query: str) -> tuple[str, str] | None:
    """A link to a file: `/d/…` leads to it and `/p/…` passes it on."""
    signs = parse_qs(query, max_num_fields=50).get("sign", [])
    if not any(_SIGN.fullmatch(sign) for sign in signs):
        return None
    found = re.fullmatch(r"(.*?)/[dp](/.+)", path)
    return (found[1], found[2]) if found is not None else None
