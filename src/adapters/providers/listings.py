"""Folders and files of people's own servers as entries that can be chosen. Pure.

A source is `{"server": …, "path": …}`, for all providers that show files.
"""

from __future__ import annotations

from collections.abc import Iterable

from synctv.adapters.providers.answers import host_of
from synctv.adapters.providers.files import detail_of, natural, shown, title_of, type_of
from synctv.adapters.providers.servers import MAX_PATH_LENGTH, is_name, joined
from synctv.application.ports.providers import Crumb, ListedFolder, ResolvedSource
from synctv.domain.errors import UpstreamMissing

Listed = ListedFolder | ResolvedSource
Raw = tuple[str, int | None, bool]
"""A name, a size in bytes, and whether it is a folder."""

MAX_NUMBER = 10_000


def entries_of(server: str, parent: tuple[str, ...], found: Iterable[Raw]) -> list[Listed]:
    """Folders first, then files that play, each in natural order."""
    ordered = sorted(found, key=lambda one: (not one[2], natural(one[0])))
    made = (entry_of(server, parent, name, size, is_folder=folder) for name, size, folder in ordered)
    return [entry for entry in made if entry is not None]


def entry_of(
    server: str, parent: tuple[str, ...], name: str, size: int | None = None, *, is_folder: bool = False
) -> Listed | None:
    """A folder, or a file that plays, of unknown length; None for hidden ones, and for names that none can have."""
    path, title = joined((*parent, name)), shown(name)
    if not is_name(name) or name.startswith(".") or len(path) > MAX_PATH_LENGTH or not title:
        return None
    if is_folder:
        return ListedFolder(path, title)
    type_ = type_of(name)
    if type_ is None:
        return None
    source = {"server": server, "path": path}
    return ResolvedSource(source, title_of(name), type_.kind, None, detail=detail_of(name, size))


def crumbs_of(names: tuple[str, ...]) -> tuple[Crumb, ...]:
    """The way from the top."""
    steps = (Crumb(joined(names[: end + 1]), shown(name) or name[:1]) for end, name in enumerate(names))
    return (Crumb("", "Top"), *steps)


def number_of(cursor: str | None, server: str, first: int) -> int:
    """The number that a cursor is, up to 10,000; `first` without one. Raises `UpstreamMissing`."""
    if cursor is None:
        return first
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 6 and 0 < int(cursor) <= MAX_NUMBER):
        raise UpstreamMissing(host_of(server), "this page does not exist. Go back to the first one.")
    return int(cursor)
