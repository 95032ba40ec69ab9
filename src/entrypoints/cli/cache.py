"""`synctv cache`: what is kept of media."""

from __future__ import annotations

from typing import Annotated

import typer

from synctv.entrypoints.cli.client import ask
from synctv.entrypoints.cli.output import Column, Record, show_document, show_list, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, Yes

PATIENCE_SECONDS = 300.0
"""Removing many files takes a slow disk a while."""

STATS = [
    Column("Kept in", "kind"),
    Column("Kept (bytes)", "storedBytes"),
    Column("Room (bytes)", "sizeBytes"),
    Column("Slices", "slices"),
    Column("Media", "media"),
    Column("Slices that were there", "hits"),
    Column("Slices that were not", "misses"),
    Column("Slices fetched", "fills"),
    Column("Fetches that failed", "failedFills"),
    Column("Handed on without being kept", "bypasses"),
    Column("Sent (bytes)", "servedBytes"),
    Column("Fetched (bytes)", "fetchedBytes"),
    Column("Had to make room", "evicted"),
    Column("Could not be kept", "refused"),
    Column("Found damaged", "damaged"),
    Column("Being sent now", "bodies"),
    Column("Being fetched now", "fillsInFlight"),
]
LARGEST = [Column("Id", "id"), Column("Slices", "slices", right=True), Column("Bytes", "storedBytes", right=True)]

app = typer.Typer(help="What is kept of media that pass through the server.", no_args_is_help=True)


@app.command("stats")
def stats(
    largest: Annotated[
        int, typer.Option("--largest", help="Show so many of the media that take the most room, too.", min=0, max=200)
    ] = 0,
    output: OutputFormat = Output.TABLE,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Show what is kept, how often it helped, and what happens now. All counts are since the start."""
    from synctv.entrypoints.wire.synctv.v1 import GetCacheStatsRequest

    request = GetCacheStatsRequest(largest=largest)
    found = ask(data_dir, config, lambda management: management.get_cache_stats(request))
    record: Record = {
        "kind": found.kind,
        "storedBytes": found.stored_bytes,
        "sizeBytes": found.size_bytes,
        "slices": found.slices,
        "media": found.resources,
        "hits": found.hits,
        "misses": found.misses,
        "fills": found.fills,
        "failedFills": found.failed_fills,
        "bypasses": found.bypasses,
        "servedBytes": found.served_bytes,
        "fetchedBytes": found.fetched_bytes,
        "evicted": found.evicted,
        "refused": found.refused,
        "damaged": found.damaged,
        "bodies": found.bodies,
        "fillsInFlight": found.fills_in_flight,
    }
    media: list[Record] = [
        {"id": one.id, "slices": one.slices, "storedBytes": one.stored_bytes} for one in found.largest
    ]
    if output is not Output.TABLE:
        show_document({**record, "largest": media} if largest else record, output)
        return
    show_one(record, STATS, output)
    if media:
        show_list(media, LARGEST, output, next_cursor="", total=found.resources, more="--largest")


@app.command("evict")
def evict(
    to: Annotated[int, typer.Option("--to", help="How many bytes may stay.", min=0)],
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Make room: drop what was wanted least until no more than so many bytes are kept."""
    from synctv.entrypoints.wire.synctv.v1 import EvictCacheRequest

    request = EvictCacheRequest(to_bytes=to)
    found = ask(data_dir, config, lambda management: management.evict_cache(request), PATIENCE_SECONDS)
    typer.echo(f"Dropped {found.slices:,} slices, {found.stored_bytes:,} bytes.")


@app.command("purge")
def purge(
    medium: Annotated[
        str | None, typer.Argument(help="The beginning of an id that `stats --largest` shows.", show_default=False)
    ] = None,
    yes: Yes = False,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Forget a medium, so that it is fetched anew; without one, everything."""
    from synctv.entrypoints.wire.synctv.v1 import PurgeCacheRequest

    if medium is None and not yes:
        typer.confirm("Forget everything that is kept of media?", abort=True)
    request = PurgeCacheRequest(id=medium or "")
    found = ask(data_dir, config, lambda management: management.purge_cache(request), PATIENCE_SECONDS)
    typer.echo(f"Dropped {found.slices:,} slices, {found.stored_bytes:,} bytes.")
