"""Talking to the HTTP application as a client does, without a socket."""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import blacksheep
import msgspec
from blacksheep import Response, StreamedContent
from blacksheep.server import routing
from blacksheep.testing import TestClient

from synctv.adapters.memory.clock import MemoryClock
from synctv.application.application import Application
from synctv.application.ports.letters import Letter
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transactions
from synctv.domain.ids import AccountId
from synctv.entrypoints.http.app import create_app
from synctv.entrypoints.http.options import HttpOptions
from tests.applications import PASSWORD, MemoryPorts, letters_in, memory_application
from tests.entrypoints.http.description import must_be_described

OPTIONS = HttpOptions(version="1.2.3", page=None, new_request_id=lambda: "request-1")
OUR_SITE = replace(OPTIONS, public_url="https://watch.example.org/")
"""Where passkeys can be had: the site of `tests.authenticator`."""
FILM = {"provider": "direct", "source": {"url": "https://media.example/film.mp4"}}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        return str(self.json["code"])

    @property
    def cookies(self) -> str:
        """All that were set, one a line."""
        return self.headers.get("set-cookie", "")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    id: str
    token: str
    refresh_token: str


@dataclass(slots=True)
class Api:
    """A client of one server."""

    application: Application
    ports: MemoryPorts
    client: TestClient

    @property
    def clock(self) -> MemoryClock:
        return self.ports.clock

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Sends a request. `path` is below `/api/v1` unless it begins with `//`; `raw` is a body that is no JSON."""
        sent = dict(headers or {})
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        content = None
        if body is not None or raw is not None:
            sent.setdefault("content-type", "application/json")
            content = _in_pieces(msgspec.json.encode(body) if raw is None else raw)
        where = path[1:] if path.startswith("//") else f"/api/v1{path}"
        lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()]
        response = await self.client._test_simulator.send_request(
            method=method, path=where, headers=lines, content=content
        )
        answer = _answer(response)
        must_be_described(self.application, method, where, answer.status, answer.headers, answer.body)
        return answer

    async def get(self, path: str, **how: Any) -> Answer:
        return await self.send("GET", path, **how)

    async def post(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self.send("POST", path, body, **how)

    async def put(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self.send("PUT", path, body, **how)

    async def patch(self, path: str, body: Any = None, **how: Any) -> Answer:
        return await self.send("PATCH", path, body, **how)

    async def delete(self, path: str, **how: Any) -> Answer:
        return await self.send("DELETE", path, **how)

    # ------------------------------------------------------------ situations

    async def person(self, username: str, **changes: Any) -> Person:
        """A new account, signed in. `changes` are made to it before."""
        account = await self.application.accounts.create(username, PASSWORD)
        if changes:
            await self.change(account.id, **changes)
        return await self.signed_in(username)

    async def signed_in(self, username: str, password: str = PASSWORD) -> Person:
        """One more session of somebody who needs nothing but a password."""
        answer = await self.post("/auth/password/login", {"username": username, "password": password})
        assert answer.status == 200, answer.body
        return person_of(answer)

    async def change(self, account_id: str, **changes: Any) -> None:
        """Changes an account behind everybody's back."""
        async with self.application.setup.transactions.write() as tx:
            account = await tx.accounts.get(AccountId(account_id))
            assert account is not None
            await tx.accounts.update(replace(account.next_version(), **changes), account.version)

    async def policy(self, **changes: Any) -> None:
        """Changes the operator's rules."""
        rules = self.application.account_rules
        stored = await rules.policy()
        await rules.set_policy(replace(stored.policy, **changes), stored.version)

    async def granted(self, person: Person, proof: Any = None) -> dict[str, str]:
        """The header with a fresh grant, by default for the password."""
        body = {"proof": proof or {"kind": "password", "password": PASSWORD}}
        answer = await self.post("/auth/grants", body, token=person.token)
        assert answer.status == 201, answer.body
        return {"x-grant": answer.json["grant"]}

    @property
    def letters(self) -> list[Letter]:
        """What will be sent to somebody, oldest first."""
        return letters_in(self.ports.store, self.application)

    @property
    def code(self) -> str:
        """The code in the newest letter."""
        return self.letters[-1].facts["code"]

    async def room(self, owner: Person, **body: Any) -> Any:
        """A new room, as its owner sees it."""
        answer = await self.post("/rooms", {"name": "Film night", **body}, token=owner.token)
        assert answer.status == 201, answer.body
        return answer.json

    async def member(self, room_id: str, username: str) -> Person:
        """A new account that has joined a room."""
        person = await self.person(username)
        assert (await self.post(f"/rooms/{room_id}/join", {}, token=person.token)).status == 200
        return person

    async def guest(self, room_id: str, name: str = "Grace") -> str:
        """The token of a new guest."""
        answer = await self.post("/auth/guest", {"room": room_id, "displayName": name})
        assert answer.status == 200, answer.body
        return str(answer.json["token"])

    async def item(self, room_id: str, owner: Person, name: str = "film.mp4") -> Any:
        """A new item of two minutes."""
        source = {"url": f"https://media.example/{name}"}
        answer = await self.post(f"/rooms/{room_id}/items", {**FILM, "source": source}, token=owner.token)
        assert answer.status == 201, answer.body
        return answer.json


@asynccontextmanager
async def serving_api(
    passwords: PasswordHasher,
    options: HttpOptions = OPTIONS,
    *,
    short_lived: ShortLived | None = None,
    transactions: Transactions | None = None,
    **ports: Any,
) -> AsyncIterator[Api]:
    """A client of a new server."""
    world = MemoryPorts(passwords, **ports)
    application = memory_application(world, short_lived=short_lived, transactions=transactions)
    app = new_app(application, options)
    await app.start()  # type: ignore[no-untyped-call]
    try:
        yield Api(application, world, TestClient(app))
    finally:
        await app.stop()  # type: ignore[no-untyped-call]


def new_app(application: Application, options: HttpOptions = OPTIONS) -> blacksheep.Application:
    """The ASGI application, which the HTTP library forgets with the test: it would keep each of a process for ever."""
    with _quick_stacks():
        app = create_app(application, options)
    del routing._apps_by_router_id[id(app.router)]
    routing.Router.get_match_by_method_and_path.cache_clear()
    return app


@contextmanager
def _quick_stacks() -> Iterator[None]:
    """Lets the HTTP library look at who called it without reading all their sources, which takes longer than a test."""
    thorough = inspect.stack

    def quick(context: int = 0) -> list[tuple[object, ...]]:
        frames = [sys._getframe(1)]
        while (caller := frames[-1].f_back) is not None:
            frames.append(caller)
        return [(frame, frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name, None, None) for frame in frames]

    inspect.stack = quick  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.stack = thorough


def person_of(answer: Answer) -> Person:
    """Whom a sign-in signed in."""
    session = answer.json
    return Person(session["account"]["id"], session["accessToken"], session["refreshToken"])


def fields(answer: Answer) -> set[str]:
    """The fields that were called wrong."""
    assert (answer.status, answer.code) == (400, "invalid_argument"), answer.body
    return {error["path"] for error in answer.json["errors"]}


def shape(answer: Answer) -> Any:
    """Everything that tells one answer from another, but for the content of random texts."""
    return answer.status, dict(answer.headers), _shape(answer.json)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shape(part) for part in value]
    random = isinstance(value, str) and len(value) >= 40 and " " not in value
    return f"{len(value)} characters" if random else value


def _in_pieces(body: bytes) -> StreamedContent:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    return StreamedContent(b"application/json", pieces)


def _answer(response: Response) -> Answer:
    headers: dict[str, str] = {}
    for name, value in response.headers:
        key, text = name.decode().lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}\n{text}" if key in headers else text
    body = response.content.body if response.content else b""
    return Answer(response.status, headers, body or b"")
