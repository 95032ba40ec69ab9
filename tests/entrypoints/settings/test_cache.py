"""The settings of what is kept of media, and the store that they lead to."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from synctv.adapters.memory.clock import MemoryClock
from synctv.entrypoints.bootstrap.resources import open_slices
from synctv.entrypoints.bootstrap.settings import Settings


def settings(data_dir: Path, **cache: Any) -> Settings:
    return Settings.model_validate({"data_dir": data_dir, "cache": cache})


@pytest.mark.parametrize(
    "cache",
    [
        {"slice_bytes": 4 << 20, "in_flight_bytes": 4 << 20},
        {"slice_bytes": 4 << 20, "size_bytes": 16 << 20},
        {"kind": "tape"},
        {"ttl": -1},
        {"size_bytes": 1},
    ],
)
def test_what_can_not_work_is_refused(tmp_path: Path, cache: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path, **cache)


@pytest.mark.parametrize("kind, size", [("memory", 256 << 20), ("disk", 8 << 30)])
async def test_the_store_is_of_the_kind_and_its_usual_size(tmp_path: Path, kind: str, size: int) -> None:
    async with AsyncExitStack() as stack:
        store = await open_slices(stack, settings(tmp_path, kind=kind), MemoryClock())
        assert store is not None
        assert (store.stats().kind, store.stats().size_bytes) == (kind, size)
    assert (tmp_path / "cache").exists() == (kind == "disk")


async def test_nothing_is_kept_where_it_is_off_or_can_not_be(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    async with AsyncExitStack() as stack:
        assert await open_slices(stack, settings(tmp_path, kind="off"), MemoryClock()) is None
        assert await open_slices(stack, settings(tmp_path, kind="disk", folder=blocked), MemoryClock()) is None
