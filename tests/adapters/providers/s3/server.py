"""A real S3 server for tests (moto, on a socket of 127.0.0.1), and one that answers what a test tells it."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Thread
from urllib.parse import parse_qsl, quote
from urllib.request import Request, urlopen

from aiohttp import ClientSession, web
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server
from yarl import URL

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import AiohttpFetch, aiohttp_fetch
from tests.servers.web import serving

BUCKET = "films"
ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

FILMS: Mapping[str, bytes] = {
    "A Film.mp4": b"film",
    "A Film.en.srt": b"1\n00:00:01,000 --> 00:00:02,000\nHi\n",
    "A Film.zh-Hans.ass": b"[Events]\n",
    "A Film2.srt": b"of another film",
    "notes.txt": b"no film",
    "list.m3u8": b"#EXTM3U\n",
    "shows/": b"",
    "shows/One/1.mkv": b"first",
    "shows/One/2.mkv": b"second",
    "shows//odd.mp4": b"in a folder without a name",
    "odd/a+b c%20d&e=f?#é电影 '(1)!*~.mp4": b"odd",
    "odd/trailing./x.webm": b"x",
    "music/Song.flac": b"song",
}


@contextmanager
def moto(films: Mapping[str, bytes] = FILMS) -> Iterator[str]:
    """The origin of a server with a bucket that holds these, and an empty one called `empty`."""
    moto_api_backend.reset()
    kept = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]  # filled behind the server's back: calls for it cost more than a test
    for bucket in (BUCKET, "empty"):
        kept.create_bucket(bucket, "us-east-1")
    for key, body in films.items():
        kept.put_object(BUCKET, key, body)
    with _served() as origin:
        yield origin


@contextmanager
def _served() -> Iterator[str]:
    """What `ThreadedMotoServer` does, but for half a second that it takes to end."""
    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def put(url: str, body: bytes = b"", method: str = "PUT") -> None:
    """Makes or changes something at the server."""
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={ACCESS}/20261101/us-east-1/s3/aws4_request, SignedHeaders=, Signature="
    )
    headers = {"Authorization": authorization, "Content-Type": "application/octet-stream"}
    with urlopen(Request(url, body, headers, method=method)):
        pass


@asynccontextmanager
async def local_fetch() -> AsyncIterator[AiohttpFetch]:
    """A fetch that may call this machine."""
    async with aiohttp_fetch(EgressPolicy.of(["127.0.0.0/8", "*.localhost"])) as fetch:
        yield fetch


@dataclass(slots=True)
class Scripted:
    """A server that gives one answer to everything, but to HEAD another status alone. `asked` are the calls."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    def refuses(self, status: int, code: str, more: str = "") -> None:
        """From now on answers with an error document."""
        self.status = status
        self.body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message>{more}</Error>".encode()

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to a call."""
        self.asked.append((request.method, request.raw_path, dict(request.query)))
        return web.Response(status=self.status, body=self.body, headers=self.headers)


@asynccontextmanager
async def scripted() -> AsyncIterator[tuple[Scripted, str]]:
    """A scripted server and its origin."""
    script = Scripted()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.answer)
    async with serving(app) as origin:
        yield script, origin


@dataclass(slots=True)
class Guard:
    """What stands before a server that believes everybody: it lets through what is signed with one of the `keys`.

    `let_in` are the calls that were, by access key and path; `refused` the paths of all others.
    """

    behind: str
    keys: dict[str, str] = field(default_factory=lambda: {ACCESS: SECRET})
    let_in: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """What the server behind says, or a refusal."""
        path, _, query = request.raw_path.partition("?")
        access = request.query.get("X-Amz-Credential", "").partition("/")[0]
        if access not in self.keys or not signed(request.method, request.host, path, query, self.keys[access]):
            self.refused.append(request.raw_path)
            return web.Response(status=403, body=b"<Error><Code>AccessDenied</Code></Error>")
        self.let_in.append((access, path))
        said = {name: value for name, value in request.headers.items() if name == "Range"}
        url = URL(f"{self.behind}{request.raw_path}", encoded=True)
        async with ClientSession() as session, session.request(request.method, url, headers=said) as answer:
            told = {name: value for name, value in answer.headers.items() if name in _TOLD}
            return web.Response(status=answer.status, body=await answer.read(), headers=told)


_TOLD = frozenset({"Content-Type", "Content-Range", "ETag", "Last-Modified"})


def signed(method: str, host: str, path: str, query: str, secret: str) -> bool:
    """Whether the query holds the signature of this call (Signature Version 4, "Using Query Parameters")."""
    told = dict(parse_qsl(query, keep_blank_values=True))
    signature = told.pop("X-Amz-Signature", "")
    if {"X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders"} - set(told):
        return False
    pairs = "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(told[name], safe='-_.~')}" for name in told))
    scope = told["X-Amz-Credential"].partition("/")[2]
    canonical = "\n".join([method, path, pairs, f"host:{host}\n", "host", "UNSIGNED-PAYLOAD"])
    text = "\n".join(["AWS4-HMAC-SHA256", told["X-Amz-Date"], scope, sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(key.hex(), signature)


@asynccontextmanager
async def guarded(behind: str) -> AsyncIterator[tuple[Guard, str]]:
    """A guard before a server, and its origin."""
    guard = Guard(behind)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", guard.answer)
    async with serving(app) as origin:
        yield guard, origin
