"""No page of another site makes use of somebody's cookies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.ports.passwords import PasswordHasher
from tests.applications import PASSWORD
from tests.entrypoints.http.api import OPTIONS, Answer, Api, serving_api

FORM = "application/x-www-form-urlencoded"


async def cookie(api: Api) -> str:
    """The refresh cookie of somebody who has signed in with a browser."""
    await api.application.accounts.create("ada", PASSWORD)
    login = {"username": "ada", "password": PASSWORD, "delivery": "cookie"}
    answer = await api.post("/auth/password/login", login)
    assert answer.status == 200, answer.body
    return answer.cookies.partition(";")[0]


async def refresh(api: Api, cookie: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.post("/auth/refresh", {}, headers={"cookie": cookie, "host": "tv.example", **named})


@pytest.mark.parametrize("raw", [b"", b"refreshToken=x", b"{}"])
@pytest.mark.parametrize("media_type", [FORM, "text/plain", "multipart/form-data; boundary=x", ""])
async def test_a_form_of_another_site_is_refused(api: Api, raw: bytes, media_type: str) -> None:
    sent = {"cookie": await cookie(api), "host": "tv.example", "content-type": media_type}
    for origin in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        answer = await api.post("/auth/refresh", raw=raw, headers={**sent, **origin})
        assert (answer.status, answer.code) == (403, "permission_denied")
    # A browser so old that it says nothing of where a form comes from.
    answer = await api.post("/auth/refresh", raw=raw, headers=sent)
    assert (answer.status, answer.code) == (415, "invalid_argument")
    assert (await refresh(api, sent["cookie"])).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://tv.example.evil.example",
        "http://evil.tv.example",
        "http://tv.example:8443",
        "https://tv.example@evil.example",
        "tv.example",
        "null",
        "file://tv.example",
        "http://",
        "http://tv.example:99999",
        "http://tv.example/",
    ],
)
async def test_the_cookie_does_not_work_for_another_origin(api: Api, origin: str) -> None:
    secret = await cookie(api)
    answer = await refresh(api, secret, origin=origin)
    assert (answer.status, answer.code) == (403, "permission_denied")
    assert "another site" in answer.json["detail"]
    assert (await refresh(api, secret)).status == 200


@pytest.mark.parametrize("said", ["cross-site", "same-site", "garbage"])
async def test_what_the_browser_says_of_the_site_counts(api: Api, said: str) -> None:
    answer = await refresh(api, await cookie(api), sec_fetch_site=said, origin="http://tv.example")
    assert (answer.status, answer.code) == (403, "permission_denied")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://tv.example"},
        {"origin": "https://tv.example"},
        {"sec_fetch_site": "same-origin", "origin": "http://tv.example"},
        {"sec_fetch_site": "same-origin", "origin": "https://behind-a-proxy.example"},
        {"sec_fetch_site": "none"},
        {"host": "TV.example:80", "origin": "http://tv.example"},
        {"host": "192.168.1.2:8080", "origin": "http://192.168.1.2:8080"},
        {"host": "[2001:db8::1]:8080", "origin": "http://[2001:db8::1]:8080"},
    ],
)
async def test_the_own_page_refreshes(api: Api, headers: dict[str, str]) -> None:
    assert (await refresh(api, await cookie(api), **headers)).status == 200


async def test_behind_a_proxy_that_renames_the_host_the_public_address_is_the_page_s(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, replace(OPTIONS, public_url="https://watch.example/")) as api:
        secret = await cookie(api)
        assert (await refresh(api, secret, origin="https://evil.example")).status == 403
        assert (await refresh(api, secret, origin="http://watch.example")).status == 403
        assert (await refresh(api, secret, origin="https://watch.example")).status == 200


async def test_another_site_that_may_use_the_api_may_not_use_the_cookie(passwords: PasswordHasher) -> None:
    friend = "https://friend.example"
    async with serving_api(passwords, replace(OPTIONS, cors_origins=frozenset({friend}))) as api:
        assert (await refresh(api, await cookie(api), origin=friend)).status == 403
        login = {"username": "ada", "password": PASSWORD}
        token = (await api.post("/auth/password/login", login)).json["refreshToken"]
        answer = await api.post("/auth/refresh", {"refreshToken": token}, headers={"origin": friend})
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == friend


async def test_who_sends_no_cookie_may_be_anywhere(api: Api) -> None:
    ada = await api.person("ada")
    sent = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    answer = await api.post("/auth/refresh", {"refreshToken": ada.refresh_token}, headers=sent)
    assert answer.status == 200


async def test_a_refresh_that_was_refused_uses_no_token_up(api: Api) -> None:
    secret = await cookie(api)
    for _ in range(3):
        assert (await refresh(api, secret, origin="https://evil.example")).status == 403
    renewed = await refresh(api, secret)
    assert renewed.status == 200
    assert "HttpOnly" in renewed.cookies
    assert "SameSite=Strict" in renewed.cookies
    assert "Path=/api/v1/auth/refresh" in renewed.cookies
