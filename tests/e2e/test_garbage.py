"""Clients that send what nobody should, at a real socket: each gets a sentence, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.e2e.conftest import Launch
from tests.servers.client import JSON, PROTOBUF, Person, RoomSocket, people, room_socket
from tests.servers.scratch import scratch_folder
from tests.servers.synctv import SynctvServer, synctv_server

pytestmark = pytest.mark.server

FRAME_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """A room and who owns it."""

    server: SynctvServer
    root: Person
    room: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_server() -> AsyncIterator[SynctvServer]:
    """One server for all tests here: none of them may harm it."""
    with scratch_folder() as folder:
        async with synctv_server(folder / "data") as server:
            yield server
            assert "Traceback" not in server.log()
            assert await server.stop() == 0


@pytest.fixture
async def place(shared_server: SynctvServer) -> AsyncIterator[Place]:
    server = shared_server
    async with people(server) as nobody:
        root = await nobody.signed_in()
        yield Place(server, root, await root.room())


async def works(socket: RoomSocket) -> bool:
    return "timeReply" in await socket.ask({"timeProbe": {"clientSent": "1"}})


async def failure(socket: RoomSocket, sent: str | bytes, seq: int = 0) -> dict[str, Any]:
    """The failure that is the answer to what was sent."""
    known = len(socket.frames)
    await socket.connection.send(sent)
    found = await socket.until(lambda frame: "failure" in frame, after=known)
    assert found.get("seq", 0) == seq
    failed: dict[str, Any] = found["failure"]
    return failed


@pytest.mark.parametrize(
    "sent,seq,path",
    [
        ("{", 0, ""),
        ("", 0, ""),
        ("null", 0, ""),
        ("[]", 0, ""),
        ('{"seq": 7, "chatSend": {"clientId": "x", "text": "\\ud83d"}}', 0, ""),
        ("{}", 0, ""),
        ('{"seq": 7}', 7, ""),
        ('{"seq": 7, "flyToTheMoon": {}}', 7, ""),
        ('{"seq": 7, "timeProbe": {}, "unobserve": {"id": "x"}}', 7, ""),
        ('{"seq": 7, "timeProbe": {"clientSent": "soon"}}', 7, "timeProbe.clientSent"),
        ('{"seq": 7, "timeProbe": 5}', 7, "timeProbe"),
        ('{"seq": "many", "timeProbe": {}}', 0, "seq"),
        ('{"seq": -1, "timeProbe": {}}', 0, "seq"),
        ('{"seq": 7, "playback": {"seek": {"position": "far"}}}', 7, "playback.seek.position"),
        ('{"seq": 7, "playback": {}}', 7, "playback"),
        ('{"seq": 7, "observe": {"id": "x"}}', 7, "observe"),
        ('{"seq": 7, "observe": {"id": "x", "mode": "LOUD", "playback": {}}}', 7, "observe.mode"),
        ('{"seq": 7, "observe": {"id": "", "playback": {}}}', 7, "observe.id"),
        ('{"seq": 7, "report": {"readiness": "FINE"}}', 7, "report.readiness"),
        ('{"seq": 7, "playback": {"seek": {"position": ' + "9" * 400 + "}}}", 7, None),
        ("[" * 5_000, 0, ""),
    ],
)
async def test_a_frame_that_is_wrong_fails_with_its_number_and_field(
    place: Place, sent: str, seq: int, path: str | None
) -> None:
    async with place.root.joined(place.room) as socket:
        failed = await failure(socket, sent, seq)
        assert failed["code"] == "invalid_argument"
        assert failed["message"]
        if path is not None:
            assert [one["path"] for one in failed["errors"]] == [path]
        assert await works(socket)


@pytest.mark.parametrize(
    "sent", [b"\xff" * 20, b"\x08", b"\x00\x00\x00", b"", bytes(range(256)), b"\x0a\xff\xff\xff\xff\x0f"]
)
async def test_binary_garbage_fails_and_the_connection_stays(place: Place, sent: bytes) -> None:
    async with place.root.joined(place.room, PROTOBUF) as socket:
        assert (await failure(socket, sent))["code"] == "invalid_argument"
        assert await works(socket)


@pytest.mark.parametrize("codec,sent", [(JSON, b"{}"), (PROTOBUF, "{}")])
async def test_frames_of_the_other_kind_fail(place: Place, codec: str, sent: str | bytes) -> None:
    async with place.root.joined(place.room, codec) as socket:
        assert codec in (await failure(socket, sent))["message"]
        assert await works(socket)


@pytest.mark.parametrize("codec", [JSON, PROTOBUF])
async def test_a_frame_one_byte_too_large_fails_and_the_connection_stays(place: Place, codec: str) -> None:
    async with place.root.joined(place.room, codec) as socket:
        sent = b"x" * (FRAME_BYTES + 1)
        failed = await failure(socket, sent if codec == PROTOBUF else sent.decode())
        assert failed["code"] == "too_large"
        assert await works(socket)


async def test_a_frame_that_is_far_too_large_is_not_read(place: Place) -> None:
    async with place.root.joined(place.room) as socket:
        with suppress(ConnectionClosed):
            await socket.connection.send("x" * (8 * FRAME_BYTES))
        await socket.ended.wait()
        assert socket.connection.close_code == 1009


async def test_text_that_is_no_text_ends_the_connection_as_the_protocol_has_it(place: Place) -> None:
    async with place.root.joined(place.room) as socket:
        await socket.connection.send(b"\xff\xfe", text=True)
        await socket.ended.wait()
        assert socket.connection.close_code == 1007


async def test_nothing_but_garbage_ends_with_a_goodbye(place: Place) -> None:
    async with place.root.joined(place.room) as socket:
        for _ in range(50):
            await socket.connection.send("garbage")
        goodbye = await socket.goodbye()
    assert (goodbye["code"], goodbye["reconnect"]) == ("PROTOCOL_ERROR", False)


async def test_the_65th_observation_fails_and_the_connection_stays(launch: Launch) -> None:
    server = await launch({"realtime.frames_per_second": 1_000})
    async with people(server) as nobody:
        root = await nobody.signed_in()
        async with root.joined(await root.room()) as socket:
            answers = [
                await socket.ask({"observe": {"id": f"number {number}", "playback": {}}}) for number in range(65)
            ]
            assert all("observed" in answer for answer in answers[:64])
            assert answers[64]["failure"]["code"] == "quota_exceeded"
            assert "reply" in await socket.ask({"unobserve": {"id": "number 0"}})
            assert "observed" in await socket.ask({"observe": {"id": "another", "playback": {}}})


async def test_sixty_frames_at_once_are_each_answered_and_some_refused(place: Place) -> None:
    async with place.root.joined(place.room) as socket:
        numbers = [await socket.send({"timeProbe": {"clientSent": "1"}}) for _ in range(60)]
        await socket.until(lambda frame: frame.get("seq") == numbers[-1])
        answers = [frame for frame in socket.frames if "seq" in frame]
        assert [answer["seq"] for answer in answers] == numbers
        refused = [answer["failure"] for answer in answers if "failure" in answer]
        assert refused
        assert all(one["code"] == "rate_limited" and one["retryAfter"] > 0 for one in refused)
        await asyncio.sleep(refused[-1]["retryAfter"] * 5)
        assert await works(socket)


async def test_only_a_good_ticket_opens_the_room_and_only_once(place: Place) -> None:
    ticket = await place.root.ticket(place.room)
    async with room_socket(place.server, place.room, ticket) as socket:
        assert await works(socket)
        assert await refusal(place, f"?ticket={ticket}") == (401, "unauthenticated")
    assert await refusal(place, "?ticket=made-up") == (401, "unauthenticated")
    assert await refusal(place, "") == (401, "unauthenticated")
    other = await place.root.ticket(await place.root.room())
    assert await refusal(place, f"?ticket={other}") == (401, "unauthenticated")


async def test_a_ticket_runs_out(launch: Launch) -> None:
    server = await launch({"realtime.ticket_seconds": 1})
    async with people(server) as nobody:
        root = await nobody.signed_in()
        place = Place(server, root, await root.room())
        ticket = await root.ticket(place.room)
        await asyncio.sleep(1.5)
        assert await refusal(place, f"?ticket={ticket}") == (401, "unauthenticated")


async def test_whoever_is_not_in_the_room_gets_no_ticket(place: Place) -> None:
    stranger = await place.root.guest(await place.root.room())
    answer = await stranger.request("POST", "/tickets", {"roomId": place.room})
    assert (answer.status, answer.body["code"]) == (404, "not_found")


async def test_a_client_without_our_codecs_is_refused_with_their_names(place: Place) -> None:
    token = {"Authorization": f"Bearer {place.root.token}"}
    assert await refusal(place, "", token, codec="chat") == (400, "invalid_argument")
    assert await refusal(place, "", token, codec=None) == (400, "invalid_argument")


async def refusal(
    place: Place, query: str, headers: Mapping[str, str] | None = None, codec: str | None = JSON
) -> tuple[int, str]:
    """The status and code with which a connection is refused."""
    url = f"{place.server.realtime}/ws/v1/rooms/{place.room}{query}"
    protocols = [Subprotocol(codec)] if codec else None
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, subprotocols=protocols, additional_headers=headers, proxy=None):
            pass
    response = refused.value.response
    problem = json.loads(response.body or b"{}")
    assert problem["detail"]
    return response.status_code, problem["code"]
