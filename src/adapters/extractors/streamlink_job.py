"""Runs streamlink, in a worker. What it finds is told in the same form as what yt-dlp finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from requests.exceptions import HTTPError
from streamlink.exceptions import NoPluginError, NoStreamsError, PluginError, StreamlinkError
from streamlink.session.session import Streamlink
from streamlink.stream.hls.hls import HLSStream, MuxedHLSStream
from streamlink.stream.http import HTTPStream

from synctv.adapters.extractors.cookies import parsed_netscape

HTTP_SECONDS = 15.0
# Plugins that take any address whatsoever, as yt-dlp's generic extractor does.
GENERIC = frozenset({"dash", "hls", "http"})
_SYNONYMS = frozenset({"best", "worst", "best-unfiltered", "worst-unfiltered"})
_STATUSES = {401: "login", 403: "refused", 404: "missing", 410: "missing", 412: "risk", 429: "limited"}
_OWN_HEADERS = frozenset({"accept", "accept-encoding", "connection", "cookie", "host"})


def run(job: Mapping[str, Any], setup: Mapping[str, Any]) -> dict[str, object]:
    """The answer to one job."""
    session = _session(job, setup)
    try:
        # Without following: whether an address leads to another one is not for streamlink to find out.
        name, plugin_class, url = session.resolve_url(job["url"], follow_redirect=False)
        if name in GENERIC and not setup["generic"]:
            raise NoPluginError
        plugin = plugin_class(session, url)
        streams = plugin.streams()
        if not streams:
            return {"failure": {"kind": "not_live"}}
        return {"info": _shown(name, plugin, url, session, streams)}
    except NoPluginError:
        return {"failure": {"kind": "unsupported"}}
    except NoStreamsError:
        return {"failure": {"kind": "not_live"}}
    except PluginError as error:
        return {"failure": {"kind": _kind(error)}}
    except StreamlinkError:
        return {"failure": {"kind": "other"}}


def _session(job: Mapping[str, Any], setup: Mapping[str, Any]) -> Streamlink:
    session = Streamlink()
    session.http.trust_env = False
    session.set_option("http-proxy", setup["proxy"])
    session.set_option("http-timeout", HTTP_SECONDS)
    session.set_option("webbrowser", value=False)
    session.set_option("ffmpeg-no-validation", value=True)  # starting it is not for a worker, and nothing needs it
    for cookie in parsed_netscape(job["cookies"]):
        session.http.cookies.set(cookie.name, cookie.value, domain=cookie.domain, path=cookie.path)
    return session


def _shown(name: str, plugin: Any, url: str, session: Streamlink, streams: Mapping[str, Any]) -> dict[str, object]:
    metadata = plugin.get_metadata()
    author, title = metadata.get("author"), metadata.get("title")
    return {
        "kind": "single",
        "id": str(metadata.get("id") or ""),
        "extractor": name,
        "title": ": ".join(str(part) for part in (author, title) if part) or None,
        "url": url,
        "live": True,
        "formats": list(_formats(session, streams)),
    }


def _formats(session: Streamlink, streams: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    """Worst first, as yt-dlp has it."""
    masters: set[str] = set()
    for quality, stream in streams.items():
        if quality in _SYNONYMS:
            continue
        master = _master_of(stream)
        if master is None and isinstance(stream, HLSStream):
            yield _format(session, quality, stream.args, protocol="m3u8_native")
        elif master is None and type(stream) is HTTPStream:
            yield _format(session, quality, stream.args, protocol="https")
        elif master is not None and master not in masters:
            masters.add(master)
            yield _format(session, "auto", _first(stream).args | {"url": master}, protocol="m3u8_native")


def _master_of(stream: Any) -> str | None:
    """The master playlist where sound has a playlist of its own: only a player that reads it itself gets both."""
    variants = getattr(stream, "multivariant", None)
    if variants is None or not variants.uri:
        return None
    apart = any(media.type == "AUDIO" and media.uri for media in variants.media)
    return str(variants.uri) if apart else None


def _first(stream: Any) -> Any:
    return stream.substreams[0] if isinstance(stream, MuxedHLSStream) else stream


def _format(session: Streamlink, quality: str, args: Mapping[str, Any], *, protocol: str) -> dict[str, object]:
    # With what the plugin set for its site as a whole: headers, cookies.
    request = session.http.prepare_new_request(**args)
    height = re.match(r"(\d{3,4})p(\d*)", quality)
    ending = urlsplit(str(request.url)).path.rpartition(".")[2].lower()
    headers = {str(name): str(value) for name, value in request.headers.items()}
    return {
        "id": quality,
        "url": request.url,
        "protocol": protocol,
        "ext": "mp4" if protocol != "https" else ending if ending in ("mp4", "ts", "mp3", "aac") else "flv",
        "height": int(height[1]) if height else None,
        "fps": float(height[2]) if height and height[2] else None,
        "headers": {name: value for name, value in headers.items() if name.lower() not in _OWN_HEADERS},
        "cookie": next((value for name, value in headers.items() if name.lower() == "cookie"), ""),
    }


def _kind(error: PluginError) -> str:
    inner = getattr(error, "err", None)
    if isinstance(inner, HTTPError) and inner.response is not None:
        status = inner.response.status_code
        return _STATUSES.get(status, "unavailable" if status >= 500 else "other")
    return "unreachable" if inner is not None else "other"
