"""The formats of a page as variants of an offer. Pure.

Nothing is public: addresses of sites are bound to this server's address, signed for it, or want headers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from synctv.adapters.extractors.codecs import (
    FAMILIES,
    LISTS,
    Ids,
    best_height,
    codec_names,
    container_of,
    family_of,
    has_audio,
    has_video,
    plays_family,
)
from synctv.adapters.extractors.info import Format, Info
from synctv.domain.delivery.offer import OfferedVariant, Track, Tracks, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import Profile

MAX_VARIANTS = 40
MAX_TRACKS = 30
_BITS_PER_LINE = 2_500  # a guess, for formats that tell no rate: a player must know which of two needs more
_SMOOTH = 31  # pictures a second; what has more says so in its label
_FIT = (Container.MP4, Container.WEBM)


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats of a page, sorted by how they are played."""

    lists: tuple[Format, ...] = ()
    whole: tuple[Format, ...] = ()
    video: tuple[Format, ...] = ()
    audio: tuple[Format, ...] = ()

    @classmethod
    def of(cls, info: Info) -> Formats:
        """Those of the page that can be played here, best first."""
        usable = [one for one in reversed(info.formats) if container_of(one) is not None]
        lists = tuple(one for one in usable if container_of(one) in LISTS)
        files = [one for one in usable if container_of(one) not in LISTS]
        return cls(
            lists,
            tuple(one for one in files if has_video(one) and has_audio(one)),
            tuple(one for one in files if has_video(one) and not has_audio(one)),
            tuple(one for one in files if not has_video(one)),
        )

    @property
    def sound_alone(self) -> bool:
        """Whether there is nothing to see."""
        return not (self.whole or self.video or any(has_video(one) for one in self.lists))


def variants_of(info: Info, profile: Profile, account: str, host: str) -> tuple[OfferedVariant, ...]:
    """All ways to play it, best first. `account` names on whose behalf it was found, or is empty; `host` is the page's.

    Several extractors read pages of any host at all, so that what they call a thing tells it apart on that host alone.
    """
    formats, ids = Formats.of(info), Ids()
    made = _Made(info, account, host, ids)
    found = [*made.playlists(formats.lists), *made.files(formats.whole)]
    found += made.tracks(formats.video, formats.audio, profile)
    if formats.sound_alone:
        found += made.files(formats.audio)
    found.sort(key=_rank)
    return tuple(found[:MAX_VARIANTS])


def _rank(variant: OfferedVariant) -> tuple[bool, int, int]:
    """What few browsers play comes last, then the highest first; of the same height the one with the least work."""
    rare = variant.id.startswith(("adaptive-hevc", "adaptive-av1-hdr", "adaptive-vp9-hdr"))
    work = (Container.MP4, Container.WEBM, Container.HLS, Container.DASH)
    return rare, -(variant.height or 0), work.index(variant.container) if variant.container in work else len(work)


@dataclass(frozen=True, slots=True)
class _Made:
    """Makes the variants of one page."""

    info: Info
    account: str
    host: str
    ids: Ids

    def upstream(self, one: Format, url: str | None = None) -> Upstream:
        """Where a format is. A recorded file keeps its name however its address changes."""
        headers = one.headers | ({"Cookie": one.cookie} if one.cookie else {})
        lasting = not self.info.live and bool(self.info.id) and container_of(one) not in LISTS
        parts = ("site", self.host, self.info.extractor, self.info.id, one.id, str(one.size or ""), self.account)
        # Escaped, so that no part of it reaches into the next.
        key = ":".join(quote(part, safe="") for part in parts)
        return Upstream(url or one.url, headers, key if lasting else None)

    def playlists(self, formats: Sequence[Format]) -> Iterable[OfferedVariant]:
        """A master playlist or manifest once, with all that it holds; a playlist without one for itself."""
        masters: dict[str, list[Format]] = {}
        for one in formats:
            if one.manifest_url and (one.manifest_url != one.url or container_of(one) is Container.DASH):
                masters.setdefault(one.manifest_url, []).append(one)
            else:
                yield self.single(one, Container.HLS)
        for url, held in masters.items():
            height, container = best_height(held), container_of(held[0]) or Container.HLS
            first = self.ids.is_free(container)
            yield OfferedVariant(
                id=self.ids.of(container) if first else self.ids.of(container, held[-1].id),
                label=f"Adaptive, up to {height}p" if height else "Adaptive",
                container=container,
                media=self.upstream(held[0], url),
                live=self.info.live,
                width=max((one.width for one in held if one.width), default=None),
                height=height,
            )

    def files(self, formats: Iterable[Format]) -> Iterable[OfferedVariant]:
        """One variant for each file."""
        for one in formats:
            container = container_of(one)
            if container is not None:
                yield self.single(one, container)

    def single(self, one: Format, container: Container) -> OfferedVariant:
        """A format that is played by itself."""
        return OfferedVariant(
            id=self.ids.of(one.id),
            label=_label(one),
            container=container,
            media=self.upstream(one),
            live=self.info.live,
            codecs=codec_names(one.vcodec, one.acodec),
            width=one.width,
            height=one.height,
            bitrate=_bits(one),
        )

    def tracks(self, video: Sequence[Format], audio: Sequence[Format], profile: Profile) -> list[OfferedVariant]:
        """Picture and sound apart: one variant for each family of codecs, for a player changes within one only."""
        if not self.info.duration or self.info.live:
            return []
        fit = [one for one in video if container_of(one) in _FIT and family_of(one)]
        present = [family for family in FAMILIES if any(family_of(one) == family for one in fit)]
        wanted = [family for family in present if plays_family(family, profile.codecs)]
        return [
            self.adaptive(family, [one for one in fit if family_of(one) == family], audio, self.info.duration)
            for family in wanted or present
        ]

    def adaptive(
        self, family: str, video: Sequence[Format], audio: Sequence[Format], duration: float
    ) -> OfferedVariant:
        """The variant of one family. What WebM holds can't be mixed with MP4 in one set of qualities."""
        container = container_of(video[0])
        same = [one for one in video if container_of(one) is container]
        names = Ids()
        media = Tracks(
            duration,
            tuple(self.track(one, names) for one in same[:MAX_TRACKS]),
            tuple(self.track(one, names) for one in _sound(audio, container)),
        )
        height = best_height(same)
        return OfferedVariant(
            id=self.ids.of("adaptive", family),
            label=f"Adaptive, up to {height}p ({FAMILIES[family]})" if height else f"Adaptive ({FAMILIES[family]})",
            container=Container.DASH,
            media=media,
            codecs=media.video[0].codecs,
            width=max((one.width for one in same if one.width), default=None),
            height=height,
            bitrate=media.video[0].bitrate or None,
        )

    def track(self, one: Format, names: Ids) -> Track:
        """One file of several that belong together."""
        codec = one.vcodec if has_video(one) else one.acodec
        return Track(
            id=names.of(one.id),
            upstream=self.upstream(one),
            container=container_of(one) or Container.MP4,
            codecs=codec_names(codec) or "mp4a.40.2",
            bitrate=_bits(one) or (one.height or 60) * _BITS_PER_LINE,
            width=one.width,
            height=one.height,
            frame_rate=one.fps,
            sampling_rate=one.asr,
            language=one.language,
        )


def _sound(audio: Sequence[Format], container: Container | None) -> list[Format]:
    """The tracks that go with the picture: those that all players know, packed alike where there are any."""
    fit = [one for one in audio if container_of(one) in _FIT]
    usual = [one for one in fit if (one.acodec or "").startswith(("mp4a", "opus", "aac"))] or fit
    alike = [one for one in usual if container_of(one) is container]
    return (alike or usual)[:MAX_TRACKS]


def _label(one: Format) -> str:
    if one.height:
        return f"{one.height}p" + (f"{one.fps:.0f}" if one.fps and one.fps >= _SMOOTH else "")
    if not has_video(one) and one.tbr:
        return f"{one.tbr:.0f} kbit/s"
    return one.id[:40].replace("_", " ") or "Original"


def _bits(one: Format) -> int | None:
    return round(one.tbr * 1_000) if one.tbr and one.tbr > 0 else None
