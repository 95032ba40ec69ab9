"""Running providers in a process of their own, for another SyncTV server to call."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

from synctv.adapters.aiohttp.egress import AiohttpEgressGate
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.registry import Registry, all_providers, folders
from synctv.adapters.providers.remote.address import DEFAULT_PORT, is_loopback
from synctv.adapters.system.clock import SystemClock
from synctv.entrypoints.bootstrap.logs import configure_logs
from synctv.entrypoints.bootstrap.resources import open_extractor
from synctv.entrypoints.bootstrap.settings import Settings
from synctv.entrypoints.bootstrap.stopping import Stopping
from synctv.entrypoints.provider.server import serving
from synctv.entrypoints.provider.service import ProviderService

REFUSED = 1
STOPPED = 0
MIN_TOKEN = 16
MAX_TOKEN_BYTES = 64 * 1_024

log = structlog.get_logger(__name__)


class ProviderRefused(Exception):
    """The providers can't be served, for a reason that the operator can do something about."""


@dataclass(frozen=True, slots=True)
class Offering:
    """What is served, and where. Without `folders` it is everything that is built in."""

    listen: str
    folders: Collection[str] = ()
    token_file: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None


def run(settings: Settings, offering: Offering) -> int:
    """Serves until it is told to stop. The exit code: 0, or 1 when it could not start, and said why."""
    configure_logs(settings.log)
    try:
        asyncio.run(_serve(settings, offering))
    except ProviderRefused as error:
        print(f"SyncTV can't serve providers: {error}", file=sys.stderr)  # noqa: T201 - for the person at the terminal
        return REFUSED
    return STOPPED


async def _serve(settings: Settings, offering: Offering) -> None:
    host, port = _place(offering.listen)
    token, tls = await asyncio.to_thread(_secrets, offering)
    if not is_loopback(host) and (not token or tls is None):
        raise ProviderRefused(
            f"{host} can be called from other machines. Give --token-file, and --certificate with --certificate-key: "
            "logins go over this line."
        )
    stopping = Stopping()
    async with AsyncExitStack() as stack:
        stack.enter_context(stopping.on_signals())
        egress, clock = AiohttpEgressGate(settings.security.egress.allow), SystemClock()
        fetch = await stack.enter_async_context(aiohttp_fetch(egress))
        extractor = await open_extractor(stack, settings, egress, clock)
        providers = _providers(ProviderKit(fetch, clock, extractor), offering.folders)
        try:
            service = ProviderService(providers)
            bound = await stack.enter_async_context(serving(service, host, port, token=token, tls=tls))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise ProviderRefused(f"it can't listen on {offering.listen} ({reason}). Choose another place.") from error
        log.info("ready", providers=sorted(providers), host=host, port=bound, tls=tls is not None)
        await stopping.asked.wait()


def _providers(kit: ProviderKit, wanted: Collection[str]) -> Registry:
    known = [name for name in folders() if name != "remote"]
    if unknown := sorted(set(wanted) - set(known)):
        raise ProviderRefused(f"there is no provider called {unknown[0]}. There are: {', '.join(known)}.")
    return all_providers(kit, only=wanted or known)


def _place(listen: str) -> tuple[str, int]:
    """Host and port of `host:port`, `[::1]:port` or a host alone."""
    host, colon, port = listen.rpartition(":")
    if not colon or listen.endswith("]"):
        host, port = listen, str(DEFAULT_PORT)
    if not (port.isascii() and port.isdigit() and int(port) < 1 << 16) or not host:
        raise ProviderRefused("--listen takes host:port, such as 127.0.0.1:7070.")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _secrets(offering: Offering) -> tuple[str, ssl.SSLContext | None]:
    """The token, and what TLS is spoken with. Reads files."""
    return _token(offering.token_file), _tls(offering.certificate, offering.certificate_key)


def _token(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        with file.open("rb") as opened:
            token = opened.read(MAX_TOKEN_BYTES).decode("ascii").strip()
    except OSError as error:
        raise ProviderRefused(f"{file} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ProviderRefused(f"{file} is no text of plain letters and digits.") from error
    if len(token) < MIN_TOKEN or not token.isprintable():
        raise ProviderRefused(f"the token in {file} is too short: it needs {MIN_TOKEN} characters on one line.")
    return token


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise ProviderRefused("--certificate and --certificate-key belong together.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Who is asked for a password on a terminal is not there: a key that has one is refused.
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise ProviderRefused(f"{certificate} and {key} are no certificate with its key, without password.") from error
    context.set_alpn_protocols(["h2"])
    return context


def _no_password() -> str:
    raise ValueError("the key has a password")
