"""Items of a library as entries that can be chosen. Pure.

No item has a cover here: the address of a picture would give away its id, and on Jellyfin who knows that can fetch the
film without a login.
"""

from __future__ import annotations

import re

from synctv.adapters.providers.files import shown, size_words
from synctv.adapters.providers.jellyfin.answers import Item
from synctv.application.ports.providers import ListedFolder, ResolvedSource
from synctv.domain.library.item import MAX_DURATION_SECONDS, MediaKind

TICKS = 10_000_000
"""So many ticks are a second."""

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_KINDS = {"Video": MediaKind.VIDEO, "Audio": MediaKind.AUDIO}
# Live channels have to be opened and kept open; pictures and books don't play.
_LEFT_OUT = frozenset(
    {"TvChannel", "LiveTvChannel", "Program", "LiveTvProgram", "Photo", "PhotoAlbum", "Book", "Person"}
)
_LIBRARIES_LEFT_OUT = frozenset({"livetv", "books", "photos"})
_STANDARD_WIDTHS = ((3_800, "4K"), (2_500, "1440p"), (1_800, "1080p"), (1_200, "720p"))


def is_id(text: object) -> bool:
    """Whether it can be an id of an item, which is safe in an address."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def entry_of(server: str, item: Item) -> ListedFolder | ResolvedSource | None:
    """A folder, or something that plays; None for anything else."""
    if not is_id(item.id) or item.type in _LEFT_OUT or item.collection_type in _LIBRARIES_LEFT_OUT:
        return None
    if item.is_folder:
        return ListedFolder(item.id, title_of(item), detail=str(item.production_year or ""))
    return resolved(server, item)


def resolved(server: str, item: Item) -> ResolvedSource | None:
    """The item, if it plays. An episode that is only known to exist does not."""
    kind = _KINDS.get(item.media_type or "")
    if kind is None or item.is_folder or item.location_type == "Virtual" or item.type in _LEFT_OUT:
        return None
    return ResolvedSource(
        {"server": server, "id": item.id}, title_of(item), kind, duration_of(item), None, _detail(item)
    )


def title_of(item: Item) -> str:
    """The title, with the series and the number of an episode, who plays a piece of music, the year of a film."""
    name = item.name or ""
    if item.type == "Episode" and item.series_name:
        name = " ".join(filter(None, (item.series_name, _number(item), name)))
    elif item.type == "Audio" and item.artists:
        name = f"{item.artists[0]} – {name}"  # noqa: RUF001
    elif item.type == "Movie" and item.production_year:
        name = f"{name} ({item.production_year})"
    return shown(name) or "Untitled"


def duration_of(item: Item) -> float | None:
    """The duration in seconds."""
    seconds = (item.run_time_ticks or 0) / TICKS
    return seconds if 0 < seconds <= MAX_DURATION_SECONDS else None


def _number(item: Item) -> str:
    if item.index_number is None:
        return ""
    season = f"S{item.parent_index_number:02d}" if item.parent_index_number is not None else ""
    return f"{season}E{item.index_number:02d}"


def _detail(item: Item) -> str:
    source = next(iter(item.media_sources or ()), None)
    picture = next(iter(source.streams("Video")), None) if source is not None else None
    width = item.width or (picture.width if picture is not None else None) or 0
    height = item.height or (picture.height if picture is not None else None) or 0
    size = size_words(source.size) if source is not None else ""
    name = next((name for least, name in _STANDARD_WIDTHS if width >= least), f"{height}p" if height > 0 else "")
    return " · ".join(filter(None, (name, size)))
