"""The processes that stretch passwords: what they are told, and what happens when one dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator

import pytest

from synctv.adapters.crypto.opaque import RustOpaque, is_setup, library_is_there, new_setup
from synctv.adapters.crypto.opaque_client import NICENESS, ClientEnded, Finish, OpaqueClient
from synctv.domain.errors import Unavailable

if not library_is_there():
    pytest.skip("opaque-ke-py has no build for this system", allow_module_level=True)

SETUP = new_setup()


@pytest.fixture
async def opaque() -> AsyncIterator[RustOpaque]:
    made = RustOpaque(SETUP, workers=1, waiting=1)
    yield made
    made.close()


def process_of(opaque: RustOpaque) -> subprocess.Popen[bytes]:
    (client,) = opaque._clients._idle
    return client._process


async def test_no_process_starts_before_a_password_comes_in_plain() -> None:
    opaque = RustOpaque(SETUP)
    assert opaque._clients._idle == []
    opaque.close()


async def test_one_process_serves_one_call_after_the_other(opaque: RustOpaque) -> None:
    record = await opaque.register("password one", "usr_1")
    first = process_of(opaque)
    assert await opaque.verify("password one", "usr_1", record)
    assert process_of(opaque) is first


async def test_a_process_that_died_while_it_was_idle_is_replaced_unnoticed(opaque: RustOpaque) -> None:
    record = await opaque.register("password one", "usr_1")
    dead = process_of(opaque)
    dead.kill()
    dead.wait()
    assert await opaque.verify("password one", "usr_1", record)
    assert process_of(opaque) is not dead


async def test_ctrl_c_is_not_for_the_process(opaque: RustOpaque) -> None:
    record = await opaque.register("password one", "usr_1")
    process = process_of(opaque)
    assert os.getsid(process.pid) != os.getsid(0)
    process.send_signal(signal.SIGINT)
    assert await opaque.verify("password one", "usr_1", record)
    assert process_of(opaque) is process


async def test_the_process_gives_way_to_the_server(opaque: RustOpaque) -> None:
    await opaque.register("password one", "usr_1")
    assert os.getpriority(os.PRIO_PROCESS, process_of(opaque).pid) == min(19, os.nice(0) + NICENESS)


async def test_the_process_does_not_get_the_servers_settings(
    opaque: RustOpaque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCTV_KEYS__TOKENS", "a key that only the server needs")
    await opaque.register("password one", "usr_1")
    told = await asyncio.to_thread(environment_of, process_of(opaque).pid)
    assert b"PYTHONPATH=" in told
    assert b"SYNCTV_" not in told


def environment_of(pid: int) -> bytes:
    shown = subprocess.run(["ps", "eww", "-o", "command=", "-p", str(pid)], capture_output=True, check=True)
    return shown.stdout


async def test_without_any_process_it_is_unavailable(opaque: RustOpaque, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/no/such/python")
    with pytest.raises(Unavailable):
        await opaque.register("password one", "usr_1")


async def test_one_that_ends_at_once_is_unavailable_too(opaque: RustOpaque, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(Unavailable):
        await opaque.register("password one", "usr_1")
    assert opaque._clients._idle == []


async def test_one_more_than_may_wait_is_refused(opaque: RustOpaque) -> None:
    calls = [opaque.register("password one", "usr_1") for _ in range(3)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [bytes, bytes, Unavailable]


async def test_closing_ends_the_processes(opaque: RustOpaque) -> None:
    await opaque.register("password one", "usr_1")
    process = process_of(opaque)
    opaque.close()
    assert process.returncode is not None
    with pytest.raises(Unavailable):
        await opaque.register("password one", "usr_1")


def test_a_process_ends_when_nobody_can_ask_it_any_more() -> None:
    client = OpaqueClient()
    assert client._process.stdin is not None
    client._process.stdin.close()
    assert client._process.wait(timeout=60) == 0
    client.close()


def test_an_answer_that_fits_no_password_leads_to_no_message() -> None:
    client = OpaqueClient()
    for kind in Finish:
        assert client.finish(kind, b"password", b"state", b"answer") == b""
    client.close()


def test_an_ended_process_says_so() -> None:
    client = OpaqueClient()
    client._process.kill()
    client._process.wait()
    with pytest.raises(ClientEnded):
        client.finish(Finish.LOGIN, b"password", b"state", b"answer")
    client.close()


@pytest.mark.parametrize("setup", [b"", bytes(127), bytes(129), b"\xff" * 128, SETUP[:64], SETUP + b"\x00"], ids=len)
def test_what_is_no_setup_is_recognised(setup: bytes) -> None:
    assert not is_setup(setup)
    assert is_setup(SETUP)
