"""The address that a person pasted: whether it can be one, and what its path tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from synctv.domain.errors import Invalid
from synctv.domain.library.item import TITLE_LENGTH

MAX_URL_LENGTH = 4_096
PATH = "source.url"

# Names that say nothing: the folder around them is the better title.
_NAMELESS = frozenset({"index", "master", "playlist", "main", "chunklist", "stream", "manifest", "video", "hls"})
_MAX_EXTENSION_LENGTH = 5


def valid_url(source: Mapping[str, object], path: str = PATH) -> str:
    """The address without its fragment and with spaces encoded. Raises `Invalid` for what no browser could fetch."""
    text = source.get("url")
    if not isinstance(text, str) or not text.strip():
        raise Invalid.field(path, "Give the address of a video, an audio file or an HLS stream.", "required")
    url = text.strip().replace(" ", "%20")
    if len(url) > MAX_URL_LENGTH:
        raise Invalid.field(path, f"An address has at most {MAX_URL_LENGTH:,} characters.", "length")
    try:
        parts = urlsplit(url)
        usable = url.isprintable() and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Invalid.field(path, "An address begins with http:// or https:// and names a server.", "url")
    if "@" in parts.netloc:
        raise Invalid.field(
            path,
            "Everybody in the room would see the name and password in this address. Use one without them.",
            "credentials",
        )
    return urlunsplit(parts._replace(fragment=""))


def extension_of(url: str) -> str:
    """The ending of the path in lower case, or an empty text."""
    return _split_name(_segments(url)[-1])[1]


def title_of(url: str) -> str:
    """A title from the file's name, else from the folder around it, else from the server's name."""
    *folders, last = _segments(url)
    name, _ = _split_name(last)
    for candidate in (name, *reversed(folders)):
        title = _clean(candidate)
        if title and title.lower() not in _NAMELESS:
            return title
    return _clean(name) or _clean(urlsplit(url).hostname or "") or "Untitled"


def _segments(url: str) -> list[str]:
    return [unquote(segment) for segment in urlsplit(url).path.split("/")]


def _split_name(segment: str) -> tuple[str, str]:
    name, dot, extension = segment.rpartition(".")
    if not dot or not name or not extension.isalnum() or len(extension) > _MAX_EXTENSION_LENGTH:
        return segment, ""
    return name, extension.lower()


def _clean(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[: TITLE_LENGTH[1]].rstrip()
