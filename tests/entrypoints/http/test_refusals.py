"""What is refused ahead of any use case, and what failures look like."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import structlog

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.adapters.memory.store import MemoryStore
from synctv.adapters.memory.transaction import MemoryTransactions
from synctv.application.limits.limits import ADDRESS_FACTOR, Category, Rate
from synctv.application.ports.passwords import PasswordHasher
from tests.applications import PASSWORD, PLENTY
from tests.entrypoints.http.api import FILM, OPTIONS, Api, serving_api
from tests.entrypoints.http.outages import FragileShortLived, FragileTransactions


async def test_a_problem_says_everything_a_client_needs(api: Api) -> None:
    answer = await api.get("/me", headers={"x-request-id": "mine-7"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {
        "type": "urn:synctv:problem:unauthenticated",
        "title": "Not signed in",
        "status": 401,
        "detail": "Sign in first.",
        "code": "unauthenticated",
        "requestId": "mine-7",
    }


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "<script>", "é"])
async def test_a_request_id_that_is_none_is_replaced(api: Api, given: str) -> None:
    answer = await api.get("/time", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == "request-1"


async def test_a_good_request_id_comes_back(api: Api) -> None:
    answer = await api.get("/time", headers={"x-request-id": "a.B-1_2"})
    assert answer.headers["x-request-id"] == "a.B-1_2"


@pytest.mark.parametrize("path", ["/nothing", "//api", "//api/v2/server", "//media/x", "//docs/x", "//health", "//"])
async def test_where_nothing_is_nothing_is_found(api: Api, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await api.send(method, path)
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    "method,path,allowed",
    [
        ("POST", "/server", "GET, HEAD"),
        ("GET", "/auth/refresh", "POST"),
        ("PUT", "/rooms/room_x", "DELETE, GET, HEAD, PATCH"),
        ("OPTIONS", "/rooms", "GET, HEAD, POST"),
        ("DELETE", "//health/live", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(api: Api, method: str, path: str, allowed: str) -> None:
    answer = await api.send(method, path)
    assert (answer.status, answer.code) == (405, "invalid_argument")
    assert answer.headers["allow"] == allowed


async def test_head_answers_like_get(api: Api) -> None:
    head, get = await api.send("HEAD", "/server"), await api.get("/server")
    assert (head.status, head.headers) == (get.status, get.headers)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"username": "a", "password": "b"} trailing',
        b'{"username": "\xff", "password": "b"}',
        b'{"username": "\\ud800", "password": "b"}',
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b"nan",
    ],
)
async def test_broken_json_is_called_so(api: Api, raw: bytes) -> None:
    answer = await api.post("/auth/password/login", raw=raw)
    assert (answer.status, answer.code) == (400, "invalid_argument")
    assert answer.json["errors"][0]["code"] == "json"


@pytest.mark.parametrize("raw,path", [(b"[]", ""), (b"null", ""), (b'"x"', ""), (b'{"a\\u0000b": 1}', "")])
async def test_json_that_is_no_such_object_is_told_so(api: Api, raw: bytes, path: str) -> None:
    answer = await api.post("/auth/password/login", raw=raw)
    assert (answer.status, answer.json["errors"][0]["path"]) == (400, path)


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
async def test_a_body_that_is_not_said_to_be_json_is_refused(api: Api, media_type: str) -> None:
    answer = await api.post("/auth/guest", raw=b"{}", headers={"content-type": media_type})
    assert (answer.status, answer.code) == (415, "invalid_argument")


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8"])
async def test_json_may_be_spelled_as_people_do(api: Api, media_type: str) -> None:
    login = b'{"username": "x", "password": "y"}'
    answer = await api.post("/auth/password/login", raw=login, headers={"content-type": media_type})
    assert answer.code == "invalid_credentials"


@pytest.mark.parametrize("declared", [None, "2000", "99999999999"])
async def test_a_body_past_the_limit_is_not_read_to_its_end(passwords: PasswordHasher, declared: str | None) -> None:
    async with serving_api(passwords, replace(OPTIONS, max_body_bytes=1_000)) as api:
        headers = {} if declared is None else {"content-length": declared}
        answer = await api.post("/auth/password/login", raw=b" " * 200_000, headers=headers)
        assert (answer.status, answer.code) == (413, "too_large")
        assert "1,000 bytes" in answer.json["detail"]


# ---------------------------------------------------------------- limits


async def test_too_many_requests_are_told_when_to_come_back(passwords: PasswordHasher) -> None:
    rates = {**PLENTY, Category.READ: Rate(2, 60.0)}
    async with serving_api(passwords, rates=rates) as api:
        for _ in range(2 * ADDRESS_FACTOR):
            assert (await api.get("/time")).status == 200
        limited = await api.get("/time")
        assert (limited.status, limited.code) == (429, "rate_limited")
        # All eight were at the very beginning of a window: one of them has to have left it.
        assert limited.json["retryAfter"] == 67.5
        assert limited.headers["retry-after"] == "68"
        assert "Try again in 68 s." in limited.json["detail"]
        assert (await api.get("//health/ready")).status == 200
        api.clock.advance(67.5)
        assert (await api.get("/time")).status == 200


async def test_each_account_is_counted_on_its_own(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, rates={**PLENTY, Category.READ: Rate(2, 60.0)}) as api:
        ada, bob = await api.person("ada"), await api.person("bob")
        for _ in range(2):
            assert (await api.get("/me", token=ada.token)).status == 200
        assert (await api.get("/me", token=ada.token)).status == 429
        assert (await api.get("/me", token=bob.token)).status == 200


async def test_guessing_tokens_is_counted_by_address(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, rates={**PLENTY, Category.READ: Rate(2, 60.0)}) as api:
        codes = [(await api.get("/me", token="a.b.c")).code for _ in range(2 * ADDRESS_FACTOR + 1)]
        assert codes == ["unauthenticated"] * 2 * ADDRESS_FACTOR + ["rate_limited"]


async def test_an_address_gets_no_more_by_asking_for_many_accounts(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, rates={**PLENTY, Category.READ: Rate(1, 60.0)}) as api:
        people = [await api.person(f"person-{number}") for number in range(ADDRESS_FACTOR + 1)]
        statuses = [(await api.get("/me", token=person.token)).status for person in people]
        assert statuses == [200] * ADDRESS_FACTOR + [429]


async def test_guessing_passwords_is_counted(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, rates={**PLENTY, Category.AUTH: Rate(2, 60.0)}) as api:
        login = {"username": "ada", "password": "wrong password"}
        codes = [(await api.post("/auth/password/login", login)).code for _ in range(2 * ADDRESS_FACTOR + 1)]
        assert codes[-1] == "rate_limited"


# ---------------------------------------------------------------- outages


class Outage:
    """A server whose dependencies can be switched off."""

    def __init__(self, api: Api, cache: FragileShortLived, storage: FragileTransactions) -> None:
        self.api = api
        self.cache = cache
        self.storage = storage


@pytest.fixture
async def outage(passwords: PasswordHasher) -> AsyncIterator[Outage]:
    clock, store = MemoryClock(), MemoryStore()
    cache = FragileShortLived(MemoryShortLived(clock))
    storage = FragileTransactions(MemoryTransactions(store, lambda events: None))
    async with serving_api(passwords, short_lived=cache, transactions=storage, clock=clock, store=store) as api:
        yield Outage(api, cache, storage)


async def test_without_its_database_the_server_says_so_and_recovers(outage: Outage) -> None:
    ada = await outage.api.person("ada")
    outage.storage.down = True
    for answer in (await outage.api.get("/rooms", token=ada.token), await outage.api.get("/server")):
        assert (answer.status, answer.code) == (503, "unavailable")
        assert answer.headers["retry-after"] == "3"
    assert (await outage.api.get("//health/ready")).json["dependencies"] == {"database": False}
    assert (await outage.api.get("/time")).status == 200
    outage.storage.down = False
    assert (await outage.api.get("/rooms", token=ada.token)).status == 200


async def test_without_short_lived_state_watching_goes_on_and_guessing_does_not(outage: Outage) -> None:
    api = outage.api
    ada = await api.person("ada")
    room = await api.room(ada)
    item = await api.item(room["id"], ada)
    outage.cache.down = True
    path = f"/rooms/{room['id']}"
    assert (await api.get(path, token=ada.token)).status == 200
    select = {"command": "select", "itemId": item["id"]}
    assert (await api.post(f"{path}/playback", select, token=ada.token)).status == 200
    assert (await api.get(f"{path}/playable", token=ada.token)).status == 200
    for body, where in (
        ({"username": "ada", "password": PASSWORD}, "/auth/password/login"),
        ({"room": room["id"], "displayName": "Grace"}, "/auth/guest"),
        ({"roomId": room["id"]}, "/tickets"),
    ):
        answer = await api.post(where, body, token=ada.token)
        assert (answer.status, answer.code) == (503, "unavailable"), where
    keyed = await api.post(f"{path}/items", FILM, token=ada.token, headers={"idempotency-key": "k"})
    assert keyed.code == "unavailable"
    outage.cache.down = False
    assert (await api.post("/tickets", {"roomId": room["id"]}, token=ada.token)).status == 201


async def test_a_failure_of_the_inside_says_nothing_of_it(outage: Outage) -> None:
    ada = await outage.api.person("ada")
    outage.storage.down, outage.storage.error = True, ZeroDivisionError("secret detail")
    with structlog.testing.capture_logs() as logs:
        answer = await outage.api.get("/rooms", token=ada.token)
    assert (answer.status, answer.code) == (500, "internal")
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["request failed"]
    assert b"secret" not in answer.body
    assert answer.json["requestId"] == "request-1"
