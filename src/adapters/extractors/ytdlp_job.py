"""Runs yt-dlp, in a worker."""

from __future__ import annotations

import io
from collections.abc import Mapping
from itertools import islice
from typing import Any

import yt_dlp  # type: ignore[import-untyped]

from synctv.adapters.extractors.info import MAX_ENTRIES
from synctv.adapters.extractors.ytdlp_answers import LISTS, first_of_nested, listed, shown
from synctv.adapters.extractors.ytdlp_failures import failure_of

SOCKET_SECONDS = 15


class _Silence:
    """What yt-dlp would print goes nowhere: it may hold cookies."""

    def debug(self, message: str) -> None: ...

    def info(self, message: str) -> None: ...

    def warning(self, message: str) -> None: ...

    def error(self, message: str) -> None: ...


def run(job: Mapping[str, Any], setup: Mapping[str, Any]) -> dict[str, object]:
    """The answer to one job."""
    try:
        with yt_dlp.YoutubeDL(_parameters(job, setup)) as session:
            found = _extracted(session, job["url"])
            inner = first_of_nested(found)
            return _answer(session, _extracted(session, inner) if inner else found)
    except yt_dlp.utils.YoutubeDLError as error:
        return {"failure": failure_of(error)}


def _extracted(session: Any, url: str) -> dict[str, Any]:
    found = session.extract_info(url, download=False)
    info: dict[str, Any] = session.sanitize_info(found) if found else {}
    if info.get("_type") in LISTS:
        info["entries"] = list(islice(info.get("entries") or (), MAX_ENTRIES))
    return info


def _answer(session: Any, info: dict[str, Any]) -> dict[str, object]:
    if info.get("_type") in LISTS:
        return {"info": listed(info)}
    answer = shown(info, session.cookiejar.get_cookie_header)
    if not answer["formats"] and any(one.get("has_drm") for one in info.get("formats") or ()):
        return {"failure": {"kind": "drm"}}
    return {"info": answer}


def _parameters(job: Mapping[str, Any], setup: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "allowed_extractors": ["default"] if setup["generic"] else ["default", "-generic"],
        "proxy": setup["proxy"],
        "cookiefile": io.StringIO(job["cookies"]) if job["cookies"] else None,
        "noplaylist": not job["whole"],
        "extract_flat": "in_playlist",
        "playlist_items": f"1:{MAX_ENTRIES}",
        "format": "b/bv*/ba*",  # one has to be picked; all are answered
        "skip_download": True,
        "cachedir": False,
        "enable_file_urls": False,
        "allow_unplayable_formats": False,
        "socket_timeout": SOCKET_SECONDS,
        "extractor_retries": 1,
        "retries": 1,
        # Translations of automatic subtitles: hundreds of entries that nobody asked for.
        "extractor_args": {"youtube": {"skip": ["translated_subs"]}},
        "quiet": True,
        "no_warnings": True,
        "noprogress": True,
        "color": {"stdout": "no_color", "stderr": "no_color"},
        "logger": _Silence(),
    }
