"""What yt-dlp's description of a page is in ours (`info.py`). Pure; runs in a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from synctv.adapters.extractors.info import MAX_ENTRIES

LISTS = ("playlist", "multi_video")
MAX_FORMATS = 300
MAX_SUBTITLES = 100
MAX_CHAPTERS = 500
MAX_TEXT_LENGTH = 1 << 20

# Pseudo-subtitles: comments, and protocols that only yt-dlp itself speaks.
_NO_SUBTITLES = frozenset({"danmaku", "live_chat", "rechat", "comments"})
# What belongs to yt-dlp's own connection rather than to the site's demands.
_OWN_HEADERS = frozenset({"accept", "accept-encoding", "accept-charset", "connection", "cookie", "host", "range"})
_OWN_HEADERS |= {"sec-fetch-mode", "content-length"}

CookieOf = Callable[[str], str | None]


def first_of_nested(info: Mapping[str, Any]) -> str | None:
    """Where to look on when a list holds lists alone: a channel has tabs, and the first one has the videos."""
    entries = [entry or {} for entry in info.get("entries") or ()]
    own = info.get("extractor_key")
    nested = info.get("_type") in LISTS and own and all(entry.get("ie_key") == own for entry in entries)
    return str(entries[0]["url"]) if nested and entries and _http(entries[0].get("url")) else None


def listed(info: Mapping[str, Any]) -> dict[str, object]:
    """A list of pages; entries without an address are left out."""
    entries = []
    for entry in info.get("entries") or ():
        url = (entry or {}).get("url") or (entry or {}).get("webpage_url")
        if _http(url):
            entries.append(
                {
                    "url": url,
                    "title": _text(entry.get("title")),
                    "duration": _number(entry.get("duration")),
                    "cover": _cover(entry),
                }
            )
    return {
        "kind": "list",
        "id": _text(info.get("id")) or "",
        "extractor": _text(info.get("extractor_key")) or "",
        "title": _text(info.get("title")),
        "url": info.get("webpage_url") if _http(info.get("webpage_url")) else None,
        "cover": _cover(info),
        "entries": entries[:MAX_ENTRIES],
    }


def shown(info: Mapping[str, Any], cookie_of: CookieOf) -> dict[str, object]:
    """One thing to play. `cookie_of` tells the `Cookie` header that an address is to be asked with."""
    formats = [one for one in info.get("formats") or [info] if _usable(one)]
    return {
        "kind": "single",
        "id": _text(info.get("id")) or "",
        "extractor": _text(info.get("extractor_key")) or "",
        "title": _text(info.get("title")),
        "url": info.get("webpage_url") if _http(info.get("webpage_url")) else None,
        "duration": _number(info.get("duration")),
        "cover": _cover(info),
        "live": bool(info.get("is_live")) or info.get("live_status") == "is_live",
        "formats": [_format(one, cookie_of) for one in formats[-MAX_FORMATS:]],
        "subtitles": list(_subtitles(info))[:MAX_SUBTITLES],
        "danmaku": _danmaku(info),
        "chapters": list(_chapters(info))[:MAX_CHAPTERS],
    }


def _usable(one: Mapping[str, Any]) -> bool:
    """Whether it is media at an http(s) address, without a lock of rights on it."""
    silent = one.get("vcodec") == "none" and one.get("acodec") == "none"
    return _http(one.get("url")) and not one.get("has_drm") and not silent and one.get("ext") != "mhtml"


def _format(one: Mapping[str, Any], cookie_of: CookieOf) -> dict[str, object]:
    headers = one.get("http_headers") or {}
    manifest = one.get("manifest_url")
    return {
        "id": _text(one.get("format_id")) or "0",
        "url": one["url"],
        "protocol": _text(one.get("protocol")) or "",
        "ext": _text(one.get("ext")) or "",
        "manifest_url": manifest if _http(manifest) else None,
        "vcodec": _text(one.get("vcodec")),
        "acodec": _text(one.get("acodec")),
        "width": _whole(one.get("width")),
        "height": _whole(one.get("height")),
        "fps": _number(one.get("fps")),
        "tbr": _number(one.get("tbr") or one.get("vbr") or one.get("abr")),
        "asr": _whole(one.get("asr")),
        "language": _text(one.get("language")),
        "headers": {
            str(name): str(value)
            for name, value in headers.items()
            if str(name).lower() not in _OWN_HEADERS and "\n" not in str(value) and "\r" not in str(value)
        },
        "cookie": cookie_of(one["url"]) or "",
        "available_at": _number(one.get("available_at")),
        "size": _whole(one.get("filesize")),
    }


def _subtitles(info: Mapping[str, Any]) -> Iterable[dict[str, object]]:
    for language, tracks in (info.get("subtitles") or {}).items():
        if language not in _NO_SUBTITLES:
            yield from _tracks(language, tracks, automatic=False)
    spoken = info.get("language")
    for language, tracks in (info.get("automatic_captions") or {}).items():
        # YouTube calls what was recognised, rather than translated, `en-orig`.
        if language.endswith("-orig") or (spoken and language == spoken):
            yield from _tracks(language.removesuffix("-orig"), tracks, automatic=True)


def _tracks(language: str, tracks: Iterable[Mapping[str, Any]], *, automatic: bool) -> Iterable[dict[str, object]]:
    for track in tracks or ():
        url, text = track.get("url"), track.get("data")
        playlist = "m3u8" in str(track.get("protocol") or "")
        if (_http(url) and not playlist) or (isinstance(text, str) and len(text) <= MAX_TEXT_LENGTH):
            yield {
                "language": str(language),
                "ext": _text(track.get("ext")) or "",
                "url": url if _http(url) else None,
                "text": None if _http(url) else text,
                "name": _text(track.get("name")),
                "automatic": automatic,
            }


def _danmaku(info: Mapping[str, Any]) -> str | None:
    for track in (info.get("subtitles") or {}).get("danmaku") or ():
        if _http(track.get("url")):
            return str(track["url"])
    return None


def _chapters(info: Mapping[str, Any]) -> Iterable[dict[str, object]]:
    for chapter in info.get("chapters") or ():
        start, title = _number(chapter.get("start_time")), _text(chapter.get("title"))
        if start is not None and start >= 0 and title:
            yield {"start": start, "title": title}


def _cover(info: Mapping[str, Any]) -> str | None:
    """The cover, or the last and so the best of several."""
    candidates = [one.get("url") for one in info.get("thumbnails") or ()] + [info.get("thumbnail")]
    usable = [str(url) for url in candidates if _http(url)]
    return usable[-1] if usable else None


def _http(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("http://", "https://"))


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) and str(value) else None


def _number(value: object) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return float(value) if usable and isinstance(value, int | float) else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number > 0 else None
