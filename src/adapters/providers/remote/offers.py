"""Offers as messages and back. They hold what opens media: nothing here prints them."""

from __future__ import annotations

import re

from synctv.adapters.providers.remote.messages import Nonsense, each, login_of, source_of, source_text, to_login
from synctv.adapters.providers.remote.wire.synctv import v1 as wire
from synctv.application.ports.providers import PlayRequest
from synctv.domain.delivery.offer import (
    Offer,
    OfferedDanmaku,
    OfferedSubtitle,
    OfferedVariant,
    Track,
    Tracks,
    Upstream,
)
from synctv.domain.delivery.playable import Chapter, Container
from synctv.domain.delivery.profile import Profile
from synctv.domain.ids import Micros
from synctv.domain.library.item import MAX_DURATION_SECONDS, MediaKind

MAX_VARIANTS = 100
MAX_TRACKS = 100
MAX_TEXTS = 200
MAX_HEADERS = 50
MAX_URL = 8_192
MAX_LABEL = 200
MAX_SCREENING = 100
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)


def to_play(request: PlayRequest) -> wire.ProviderPlay:
    """What is to be played as it travels."""
    return wire.ProviderPlay(
        source=source_text(request.source),
        kind=request.kind.value,
        login=to_login(request.login),
        containers=sorted(request.profile.containers),
        codecs=sorted(request.profile.codecs),
        screening=request.screening,
    )


def play_of(message: wire.ProviderPlay | None) -> PlayRequest:
    """What is to be played. Containers that are not known here are left out. Raises `Nonsense`."""
    if message is None or message.kind not in list(MediaKind):
        raise Nonsense("There is nothing to play in the request.")
    named = set(message.containers)
    profile = Profile(frozenset(one for one in Container if one in named), frozenset(message.codecs[:MAX_TRACKS]))
    source, login = source_of(message.source), login_of(message.login)
    return PlayRequest(source, MediaKind(message.kind), login, profile, screening=message.screening[:MAX_SCREENING])


def to_offer(offer: Offer) -> wire.ProviderPlayResponse:
    """An offer as it travels."""
    return wire.ProviderPlayResponse(
        variants=[_to_variant(one) for one in offer.variants],
        expires_at=offer.expires_at,
        subtitles=[
            wire.ProviderSubtitle(one.id, one.label, _to_upstream(one.upstream), one.language, one.format, one.default)
            for one in offer.subtitles
        ],
        danmaku=[
            wire.ProviderDanmaku(one.id, one.label, _to_upstream(one.upstream), one.format) for one in offer.danmaku
        ],
        chapters=[wire.ProviderChapter(one.start, one.title) for one in offer.chapters],
    )


def offer_of(message: wire.ProviderPlayResponse, name: str) -> Offer:
    """The offer that travelled, from the provider that is called `name` here. Raises `Nonsense`.

    Variants of containers that are not known here are left out. Keys stand below the provider's name, so that no
    remote provider can name what another one has in the cache.
    """
    known = [one for one in message.variants if one.container in list(Container)]
    if not known:
        raise Nonsense("There is nothing in the offer that plays here.")
    return Offer(
        variants=each(lambda one: _variant(one, name), known, MAX_VARIANTS),
        expires_at=None if message.expires_at is None else Micros(message.expires_at),
        subtitles=each(lambda one: _subtitle(one, name), message.subtitles, MAX_TEXTS),
        danmaku=each(lambda one: _danmaku(one, name), message.danmaku, MAX_TEXTS),
        chapters=tuple(
            Chapter(one.start, one.title[:MAX_LABEL])
            for one in message.chapters[:MAX_TEXTS]
            if 0 <= one.start <= MAX_DURATION_SECONDS
        ),
    )


def _to_variant(variant: OfferedVariant) -> wire.ProviderVariant:
    message = wire.ProviderVariant(
        id=variant.id,
        label=variant.label,
        container=variant.container.value,
        public=variant.public,
        live=variant.live,
        codecs=variant.codecs,
        width=variant.width,
        height=variant.height,
        bitrate=variant.bitrate,
    )
    if isinstance(variant.media, Tracks):
        media = variant.media
        video, audio = ([_to_track(one) for one in tracks] for tracks in (media.video, media.audio))
        message.tracks = wire.ProviderTracks(media.duration, video, audio)
    else:
        message.upstream = _to_upstream(variant.media)
    return message


def _variant(message: wire.ProviderVariant, name: str) -> OfferedVariant:
    return OfferedVariant(
        id=_id(message.id),
        label=message.label[:MAX_LABEL],
        container=Container(message.container),
        media=_upstream(message.upstream, name) if message.tracks is None else _tracks(message.tracks, name),
        public=message.public,
        live=message.live,
        codecs=message.codecs,
        width=_positive(message.width),
        height=_positive(message.height),
        bitrate=_positive(message.bitrate),
    )


def _to_track(track: Track) -> wire.ProviderTrack:
    return wire.ProviderTrack(
        id=track.id,
        upstream=_to_upstream(track.upstream),
        container=track.container.value,
        codecs=track.codecs,
        bitrate=track.bitrate,
        width=track.width,
        height=track.height,
        frame_rate=track.frame_rate,
        sampling_rate=track.sampling_rate,
        language=track.language,
    )


def _tracks(message: wire.ProviderTracks, name: str) -> Tracks:
    video = each(lambda one: _track(one, name), message.video, MAX_TRACKS)
    audio = each(lambda one: _track(one, name), message.audio, MAX_TRACKS)
    if not (video or audio) or not 0 < message.duration <= MAX_DURATION_SECONDS:
        raise Nonsense("A variant has no tracks, or no duration.")
    return Tracks(message.duration, video, audio)


def _track(message: wire.ProviderTrack, name: str) -> Track:
    if message.container not in list(Container) or message.bitrate < 0:
        raise Nonsense("A track is packed in a way that is not known.")
    return Track(
        id=_id(message.id),
        upstream=_upstream(message.upstream, name),
        container=Container(message.container),
        codecs=message.codecs,
        bitrate=message.bitrate,
        width=_positive(message.width),
        height=_positive(message.height),
        frame_rate=message.frame_rate,
        sampling_rate=_positive(message.sampling_rate),
        language=message.language,
    )


def _subtitle(message: wire.ProviderSubtitle, name: str) -> OfferedSubtitle:
    upstream, label = _upstream(message.upstream, name), message.label[:MAX_LABEL]
    return OfferedSubtitle(_id(message.id), label, upstream, message.language, message.format, message.default)


def _danmaku(message: wire.ProviderDanmaku, name: str) -> OfferedDanmaku:
    return OfferedDanmaku(_id(message.id), message.label[:MAX_LABEL], _upstream(message.upstream, name), message.format)


def _to_upstream(upstream: Upstream) -> wire.ProviderUpstream:
    return wire.ProviderUpstream(upstream.url, dict(upstream.headers), upstream.key)


def _upstream(message: wire.ProviderUpstream | None, name: str) -> Upstream:
    if message is None or not message.url.startswith(("http://", "https://")) or len(message.url) > MAX_URL:
        raise Nonsense("Something in the offer has no address that could be called.")
    if len(message.headers) > MAX_HEADERS or not all(_is_header(*one) for one in message.headers.items()):
        raise Nonsense("A header in the offer is none.")
    return Upstream(message.url, dict(message.headers), None if message.key is None else f"{name}:{message.key}")


def _is_header(name: str, value: str) -> bool:
    return bool(_HEADER.fullmatch(name)) and len(value) <= MAX_URL and not set(value) & set("\r\n\0")


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Nonsense("Something in the offer has no id.")
    return text


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None
