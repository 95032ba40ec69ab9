"""Setup, signing in and out, guests, and the refresh cookie."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.session import GRACE_SECONDS
from tests.applications import PASSWORD
from tests.entrypoints.http.api import OPTIONS, Api, serving_api


async def test_the_printed_link_makes_root_once(api: Api) -> None:
    token = await api.application.setup.invite()
    body = {"token": token, "username": "root", "password": PASSWORD}
    made = await api.post("/setup", body)
    assert made.status == 201
    assert made.json["account"]["role"] == "root"
    assert made.json["tokenType"] == "Bearer"
    assert (await api.get("/me", token=made.json["accessToken"])).json["username"] == "root"
    again = await api.post("/setup", body)
    assert (again.status, again.code) == (403, "permission_denied")


async def test_setup_names_every_wrong_field(api: Api) -> None:
    answer = await api.post("/setup", {"token": 1, "username": None, "extra": True})
    assert answer.status == 400
    assert {error["path"] for error in answer.json["errors"]} == {"token", "username", "password", "extra"}


async def test_signing_in_gives_both_tokens(api: Api) -> None:
    await api.application.accounts.create("ada", PASSWORD)
    answer = await api.post("/auth/password/login", {"username": "ADA", "password": PASSWORD})
    assert answer.status == 200
    session = answer.json
    assert session["expiresIn"] == 3600
    assert session["refreshToken"]
    assert session["account"].keys() == {
        "id",
        "username",
        "role",
        "email",
        "language",
        "twoFactor",
        "createdAt",
        "version",
    }
    assert session["account"]["createdAt"] == "2026-01-01T00:00:00Z"
    assert answer.cookies == ""


@pytest.mark.parametrize("username,password", [("ada", "wrong password"), ("nobody", PASSWORD), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_look_the_same(api: Api, username: str, password: str) -> None:
    await api.application.accounts.create("ada", PASSWORD)
    answer = await api.post("/auth/password/login", {"username": username, "password": password})
    assert (answer.status, answer.code) == (401, "invalid_credentials")
    assert answer.json["detail"] == "The username or the password is wrong."
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(api: Api) -> None:
    ada = await api.person("ada")
    renewed = await api.post("/auth/refresh", {"refreshToken": ada.refresh_token})
    assert renewed.status == 200
    assert renewed.json["refreshToken"] != ada.refresh_token
    again = await api.post("/auth/refresh", {"refreshToken": ada.refresh_token})
    assert again.json["refreshToken"] == renewed.json["refreshToken"]
    api.clock.advance(GRACE_SECONDS)
    reused = await api.post("/auth/refresh", {"refreshToken": ada.refresh_token})
    assert (reused.status, reused.code) == (401, "unauthenticated")
    for token in (ada.token, renewed.json["accessToken"]):
        assert (await api.get("/me", token=token)).code == "token_expired"
    ended = await api.post("/auth/refresh", {"refreshToken": renewed.json["refreshToken"]})
    assert (ended.status, ended.code) == (401, "token_expired")


@pytest.mark.parametrize("token", ["", "nonsense", "ses_01jh1qmzmaexwrnk0zx5xcd5vj.secret", "a.b.c", "💥"])
async def test_what_is_no_refresh_token_signs_nobody_in(api: Api, token: str) -> None:
    answer = await api.post("/auth/refresh", {"refreshToken": token})
    assert (answer.status, answer.code) == (401, "unauthenticated")


async def test_browsers_get_the_refresh_token_as_a_cookie_that_no_script_reads(api: Api) -> None:
    await api.application.accounts.create("ada", PASSWORD)
    login = {"username": "ada", "password": PASSWORD, "delivery": "cookie"}
    answer = await api.post("/auth/password/login", login)
    assert answer.json["refreshToken"] is None
    cookie = answer.cookies
    assert cookie.startswith("synctv_refresh=")
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/api/v1/auth/refresh", "Max-Age=2592000"):
        assert attribute in cookie
    assert "Secure" not in cookie
    kept = {"cookie": cookie.partition(";")[0]}
    renewed = await api.post("/auth/refresh", {}, headers=kept)
    assert renewed.status == 200
    assert renewed.json["refreshToken"] is None
    assert renewed.cookies.startswith("synctv_refresh=")
    assert renewed.cookies.partition(";")[0] != kept["cookie"]
    again = await api.post("/auth/refresh", {}, headers=kept)
    assert again.cookies == renewed.cookies
    api.clock.advance(GRACE_SECONDS)
    assert (await api.post("/auth/refresh", {}, headers=kept)).status == 401


async def test_setup_can_give_the_cookie_too(api: Api) -> None:
    token = await api.application.setup.invite()
    body = {"token": token, "username": "root", "password": PASSWORD, "delivery": "cookie"}
    answer = await api.post("/setup", body)
    assert answer.json["refreshToken"] is None
    assert "synctv_refresh=" in answer.cookies


async def test_the_cookie_is_secure_where_the_page_is(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, replace(OPTIONS, public_url="https://watch.example")) as api:
        await api.application.accounts.create("ada", PASSWORD)
        login = {"username": "ada", "password": PASSWORD, "delivery": "cookie"}
        assert "Secure" in (await api.post("/auth/password/login", login)).cookies


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_a_form_of_another_page_cannot_refresh(api: Api, media_type: str) -> None:
    headers = {"cookie": "synctv_refresh=whatever", "content-type": media_type}
    answer = await api.post("/auth/refresh", raw=b"{}", headers=headers)
    assert (answer.status, answer.code) == (415, "invalid_argument")


async def test_refreshing_without_any_token_is_unauthenticated(api: Api) -> None:
    assert (await api.post("/auth/refresh", {})).code == "unauthenticated"


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(api: Api) -> None:
    ada = await api.person("ada")
    answer = await api.post("/auth/logout", {}, token=ada.token)
    assert answer.status == 204
    assert answer.body == b""
    assert answer.cookies.startswith("synctv_refresh=;")
    assert "Max-Age=0" in answer.cookies
    assert (await api.get("/me", token=ada.token)).code == "token_expired"
    assert (await api.post("/auth/refresh", {"refreshToken": ada.refresh_token})).code == "token_expired"


async def test_an_access_token_runs_out(api: Api) -> None:
    ada = await api.person("ada")
    api.clock.advance(3_600 + 61)
    assert (await api.get("/me", token=ada.token)).code == "token_expired"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer  ", "Basic YTpi", "Bearer a.b.c", "bearer \xff"])
async def test_without_a_good_token_nobody_is_known(api: Api, header: str) -> None:
    answer = await api.get("/me", headers={"authorization": header})
    assert (answer.status, answer.code) == (401, "unauthenticated")


async def test_a_banned_account_can_do_nothing(api: Api) -> None:
    ada = await api.person("ada")
    await api.application.account_access.ban("ada", "Spam")
    assert (await api.get("/me", token=ada.token)).code == "banned"
    answer = await api.post("/auth/password/login", {"username": "ada", "password": PASSWORD})
    assert (answer.status, answer.code) == (403, "banned")


async def test_a_guest_enters_one_room_by_its_code(api: Api) -> None:
    room = await api.room(await api.person("ada"))
    answer = await api.post("/auth/guest", {"room": room["code"].lower(), "displayName": "  Grace   H. "})
    assert answer.status == 200
    assert answer.json["roomId"] == room["id"]
    assert answer.json["guest"]["displayName"] == "Grace H."
    assert answer.json["guest"]["id"].startswith("gst_")
    assert answer.json["expiresIn"] == 4 * 3600


async def test_guests_have_no_account(api: Api) -> None:
    room = await api.room(await api.person("ada"))
    guest = await api.guest(room["id"])
    for method, path in (("GET", "/me"), ("POST", "/auth/logout"), ("POST", "/rooms")):
        answer = await api.send(method, path, {"name": "x"} if path == "/rooms" else None, token=guest)
        assert (answer.status, answer.code) == (403, "permission_denied"), path


@pytest.mark.parametrize(
    "body,status,code",
    [
        ({"room": "NOSUCHRM", "displayName": "Grace"}, 404, "not_found"),
        ({"room": "", "displayName": "Grace"}, 404, "not_found"),
        ({"room": "NOSUCHRM", "displayName": " "}, 400, "invalid_argument"),
        ({"room": "NOSUCHRM", "displayName": "x" * 33}, 400, "invalid_argument"),
        ({"displayName": "Grace"}, 400, "invalid_argument"),
    ],
)
async def test_a_guest_needs_a_room_and_a_name(api: Api, body: dict[str, str], status: int, code: str) -> None:
    answer = await api.post("/auth/guest", body)
    assert (answer.status, answer.code) == (status, code)


async def test_a_room_without_guests_refuses_them(api: Api) -> None:
    room = await api.room(await api.person("ada"), settings={"allowGuests": False})
    answer = await api.post("/auth/guest", {"room": room["id"], "displayName": "Grace"})
    assert (answer.status, answer.code) == (403, "permission_denied")


async def test_a_server_without_guests_refuses_them(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, guests_allowed=False) as api:
        room = await api.room(await api.person("ada"))
        answer = await api.post("/auth/guest", {"room": room["id"], "displayName": "Grace"})
        assert (answer.status, answer.code) == (403, "permission_denied")
        assert (await api.get("/server")).json["features"]["guests"] is False


@pytest.mark.parametrize("body", [{}, {"allowHomeNetwork": False}, {"allowHomeNetwork": True}])
async def test_setup_lets_the_server_into_the_home_network_when_that_is_wanted(api: Api, body: dict[str, bool]) -> None:
    token = await api.application.setup.invite()
    made = await api.post("/setup", {"token": token, "username": "ada", "password": PASSWORD, **body})
    assert made.status == 201
    allowed = (await api.application.egress.show()).allowed
    assert ("192.168.0.0/16" in allowed) is body.get("allowHomeNetwork", False)
