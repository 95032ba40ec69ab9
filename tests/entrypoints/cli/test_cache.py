"""`synctv cache`: what the commands do and show."""

from __future__ import annotations

import json

from synctv.application.ports.slices import SliceId
from synctv.domain.delivery.media_object import MediaObject, ResourceId
from synctv.domain.ids import Micros
from synctv.entrypoints.cli.exits import Exit
from tests.entrypoints.cli.conftest import Command, RunningServer
from tests.entrypoints.management.conftest import Server

FILM, SERIES = ResourceId("f1" * 32), ResourceId("5e" * 32)
MEDIA = MediaObject(10_000, '"a"', None, "video/mp4", Micros(0))


async def keep(server: Server) -> None:
    """Two slices of a film, and one of a series."""
    store = server.application.cache.media.store
    assert store is not None
    for resource, index in ((FILM, 0), (FILM, 1), (SERIES, 0)):
        assert await store.put(SliceId(resource, "1" * 32, index), MEDIA, bytes(1_000))


def test_what_is_kept_is_told(synctv: Command, running: RunningServer) -> None:
    running.run(keep)
    result = synctv("cache", "stats", "--output", "json", "--largest", "1")
    assert result.exit_code == Exit.DONE, result.output
    found = json.loads(result.stdout)
    assert (found["kind"], found["slices"], found["media"]) == ("memory", 3, 2)
    assert found["storedBytes"] >= 3_000
    assert [(one["id"], one["slices"]) for one in found["largest"]] == [(FILM, 2)]
    table = synctv("cache", "stats", "--largest", "5").stdout
    assert FILM in table
    assert "2 of 2." in table


def test_a_medium_can_be_purged_by_the_beginning_of_its_id(synctv: Command, running: RunningServer) -> None:
    running.run(keep)
    assert "Dropped 2 slices" in synctv("cache", "purge", FILM[:8]).stdout
    assert synctv("cache", "purge", FILM[:8]).exit_code == Exit.NOT_FOUND
    assert synctv("cache", "purge", "5e").exit_code == Exit.REFUSED


def test_purging_everything_is_asked_about(synctv: Command, running: RunningServer) -> None:
    running.run(keep)
    assert synctv("cache", "purge", input="n\n").exit_code != Exit.DONE
    assert "Dropped 3 slices" in synctv("cache", "purge", "--yes").stdout


def test_room_can_be_made(synctv: Command, running: RunningServer) -> None:
    running.run(keep)
    assert "Dropped 3 slices" in synctv("cache", "evict", "--to", "0").stdout
    assert json.loads(synctv("cache", "stats", "-o", "json").stdout)["slices"] == 0
