"""Addresses below a folder that was handed out as a whole. Pure.

A DASH template (`$Number$.m4s`) stands for addresses that only the player forms, so that they can't be signed one by
one. The folder is signed instead, and what the player appends to it is joined here.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

MAX_TAIL_LENGTH = 4_096

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Proxies and servers may each decode once more than they should.
_DECODINGS = 4


class EscapeError(ValueError):
    """What was appended to a folder's address would lead out of it, or can't be a part of an address."""


def folder_of(url: str) -> str:
    """The folder that this http(s) address lies in: the same up to the last slash of its path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path[: parts.path.rfind('/') + 1] or '/'}"


def below(base_url: str, tail: str) -> str:
    """The address of what lies at `tail` below the folder `base_url`, which ends with a slash.

    `tail` is as the player sent it, still percent-encoded: a relative path, perhaps with a query. Raises `EscapeError`
    for an empty one, for a path from the root, another server or a scheme, for a segment that is a dot or two in any
    encoding, for backslashes, fragments and control characters. The answer begins with `base_url`, and stays below it
    for whoever resolves dot segments or decodes it again.
    """
    if not base_url.endswith("/") or "?" in base_url or "#" in base_url:
        raise EscapeError("The address of a folder ends with a slash.")
    if not tail or len(tail) > MAX_TAIL_LENGTH:
        raise EscapeError("The path below this address is empty or too long.")
    path, _, _query = tail.partition("?")
    decoded = _decoded(path)
    if not _plain(tail) or not _plain(decoded) or "#" in tail or "\\" in decoded:
        raise EscapeError("The path below this address has characters that no path has.")
    if not path or decoded.startswith("/") or _SCHEME.match(decoded):
        raise EscapeError("The path below this address has to be a relative one.")
    # `..;x` too: some servers cut what follows a semicolon off before they resolve dots.
    if any(segment.partition(";")[0].strip() in (".", "..") for segment in decoded.split("/")):
        raise EscapeError("The path below this address leads out of its folder.")
    return base_url + tail


def _plain(text: str) -> bool:
    return text.isprintable() and " " not in text[:1] + text[-1:]


def _decoded(path: str) -> str:
    for _ in range(_DECODINGS):
        again = unquote(path)
        if again == path:
            return path
        path = again
    raise EscapeError("The path below this address is encoded too often.")
