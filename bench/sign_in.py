"""Fifty people sign in at the same moment: how far that holds up everything else, how many a second, and at what cost.

The server's HTTP entrypoint runs in this process on the memory adapters, so that its event loop can be watched from
inside. Who signs in is a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import structlog
import uvloop

from bench.measures import against, cpu_seconds, percentile, taken
from bench.signers import Plan
from synctv.application.accounts.client import Client
from synctv.application.accounts.revoking import denied_key
from synctv.application.accounts.sessions import SignedIn
from synctv.application.application import Application
from synctv.application.ports.tokens import AccessClaims
from synctv.domain.accounts.account import Account, PasswordRecords
from synctv.domain.ids import SessionId
from synctv.entrypoints.bootstrap.container import Container
from synctv.entrypoints.bootstrap.resources import open_resources
from synctv.entrypoints.bootstrap.settings import Settings
from synctv.entrypoints.http.app import create_app
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.server import HttpServer
from tests.servers.scratch import scratch_folder

PASSWORD = "correct horse battery staple"
LAG_TARGET = 0.020
VERIFY_TARGET = 40e-6
TICK_SECONDS = 0.001
SETTLE_SECONDS = 1.0
DENIED = 10_000
REPEATS = 2_000
ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Way:
    """A way to sign in: what is said of it, and which records of the password the accounts have."""

    title: str
    opaque: bool
    kept: Callable[[PasswordRecords], PasswordRecords]


def _opaque_only(records: PasswordRecords) -> PasswordRecords:
    return PasswordRecords(None, records.opaque)


WAYS = {
    "password": Way("password in plain, Argon2 hash", opaque=False, kept=lambda records: records),
    "browser": Way(
        "password in plain that was set in the browser, OPAQUE record only",
        opaque=False,
        kept=_opaque_only,
    ),
    "opaque": Way(
        "OPAQUE, as the page does it", opaque=True, kept=lambda records: PasswordRecords(None, records.opaque)
    ),
}


@dataclass(frozen=True, slots=True)
class Lag:
    """How much later than asked the loop woke a task, and how much of that its thread waited for a core. Seconds."""

    late: float
    waited: float

    @property
    def own(self) -> float:
        """What the process held itself up with."""
        return max(0.0, self.late - self.waited)


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured of one way, in seconds: the lags in one pass, everything else in another."""

    sign_ins: int
    lags: list[Lag]
    elapsed: float
    server: float
    client: float


@asynccontextmanager
async def watched() -> AsyncIterator[list[Lag]]:
    """The lags of this loop, which is asked to wake a task every millisecond while the block lasts."""
    lags: list[Lag] = []
    watching = asyncio.gather(_watch(lags))
    try:
        yield lags
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _watch(lags: list[Lag]) -> None:
    with _scheduling() as statistics:
        while True:
            waited, due = _waited_for_a_core(statistics), time.perf_counter() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            late = max(0.0, time.perf_counter() - due)
            lags.append(Lag(late, _waited_for_a_core(statistics) - waited))


def _scheduling() -> BinaryIO:
    """What the kernel's scheduler tells of this thread."""
    return Path("/proc/thread-self/schedstat").open("rb")


def _waited_for_a_core(statistics: BinaryIO) -> float:
    """The seconds so far in which this thread could have run and did not."""
    return int(os.pread(statistics.fileno(), 64, 0).split()[1]) * 1e-9


@dataclass(frozen=True, slots=True)
class Product:
    """The server in this process."""

    container: Container
    application: Application
    url: str

    async def people(self, prefix: str, count: int, way: Way) -> list[str]:
        """The names of so many new accounts with the records that this way is about."""
        names = [f"{prefix}{number}" for number in range(count)]
        for name in names:
            account = await self.application.accounts.create(name, PASSWORD)
            await self._keep(account, way)
        return names

    async def _keep(self, account: Account, way: Way) -> None:
        if account.password is None:
            raise SystemExit("The new account has no password.")
        changed = replace(account.next_version(), password=way.kept(account.password))
        async with self.application.setup.transactions.write() as tx:
            await tx.accounts.update(changed, account.version)


@asynccontextmanager
async def product(folder: Path, workers: int) -> AsyncIterator[Product]:
    """A server with the cost of passwords that people have, on a free port of this machine."""
    plenty = dict.fromkeys(("write_per_minute", "read_per_minute"), 1000000) | {"auth_per_minute": 100_000}
    settings = Settings.model_validate(
        {"data_dir": folder, "storage": {"kind": "memory"}, "limits": plenty, "passwords": {"workers": workers}}
    )
    async with open_resources(settings) as resources:
        container = Container(resources=resources)
        application = container.application()
        options = HttpOptions(version="bench", page=None)
        server = HttpServer(create_app(application, options), trusted_proxies=["127.0.0.1"])
        port = await server.start("127.0.0.1", 0)
        resources.page.bound(port)
        try:
            yield Product(container, application, f"http://127.0.0.1:{port}")
        finally:
            await server.stop()


async def measured(product: Product, name: str, people: int, rounds: int) -> Run:
    """All of them sign in, for so many rounds."""
    way = WAYS[name]
    names = await product.people(name, people, way)
    plan = Plan(product.url, names, PASSWORD, way.opaque, rounds)
    await _signed_in(msgspec.structs.replace(plan, rounds=1))  # what starts with the first one is no cost of each
    await asyncio.sleep(SETTLE_SECONDS)
    gc.collect()
    async with watched() as lags:
        await _signed_in(plan)
    used = _server_cpu()
    found = await _signed_in(plan)
    return Run(people * rounds, lags, found["seconds"], _server_cpu() - used, found["cpu"])


async def _signed_in(plan: Plan) -> dict[str, Any]:
    arguments = (sys.executable, "-m", "bench.signers", msgspec.json.encode(plan).decode())
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode != 0:
        raise SystemExit("Somebody could not sign in; what was said is above.")
    found: dict[str, Any] = json.loads(out)
    return found


def _server_cpu() -> float:
    """Processor time of this process and of those in which it stretches passwords."""
    children = {int(pid) for tasks in Path("/proc/self/task").glob("*/children") for pid in tasks.read_text().split()}
    return time.process_time() + sum(cpu_seconds(pid) for pid in children)


async def idle(seconds: float) -> list[Lag]:
    """The lags when nobody does anything: what the machine does by itself."""
    async with watched() as lags:
        await asyncio.sleep(seconds)
    return lags


@dataclass(frozen=True, slots=True)
class Verification:
    """Seconds for one access token: with the deny list, and until it is known who is asking."""

    token: float
    actor: float


async def verification(product: Product) -> Verification:
    """The time of this process for one token after the other, with many sessions on the deny list."""
    application, tokens, denied = product.application, product.container.tokens(), product.container.short_lived()
    (name,) = await product.people("verified", 1, WAYS["password"])
    signed_in = await application.sign_in.with_password(name, PASSWORD, Client("bench", "127.0.0.1"))
    if not isinstance(signed_in, SignedIn):
        raise SystemExit("The account asks for a second step.")
    for number in range(DENIED):
        await denied.put(denied_key(SessionId(f"ses_{number}")), b"1", 3_600.0)
    token, clock = signed_in.access_token, application.clock

    async def verify() -> None:
        claims = tokens.verify(token, clock.now())
        if not isinstance(claims, AccessClaims) or await denied.get(denied_key(claims.session_id)) is not None:
            raise SystemExit("A living session is on the deny list.")

    async def identify() -> None:
        await application.identity.of(token)

    return Verification(await _each(verify), await _each(identify))


async def _each(work: Callable[[], Awaitable[None]]) -> float:
    """The processor time of one call, of the best of some rounds: what disturbs only adds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REPEATS):
            await work()
        best = min(best, (time.process_time() - began) / REPEATS)
    return best


def show_lags(lags: list[Lag]) -> None:
    """Prints the lags of the loop, as they were and without what the machine's other work adds."""
    found = {"lag of the loop": [lag.late for lag in lags], "  but for the cores": [lag.own for lag in lags]}
    for title, values in found.items():
        worst, p99 = max(values), percentile(values, 99)
        print(f"  {title:<26} worst {worst * 1e3:.1f} ms   p99 {p99 * 1e3:.1f} ms", end="")
        print(f"   (worst <= {LAG_TARGET * 1e3:.0f} ms: {against(worst, LAG_TARGET)})")


def show(name: str, run: Run) -> None:
    """Prints a run."""
    print(f"\n{WAYS[name].title}: {run.sign_ins} sign-ins")
    show_lags(run.lags)
    print(f"  sign-ins                   {run.sign_ins / run.elapsed:.1f} a second, the clients' work included")
    print(f"  CPU of the server          {run.server / run.sign_ins * 1e3:.2f} ms per sign-in", end="")
    print(f"   (one core: {run.sign_ins / run.server:.0f} a second)")
    print(f"  CPU of the client          {run.client / run.sign_ins * 1e3:.2f} ms per sign-in")


def show_verification(found: Verification) -> None:
    """Prints what a token costs."""
    print(f"\nan access token, {DENIED:,} sessions on the deny list in memory")
    print(f"  verified and not denied    {found.token * 1e6:.1f} us", end="")
    print(f"   (<= {VERIFY_TARGET * 1e6:.0f} us: {against(found.token, VERIFY_TARGET)})")
    print(f"  until who asks is known    {found.actor * 1e6:.1f} us, with the account and the session, from memory")


async def main(chosen: argparse.Namespace) -> None:
    print(taken())
    print(
        "The HTTP entrypoint on the memory adapters, and everybody who signs in, are two processes that share these\n"
        "cores. Lag: how much later than asked the server's loop wakes a task that sleeps for a millisecond, again\n"
        "and again. CPU: user and system time over all sign-ins, of the server with the processes it stretches\n"
        "passwords in, and of the client, which stretches in its own for OPAQUE. HTTP and JSON are included."
    )
    with scratch_folder() as folder:
        async with product(folder / "data", chosen.workers) as server:
            print("\nnobody signs in")
            show_lags(await idle(SETTLE_SECONDS * 3))
            for name in chosen.ways:
                show(name, await measured(server, name, chosen.people, chosen.rounds))
            show_verification(await verification(server))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="how many sign in at the same moment")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--workers", type=int, default=2, help="passwords.workers of the server")
    parser.add_argument("--ways", nargs="+", choices=sorted(WAYS), default=list(WAYS))
    return parser.parse_args()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(arguments()))
