"""Films whose picture and sound lie in files of their own: the manifest that puts them together."""

from __future__ import annotations

import asyncio
from typing import Literal

from synctv.application.delivery.answer import MediaRequest
from synctv.application.delivery.shared import Keeping, Shared
from synctv.application.delivery.slices import SlicedMedia
from synctv.application.delivery.source import Renew
from synctv.application.ports.clock import Clock
from synctv.application.ports.media_links import MediaClaims, MediaLinks
from synctv.application.ports.slices import buffer_of
from synctv.domain.delivery import mpd
from synctv.domain.delivery.media_index import FIRST_PIECE_BYTES, Index, NoIndexError, find_index
from synctv.domain.delivery.named import NamedTrack
from synctv.domain.delivery.offer import Track, Tracks
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.upstream_status import host_of
from synctv.domain.errors import UpstreamFailed, UpstreamFormat

KEPT = 1_000
FRESH_SECONDS = 600.0

_COMPOSABLE = (Container.MP4, Container.WEBM)


class Composer:
    """Writes manifests. Where the parts of a file are is read from its beginning, once for all who want it."""

    def __init__(self, media: SlicedMedia, links: MediaLinks, clock: Clock) -> None:
        self._media = media
        self._links = links
        self._indexes = Shared[Index | None](clock, Keeping(FRESH_SECONDS, KEPT))

    async def manifest(self, film: Tracks, claims: MediaClaims, renew: dict[str, Renew]) -> bytes:
        """The manifest of all tracks that can be played, at addresses for these claims. `renew` is by the track's id.

        A track without an index is left out. Raises `UpstreamFormat` where no picture, or of all sound none, is left,
        and what fetching raises where nothing can be read at all.
        """
        tracks = [track for track in (*film.video, *film.audio) if track.container in _COMPOSABLE]
        reads = [self._indexed(track, renew[track.id]) for track in tracks]
        found = await asyncio.gather(*reads, return_exceptions=True)
        playable = [
            _composed(track, index, self._links.seal(NamedTrack(track.id).text, claims))
            for track, index in zip(tracks, found, strict=True)
            if isinstance(index, Index)
        ]
        _must_be_enough(film, {track.id for track in playable}, found)
        try:
            return mpd.compose(playable, film.duration)
        except ValueError as error:
            host = host_of((*film.video, *film.audio)[0].upstream.url)
            raise UpstreamFormat(host, f"what it says of this film makes no sense. {error}") from None

    async def _indexed(self, track: Track, renew: Renew) -> Index | None:
        """Where the parts of a track are; None for one that doesn't tell."""
        return await self._indexes.get(track.upstream.identity, lambda: self._read_if_any(track, renew))

    async def _read_if_any(self, track: Track, renew: Renew) -> Index | None:
        try:
            return await self._read(track, renew)
        except NoIndexError:
            return None

    async def _read(self, track: Track, renew: Renew) -> Index:
        wanted = FIRST_PIECE_BYTES
        while True:
            piece = await self._beginning(track, wanted, renew)
            found = find_index(piece)
            if isinstance(found, Index):
                return found
            if len(piece) < wanted or found.bytes <= wanted:
                raise NoIndexError
            wanted = found.bytes

    async def _beginning(self, track: Track, size: int, renew: Renew) -> bytes:
        answer = await self._media.open(track.upstream, MediaRequest(range=f"bytes=0-{size - 1}"), renew)
        piece = bytearray()
        try:
            if answer.body is not None:
                async for chunk in answer.body:
                    piece += buffer_of(chunk)
                    if len(piece) >= size:  # an upstream without ranges sends everything
                        break
        finally:
            await answer.aclose()
        return bytes(piece[:size])


def _composed(track: Track, index: Index, sealed: str) -> mpd.Track:
    container: Literal[Container.MP4, Container.WEBM]
    container = Container.WEBM if track.container is Container.WEBM else Container.MP4
    return mpd.Track(
        id=track.id,
        url=f"{sealed}/track.{container}",
        container=container,
        codecs=track.codecs,
        bandwidth=track.bitrate,
        init_range=index.init_range,
        index_range=index.index_range,
        width=track.width,
        height=track.height,
        frame_rate=track.frame_rate,
        sampling_rate=track.sampling_rate,
        language=track.language,
    )


def _must_be_enough(film: Tracks, playable: set[str], found: list[Index | BaseException | None]) -> None:
    for error in found:
        if isinstance(error, BaseException) and not isinstance(error, UpstreamFailed):
            raise error
    for needed in (film.video, film.audio):
        if needed and not any(track.id in playable for track in needed):
            failed = [error for error in found if isinstance(error, UpstreamFailed)]
            if failed:
                raise failed[0]
            raise UpstreamFormat(host_of(needed[0].upstream.url), str(NoIndexError()))
