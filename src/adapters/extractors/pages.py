"""Addresses of pages: whether one can be read, and which site it belongs to. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from synctv.domain.errors import Invalid
from synctv.domain.library.item import TITLE_LENGTH

MAX_URL_LENGTH = 2_048
PATH = "source.url"

_COUNTRY_LENGTH = 2
_MAX_SECOND_LEVEL = 3  # co.uk, com.cn, ne.jp
_SAME_SITE = {"youtu.be": "youtube.com", "youtube-nocookie.com": "youtube.com", "b23.tv": "bilibili.com"}
_SAME_SITE |= {"bili2233.cn": "bilibili.com", "redd.it": "reddit.com", "dai.ly": "dailymotion.com"}


def page_url(text: object) -> str:
    """The address, without space around it. Raises `Invalid` at `source.url` for what is none."""
    url = text.strip() if isinstance(text, str) else ""
    if not url:
        raise Invalid.field(PATH, "Give the address of a page with a video or a stream.", "required")
    if len(url) > MAX_URL_LENGTH:
        raise Invalid.field(PATH, f"An address has at most {MAX_URL_LENGTH:,} characters.", "length")
    try:
        parts = urlsplit(url)
        printable = url.isprintable() and " " not in url
        usable = printable and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Invalid.field(PATH, "An address begins with http:// or https:// and names a server.", "url")
    if "@" in parts.netloc:
        raise Invalid.field(PATH, "An address must not hold a user name or a password.", "credentials")
    return urlunsplit(parts)


def site_of(url: str) -> str:
    """The site that a page belongs to, which is what people sign in to: `youtube.com` for all of its hosts.

    An approximation to the public suffix list: the last two labels, or three below a country's second level.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return host
    second_level = len(labels) > 2 and len(labels[-1]) == _COUNTRY_LENGTH and len(labels[-2]) <= _MAX_SECOND_LEVEL
    site = ".".join(labels[-3 if second_level else -2 :])
    return _SAME_SITE.get(site, site)


def page_title(title: str | None, url: str) -> str:
    """The title as an item can have it; without one the end of the address, else the site."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    for candidate in (title, last, site_of(url)):
        printable = "".join(character if character.isprintable() else " " for character in candidate or "")
        clean = " ".join(printable.split())[: TITLE_LENGTH[1]].rstrip()
        if clean and any(character.isalnum() for character in clean):
            return clean
    return "Untitled"
