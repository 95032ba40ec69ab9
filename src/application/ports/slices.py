"""Slices: pieces of media that were fetched once, kept so that they need not be fetched again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span

Buffer = bytes | bytearray | memoryview


class OpenFile(Protocol):
    """A file that stays open until it is closed, or nobody refers to this any more."""

    @property
    def handle(self) -> int:
        """The descriptor."""

    def read(self, offset: int, length: int) -> bytes:
        """These bytes; fewer where the file has become shorter. Raises `OSError`."""

    def close(self) -> None:
        """Closes it, for all regions of it."""


@dataclass(frozen=True, slots=True)
class FileRegion:
    """Bytes as they lie in a file, for a network that sends them without their passing through this process."""

    file: OpenFile
    offset: int
    length: int

    def __len__(self) -> int:
        return self.length

    def parts(self, size: int) -> Iterator[FileRegion]:
        """The same bytes in order, at most so many at a time."""
        for start in range(0, self.length, size):
            yield FileRegion(self.file, self.offset + start, min(size, self.length - start))


Piece = Buffer | FileRegion
"""Bytes on their way to a viewer."""


def buffer_of(piece: Piece) -> Buffer:
    """The bytes, read from the file if they lie in one. Raises `OSError`."""
    return piece.file.read(piece.offset, piece.length) if isinstance(piece, FileRegion) else piece


@dataclass(frozen=True, slots=True)
class SliceId:
    """Which slice: of which thing, of which version of it (32 hexadecimal digits), and the how-manieth from 0."""

    resource: ResourceId
    version: str
    index: int


@dataclass(frozen=True, slots=True)
class StoreStats:
    """How a store stands. `kind` is what it is; `refused` are slices that it could not or would not keep, `damaged`
    those that it found torn or altered, and `evicted` those that had to make room; all since the start."""

    kind: str
    slices: int
    resources: int
    stored_bytes: int
    size_bytes: int
    evicted: int = 0
    refused: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is no longer kept."""

    slices: int
    stored_bytes: int


class SliceStore(ABC):
    """Keeps slices within a bound of bytes; what has to make room is chosen by how little it was wanted.

    It may forget anything at any time, and gives back only what was put, byte for byte. No method raises for what is
    wrong with the place where slices are kept: they are not there then, or are not kept.
    """

    @abstractmethod
    def touch(self, slice_id: SliceId) -> None:
        """Notes that somebody wants the slice, whether it is there or not."""

    @abstractmethod
    async def has(self, slice_id: SliceId) -> bool:
        """Whether the slice is there, so that `read` most likely gives it."""

    @abstractmethod
    async def read(self, slice_id: SliceId, span: Span) -> Buffer | None:
        """These bytes of the slice, counted from its start; None when it is not (or no longer) there.

        `span` lies within the slice. What is returned changes no more.
        """

    @abstractmethod
    def region(self, slice_id: SliceId, span: Span) -> FileRegion | None:
        """The same bytes as they lie in a file, if they can be sent from there without waiting for a disk.

        None for any reason not to: `read` may have them all the same. They stay what they are for as long as the
        region is held, also when the slice is forgotten; but a disk that fails meanwhile may have less of them.
        """

    @abstractmethod
    async def put(self, slice_id: SliceId, media: MediaObject, data: Buffer) -> bool:
        """Keeps the slice; whether it is there now. `data` is not held on to, and not changed until this returns."""

    @abstractmethod
    async def delete(self, slice_id: SliceId) -> None:
        """Forgets the slice, if it is there."""

    @abstractmethod
    async def latest(self, resource: ResourceId) -> MediaObject | None:
        """The version of the thing that was put with the latest `fetched_at`, while a slice of it is there."""

    @abstractmethod
    def stats(self) -> StoreStats:
        """How it stands now. May be called from any thread."""

    @abstractmethod
    def resources(self, limit: int) -> Sequence[tuple[ResourceId, Dropped]]:
        """The things that take the most room, largest first, each with what would be freed."""

    @abstractmethod
    async def evict(self, to_bytes: int) -> Dropped:
        """Makes room until at most so many bytes are kept."""

    @abstractmethod
    async def purge(self, resource: ResourceId | None = None, keep: str | None = None) -> Dropped:
        """Forgets the thing, all its versions but `keep`; without a thing, everything."""
