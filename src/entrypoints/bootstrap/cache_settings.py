"""The options for what is kept of media."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from synctv.entrypoints.bootstrap.options import Section, option
from synctv.entrypoints.bootstrap.values import Folder

DAY = 86_400
MIB = 1 << 20
GIB = 1 << 30


class CacheKind(StrEnum):
    """Where pieces of media are kept."""

    MEMORY = "memory"
    DISK = "disk"
    OFF = "off"

    @property
    def usual_bytes(self) -> int:
        """How much is kept where nothing is said."""
        return 8 * GIB if self is CacheKind.DISK else 256 * MIB


class CacheSettings(Section):
    """What is kept of media that pass through the server, so that those who watch together cause one transfer."""

    kind: CacheKind = option(
        CacheKind.MEMORY,
        "`memory`: forgotten at the end. `disk`: files in `cache.folder`, which outlive it. `off`: nothing is kept.",
    )
    size_bytes: int | None = option(
        None,
        "How much is kept.",
        unit="bytes",
        shown="268435456 (256 MiB) in memory, 8589934592 (8 GiB) on disk",
        ge=16 * MIB,
        le=1 << 50,
    )
    folder: Folder | None = option(
        None,
        "Where files are kept. Several servers may share a folder; each keeps to its own bound.",
        shown="`data_dir/cache`",
    )
    slice_bytes: int = option(
        2 * MIB, "The size of the pieces in which media are fetched and kept.", unit="bytes", ge=64 * 1_024, le=64 * MIB
    )
    ttl: float = option(
        600.0, "For so long nobody looks whether a file at another server changed.", unit="seconds", ge=0, le=30 * DAY
    )
    stale_max_age: float = option(
        float(DAY),
        "For so long after that it is still sent while somebody looks.",
        unit="seconds",
        ge=0,
        le=365 * DAY,
    )
    in_flight_bytes: int = option(
        64 * MIB,
        "The most memory for media on their way, beside what is kept.",
        unit="bytes",
        ge=4 * MIB,
        le=1 << 40,
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if 2 * self.slice_bytes > self.in_flight_bytes:
            raise ValueError("`cache.in_flight_bytes` must be at least twice `cache.slice_bytes`.")
        if self.size_bytes is not None and 8 * self.slice_bytes > self.size_bytes:
            raise ValueError("`cache.size_bytes` must be at least eight times `cache.slice_bytes`.")
        return self

    @property
    def bytes_kept(self) -> int:
        """How much is kept, whether it was said or not."""
        return self.kind.usual_bytes if self.size_bytes is None else self.size_bytes
