"""Headers for browsers: what every answer carries, and what other origins may read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.ports.passwords import PasswordHasher
from tests.entrypoints.http.api import OPTIONS, Api, serving_api

FRIEND = "https://friend.example"
SHARING = replace(OPTIONS, cors_origins=frozenset({FRIEND}))


@pytest.mark.parametrize("path", ["/server", "/nothing", "/me", "//health/live"])
async def test_every_answer_protects_itself(api: Api, path: str) -> None:
    headers = (await api.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in headers
    assert "permissions-policy" not in headers
    assert "server" not in headers


async def test_an_allowed_origin_may_read_answers(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, SHARING) as api:
        for path in ("/server", "/nothing"):
            headers = (await api.get(path, headers={"origin": FRIEND})).headers
            assert headers["access-control-allow-origin"] == FRIEND
            assert "Retry-After" in headers["access-control-expose-headers"]
            assert headers["vary"] == "Origin"
            assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(
    "origin", ["https://friend.example:8443", "http://friend.example", "https://friend.example.evil", "null", "", "*"]
)
async def test_no_other_origin_may(passwords: PasswordHasher, origin: str) -> None:
    async with serving_api(passwords, SHARING) as api:
        headers = (await api.get("/server", headers={"origin": origin})).headers
        assert "access-control-allow-origin" not in headers


async def test_a_browser_that_asks_first_is_told(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, SHARING) as api:
        asking = {"origin": FRIEND, "access-control-request-method": "PATCH"}
        answer = await api.send("OPTIONS", "/rooms/room_x", headers=asking)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == FRIEND
        assert "PATCH" in answer.headers["access-control-allow-methods"]
        assert "PUT" in answer.headers["access-control-allow-methods"]
        assert {"Authorization", "X-Grant"} <= set(answer.headers["access-control-allow-headers"].split(", "))
        stranger = await api.send("OPTIONS", "/rooms/room_x", headers={**asking, "origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers


async def test_without_allowed_origins_nothing_is_shared(api: Api) -> None:
    headers = (await api.get("/server", headers={"origin": FRIEND})).headers
    assert "access-control-allow-origin" not in headers
    assert "vary" not in headers
