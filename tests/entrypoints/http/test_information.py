"""What the server says of itself, health, and tickets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.errors import Unavailable
from synctv.domain.ids import RoomId
from synctv.entrypoints.http import health
from tests.entrypoints.http.api import OPTIONS, Api, serving_api


async def test_the_server_says_what_it_is(api: Api) -> None:
    assert (await api.get("/server")).json == {
        "name": "SyncTV",
        "version": "1.2.3",
        "apiVersion": "v1",
        "features": {
            "setupRequired": True,
            "guests": True,
            "passwordSignIn": True,
            "opaque": False,
            "plainPasswords": True,
            "mail": True,
            "emailSignIn": True,
            "passkeys": True,
            "signUp": {"password": False, "email": False, "passkey": False},
            "emailRequired": False,
            "closedAccountDays": 30,
            "passwordPolicy": {"minLength": 8, "minClasses": 1, "maxRepeats": 0, "minScore": 0},
            "providers": [],
        },
        "realtimeUrl": "ws://127.0.0.1:8081",
        "time": "2026-01-01T00:00:00Z",
    }
    await api.person("ada")
    assert (await api.get("/server")).json["features"]["setupRequired"] is False


async def test_the_clock_is_told_in_microseconds(api: Api) -> None:
    assert (await api.get("/time")).json == {"unixMicros": api.clock.now()}


@pytest.mark.parametrize(
    "host,url",
    [
        ("watch.example", "ws://watch.example:9000"),
        ("watch.example:8080", "ws://watch.example:9000"),
        ("[::1]:8080", "ws://[::1]:9000"),
        ("192.168.1.2:80", "ws://192.168.1.2:9000"),
    ],
)
async def test_realtime_is_where_the_client_found_the_server(passwords: PasswordHasher, host: str, url: str) -> None:
    async with serving_api(passwords, replace(OPTIONS, realtime_port=9000)) as api:
        assert (await api.get("/server", headers={"host": host})).json["realtimeUrl"] == url


@pytest.mark.parametrize(
    "public,realtime,url",
    [
        ("https://watch.example", None, "wss://watch.example:8081"),
        ("http://[fd00::1]:8080", None, "ws://[fd00::1]:8081"),
        ("https://watch.example", "wss://live.example/", "wss://live.example"),
        (None, "wss://live.example/tv", "wss://live.example/tv"),
    ],
)
async def test_public_addresses_come_first(
    passwords: PasswordHasher, public: str | None, realtime: str | None, url: str
) -> None:
    options = replace(OPTIONS, public_url=public, realtime_public_url=realtime)
    async with serving_api(passwords, options) as api:
        assert (await api.get("/server")).json["realtimeUrl"] == url


@pytest.mark.parametrize("host", ["a b", "evil.example/path", "x@y", "a:b:c", "x:999999"])
async def test_a_host_that_is_none_is_refused(api: Api, host: str) -> None:
    answer = await api.get("/server", headers={"host": host})
    assert (answer.status, answer.code) == (400, "invalid_argument")


async def test_a_ticket_stands_for_its_token_once(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.post("/tickets", {"roomId": room["id"]}, token=ada.token)
    assert (answer.status, answer.json["expiresIn"]) == (201, 30)
    url = urlsplit(answer.json["url"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"ws://127.0.0.1:8081/ws/v1/rooms/{room['id']}"
    (ticket,) = parse_qs(url.query)["ticket"]
    assert ticket == answer.json["ticket"]
    assert await api.application.tickets.spend(ticket, RoomId(room["id"])) == ada.token


async def test_guests_get_tickets_for_their_room_alone(api: Api) -> None:
    ada = await api.person("ada")
    room, other = await api.room(ada), await api.room(ada)
    guest = await api.guest(room["id"])
    assert (await api.post("/tickets", {"roomId": room["id"]}, token=guest)).status == 201
    assert (await api.post("/tickets", {"roomId": other["id"]}, token=guest)).code == "not_found"


@pytest.mark.parametrize("room_id,code", [("nonsense", "not_found"), (5, "invalid_argument")])
async def test_a_ticket_needs_a_room(api: Api, room_id: object, code: str) -> None:
    ada = await api.person("ada")
    assert (await api.post("/tickets", {"roomId": room_id}, token=ada.token)).code == code
    assert (await api.post("/tickets", {"roomId": room_id})).code == "unauthenticated"


# ---------------------------------------------------------------- health


async def test_a_process_that_serves_is_live_and_ready(api: Api) -> None:
    assert (await api.get("//health/live")).json == {"status": "live"}
    ready = await api.get("//health/ready")
    assert (ready.status, ready.json) == (200, {"status": "ready", "dependencies": {"database": True}})


async def test_a_dependency_that_is_down_is_named(api: Api) -> None:
    async def refusing() -> None:
        raise Unavailable("redis")

    api.application.health.probes = {**api.application.health.probes, "redis": refusing}
    ready = await api.get("//health/ready")
    assert ready.status == 503
    assert ready.json == {"status": "unavailable", "dependencies": {"database": True, "redis": False}}


async def test_a_dependency_that_says_nothing_is_not_waited_for_long(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.01)

    async def silent() -> None:
        await asyncio.Event().wait()

    api.application.health.probes = {"redis": silent}
    assert (await api.get("//health/ready")).status == 503


async def test_a_process_that_drains_is_live_and_not_ready(api: Api) -> None:
    api.application.health.draining = True
    ready = await api.get("//health/ready")
    assert (ready.status, ready.json["status"]) == (503, "draining")
    assert (await api.get("//health/live")).status == 200
