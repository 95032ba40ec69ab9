"""Addresses of pages that are certainly of a Jellyfin or Emby server. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from synctv.adapters.providers.jellyfin.items import is_id
from synctv.adapters.providers.servers import server_of
from synctv.application.ports.providers import Source
from synctv.domain.errors import Invalid

MAX_LENGTH = 4_096
_WEB = re.compile(r"(.*?)/web(?:/|/index\.html)?")
_PAGES = re.compile(r"!?/?(?:details|item|item/item\.html|itemdetails\.html|video|list/list\.html|tv|movies)")


def source_of(text: str) -> Source | None:
    """The item that a page of the server's own client shows. Never raises."""
    url = text.strip()
    if len(url) > MAX_LENGTH:
        return None
    try:
        parts = urlsplit(url)
        web = _WEB.fullmatch(parts.path)
        page, _, query = parts.fragment.partition("?")
        if web is None or not _PAGES.fullmatch(page):
            return None
        found = parse_qs(query, max_num_fields=50)
        item = next((found[name][0] for name in ("id", "topParentId", "parentId") if name in found), None)
        return (
            {"server": server_of(f"{parts.scheme}://{parts.netloc}{web[1]}", "url"), "id": item}
            if is_id(item)
            else None
        )
    except (Invalid, ValueError):
        return None
