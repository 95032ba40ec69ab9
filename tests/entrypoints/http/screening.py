"""A whole server over real sockets, with viewers who ask its proxy and an upstream that does as it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
from aiohttp.abc import AbstractResolver
from dependency_injector import providers
from yarl import URL

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.application.delivery.addresses import Addresses, runs_out
from synctv.application.delivery.admission import viewer_of
from synctv.application.delivery.offers import KEPT_SECONDS
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login, Manifest, PlayRequest, Provider, ResolvedSource, Source
from synctv.application.ports.slices import SliceStore
from synctv.application.realtime.tasks import Tasks
from synctv.domain.delivery.offer import Offer, OfferedDanmaku, OfferedSubtitle, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.delivery.profile import ANY
from synctv.domain.errors import DomainError
from synctv.domain.ids import RoomId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.actor import AccountActor, Actor
from synctv.entrypoints.http.server import HttpServer
from tests.application.delivery.media_server import Behaviour, Exchange, Film, MediaServer, media_server
from tests.applications import Memory, MemoryPorts, memory_container
from tests.entrypoints.http.api import new_app

FILM = Film(300_000)
SECRETS = {"Authorization": "Bearer upstream-secret", "Cookie": "sid=upstream-secret", "Referer": "https://films.test/"}


class Projector(Provider):
    """Plays the offers that it was given, one after the other, the last one for ever; or fails."""

    manifest = Manifest("direct", "Films", 50)

    def __init__(self) -> None:
        self.offers: list[Offer | DomainError] = []
        self.asked = 0

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        return [ResolvedSource(source, "Film", MediaKind.VIDEO, 120.0)]

    async def play(self, request: PlayRequest) -> Offer:
        self.asked += 1
        offer = self.offers.pop(0) if len(self.offers) > 1 else self.offers[0]
        if isinstance(offer, DomainError):
            raise offer
        return offer


@dataclass(frozen=True)
class Got:
    """What a viewer got. `cut` tells that the connection ended before the body did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def problem(self) -> tuple[int, str]:
        """Status and code of a refusal. Asserts that it is a sentence of ours and holds no secret."""
        assert self.headers["content-type"].startswith("application/problem+json"), self.headers
        said = json.loads(self.body)
        assert said["detail"].endswith((".", "…)")), said
        assert b"secret" not in self.body
        return self.status, said["code"]

    @property
    def detail(self) -> str:
        return str(json.loads(self.body)["detail"])


@dataclass
class Screening:
    """What a test looks at. `pages` are what the upstream has beside the film, by path."""

    server: MediaServer
    memory: Memory
    projector: Projector
    origin: str
    client: aiohttp.ClientSession
    anna: AccountActor
    room: RoomId
    item: MediaItem
    pages: dict[str, Behaviour] = field(default_factory=dict)

    # ------------------------------------------------------------ the upstream

    def upstream(
        self, path: str = "/film.mp4", headers: Mapping[str, str] | None = None, key: str | None = None
    ) -> Upstream:
        return Upstream(f"http://127.0.0.1:{self.server.port}{path}", headers or {}, key)

    def shows(self, path: str, container: Container = Container.HLS, *, live: bool = False, **upstream: object) -> None:
        """From now on the item is what lies at this path; when it was something else already, so much later."""
        media = self.upstream(path, **upstream)  # type: ignore[arg-type]
        self.offers(OfferedVariant("main", "Main", container, media, live=live))

    def offers(
        self,
        *variants: OfferedVariant,
        subtitles: tuple[OfferedSubtitle, ...] = (),
        danmaku: tuple[OfferedDanmaku, ...] = (),
    ) -> None:
        if self.projector.asked:
            self.memory.clock.advance(KEPT_SECONDS)
        self.projector.offers = [Offer(variants, subtitles=subtitles, danmaku=danmaku)]

    @property
    def paths(self) -> list[str]:
        """What the upstream was asked for, in order."""
        return [exchange.path for exchange in self.server.seen]

    # ------------------------------------------------------------ viewers

    def addresses(self, actor: Actor | None = None, item: MediaItem | None = None) -> Addresses:
        item, clock = item or self.item, self.memory.clock
        links = self.memory.container.delivery.links()
        return Addresses(links, self.room, item.id, viewer_of(actor or self.anna), ANY, runs_out(clock))

    def address(self, actor: Actor | None = None, container: Container = Container.HLS) -> str:
        """The address of the variant for somebody."""
        return self.addresses(actor).variant("main", container)

    async def get(self, path: str, method: str = "GET", **headers: str) -> Got:
        """Asks for a path of the server; in headers `_` stands for `-`."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        url = URL(f"{self.origin}{path}", encoded=True)
        async with self.client.request(method, url, headers=said) as response:
            told = {name.lower(): value for name, value in response.headers.items()}
            body, cut = bytearray(), False
            try:
                async for chunk in response.content.iter_any():
                    body += chunk
            except aiohttp.ClientPayloadError:
                cut = True
            return Got(response.status, told, bytes(body), cut)


def page(content: bytes | str, status: int = 200, content_type: str = "text/plain", **headers: str) -> Behaviour:
    """A server that sends this."""
    body = content.encode() if isinstance(content, str) else content

    async def behave(exchange: Exchange) -> None:
        plain: dict[str, object] = {
            "content_length": len(body),
            "content_type": content_type,
            "etag": None,
            "last_modified": None,
        }
        await exchange.head(status, **(plain | headers))
        await exchange.send(body)

    return behave


def playlist(*segments: str, tags: str = "") -> Behaviour:
    """A server that sends an HLS playlist."""
    lines = "".join(f"#EXTINF:4,\n{segment}\n" for segment in segments)
    return page(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n{tags}{lines}#EXT-X-ENDLIST\n", content_type="application/x-mpegurl"
    )


@asynccontextmanager
async def screening(
    passwords: PasswordHasher,
    *,
    allow: Sequence[str] | None = None,
    resolver: AbstractResolver | None = None,
    settings: Mapping[str, object] | None = None,
    slices: SliceStore | None = None,
) -> AsyncIterator[Screening]:
    """All of it until the block is left. Calls go to the upstream only, or where `allow` lets them; slices are kept in
    memory or where it is said."""
    pages: dict[str, Behaviour] = {}

    async def behave(exchange: Exchange) -> None:
        known = pages.get(exchange.path.partition("?")[0])
        await (known(exchange) if known is not None else exchange.honest())

    async with media_server(FILM, behave) as server:
        policy = EgressPolicy.of([f"127.0.0.1:{server.port}"] if allow is None else allow)
        async with aiohttp_fetch(policy, resolver) as fetch, Tasks() as tasks:
            projector = Projector()
            ports = MemoryPorts(passwords, providers={"direct": projector})
            container = memory_container(ports, settings)
            resources = container.resources()
            resources = replace(resources, fetch=fetch, slices=slices or resources.slices)
            container.resources.override(providers.Object(resources))
            memory = Memory(container.application(), container, ports.clock)
            tasks.start(memory.application.media.run(), "media")
            async with _served(memory) as origin, aiohttp.ClientSession(auto_decompress=False) as client:
                anna = await memory.account("Anna")
                room = await memory.room(anna)
                item = await memory.item(anna, room)
                yield Screening(server, memory, projector, origin, client, anna, room, item, pages)


@asynccontextmanager
async def _served(memory: Memory) -> AsyncIterator[str]:
    http = HttpServer(new_app(memory.application), drain_seconds=1)
    port = await http.start("127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await http.stop()
