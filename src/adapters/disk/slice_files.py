"""One slice as a file: its format, and how it is written, checked and read. Everything here blocks.

A file is a fixed prefix, a header in JSON, and the bytes of the slice. The prefix holds the lengths and checksums of
both, so that a file that was torn by a crash or altered since is told from a good one.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from zlib import crc32

import msgspec

from synctv.application.ports.slices import Buffer, FileRegion, SliceId
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.delivery.ranges import Span
from synctv.domain.ids import Micros

SUFFIX = ".slice"
TEMPORARY = ".part"

_MAGIC = b"SYNCTVS1"
_PREFIX = struct.Struct("<8sIIII")
_MAX_HEADER = 16_384
_MAX_BODY = 1 << 30
_NOWAIT = getattr(os, "RWF_NOWAIT", 0)
_CAN_NOT_TELL = frozenset({errno.EAGAIN, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})
"""What reading without waiting fails with: the bytes are not in memory, or the file system does not know."""

_PROBED_BYTES = 256 * 1_024
"""What is in memory is so in stretches: files are read in order, and machines read ahead."""

_PROBE = (bytearray(1),)
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_WRITE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_numbers = count()


class Damaged(Exception):
    """The file is not what was written."""


class _Header(msgspec.Struct, frozen=True):
    resource: str
    version: str
    index: int
    length: int
    etag: str | None
    last_modified: str | None
    content_type: str
    fetched_at: int


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Header).decode


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when a file is replaced or written to."""

    inode: int
    modified_ns: int
    size: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp of an open file."""
        return cls(status.st_ino, status.st_mtime_ns, status.st_size)


@dataclass(frozen=True, slots=True)
class SliceFile:
    """A file whose header was found good."""

    path: str
    slice_id: SliceId
    media: MediaObject
    stamp: Stamp
    body_at: int
    body_length: int
    body_checksum: int


def path_of(folder: Path, slice_id: SliceId) -> Path:
    """Where the slice is kept."""
    name = f"{slice_id.resource[:32]}-{slice_id.version[:16]}-{slice_id.index}{SUFFIX}"
    return folder / slice_id.resource[:2] / name


def write(folder: Path, slice_id: SliceId, media: MediaObject, body: Buffer) -> SliceFile:
    """Writes the slice, all of it or nothing. Raises `OSError`."""
    path = path_of(folder, slice_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    checksum = crc32(body)
    head = _head(slice_id, media, body, checksum)
    # Other processes may write the same slice at the same time: each has a name of its own until it is complete.
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{next(_numbers)}{TEMPORARY}")
    handle = os.open(temporary, _WRITE_FLAGS, 0o600)
    try:
        try:
            _write_all(handle, head)
            _write_all(handle, body)
            status = os.fstat(handle)
        finally:
            os.close(handle)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return SliceFile(str(path), slice_id, media, Stamp.of(status), len(head), len(body), checksum)


def inspect(path: Path) -> SliceFile:
    """What the file holds, by its header; the bytes are not looked at. Raises `OSError` and `Damaged`."""
    with opened(path) as handle:
        return _inspected(handle, path)


def verify(path: Path, expected: SliceId) -> SliceFile:
    """What the file holds, when all of it is as it was written, and is this slice. Raises `OSError` and `Damaged`."""
    with opened(path) as handle:
        found = _inspected(handle, path)
        if found.slice_id != expected or crc32(_read(handle, found.body_at, found.body_length)) != found.body_checksum:
            raise Damaged
        return found


@contextmanager
def opened(path: Path | str) -> Iterator[int]:
    """The file, open for reading. Raises `OSError`."""
    handle = os.open(path, _READ_FLAGS)
    try:
        yield handle
    finally:
        os.close(handle)


class OpenSlice:
    """The open file of a slice."""

    __slots__ = ("handle",)

    def __init__(self, path: str) -> None:
        self.handle = -1
        self.handle = os.open(path, _READ_FLAGS)

    def read(self, offset: int, length: int) -> bytes:
        """These bytes; fewer where the file has become shorter. Raises `OSError`."""
        return os.pread(self.handle, length, offset)

    def close(self) -> None:
        """Closes it. May be called again."""
        handle, self.handle = self.handle, -1
        if handle >= 0:
            os.close(handle)

    def __del__(self) -> None:
        self.close()


def region_at_once(file: SliceFile, span: Span) -> FileRegion | None:
    """The bytes, if the file is still the one that was checked and the machine has them in memory; else None.

    Never waits for a disk. Raises `OSError` for a file that is not there. It runs for every piece that is sent, so that
    it is written for speed.
    """
    if not _NOWAIT or sys.platform != "linux":
        return None
    start, end = file.body_at + span.start, file.body_at + span.end
    found = OpenSlice(file.path)
    status, stamp = os.fstat(found.handle), file.stamp
    if status.st_ino != stamp.inode or status.st_mtime_ns != stamp.modified_ns or status.st_size != stamp.size:
        return None
    try:
        for place in (*range(start, end, _PROBED_BYTES), end - 1):
            if os.preadv(found.handle, _PROBE, place, _NOWAIT) != 1:
                return None
    except OSError as error:
        if error.errno in _CAN_NOT_TELL:
            return None
        raise
    return FileRegion(found, start, end - start)


def read_at_once(file: SliceFile, span: Span) -> bytes | None:
    """The bytes of `region_at_once`. Raises `OSError`."""
    region = region_at_once(file, span)
    if region is None:
        return None
    data = region.file.read(region.offset, region.length)
    return data if len(data) == region.length else None


def read(file: SliceFile, span: Span) -> bytes | None:
    """The bytes, if the file is still the one that was checked; else None. Raises `OSError` and `Damaged`."""
    with opened(file.path) as handle:
        if Stamp.of(os.fstat(handle)) != file.stamp:
            return None
        return _read(handle, file.body_at + span.start, len(span))


def _head(slice_id: SliceId, media: MediaObject, body: Buffer, checksum: int) -> bytes:
    header = _encode(
        _Header(
            slice_id.resource,
            slice_id.version,
            slice_id.index,
            media.length,
            media.etag,
            media.last_modified,
            media.content_type,
            media.fetched_at,
        )
    )
    return _PREFIX.pack(_MAGIC, len(header), len(body), checksum, crc32(header)) + header


def _inspected(handle: int, path: Path) -> SliceFile:
    status = os.fstat(handle)
    magic, header_length, body_length, body_checksum, header_checksum = _PREFIX.unpack(_read(handle, 0, _PREFIX.size))
    body_at = _PREFIX.size + header_length
    if magic != _MAGIC or header_length > _MAX_HEADER or body_length > _MAX_BODY:
        raise Damaged
    if status.st_size != body_at + body_length:
        raise Damaged
    header = _read(handle, _PREFIX.size, header_length)
    if crc32(header) != header_checksum:
        raise Damaged
    try:
        told = _decode(header)
    except msgspec.MsgspecError:
        raise Damaged from None
    media = MediaObject(told.length, told.etag, told.last_modified, told.content_type, Micros(told.fetched_at))
    slice_id = SliceId(ResourceId(told.resource), told.version, told.index)
    return SliceFile(str(path), slice_id, media, Stamp.of(status), body_at, body_length, body_checksum)


def _read(handle: int, offset: int, length: int) -> bytes:
    """Exactly these bytes. The handle is used by one thread alone."""
    os.lseek(handle, offset, os.SEEK_SET)
    data = os.read(handle, length)
    while len(data) < length:
        more = os.read(handle, length - len(data))
        if not more:
            raise Damaged
        data += more
    return data


def _write_all(handle: int, data: Buffer) -> None:
    with memoryview(data) as view:
        written = 0
        while written < len(view):
            written += os.write(handle, view[written:])
