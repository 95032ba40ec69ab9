"""Looks at what is behind an address, with few and short calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from synctv.adapters.providers.direct.address import PATH
from synctv.adapters.providers.direct.formats import (
    PLAYABLE,
    Format,
    by_content_type,
    by_first_bytes,
)
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.domain.delivery import dash, ebml, hls, mp4
from synctv.domain.delivery.manifests import ManifestError
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid, UpstreamFailed, UpstreamTimeout
from synctv.domain.library.item import MAX_DURATION_SECONDS, MediaKind

PIECE_BYTES = 256 << 10
PLAYLIST_BYTES = 4 << 20
CALL_SECONDS = 5.0
A_PAGE = "page"
"""The code of what is a web page: those who read pages may know better."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is there: `duration` in seconds, None while unknown."""

    format: Format
    duration: float | None = None


class Probe:
    """Asks the server for the beginning of the file, and for one more piece where the duration is not in it.

    `headers` go with every call.
    """

    def __init__(self, fetch: Fetch, headers: Mapping[str, str]) -> None:
        self._fetch = fetch
        self._headers = headers

    async def look(self, url: str, expected: Format | None) -> Found | None:
        """What is at the address; None when its server does not show it to us, though viewers may get it.

        `expected` is what the address looks like. Raises `Invalid` for what browsers can't play.
        """
        answer = await self._beginning(url)
        if answer.status in (404, 410):
            raise Invalid.field(PATH, "The server says that there is nothing at this address. Check it.", "missing")
        if not 200 <= answer.status < 300:
            return None
        format_ = _format(answer, expected)
        return await self._timed(Found(format_), answer) if format_ is not None else None

    async def _beginning(self, url: str) -> FetchResponse:
        try:
            return await self._piece(url, 0)
        except UpstreamTimeout:
            # A slow or endless body: its headers may still tell what it is.
            return await self._fetch.fetch(FetchRequest(url, "HEAD", headers=self._headers, timeout=CALL_SECONDS))
        except Invalid as error:
            raise Invalid.field(PATH, str(error), "url") from None

    async def _timed(self, found: Found, answer: FetchResponse) -> Found:
        """The same with its duration, as far as it can be learned."""
        try:
            match found.format.container:
                case Container.HLS:
                    return await self._playlist(found, answer)
                case Container.MP4:
                    return replace(found, duration=_sane(await self._mp4_duration(answer)))
                case Container.WEBM | Container.MKV:
                    return replace(found, duration=_sane(ebml.find_duration(answer.body)))
                case Container.DASH:
                    return await self._manifest(found, answer)
                case Container.FLV | Container.MPEGTS if _endless(answer):
                    return Found(Format(found.format.container, MediaKind.LIVE))
                case _:
                    return found
        except ManifestError as error:
            raise Invalid.field(PATH, str(error), "playlist") from None
        except (mp4.Mp4Error, ebml.EbmlError, UpstreamFailed):
            return found

    async def _mp4_duration(self, answer: FetchResponse) -> float | None:
        found = mp4.find_duration(answer.body)
        if not isinstance(found, mp4.Elsewhere):
            return found
        piece = await self._piece(answer.url, found.offset)
        if piece.status != 206:
            return None
        duration = mp4.find_duration(piece.body, found.offset)
        return None if isinstance(duration, mp4.Elsewhere) else duration

    async def _playlist(self, found: Found, answer: FetchResponse) -> Found:
        """The first call may have brought a piece of the playlist, which may only name other ones."""
        whole = answer.status == 200 and answer.body and not answer.truncated
        playlist = _parsed(answer) if whole else await self._fetched_playlist(answer.url)
        if playlist is not None and playlist.first is not None:
            playlist = await self._fetched_playlist(playlist.first)
        if playlist is None or playlist.kind is hls.Kind.MASTER:
            return found
        if playlist.live:
            return Found(Format(Container.HLS, MediaKind.LIVE))
        return replace(found, duration=_sane(playlist.duration))

    async def _manifest(self, found: Found, answer: FetchResponse) -> Found:
        if answer.status != 200 or answer.truncated or not answer.body:
            answer = await self._whole(answer.url)
        if answer.status != 200 or answer.truncated:
            return found
        manifest = dash.rewrite(answer.body, answer.url, lambda url, role: url)
        if manifest.live:
            return Found(Format(Container.DASH, MediaKind.LIVE))
        return replace(found, duration=_sane(manifest.duration))

    async def _fetched_playlist(self, url: str) -> hls.Playlist | None:
        """The playlist at an address; None when it can't be had whole."""
        try:
            answer = await self._whole(url)
        except Invalid:
            raise ManifestError("This HLS playlist names an address that can't be called.") from None
        return _parsed(answer) if answer.status == 200 and not answer.truncated else None

    async def _whole(self, url: str) -> FetchResponse:
        return await self._fetch.fetch(
            FetchRequest(url, headers=self._headers, max_bytes=PLAYLIST_BYTES, timeout=CALL_SECONDS)
        )

    async def _piece(self, url: str, offset: int) -> FetchResponse:
        asked = {**self._headers, "range": f"bytes={offset}-{offset + PIECE_BYTES - 1}"}
        return await self._fetch.fetch(FetchRequest(url, headers=asked, max_bytes=PIECE_BYTES, timeout=CALL_SECONDS))


def _format(answer: FetchResponse, expected: Format | None) -> Format | None:
    """The bytes decide on the container; whether a container holds audio alone, its names know better."""
    content_type = answer.headers.get("content-type", "")
    named, shown = by_content_type(content_type), by_first_bytes(answer.body)
    if shown is None and content_type.lower().startswith("text/html"):
        raise Invalid.field(PATH, f"This address leads to a web page. {PLAYABLE}", A_PAGE)
    for name in (named, expected):
        if shown is not None and name is not None and name.container is shown.container:
            return shown if shown.kind is MediaKind.AUDIO else name
    return shown or named or expected


def _endless(answer: FetchResponse) -> bool:
    """Whether it is a stream that goes on: whole, and without a length."""
    return answer.status == 200 and "content-length" not in answer.headers


def _parsed(answer: FetchResponse) -> hls.Playlist:
    return hls.read(answer.body.decode("utf-8", "replace"), answer.url)


def _sane(duration: float | None) -> float | None:
    return duration if duration is not None and 0 < duration <= MAX_DURATION_SECONDS else None
