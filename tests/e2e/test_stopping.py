"""A server that is told to stop, or that can't start."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from synctv.entrypoints.bootstrap import endpoints
from tests.e2e.conftest import Launch
from tests.servers.client import RoomSocket, people
from tests.servers.synctv import ServerEnded, Setting, SynctvServer

pytestmark = pytest.mark.server

MANY = 60
"""Their goodbyes are spread over more than a second."""


async def crowded(stack: AsyncExitStack, server: SynctvServer) -> list[RoomSocket]:
    root = await (await stack.enter_async_context(people(server))).signed_in()
    room = await root.room()
    return [await stack.enter_async_context(root.joined(room)) for _ in range(MANY)]


async def readiness(server: SynctvServer) -> int | None:
    """The status of readiness; None when nobody listens any more."""
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"{server.http}/health/ready") as answer:
                return answer.status
        except aiohttp.ClientConnectionError:
            return None


async def test_sigterm_says_goodbye_to_everybody_and_ends_in_order(launch: Launch) -> None:
    server = await launch({"realtime.connections_per_account": MANY})
    async with AsyncExitStack() as stack:
        sockets = await crowded(stack, server)
        server.signal(signal.SIGTERM)
        goodbyes = [await socket.goodbye() for socket in sockets]
        code = await server.ended()
    assert {goodbye["code"] for goodbye in goodbyes} == {"DRAINING"}
    assert all(goodbye["reconnect"] and goodbye["reconnectAfter"] > 0 for goodbye in goodbyes)
    assert len({goodbye["reconnectAfter"] for goodbye in goodbyes}) > 1
    assert code == 0


async def test_a_stopped_server_takes_back_where_it_was(launch: Launch) -> None:
    server = await launch()
    assert {"http", "realtime", "management"} <= endpoints.read(server.data_dir).keys()
    assert await server.stop() == 0
    assert endpoints.read(server.data_dir) == {}


async def test_readiness_fails_before_anybody_is_sent_away(launch: Launch) -> None:
    server = await launch({"realtime.connections_per_account": MANY})
    async with AsyncExitStack() as stack:
        sockets = await crowded(stack, server)
        assert await readiness(server) == 200
        server.signal(signal.SIGTERM)
        await sockets[0].goodbye()
        assert await readiness(server) in (503, None)
        await server.ended()


async def test_a_second_sigterm_ends_it_on_the_spot(launch: Launch) -> None:
    server = await launch({"realtime.connections_per_account": MANY})
    async with AsyncExitStack() as stack:
        sockets = await crowded(stack, server)
        server.signal(signal.SIGTERM)
        await sockets[0].goodbye()
        server.signal(signal.SIGTERM)
        assert await server.ended() == 130
        for socket in sockets:
            await socket.ended.wait()
    assert not all(any("goodbye" in frame for frame in socket.frames) for socket in sockets)


async def test_a_server_that_was_stopped_on_the_spot_starts_again(launch: Launch) -> None:
    server = await launch({"realtime.connections_per_account": MANY, "storage.kind": "embedded"})
    async with AsyncExitStack() as stack:
        sockets = await crowded(stack, server)
        server.signal(signal.SIGTERM)
        await sockets[0].goodbye()
        server.signal(signal.SIGTERM)
        await server.ended()
    await server.start()
    async with people(server) as nobody:
        found = await (await nobody.signed_in()).ask("GET", "/rooms?mine=true")
    assert len(found["items"]) == 1


@pytest.mark.parametrize("part", ["http", "realtime"])
async def test_a_port_that_is_taken_is_one_sentence_with_the_setting(folder: Path, part: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        server, said = await refused(folder, {f"{part}.port": port})
    assert await server.ended() == 1
    assert f"127.0.0.1:{port}" in said
    assert f"SYNCTV_{part.upper()}__PORT" in said
    assert "Traceback" not in server.log()


async def test_bad_settings_are_all_named_before_anything_starts(folder: Path) -> None:
    wrong: dict[str, Setting] = {"http.port": 70_000, "storage.kind": "cloud", "realtime.speed": 3}
    server, said = await refused(folder, wrong)
    assert await server.ended() == 3
    assert all(name in said for name in ("http.port", "storage.kind", "SYNCTV_REALTIME__SPEED"))
    assert not server.data_dir.joinpath("secrets").exists()


async def test_a_part_on_its_own_wants_redis(folder: Path) -> None:
    server = SynctvServer(folder / "data", parts=["http"])
    with pytest.raises(ServerEnded):
        await server.start()
    assert await server.ended() == 1
    assert "SYNCTV_REDIS__URL" in sentence(server)


async def test_nobody_serves_a_data_folder_that_is_served_already(launch: Launch, folder: Path) -> None:
    first = await launch({"storage.kind": "embedded"})
    second = SynctvServer(first.data_dir, {"storage.kind": "embedded"}, ["http", "realtime", "management"])
    second.spawn()
    try:
        assert await second.ended() == 1
    finally:
        await second.discard()
    assert str(first.data_dir) in sentence(second)
    assert await readiness(first) == 200


async def refused(folder: Path, settings: dict[str, Setting]) -> tuple[SynctvServer, str]:
    """A server that did not start, and what it said to the person at the terminal."""
    server = SynctvServer(folder / "data", settings)
    try:
        with pytest.raises(ServerEnded):
            await server.start()
    finally:
        await server.discard()
    return server, sentence(server)


def sentence(server: SynctvServer) -> str:
    """What is left of standard error without the log."""
    return "\n".join(line for line in server.log().splitlines() if not _is_log(line))


def _is_log(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
