"""`Idempotency-Key`: made once, however often it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login, ResolvedSource, Source
from tests.applications import FilmProvider
from tests.entrypoints.http.api import FILM, Api, Person, serving_api

KEY = {"idempotency-key": "key-1"}


async def rooms_of(api: Api, person: Person) -> int:
    return int((await api.get("/rooms?mine=true", token=person.token)).json["total"])


async def test_a_repeated_request_gets_its_first_answer(api: Api) -> None:
    ada = await api.person("ada")
    first = await api.post("/rooms", {"name": "Film night"}, token=ada.token, headers=KEY)
    again = await api.post("/rooms", {"name": "Film night"}, token=ada.token, headers=KEY)
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/json"
    assert "idempotency-replayed" not in first.headers
    assert await rooms_of(api, ada) == 1


async def test_without_a_key_every_request_makes_something(api: Api) -> None:
    ada = await api.person("ada")
    for _ in range(2):
        await api.room(ada)
    assert await rooms_of(api, ada) == 2


async def test_a_key_belongs_to_one_request(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.post("/rooms", {"name": "Film night"}, token=ada.token, headers=KEY)
    other = await api.post("/rooms", {"name": "Another"}, token=ada.token, headers=KEY)
    assert (other.status, other.code) == (409, "conflict")
    elsewhere = await api.post(f"/rooms/{room.json['id']}/items", FILM, token=ada.token, headers=KEY)
    assert elsewhere.code == "conflict"


async def test_a_key_belongs_to_one_person(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    for person in (ada, bob):
        assert (await api.post("/rooms", {"name": "Mine"}, token=person.token, headers=KEY)).status == 201
        assert await rooms_of(api, person) == 1


async def test_a_failed_request_gives_its_key_back(api: Api) -> None:
    ada = await api.person("ada")
    failed = await api.post("/rooms", {"name": ""}, token=ada.token, headers=KEY)
    assert failed.status == 400
    assert (await api.post("/rooms", {"name": "Better"}, token=ada.token, headers=KEY)).status == 201


async def test_a_key_is_forgotten_after_a_day(api: Api) -> None:
    ada = await api.person("ada")
    await api.post("/rooms", {"name": "Film night"}, token=ada.token, headers=KEY)
    api.clock.advance(86_401)
    login = {"username": "ada", "password": "correct horse battery"}
    token = (await api.post("/auth/password/login", login)).json["accessToken"]
    await api.post("/rooms", {"name": "Film night"}, token=token, headers=KEY)
    assert (await api.get("/rooms?mine=true", token=token)).json["total"] == 2


@pytest.mark.parametrize("key", ["x" * 256, "a\x07b"])
async def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    ada = await api.person("ada")
    answer = await api.post("/rooms", {"name": "x"}, token=ada.token, headers={"idempotency-key": key})
    assert (answer.status, answer.json["errors"][0]["path"]) == (400, "Idempotency-Key")


class WaitingProvider(FilmProvider):
    """Answers once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        self.asked.set()
        await self.may_answer.wait()
        return await super().resolve(source)


async def test_a_repetition_that_comes_too_early_is_told_to_wait(passwords: PasswordHasher) -> None:
    provider = WaitingProvider()
    async with serving_api(passwords, providers={"direct": provider}) as api:
        ada = await api.person("ada")
        room = await api.room(ada)
        path = f"/rooms/{room['id']}/items"
        async with asyncio.TaskGroup() as group:
            first = group.create_task(api.post(path, FILM, token=ada.token, headers=KEY))
            await provider.asked.wait()
            early = await api.post(path, FILM, token=ada.token, headers=KEY)
            provider.may_answer.set()
        assert (early.status, early.code) == (409, "conflict")
        again = await api.post(path, FILM, token=ada.token, headers=KEY)
        assert again.body == first.result().body
        assert (await api.get(f"/rooms/{room['id']}/library", token=ada.token)).json["total"] == 1
