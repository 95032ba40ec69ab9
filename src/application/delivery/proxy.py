"""The proxy: hands media on to viewers who were given an address for them."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeVar

from synctv.application.delivery.addresses import DANMAKU, SUBTITLE
from synctv.application.delivery.admission import CHECKED_SECONDS, Admission
from synctv.application.delivery.answer import MediaAnswer, MediaRequest
from synctv.application.delivery.composing import Composer
from synctv.application.delivery.live import LiveMedia
from synctv.application.delivery.offers import Offers
from synctv.application.delivery.pace import Pacer
from synctv.application.delivery.playlists import Document, Playlists, with_low_latency
from synctv.application.delivery.slices import SlicedMedia
from synctv.application.delivery.source import Renew
from synctv.application.delivery.texts import Texts
from synctv.application.library.discretion import ITEMS_SERVER, discretion
from synctv.application.limits.portions import person
from synctv.application.ports.clock import Clock
from synctv.application.ports.media_links import MediaClaims, MediaLinks
from synctv.application.ports.slices import Piece
from synctv.domain.delivery.choosing import hosts_told
from synctv.domain.delivery.manifests import Role
from synctv.domain.delivery.named import NamedAddress, NamedTrack, named_of
from synctv.domain.delivery.offer import Offer, OfferedDanmaku, OfferedSubtitle, OfferedVariant, Track, Tracks, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.prefixes import EscapeError, below
from synctv.domain.delivery.profile import profile_of
from synctv.domain.delivery.upstream_status import host_of
from synctv.domain.errors import Denied, Invalid, NotFound, TokenExpired, Unavailable, UpstreamFormat
from synctv.domain.ids import seconds_after
from synctv.domain.library.item import MediaItem

log = logging.getLogger(__name__)

Part = TypeVar("Part")

PIECE_BYTES = 256 << 10
MAX_DOCUMENT_BYTES = 256 << 20
"""How much of playlists, subtitles and comments may be on its way to viewers, slow ones too."""

_RUN_OUT = "This address has run out. Ask for what the room plays again."

_DOCUMENTS = (Container.HLS, Container.DASH)
_NOT_KEPT = {"cache-control": "no-store"}
_KEPT_BY_THE_VIEWER = {"cache-control": "private, max-age=600, no-transform"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request that was admitted: what the address stands for, and what there is of it."""

    claims: MediaClaims
    item: MediaItem
    offer: Offer
    request: MediaRequest
    query: str

    @property
    def whose(self) -> str:
        """Whose calls it leads to."""
        return person(self.item.added_by, self.item.room_id)


class MediaProxy:
    """Serves what the addresses of a playable stand for, and what their playlists and manifests name.

    Upstream hears only what the provider chose, and a `Range` of ours; the viewer gets only headers about the bytes.
    """

    def __init__(
        self,
        *,
        admission: Admission,
        offers: Offers,
        links: MediaLinks,
        media: SlicedMedia,
        live: LiveMedia,
        playlists: Playlists,
        composer: Composer,
        texts: Texts,
        pacer: Pacer,
        clock: Clock,
    ) -> None:
        self._admission = admission
        self._offers = offers
        self._links = links
        self._media = media
        self._live = live
        self._playlists = playlists
        self._composer = composer
        self._texts = texts
        self.pacer = pacer
        self._clock = clock
        self._document_bytes = 0

    async def run(self) -> None:
        """Keeps what is fetched going until cancelled; `open` needs it to run."""
        await self._media.run()

    async def open(self, token: str, rest: str, query: str, request: MediaRequest) -> MediaAnswer:
        """What is at `/media/v1/<token>/<rest>?<query>`, all still percent-encoded. Whoever gets the answer closes it.

        Raises `TokenExpired` and `Denied` for the address, `RateLimited` for one body too many, what admission and
        providers raise, and what becomes of upstreams, named only to who may know them.
        """
        claims = self._links.verify(token, self._clock.now())
        item = await self._admission.item(claims)
        async with AsyncExitStack() as place:
            # Before anything is asked of an upstream, so that what is refused costs nobody anything.
            place.enter_context(self.pacer.stream(claims.viewer))
            with discretion(item.added_by, claims.viewer.id, ITEMS_SERVER):
                offer = await self._offers.of(item, profile_of(claims.profile))
            with discretion(item.added_by, claims.viewer.id, ITEMS_SERVER, known=hosts_told(offer)):
                answer = await self._answer(_Asked(claims, item, offer, request, query), rest)
            if answer.body is None:
                return answer
            answer.resources.push_async_exit(place.pop_all())
        body = self.pacer.paced(self._admitted(answer.body, claims), claims.viewer, claims.room_id)
        return MediaAnswer(answer.status, answer.headers, body, answer.resources)

    async def _answer(self, asked: _Asked, rest: str) -> MediaAnswer:
        sealed, slash, tail = rest.partition("/")
        if slash:
            return await self._named(asked, self._links.open(sealed, asked.claims), tail)
        return await self._part(asked)

    async def _admitted(self, body: AsyncGenerator[Piece, None], claims: MediaClaims) -> AsyncGenerator[Piece, None]:
        """The same bytes for as long as the viewer may have them: a film may be one body of hours."""
        again = seconds_after(self._clock.now(), CHECKED_SECONDS)
        try:
            async for piece in body:
                if self._clock.now() >= again:
                    await self._must_still_be_admitted(claims)
                    again = seconds_after(self._clock.now(), CHECKED_SECONDS)
                yield piece
        finally:
            await body.aclose()

    async def _must_still_be_admitted(self, claims: MediaClaims) -> None:
        if claims.expires_at <= self._clock.now():
            raise TokenExpired(_RUN_OUT)
        try:
            await self._admission.item(claims)
        except Unavailable as error:
            log.info("Whether a viewer may go on could not be looked at: %s", error)

    async def _part(self, asked: _Asked) -> MediaAnswer:
        kind, _, id = asked.claims.part.partition(":")
        if kind == SUBTITLE:
            found = _subtitle(asked.offer, id)
            text = await self._texts.subtitle(
                found.upstream,
                found.format,
                asked.whose,
                self._renew(asked, lambda offer: _subtitle(offer, id).upstream),
            )
            return self._whole(asked.request, Document(text, "text/vtt; charset=utf-8"), _KEPT_BY_THE_VIEWER)
        if kind == DANMAKU:
            comments = _danmaku(asked.offer, id)
            text = await self._texts.danmaku(
                comments.upstream,
                comments.format,
                asked.whose,
                self._renew(asked, lambda offer: _danmaku(offer, id).upstream),
            )
            return self._whole(asked.request, Document(text, "application/json"), _KEPT_BY_THE_VIEWER)
        return await self._variant(asked, _variant(asked.offer, id))

    async def _variant(self, asked: _Asked, variant: OfferedVariant) -> MediaAnswer:
        if isinstance(variant.media, Tracks):
            return await self._composed(asked, variant.id, variant.media)
        if variant.container in _DOCUMENTS:
            upstream = with_low_latency(variant.media, asked.query)
            renew = self._renew(
                asked, lambda offer: with_low_latency(_upstream(_variant(offer, variant.id)), asked.query)
            )
            return await self._document(asked, upstream, variant.container, "", renew)
        renew = self._renew(asked, lambda offer: _upstream(_variant(offer, variant.id)))
        if variant.live:
            return await self._live.open(variant.media, asked.request, renew)
        return _kept(await self._sliced(variant.media, asked.request, renew))

    async def _composed(self, asked: _Asked, variant_id: str, film: Tracks) -> MediaAnswer:
        renew = {
            track.id: self._renew(asked, lambda offer, id=track.id: _track(offer, variant_id, id).upstream)  # type: ignore[misc]
            for track in (*film.video, *film.audio)
        }
        manifest = await self._composer.manifest(film, asked.claims, renew)
        return self._whole(asked.request, Document(manifest, "application/dash+xml"), _NOT_KEPT)

    async def _named(self, asked: _Asked, text: str, tail: str) -> MediaAnswer:
        """What a playlist or manifest of the variant names."""
        try:
            named = named_of(text)
        except ValueError:
            raise NotFound("address") from None
        variant_id = asked.claims.part.partition(":")[2]
        if isinstance(named, NamedTrack):
            track = _track(asked.offer, variant_id, named.id)
            renew = self._renew(asked, lambda offer: _track(offer, variant_id, named.id).upstream)
            return _kept(await self._sliced(track.upstream, asked.request, renew))
        variant = _variant(asked.offer, variant_id)
        upstream = _upstream(variant).naming(_full(named, tail, asked.query))
        if named.role is Role.PLAYLIST:
            upstream = with_low_latency(upstream, asked.query)
            return await self._document(asked, upstream, variant.container, "../", renew=None)
        # Keys of HLS often come from scripts, which say that they are pages.
        any_type = named.role in (Role.KEY, Role.OTHER)
        return _kept(await self._sliced(upstream, asked.request, None, any_type=any_type))

    async def _document(
        self, asked: _Asked, upstream: Upstream, container: Container, folder: str, renew: Renew | None
    ) -> MediaAnswer:
        document = await self._playlists.document(upstream, container, asked.claims, asked.whose, folder, renew)
        return self._whole(asked.request, document, _NOT_KEPT)

    async def _sliced(
        self, upstream: Upstream, request: MediaRequest, renew: Renew | None, *, any_type: bool = False
    ) -> MediaAnswer:
        try:
            return await self._media.open(upstream, request, renew, any_type=any_type)
        except Invalid as error:
            # Nobody typed this address: it stands in an offer or in a playlist.
            raise UpstreamFormat(host_of(upstream.url), f"it names an address that can't be called. {error}") from None

    def _whole(self, request: MediaRequest, document: Document, headers: dict[str, str]) -> MediaAnswer:
        size = len(document.content)
        told = {**headers, "content-type": document.content_type, "content-length": str(size)}
        if request.method != "GET":
            return MediaAnswer(200, told)
        if self._document_bytes + size > MAX_DOCUMENT_BYTES:
            raise Unavailable("media proxy")
        self._document_bytes += size
        answer = MediaAnswer(200, told, _pieces(document.content), AsyncExitStack())
        answer.resources.callback(self._let_go_of, size)
        return answer

    def _let_go_of(self, size: int) -> None:
        self._document_bytes -= size

    def _renew(self, asked: _Asked, find: Callable[[Offer], Upstream]) -> Renew:
        """How to get a later address of the same thing, each time that the one of before has run out."""
        profile = profile_of(asked.claims.profile)
        latest = asked.offer

        async def renew() -> Upstream:
            nonlocal latest
            latest = await self._offers.of(asked.item, profile, unlike=latest)
            return find(latest)

        return renew


def _full(named: NamedAddress, tail: str, query: str) -> str:
    """The address that a request for something named means."""
    if named.role is not Role.PREFIX:
        return named.url
    try:
        return below(named.url, f"{tail}?{query}" if query else tail)
    except EscapeError as error:
        raise Denied(str(error)) from None


def _variant(offer: Offer, id: str) -> OfferedVariant:
    return _found([variant for variant in offer.variants if variant.id == id])


def _upstream(variant: OfferedVariant) -> Upstream:
    if isinstance(variant.media, Tracks):
        raise NotFound("variant")
    return variant.media


def _track(offer: Offer, variant_id: str, id: str) -> Track:
    media = _variant(offer, variant_id).media
    tracks = (*media.video, *media.audio) if isinstance(media, Tracks) else ()
    return _found([track for track in tracks if track.id == id])


def _subtitle(offer: Offer, id: str) -> OfferedSubtitle:
    return _found([subtitle for subtitle in offer.subtitles if subtitle.id == id])


def _danmaku(offer: Offer, id: str) -> OfferedDanmaku:
    return _found([danmaku for danmaku in offer.danmaku if danmaku.id == id])


def _found(parts: list[Part]) -> Part:
    """The only one. Another offer of the same item may lack what an earlier one had."""
    if not parts:
        raise NotFound("variant")
    return parts[0]


async def _pieces(content: bytes) -> AsyncGenerator[Piece, None]:
    view = memoryview(content)
    for start in range(0, len(view), PIECE_BYTES):
        yield view[start : start + PIECE_BYTES]


def _kept(answer: MediaAnswer) -> MediaAnswer:
    """The same answer, which the viewer's browser may keep for a while."""
    return MediaAnswer(answer.status, {**answer.headers, **_KEPT_BY_THE_VIEWER}, answer.body, answer.resources)
