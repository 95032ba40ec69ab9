"""The management contract over a real socket: what it answers, and how it fails."""

from __future__ import annotations

import pytest
from grpclib import GRPCError, Status
from grpclib.client import Channel
from grpclib.events import RecvTrailingMetadata, listen
from grpclib.health.v1.health_grpc import HealthStub
from grpclib.health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from synctv.application.operation.operators import LiveCounts
from synctv.domain.rooms.room import RoomStatus
from synctv.entrypoints.wire.synctv.v1 import (
    CreateAccountRequest,
    CreateAccountResponse,
    GetRoomRequest,
    ListAccountsRequest,
    ListRoomsRequest,
    ManagementStub,
    StatsRequest,
    StopRequest,
)
from tests.applications import PASSWORD
from tests.entrypoints.management.conftest import Server


async def create(management: ManagementStub, name: str, role: str = "") -> CreateAccountResponse:
    return await management.create_account(CreateAccountRequest(username=name, password=PASSWORD, role=role))


async def test_an_account_is_made_and_listed(management: ManagementStub, server: Server) -> None:
    made = (await create(management, "ada", "admin")).account
    assert made is not None
    assert (made.username, made.role, made.status, made.created_at) == ("ada", "admin", "active", server.clock.now())
    page = await management.list_accounts(ListAccountsRequest())
    assert (page.accounts, page.next_after, page.total) == ([made], "", 1)


async def test_the_password_of_a_new_account_works(management: ManagementStub, server: Server) -> None:
    await create(management, "ada")
    assert (await server.product.sign_in("ada")).account.username == "ada"


async def test_accounts_come_in_pages(management: ManagementStub) -> None:
    for number in range(5):
        await create(management, f"person{number}")
    names: list[str] = []
    after = ""
    while True:
        page = await management.list_accounts(ListAccountsRequest(after=after, limit=2))
        assert page.total == 5
        names += [account.username for account in page.accounts]
        after = page.next_after
        if not after:
            break
    assert names == [f"person{number}" for number in range(5)]


async def test_rooms_of_every_state_are_listed_newest_first(management: ManagementStub, server: Server) -> None:
    names = ["Films", "Series", "Old films"]
    states = [RoomStatus.ACTIVE, RoomStatus.BANNED, RoomStatus.DELETED]
    for name, status in zip(names, states, strict=True):
        await server.add_room(name, status)
    page = await management.list_rooms(ListRoomsRequest(limit=2))
    assert [(room.name, room.status) for room in page.rooms] == [("Old films", "deleted"), ("Series", "banned")]
    rest = await management.list_rooms(ListRoomsRequest(limit=2, before=page.next_before))
    assert [room.name for room in rest.rooms] == ["Films"]
    assert (rest.next_before, rest.total) == ("", 3)


async def test_rooms_are_found_by_a_part_of_their_name(management: ManagementStub, server: Server) -> None:
    for name in ("Films", "Series", "Old films"):
        await server.add_room(name)
    page = await management.list_rooms(ListRoomsRequest(query="film"))
    assert [room.name for room in page.rooms] == ["Old films", "Films"]
    assert page.total == 2


async def test_a_room_is_got_by_id_and_by_code_as_a_person_types_it(management: ManagementStub, server: Server) -> None:
    room = await server.add_room("Films")
    for typed in (room.id, room.code, f" {room.code[:4].lower()}-{room.code[4:]} "):
        got = (await management.get_room(GetRoomRequest(id_or_code=typed))).room
        assert got is not None
        assert (got.id, got.name, got.owner_name, got.members, got.max_members) == (room.id, "Films", "ada", 0, 200)
        assert (got.has_password, got.allows_guests, got.now_playing) == (False, True, "")


async def test_the_figures_are_those_of_the_server(management: ManagementStub, server: Server) -> None:
    await create(management, "ada")
    await server.add_room("Films")
    stats = await management.stats(StatsRequest())
    assert (stats.accounts, stats.rooms, stats.connections, stats.viewed_rooms) == (1, 1, 3, 2)
    assert (stats.uptime_seconds, stats.version, stats.storage, stats.redis) == (1.5, "1.2.3", "memory", False)


@pytest.mark.parametrize("now", [True, False])
async def test_stop_is_passed_on_and_answered(management: ManagementStub, server: Server, now: bool) -> None:
    await management.stop(StopRequest(now=now))
    assert server.stops == [now]


FAILURES = [
    (
        "create_account",
        CreateAccountRequest(username="a", password=PASSWORD),
        Status.INVALID_ARGUMENT,
        "invalid_argument",
    ),
    (
        "create_account",
        CreateAccountRequest(username="bob", password="short"),
        Status.INVALID_ARGUMENT,
        "invalid_argument",
    ),
    (
        "create_account",
        CreateAccountRequest(username="bob", password=PASSWORD, role="king"),
        Status.INVALID_ARGUMENT,
        "invalid_argument",
    ),
    (
        "create_account",
        CreateAccountRequest(username="ADA", password=PASSWORD),
        Status.ALREADY_EXISTS,
        "already_exists",
    ),
    ("list_accounts", ListAccountsRequest(limit=201), Status.INVALID_ARGUMENT, "invalid_argument"),
    ("list_rooms", ListRoomsRequest(limit=201), Status.INVALID_ARGUMENT, "invalid_argument"),
    ("get_room", GetRoomRequest(id_or_code="ABCDEFGH"), Status.NOT_FOUND, "not_found"),
    ("get_room", GetRoomRequest(id_or_code="nonsense!"), Status.NOT_FOUND, "not_found"),
]


@pytest.mark.parametrize("method, request_, status, code", FAILURES)
async def test_a_failure_has_the_status_and_the_code_of_the_one_table_and_a_sentence(
    channel: Channel, method: str, request_: object, status: Status, code: str
) -> None:
    trailers = heard_trailers(channel)
    management = ManagementStub(channel)
    await create(management, "ada")
    with pytest.raises(GRPCError) as caught:
        await getattr(management, method)(request_)
    assert caught.value.status is status
    assert trailers[-1]["synctv-code"] == code
    assert (caught.value.message or "").endswith(".")


async def test_a_success_has_no_code(channel: Channel) -> None:
    trailers = heard_trailers(channel)
    await ManagementStub(channel).stats(StatsRequest())
    assert "synctv-code" not in trailers[-1]


async def test_a_failure_of_the_inside_says_nothing_and_is_logged(
    channel: Channel, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> LiveCounts:
        raise RuntimeError("hunter2")

    server.live = broken
    with pytest.raises(GRPCError) as caught:
        await ManagementStub(channel).stats(StatsRequest())
    assert caught.value.status is Status.INTERNAL
    assert "hunter2" not in (caught.value.message or "")
    assert "hunter2" in caplog.text


async def test_health_follows_the_server(channel: Channel, server: Server) -> None:
    async def health(name: str) -> int:
        return (await HealthStub(channel).Check(HealthCheckRequest(service=name))).status

    assert await health("") == HealthCheckResponse.SERVING
    assert await health("synctv.v1.Management") == HealthCheckResponse.SERVING
    with pytest.raises(GRPCError) as caught:
        await health("synctv.v1.Nothing")
    assert caught.value.status is Status.NOT_FOUND


async def test_a_server_that_is_not_ready_says_so(channel: Channel, server: Server) -> None:
    server.ready = False
    answer = await HealthStub(channel).Check(HealthCheckRequest(service=""))
    assert answer.status == HealthCheckResponse.NOT_SERVING


def heard_trailers(channel: Channel) -> list[dict[str, str]]:
    """Collects what the ends of calls carry."""
    heard: list[dict[str, str]] = []

    async def hear(event: RecvTrailingMetadata) -> None:
        heard.append({name: str(value) for name, value in event.metadata.items()})

    listen(channel, RecvTrailingMetadata, hear)
    return heard
