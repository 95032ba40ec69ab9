"""Where the socket lies, who may open it, and what happens to one that is there already."""

from __future__ import annotations

import asyncio
import socket
import stat
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from grpclib.client import Channel

from synctv.entrypoints.management.sockets import MAX_PATH_BYTES, SocketRefused, socket_path
from synctv.entrypoints.wire.synctv.v1 import ManagementStub, StatsRequest
from tests.entrypoints.management.conftest import Server


async def answers(path: Path) -> bool:
    async with Channel(path=str(path)) as channel:
        return (await ManagementStub(channel).stats(StatsRequest())).version == "1.2.3"


def left_over(path: Path) -> None:
    """What a server that was killed leaves behind."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


async def test_only_the_owner_may_open_it(server: Server) -> None:
    async with server.running():
        assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


async def test_it_is_gone_when_the_server_is(server: Server) -> None:
    async with server.running():
        assert server.path.is_socket()
    assert not server.path.exists()


async def test_one_left_by_a_dead_server_is_replaced(server: Server) -> None:
    left_over(server.path)
    async with server.running():
        assert await answers(server.path)


async def test_one_in_use_is_left_alone_and_the_second_server_says_so(server: Server) -> None:
    async with server.running():
        with pytest.raises(SocketRefused, match="synctv stop"):
            async with server.running():
                pass
        assert await answers(server.path)


async def test_a_client_that_stays_does_not_keep_the_server_from_ending(server: Server) -> None:
    async with server.running():
        channel = Channel(path=str(server.path))
        assert await ManagementStub(channel).stats(StatsRequest())
    assert not server.path.exists()
    channel.close()


async def test_who_was_just_answered_may_hang_up_before_the_server_does(server: Server) -> None:
    channel = Channel(path=str(server.path))
    async with AsyncExitStack() as serving, asyncio.TaskGroup() as group:
        await serving.enter_async_context(server.running())
        assert await ManagementStub(channel).stats(StatsRequest())
        ending = group.create_task(serving.aclose())
        for _ in range(20):
            await asyncio.sleep(0)
        assert channel._protocol is not None
        assert not channel._protocol.connection.is_closing()
        channel.close()
        await ending


async def test_a_server_can_follow_another_one(server: Server) -> None:
    for _ in range(2):
        async with server.running():
            assert await answers(server.path)


async def test_something_else_in_its_place_is_not_removed(server: Server) -> None:
    server.path.write_text("precious")
    with pytest.raises(SocketRefused, match="no socket"):
        async with server.running():
            pass
    assert server.path.read_text() == "precious"


def test_it_lies_in_the_folder_when_that_is_short_enough(folder: Path) -> None:
    assert socket_path(folder) == folder / "management.sock"


@pytest.fixture
def temporary(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files, for the time of a test."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_long_folder_leads_to_a_private_one_elsewhere_always_the_same(temporary: Path) -> None:
    long = temporary / ("x" * 100)
    path = socket_path(long)
    assert len(str(path)) <= MAX_PATH_BYTES
    assert path.is_relative_to(temporary)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert socket_path(long) == path
    assert socket_path(temporary / ("y" * 100)) != path


async def test_a_server_with_a_long_folder_answers(temporary: Path, server: Server) -> None:
    path = socket_path(temporary / ("x" * 100))
    server.folder = path.parent
    path.parent.mkdir(exist_ok=True)
    async with server.running():
        assert await answers(server.path)


def test_a_folder_that_others_may_enter_is_not_used(temporary: Path) -> None:
    private = socket_path(temporary / ("x" * 100)).parent
    private.chmod(0o755)
    with pytest.raises(SocketRefused, match="only you"):
        socket_path(temporary / ("x" * 100))


def test_a_link_in_its_place_is_not_followed(temporary: Path) -> None:
    private = socket_path(temporary / ("x" * 100)).parent
    private.rmdir()
    (temporary / "elsewhere").mkdir(mode=0o700)
    private.symlink_to(temporary / "elsewhere")
    with pytest.raises(SocketRefused):
        socket_path(temporary / ("x" * 100))
