"""What there is of an item: its versions as they are, what the server makes of them, and its text tracks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2s
from urllib.parse import parse_qsl, urlencode, urlsplit

from synctv.adapters.providers.files import MAX_BESIDE, language_of, shown
from synctv.adapters.providers.jellyfin.account import Account
from synctv.adapters.providers.jellyfin.answers import Item, MediaSource, Stream
from synctv.adapters.providers.jellyfin.codecs import codecs_of
from synctv.adapters.providers.jellyfin.device_profile import QUALITIES, SAME_SIZE, Quality, container_of
from synctv.adapters.providers.jellyfin.items import TICKS, is_id
from synctv.domain.delivery.offer import OfferedSubtitle, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Chapter, Container

MAX_SOURCES = 4
MAX_OTHER_SOUND = 4
MAX_CHAPTERS = 500
_SECRETS = frozenset({"api_key", "apikey"})


def original(account: Account, item: Item, source: MediaSource) -> OfferedVariant | None:
    """A version as it is; None where no player of ours knows how it is packed.

    Its address is never public: on Jellyfin it opens without any login, for whoever knows it.
    """
    container = container_of(source.container)
    if container is None:
        return None
    picture = next(iter(source.streams("Video")), None)
    route = "Audio" if item.media_type == "Audio" else "Videos"
    query = {"static": "true", "MediaSourceId": source.id, "DeviceId": account.device}
    if source.etag:
        query["Tag"] = source.etag
    return OfferedVariant(
        id=f"original-{short(source.id)}",
        label=shown(source.name or "") if len(item.media_sources or ()) > 1 and source.name else "Original",
        container=container,
        media=Upstream(
            f"{account.server}/{route}/{item.id}/stream?{urlencode(query)}",
            account.headers,
            source_key(account, source),
        ),
        codecs=codecs_of(source),
        width=picture.width if picture is not None else None,
        height=picture.height if picture is not None else None,
        bitrate=source.bitrate,
    )


def qualities_of(source: MediaSource) -> list[Quality]:
    """What to ask the server to make: the same size, the usual smaller ones, and one for each other sound track."""
    picture = next(iter(source.streams("Video")), None)
    height = (picture.height if picture is not None else None) or 0
    sounds = source.streams("Audio")
    first = source.default_audio_stream_index
    if first is None:
        first = next((track.index for track in sounds), None)
    others = [track for track in sounds if track.index != first][:MAX_OTHER_SOUND]
    return [
        SAME_SIZE,
        *(quality for quality in QUALITIES if (quality.height or 0) < height),
        *(Quality(f"sound-{track.index}", _sound_label(track), audio=track.index) for track in others),
    ]


def transcoded(account: Account, source: MediaSource, quality: Quality, url: str) -> OfferedVariant:
    """What the server makes of a version: HLS that every player can play.

    Its address is its name: it belongs to one playing, and so does what its playlists name.
    """
    return OfferedVariant(
        id=quality.id,
        label=quality.label,
        container=Container.HLS,
        media=Upstream(url, account.headers),
        height=quality.height,
        bitrate=quality.bitrate,
    )


def as_sound(account: Account, source: MediaSource) -> OfferedVariant | None:
    """Music in a form that no player knows, as the server makes it one that all do."""
    url = transcoding_url(account, source)
    if url is None:
        return None
    hls = source.transcoding_sub_protocol == "hls"
    container = Container.HLS if hls else container_of(source.transcoding_container) or Container.MP3
    media = Upstream(url, account.headers, f"{source_key(account, source)}#sound")
    return OfferedVariant("transcoded", "Transcoded", container, media)


def transcoding_url(account: Account, source: MediaSource) -> str | None:
    """The address of a transcoding on the account's server, without the token that the server puts into it.

    The token is sent as a header; playlists copy what their own address holds, so that it is in none of them then.
    """
    told = source.transcoding_url
    if not told or not told.startswith("/") or told.startswith("//") or "\\" in told:
        return None
    parts = urlsplit(told)
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name.lower() not in _SECRETS
    ]
    return f"{account.server}{parts.path}?{urlencode(query)}"


def subtitles_of(account: Account, item: Item, source: MediaSource) -> tuple[OfferedSubtitle, ...]:
    """The text tracks, beside the file or inside it. Pictures of text can't be taken out of a film."""
    tracks = [track for track in source.streams("Subtitle") if track.is_text_subtitle_stream and track.index >= 0]
    first = next((track.index for track in tracks if track.is_default), None)
    return tuple(
        OfferedSubtitle(
            f"s-{track.index}-{short(source.id)}",
            shown(track.display_title or track.title or track.language or "") or f"Track {track.index}",
            _subtitle(account, item, source, track),
            language_of(track.language or ""),
            _format(track),
            default=track.index == first,
        )
        for track in tracks[:MAX_BESIDE]
    )


def chapters_of(item: Item) -> tuple[Chapter, ...]:
    """The named parts."""
    named = [(chapter.start_position_ticks / TICKS, shown(chapter.name or "")) for chapter in item.chapters or ()]
    return tuple(Chapter(start, title) for start, title in named[:MAX_CHAPTERS] if title and start >= 0)


def usable(sources: Sequence[MediaSource] | None) -> list[MediaSource]:
    """The versions that can be named in an address."""
    return [source for source in sources or () if is_id(source.id.replace("_", "-"))][:MAX_SOURCES]


def source_key(account: Account, source: MediaSource) -> str:
    """The name of this version of the file, as this account sees it."""
    return f"jellyfin:{account.key}:{source.id}#{source.etag or source.size}"


def short(name: str) -> str:
    """An id made of another one that may be too long or hold other characters."""
    return blake2s(name.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def _subtitle(account: Account, item: Item, source: MediaSource, track: Stream) -> Upstream:
    place = f"/Videos/{item.id}/{source.id}/Subtitles/{track.index}/Stream.{_format(track)}"
    return Upstream(account.server + place, account.headers, f"{source_key(account, source)}#s{track.index}")


def _format(track: Stream) -> str:
    """Styled text keeps its style; everything else the server turns into the one form that all players know."""
    return "ass" if (track.codec or "").lower() in ("ass", "ssa") else "vtt"


def _sound_label(track: Stream) -> str:
    return shown(track.display_title or track.title or track.language or "") or f"Sound track {track.index}"
