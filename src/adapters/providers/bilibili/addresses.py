"""All the forms in which people have an address of Bilibili, as one for each thing. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlencode, urlsplit

from synctv.adapters.providers.bilibili.numbers import aid_of, bvid_of

MAX_LENGTH = 2_048
MAX_PART = 9_999
SITE = "https://www.bilibili.com"

SHORT_HOSTS = frozenset({"b23.tv", "bili2233.cn"})
_OWN_HOSTS = ("bilibili.com", "b23.tv", "bili2233.cn", "bilivideo.com", "bilivideo.cn", "hdslb.com")
_MAIN_HOSTS = frozenset({"bilibili.com", "www.bilibili.com", "m.bilibili.com"})
_LIST_QUERY = ("type", "sid", "fid", "oid", "desc")


class Kind(StrEnum):
    """What is at an address."""

    VIDEO = "video"
    EPISODE = "episode"
    LIST = "list"
    LIVE = "live"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `part` counts from 1; a video without it may have several."""

    kind: Kind
    url: str
    part: int | None = None


Query = Mapping[str, list[str]]


def page_of(text: object) -> Page | None:
    """The page that a text is the address or the number of, or None. Never raises."""
    if not isinstance(text, str) or len(text) > MAX_LENGTH or not text.strip().isprintable():
        return None
    text = text.strip()
    bare = _bare(text, {})
    if bare is not None:
        return bare
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or port is not None or "@" in parts.netloc:
        return None
    return _at(host, parts.path.rstrip("/"), parse_qs(parts.query, max_num_fields=100))


def is_own_host(host: str) -> bool:
    """Whether a short link may lead there."""
    return any(host == own or host.endswith(f".{own}") for own in _OWN_HOSTS)


def _at(host: str, path: str, query: Query) -> Page | None:
    if host in SHORT_HOSTS:
        code = path.removeprefix("/")
        return _bare(code, query) or (_short(host, code) if re.fullmatch(r"[0-9A-Za-z]{4,32}", code) else None)
    rules = _MAIN if host in _MAIN_HOSTS else _RULES.get(host, ())
    for pattern, make in rules:
        match = re.fullmatch(pattern, path, re.ASCII)
        if match is not None:
            return make(match, query)
    return None


def _short(host: str, code: str) -> Page:
    return Page(Kind.SHORT, f"https://{host}/{code}")


def _bare(text: str, query: Query) -> Page | None:
    """The page of a number such as `BV17x411w7KC`, `av170001`, `ep1`, `ss1`."""
    match = re.fullmatch(r"(bv|av|ep|ss)([0-9A-Za-z]{1,20})", text, re.IGNORECASE | re.ASCII)
    if match is None:
        return None
    prefix, rest = match[1].lower(), match[2]
    if prefix in ("bv", "av"):
        return _video(f"{prefix}{rest}", query)
    if not rest.isdigit():
        return None
    return Page(Kind.EPISODE if prefix == "ep" else Kind.LIST, f"{SITE}/bangumi/play/{prefix}{rest}")


def _video(name: str, query: Query) -> Page | None:
    """A video by either of its names, with the part that the query names."""
    digits = name[2:]
    if name[:2].lower() == "av":
        aid = int(digits) if digits.isdigit() and len(digits) <= 16 else None
    else:
        aid = aid_of(f"BV{digits}")
    bvid = bvid_of(aid) if aid is not None else None
    if bvid is None:
        return None
    part = _first(query, "p")
    number = int(part) if part.isascii() and part.isdigit() and len(part) < 6 else 0
    url = f"{SITE}/video/{bvid}"
    if 0 < number <= MAX_PART:
        return Page(Kind.VIDEO, f"{url}?p={number}", number)
    return Page(Kind.VIDEO, url)


def _by_query(match: re.Match[str], query: Query) -> Page | None:
    """An event's page, or a player on somebody else's page."""
    bvid, aid = _first(query, "bvid"), _first(query, "aid")
    return _video(bvid, query) if bvid else _video(f"av{aid}", query) if aid else None


def _listed(match: re.Match[str], query: Query) -> Page:
    kept = {name: _first(query, name) for name in _LIST_QUERY if _first(query, name)}
    host = "https://space.bilibili.com" if match[0][1:2].isdigit() else SITE
    return Page(Kind.LIST, host + match[0] + (f"?{urlencode(kept)}" if kept else ""))


def _listed_with(name: str) -> Callable[[re.Match[str], Query], Page | None]:
    return lambda match, query: _listed(match, query) if _first(query, name).isdigit() else None


def _first(query: Query, name: str) -> str:
    return query.get(name, [""])[0]


def _episode(match: re.Match[str], query: Query) -> Page:
    return Page(Kind.EPISODE, SITE + match[0])


def _live(match: re.Match[str], query: Query) -> Page:
    return Page(Kind.LIVE, f"https://live.bilibili.com/{match[1]}")


_Rules = tuple[tuple[str, Callable[[re.Match[str], Query], Page | None]], ...]
_MAIN: _Rules = (
    (r"/video/((?:[bB][vV]|[aA][vV])\w+)", lambda match, query: _video(match[1], query)),
    (r"/bangumi/play/ep\d+|/cheese/play/ep\d+", _episode),
    (r"/bangumi/play/ss\d+|/cheese/play/ss\d+|/bangumi/media/md\d+", _listed),
    (r"/festival/[\w-]+", _by_query),
    (r"/list/\w+|/medialist/play/(?:ml)?\d+|/medialist/play/watchlater|/medialist/detail/ml\d+|/watchlater", _listed),
)
_RULES: Mapping[str, _Rules] = {
    "player.bilibili.com": ((r"/player\.html", _by_query),),
    "live.bilibili.com": ((r"/(?:blanc/|h5/)?(\d{1,20})", _live),),
    "space.bilibili.com": (
        (r"/\d+(?:/video|/upload/video)?", _listed),
        (r"/\d+/favlist", _listed_with("fid")),
        (r"/\d+/lists/\d+", _listed),
        (r"/\d+/channel/(?:collectiondetail|seriesdetail)", _listed_with("sid")),
    ),
}
