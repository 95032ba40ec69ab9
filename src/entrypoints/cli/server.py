"""`synctv serve`, `stats` and `stop`: a whole server."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from synctv.entrypoints.cli.client import ask
from synctv.entrypoints.cli.exits import Exit, fail
from synctv.entrypoints.cli.output import Column, Record, show_one
from synctv.entrypoints.cli.parameters import ConfigFile, DataDir, Output, OutputFormat, configuration

if TYPE_CHECKING:
    from synctv.entrypoints.bootstrap.settings import Settings

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
    PROVIDER = "provider"


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


def _shown(name: str, what: str) -> object:
    return typer.Option(name, help=what, show_default=False)


def _file(name: str, what: str) -> object:
    return typer.Option(name, help=f"{what} (serve provider).", show_default=False, metavar="FILE")


Parts = Annotated[list[Part] | None, typer.Argument(help="What to run.", show_default="all")]
StorageOption = Annotated[Storage | None, _shown("--storage", "Where data is kept.")]
HttpHost = Annotated[str | None, _shown("--http-host", "The address of the page.")]
HttpPort = Annotated[int | None, _port("--http-port", "the page and the API")]
RealtimeHost = Annotated[str | None, _shown("--realtime-host", "The address of the WebSocket server.")]
RealtimePort = Annotated[int | None, _port("--realtime-port", "the WebSocket server")]
MetricsPort = Annotated[int | None, _port("--metrics-port", "the metrics")]
LogLevel = Annotated[Level | None, _shown("--log-level", "How much to log.")]
LogFormat = Annotated[Format | None, _shown("--log-format", "For whom to log.")]
Providers = Annotated[
    str, typer.Option("--providers", help="Which ones, with commas (serve provider).", metavar="NAMES")
]
Listen = Annotated[str, typer.Option("--listen", help="Where to listen (serve provider).", metavar="HOST:PORT")]
TokenFile = Annotated[Path | None, _file("--token-file", "What callers have to show")]
Certificate = Annotated[Path | None, _file("--certificate", "The certificate for TLS")]
CertificateKey = Annotated[Path | None, _file("--certificate-key", "Its key")]


def serve(
    parts: Parts = None,
    storage: StorageOption = None,
    data_dir: DataDir = None,
    config: ConfigFile = None,
    http_host: HttpHost = None,
    http_port: HttpPort = None,
    realtime_host: RealtimeHost = None,
    realtime_port: RealtimePort = None,
    metrics_port: MetricsPort = None,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
    providers: Providers = "",
    listen: Listen = "127.0.0.1:7070",
    token_file: TokenFile = None,
    certificate: Certificate = None,
    certificate_key: CertificateKey = None,
) -> None:
    """Run the server until Ctrl+C or `synctv stop`. Nothing has to be set; see `synctv config docs`.

    `serve provider` runs providers alone, for another server to call.
    """
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
    if parts and Part.PROVIDER in parts:
        _serve_provider(settings, parts, providers, listen, [token_file, certificate, certificate_key])
    from synctv.entrypoints.bootstrap.serve import run

    raise typer.Exit(run(settings, _running(parts or [Part.ALL])))


def _serve_provider(
    settings: Settings, parts: list[Part], providers: str, listen: str, files: list[Path | None]
) -> NoReturn:
    if parts != [Part.PROVIDER]:
        fail("`provider` runs in a process of its own. Start the other parts in another one.", Exit.USAGE)
    from synctv.entrypoints.bootstrap.serve_provider import Offering, run

    names = [name.strip() for name in providers.split(",") if name.strip()]
    raise typer.Exit(run(settings, Offering(listen, names, *files)))


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
    everything = set(Part) - {Part.ALL, Part.PROVIDER}
    return frozenset(part.value for part in (everything if Part.ALL in parts else parts))
