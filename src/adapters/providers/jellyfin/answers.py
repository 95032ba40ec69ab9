"""What Jellyfin and Emby servers answer, as far as it is needed. Both write names in the same way.

Everything but ids, names and types may be missing.
"""

from __future__ import annotations

import msgspec


class PublicInfo(msgspec.Struct, rename="pascal"):
    """What a server tells everybody. Emby names no product."""

    id: str
    version: str
    product_name: str = ""


class User(msgspec.Struct, rename="pascal"):
    """An account."""

    id: str
    name: str


class SignedIn(msgspec.Struct, rename="pascal"):
    """What signing in gives."""

    user: User
    access_token: str


class QuickConnect(msgspec.Struct, rename="pascal"):
    """A sign-in by a code, as it stands."""

    secret: str
    code: str
    authenticated: bool = False


class Stream(msgspec.Struct, rename="pascal"):
    """One stream of a file."""

    index: int = -1
    type: str | None = None
    codec: str | None = None
    profile: str | None = None
    level: float | None = None
    bit_depth: int | None = None
    language: str | None = None
    display_title: str | None = None
    title: str | None = None
    is_default: bool = False
    is_external: bool = False
    is_text_subtitle_stream: bool = False
    width: int | None = None
    height: int | None = None


class MediaSource(msgspec.Struct, rename="pascal"):
    """One version of an item."""

    id: str
    container: str | None = None
    name: str | None = None
    size: int | None = None
    bitrate: int | None = None
    etag: str | None = msgspec.field(default=None, name="ETag")
    supports_direct_play: bool = False
    supports_transcoding: bool = False
    transcoding_url: str | None = None
    transcoding_container: str | None = None
    transcoding_sub_protocol: str | None = None
    default_audio_stream_index: int | None = None
    media_streams: list[Stream] | None = None

    def streams(self, kind: str) -> list[Stream]:
        """Those of one kind (`Video`, `Audio`, `Subtitle`)."""
        return [stream for stream in self.media_streams or () if stream.type == kind]


class PlaybackInfo(msgspec.Struct, rename="pascal"):
    """What can be played of an item, and under which name the server keeps this playing."""

    media_sources: list[MediaSource] | None = None
    play_session_id: str | None = None
    error_code: str | None = None


class ChapterInfo(msgspec.Struct, rename="pascal"):
    """A named part of a film; times are in ticks of 100 ns."""

    start_position_ticks: int = 0
    name: str | None = None


class Item(msgspec.Struct, rename="pascal"):
    """Something in a library."""

    id: str
    name: str | None = None
    type: str | None = None
    is_folder: bool = False
    media_type: str | None = None
    collection_type: str | None = None
    location_type: str | None = None
    run_time_ticks: int | None = None
    production_year: int | None = None
    series_name: str | None = None
    index_number: int | None = None
    parent_index_number: int | None = None
    artists: list[str] | None = None
    width: int | None = None
    height: int | None = None
    media_sources: list[MediaSource] | None = None
    chapters: list[ChapterInfo] | None = None


class Items(msgspec.Struct, rename="pascal"):
    """A page of items."""

    items: list[Item] | None = None
    total_record_count: int = 0
