"""Addresses that are certainly of a WebDAV server, or of a product that has one. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from synctv.adapters.providers.servers import is_name, joined, server_of
from synctv.adapters.providers.webdav.shares import Share, page_of
from synctv.application.ports.providers import Source
from synctv.domain.errors import Invalid

MAX_LENGTH = 4_096

_SCHEMES: Mapping[str, str] = {
    "dav": "http", "davs": "https", "webdav": "http", "webdavs": "https", "http": "http", "https": "https",
}  # fmt: skip
_FILES = re.compile(r"(.*?)/remote\.php/dav/files/([^/]+)(/.*)")
_ROOT = re.compile(r"(.*?)/(remote\.php/webdav|seafdav)(/.*)")
_PAGE = re.compile(r"(.*?)(?:/index\.php)?/apps/files(?:/.*)?")


class Found(NamedTuple):
    """What is ahead of a product's mark, the path below it, and what else is known."""

    ahead: str
    path: str
    more: Mapping[str, object]


def source_of(text: str) -> Source | None:
    """The source that the text is. Never raises.

    `product` is whose mark the address has, and `account` whose files they are, where it tells; `full` says that the
    path begins at the top of the server, which may lie above the top of the account.
    """
    url = text.strip()
    scheme, separator, rest = url.partition("://")
    if len(url) > MAX_LENGTH or not separator or scheme.lower() not in _SCHEMES:
        return None
    try:
        parts = urlsplit(f"{_SCHEMES[scheme.lower()]}://{rest}")
        if (page := page_of(parts.geturl())) is not None:
            return _shared(*page)
        found = _product(parts.path, parts.query)
        if found is None and "dav" in scheme.lower():
            found = Found("", parts.path, {"full": True})
        return None if found is None else _source(f"{parts.scheme}://{parts.netloc}", found)
    except (Invalid, ValueError):
        return None


def _shared(share: Share, folder: str) -> Source | None:
    """A folder of a share, of which the top is one."""
    names = [name for name in folder.split("/") if name]
    if not all(is_name(name) for name in names):
        return None
    return {"server": server_of(share.link, "url"), "path": joined(names)}


def _product(path: str, query: str) -> Found | None:
    if (files := _FILES.fullmatch(path)) is not None:
        return Found(files[1], files[3], {"product": "nextcloud", "account": unquote(files[2], errors="strict")})
    if (root := _ROOT.fullmatch(path)) is not None:
        return Found(root[1], root[3], {"product": "seafile" if root[2] == "seafdav" else "nextcloud"})
    if (page := _PAGE.fullmatch(path)) is not None:
        folder = parse_qs(query, max_num_fields=50).get("dir", [""])[0]
        # What the query holds is decoded already; the rest is decoded below.
        return Found(page[1], folder.replace("%", "%25"), {"product": "nextcloud"})
    return None


def _source(origin: str, found: Found) -> Source | None:
    names = [unquote(name, errors="strict") for name in found.path.split("/") if name]
    if not names or not all(is_name(name) for name in names):
        return None
    return {"server": server_of(origin + found.ahead, "url"), "path": joined(names), **found.more}
