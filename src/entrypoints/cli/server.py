"""`synctv serve`, `stats` and `stop`: a whole server."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Annotated

import typer

from synctv.entrypoints.cli.client import ask
from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.output import Column, Record, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, configuration

POLL_SECONDS = 0.1
STATS = [
    Column("Version", "version"),
    Column("Running for (s)", "uptimeSeconds"),
    Column("Storage", "storage"),
    Column("Redis", "redis"),
    Column("Accounts", "accounts"),
    Column("Rooms", "rooms"),
    Column("Connections", "connections"),
    Column("Rooms in use", "viewedRooms"),
]


class Part(StrEnum):
    """A part of the server that can run as a process of its own."""

    ALL = "all"
    HTTP = "http"
    REALTIME = "realtime"
    MANAGEMENT = "management"


class Storage(StrEnum):
    """Where what must not be lost is kept."""

    EMBEDDED = "embedded"
    POSTGRES = "postgres"
    MEMORY = "memory"


class Level(StrEnum):
    """The least important lines of the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(StrEnum):
    """For whom the log is written."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


def _port(name: str, what: str) -> object:
    return typer.Option(name, help=f"The port of {what}; 0 takes a free one.", show_default=False, metavar="PORT")


def serve(
    parts: Annotated[list[Part] | None, typer.Argument(help="What to run.", show_default="all")] = None,
    storage: Annotated[
        Storage | None, typer.Option("--storage", help="Where data is kept.", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
    http_host: Annotated[
        str | None, typer.Option("--http-host", help="The address of the page.", show_default=False)
    ] = None,
    http_port: Annotated[int | None, _port("--http-port", "the page and the API")] = None,
    realtime_host: Annotated[
        str | None, typer.Option("--realtime-host", help="The address of the WebSocket server.", show_default=False)
    ] = None,
    realtime_port: Annotated[int | None, _port("--realtime-port", "the WebSocket server")] = None,
    metrics_port: Annotated[int | None, _port("--metrics-port", "the metrics")] = None,
    log_level: Annotated[Level | None, typer.Option("--log-level", help="How much to log.", show_default=False)] = None,
    log_format: Annotated[
        Format | None, typer.Option("--log-format", help="For whom to log.", show_default=False)
    ] = None,
) -> None:
    """Run the server until Ctrl+C or `synctv stop`. Nothing has to be set; see `synctv config docs`."""
    chosen = {
        "storage.kind": storage,
        "http.host": http_host,
        "http.port": http_port,
        "realtime.host": realtime_host,
        "realtime.port": realtime_port,
        "metrics.port": metrics_port,
        "log.level": log_level,
        "log.format": log_format,
    }
    settings = configuration(data_dir, config, chosen).settings
    from synctv.entrypoints.bootstrap.serve import run

    raise typer.Exit(run(settings, _running(parts or [Part.ALL])))


def stats(output: OutputFormat = Output.TABLE, data_dir: DataDir = None, config: ConfigFile = None) -> None:
    """Show the running server in figures."""
    from synctv.entrypoints.wire.synctv.v1 import StatsRequest

    found = ask(data_dir, config, lambda management: management.stats(StatsRequest()))
    record: Record = {
        "version": found.version,
        "uptimeSeconds": round(found.uptime_seconds, 1),
        "storage": found.storage,
        "redis": found.redis,
        "accounts": found.accounts,
        "rooms": found.rooms,
        "connections": found.connections,
        "viewedRooms": found.viewed_rooms,
    }
    show_one(record, STATS, output)


def stop(
    now: Annotated[bool, typer.Option("--now", help="Cut off connections and requests.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", help="How long to wait for its end, in seconds; 0 does not wait.", min=0)
    ] = 60.0,
    data_dir: DataDir = None,
    config: ConfigFile = None,
) -> None:
    """Stop the running server, and wait until it has ended."""
    from synctv.entrypoints.wire.synctv.v1 import StopRequest

    ask(data_dir, config, lambda management: management.stop(StopRequest(now=now)))
    if timeout == 0:
        typer.echo("The server is stopping.")
        return
    from synctv.entrypoints.bootstrap.endpoints import is_alive

    folder = configuration(data_dir, config).settings.data_dir
    end = time.monotonic() + timeout
    while is_alive(folder):
        if time.monotonic() > end:
            fail(f"The server has not ended after {timeout:g} s. `synctv stop --now` does not wait.", Exit.UNAVAILABLE)
        time.sleep(POLL_SECONDS)
    typer.echo("The server has stopped.")


def _running(parts: list[Part]) -> frozenset[str]:
    everything = set(Part) - {Part.ALL}
    return frozenset(part.value for part in (everything if Part.ALL in parts else parts))
