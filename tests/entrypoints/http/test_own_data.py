"""Taking along what is kept of one's own account, and closing it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest

from synctv.application.accounts import own_export
from synctv.application.accounts.own_export import OwnExport
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.errors import Unavailable
from synctv.domain.ids import AccountId
from synctv.entrypoints.http.export_views import ExportView
from synctv.entrypoints.http.options import HttpOptions
from synctv.entrypoints.http.server import HttpServer
from tests.applications import PASSWORD, FilmProvider, Memory, MemoryPorts, memory_container
from tests.builders import a_credential, a_passkey, a_totp_secret
from tests.entrypoints.http.api import Api, new_app
from tests.entrypoints.http.proving import AGAIN, outcome

EXPORT = "/api/v1/me/export"
GRANT = {"proof": {"kind": "password", "password": PASSWORD}}


class Site:
    """A server on a real socket, and somebody who is signed in there: downloads are sent past the library."""

    def __init__(self, product: Memory, session: aiohttp.ClientSession) -> None:
        self.product = product
        self.session = session
        self.token = ""

    async def signed_in(self, name: str = "ada") -> None:
        login = {"username": name, "password": PASSWORD}
        async with self.session.post("/api/v1/auth/password/login", json=login) as response:
            self.token = (await response.json())["accessToken"]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def granted(self) -> dict[str, str]:
        async with self.session.post("/api/v1/auth/grants", json=GRANT, headers=self.headers) as response:
            return {**self.headers, "X-Grant": (await response.json())["grant"]}

    async def export(self) -> Any:
        async with self.session.get(EXPORT, headers=await self.granted()) as response:
            assert response.status == 200
            return await response.json()


@pytest.fixture
async def there(passwords: PasswordHasher) -> AsyncIterator[Site]:
    ports = MemoryPorts(passwords, providers={"direct": FilmProvider()})
    container = memory_container(ports)
    product = Memory(container.application(), container, ports.clock)
    server = HttpServer(new_app(product.application, HttpOptions(version="1", page=None)), drain_seconds=1)
    port = await server.start("127.0.0.1", 0)
    await product.application.accounts.create("ada", PASSWORD)
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            site = Site(product, session)
            await site.signed_in()
            yield site
    finally:
        await server.stop()


async def test_an_export_is_a_file_of_the_documented_form(there: Site) -> None:
    ada, product = await there.product.application.accounts.get("ada"), there.product
    async with product.container.transactions().write() as tx:
        await tx.credentials.add(a_credential(ada.account, sealed=b"a sealed secret"))
        await tx.passkeys.add(a_passkey(ada.account, name="Ada's key"))
        await tx.totp_secrets.save(a_totp_secret(ada.account))
        await tx.recovery_codes.replace(ada.account.id, [b"1", b"2"])
    async with there.session.get(EXPORT, headers=await there.granted()) as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        assert response.headers["Content-Disposition"] == 'attachment; filename="synctv-account.json"'
        assert response.headers["Cache-Control"] == "no-store"
        raw = await response.read()
    export = msgspec.json.decode(raw, type=ExportView, strict=True)
    assert (export.format, export.version, export.profile.username) == ("synctv-account", 1, "ada")
    assert export.security.password.set
    assert ([key.name for key in export.security.passkeys], export.security.recovery_codes) == (["Ada's key"], 2)
    assert [session.current for session in export.sessions] == [True]
    assert [one.label for one in export.credentials] == ["anna"]
    assert [entry.action for entry in export.activity][:1] == ["account_exported"]
    for secret in (b"sealed", b"argon2", b"record", b"credentialId", b"publicKey", b"digest"):
        assert secret not in raw
    assert msgspec.to_builtins(export).keys() == msgspec.json.decode(raw).keys()


async def test_long_lists_are_whole(there: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_export, "PAGE", 2)
    headers = there.headers
    async with there.session.post("/api/v1/rooms", json={"name": "Film night"}, headers=headers) as response:
        room = (await response.json())["id"]
    for number in range(5):
        film = {"provider": "direct", "source": {"url": f"https://media.example/{number}.mp4"}}
        async with there.session.post(f"/api/v1/rooms/{room}/items", json=film, headers=headers) as response:
            assert response.status == 201
        said = {"clientId": str(number), "text": f'"{number}" \\ 🎬'}
        async with there.session.post(f"/api/v1/rooms/{room}/chat", json=said, headers=headers) as response:
            assert response.status == 201
    export = await there.export()
    assert [one["name"] for one in export["rooms"]] == ["Film night"]
    assert [(one["roomName"], one["role"]) for one in export["memberships"]] == [("Film night", "creator")]
    assert len(export["items"]) == 5
    assert [one["text"] for one in export["messages"]] == [f'"{number}" \\ 🎬' for number in range(5)]
    assert b"media.example" not in msgspec.json.encode(export)


async def test_asking_for_the_headers_takes_no_grant_and_shows_nothing(there: Site) -> None:
    async with there.session.head(EXPORT, headers=there.headers) as response:
        assert (response.status, await response.read()) == (200, b"")
    async with there.session.get(EXPORT, headers=there.headers) as response:
        assert (response.status, (await response.json())["code"]) == (403, "reauthentication_required")


async def test_an_export_that_can_not_go_on_is_cut_and_not_taken_for_whole(
    there: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(self: OwnExport, actor: object) -> AsyncIterator[Any]:
        yield []
        raise Unavailable("database")

    monkeypatch.setattr(OwnExport, "messages", away)
    async with there.session.get(EXPORT, headers=await there.granted()) as response:
        assert response.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


async def test_closing_ends_everything_and_says_until_when_it_can_be_undone(api: Api) -> None:
    ada = await api.person("ada")
    other = await api.signed_in("ada")
    answer = await api.post("/me/close", token=ada.token, headers=await api.granted(ada))
    assert answer.json == {"restorableUntil": "2026-01-31T00:00:00Z"}
    assert "synctv_refresh=;" in answer.cookies
    for person in (ada, other):
        assert outcome(await api.get("/me", token=person.token)) == (401, "token_expired")
        refused = await api.post("/auth/refresh", {"refreshToken": person.refresh_token})
        assert outcome(refused) == (401, "unauthenticated")
    tried = [
        await api.post("/auth/password/login", {"username": name, "password": PASSWORD}) for name in ("ada", "nobody")
    ]
    assert tried[0].json == tried[1].json
    assert outcome(tried[0]) == (401, "invalid_credentials")


async def test_closing_takes_a_grant_of_its_own(api: Api) -> None:
    ada = await api.person("ada")
    assert outcome(await api.post("/me/close", token=ada.token)) == AGAIN
    assert outcome(await api.post("/me/close", token=ada.token, headers={"x-grant": "nonsense"})) == AGAIN
    room = await api.room(ada)
    guest = await api.guest(room["id"])
    assert outcome(await api.post("/me/close", token=guest, headers={"x-grant": "x"})) == (403, "permission_denied")
    assert (await api.get("/me", token=ada.token)).status == 200


async def test_the_last_root_is_told_what_to_do(api: Api) -> None:
    root = await api.person("root", role=GlobalRole.ROOT)
    answer = await api.post("/me/close", token=root.token, headers=await api.granted(root))
    assert outcome(answer) == (412, "precondition_failed")
    assert "set-role" in answer.json["detail"]


async def test_the_server_says_how_long_a_closed_account_can_be_restored(api: Api) -> None:
    assert (await api.get("/server")).json["features"]["closedAccountDays"] == 30


async def test_a_room_of_a_closed_account_is_unavailable_to_its_members(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    bob = await api.member(room["id"], "bob")
    await api.post("/me/close", token=ada.token, headers=await api.granted(ada))
    assert outcome(await api.get(f"/rooms/{room['id']}", token=bob.token)) == (404, "not_found")
    assert (await api.get("/rooms", token=bob.token)).json["items"] == []
    await api.application.account_closing.restore(AccountId(ada.id))
    assert (await api.get(f"/rooms/{room['id']}", token=bob.token)).status == 200
