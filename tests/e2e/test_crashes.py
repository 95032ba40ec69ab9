"""Crashes: of the server, of its PostgreSQL, of the realtime part. What was committed is there, told once."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from synctv.adapters.postgres.embedded.processes import processes_in
from tests.e2e.conftest import Launch
from tests.servers.client import Answer, Person, people
from tests.servers.synctv import POLL_SECONDS, WAIT_SECONDS, SynctvServer

pytestmark = [pytest.mark.server, pytest.mark.postgres]

EMBEDDED = {"storage.kind": "embedded"}


def database_folder(server: SynctvServer) -> Path:
    """Where its PostgreSQL works."""
    return next(server.data_dir.glob("**/PG_VERSION")).parent.resolve()


def postmasters(server: SynctvServer) -> list[int]:
    """The main processes of PostgreSQL in its data folder: those that none of the others started."""
    found = set(processes_in(database_folder(server)))
    return [pid for pid in found if parent(pid) not in found]


def parent(pid: int) -> int:
    """The process that started a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


async def one_postmaster(server: SynctvServer) -> int:
    """Its only one, waiting for those of the past to be gone."""
    async with asyncio.timeout(WAIT_SECONDS):
        while len(found := postmasters(server)) != 1:
            await asyncio.sleep(POLL_SECONDS)
    return found[0]


async def texts(person: Person, room: str) -> list[str]:
    """All messages of a room, oldest first."""
    return [one["text"] for one in (await person.ask("GET", f"/rooms/{room}/chat?limit=200"))["items"]]


async def test_a_killed_server_keeps_every_committed_message_and_one_postmaster(launch: Launch) -> None:
    server = await launch(EMBEDDED)
    async with people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        committed: list[str] = []

        async def talk() -> None:
            async with root.joined(room) as socket:
                while True:
                    committed.append((await socket.say(f"message {len(committed)}"))["text"])

        async with asyncio.TaskGroup() as tasks:
            talking = tasks.create_task(talk())
            while len(committed) < 40:
                await asyncio.sleep(POLL_SECONDS)
            talking.cancel()
            await server.kill()
        await server.start()
        await one_postmaster(server)
        found = await texts(root, room)
    assert sorted(found[: len(committed)]) == sorted(committed)
    # One more may have been committed whose answer did not make it.
    assert len(found) - len(committed) in (0, 1)
    assert await server.stop() == 0
    assert list(processes_in(database_folder(server))) == []


async def test_a_database_that_dies_is_unavailable_for_a_while_and_nobody_has_to_do_anything(launch: Launch) -> None:
    server = await launch(EMBEDDED)
    async with people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        async with root.joined(room) as socket:
            await socket.observe("chat")
            await socket.say("before")
            dead = await one_postmaster(server)
            # Stopped first, so that it can't be replaced before it has been missed.
            os.kill(server.pid, signal.SIGSTOP)
            os.kill(dead, signal.SIGKILL)
            os.kill(server.pid, signal.SIGCONT)
            refused = await outage(root, room)
            assert refused.body["code"] == "unavailable"
            assert int(refused.headers["Retry-After"]) >= 1
            await server.until_ready()
            assert await one_postmaster(server) != dead
            await socket.say("after")
            await socket.until(lambda _: "after" in socket.chat())
            assert socket.chat() == ["before", "after"]
            assert not socket.ended.is_set()
        assert await texts(root, room) == ["before", "after"]
    assert "Traceback" not in server.log()


async def outage(person: Person, room: str) -> Answer:
    """The first answer that is none."""
    async with asyncio.timeout(WAIT_SECONDS):
        while (answer := await person.request("GET", f"/rooms/{room}")).status == 200:
            await asyncio.sleep(0)
    assert answer.status == 503, answer
    return answer


async def test_who_comes_back_gets_what_was_missed_once_and_in_order(launch: Launch) -> None:
    server = await launch(EMBEDDED)
    async with people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        async with root.joined(room) as socket:
            await socket.observe("chat")
            for number in range(5):
                await socket.say(f"seen {number}")
            await socket.until(lambda _: len(socket.chat()) == 5)
            seq = int(socket.changes("chat")[-1]["roomSeq"])
            seen = socket.chat()
        missed = []
        for number in range(20):
            body = {"clientId": f"missed {number}", "text": f"missed {number}"}
            missed.append((await root.ask("POST", f"/rooms/{room}/chat", body))["text"])
        await server.kill()
        await server.start()
        async with root.joined(room) as socket:
            observed = await socket.observe("chat", after_seq=seq)
            assert observed["changed"]
            await socket.say("back again")
            await socket.until(lambda _: "back again" in socket.chat())
            assert socket.chat() == [*missed, "back again"]
            assert not any(change["chat"].get("snapshot") for change in socket.changes("chat"))
    assert seen == [f"seen {number}" for number in range(5)]


async def test_who_missed_nothing_gets_nothing_again(launch: Launch) -> None:
    server = await launch(EMBEDDED)
    async with people(server) as nobody:
        root = await nobody.signed_in()
        room = await root.room()
        async with root.joined(room) as socket:
            await socket.observe("chat")
            await socket.say("seen")
            seq = int((await socket.until(lambda frame: "seen" in str(frame.get("changed"))))["changed"]["roomSeq"])
        await server.stop()
        await server.start()
        async with root.joined(room) as socket:
            observed = await socket.observe("chat", after_seq=seq)
            assert not observed.get("changed")
            await socket.say("new")
            await socket.until(lambda _: "new" in socket.chat())
            assert socket.chat() == ["new"]


async def test_a_sequence_of_another_life_brings_a_fresh_value(launch: Launch) -> None:
    server = await launch()
    async with people(server) as nobody:
        root = await nobody.signed_in()
        async with root.joined(await root.room()) as socket:
            await socket.say("hello")
            assert (await socket.observe("chat", after_seq=10_000))["changed"]
            change = (await socket.until(lambda frame: "changed" in frame))["changed"]
            assert change["chat"]["snapshot"]
            assert [one["text"] for one in change["chat"]["messages"]] == ["hello"]
