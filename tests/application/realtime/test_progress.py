"""Telling the server of an item how far it was watched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from synctv.application.library.items import NewItem
from synctv.application.playback.commands import Order, Pause, Play, Select, Stop
from synctv.application.ports.providers import (
    FormField,
    Login,
    LoginForm,
    Manifest,
    NewLogin,
    PlayRequest,
    Provider,
    Reports,
    ResolvedSource,
    SignsIn,
    Source,
)
from synctv.application.realtime.progress import LOOK_SECONDS
from synctv.domain.delivery.offer import Offer
from synctv.domain.errors import UpstreamUnavailable
from synctv.domain.ids import CredentialId, RoomId
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.rooms.actor import AccountActor
from tests.application.realtime.nodes import Nodes, nodes
from tests.application.realtime.watching import connect, settle
from tests.applications import CLIENT, Memory

Told = tuple[str, float, bool, bool]


class Listening(Provider, SignsIn, Reports):
    """Keeps what it was told: title, position, playing, ended."""

    manifest = Manifest("listening", "Listening", 50, logins=(LoginForm("key", "Key", (FormField("key", "Key"),)),))

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.down = False

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        return [ResolvedSource(source, str(source["title"]), MediaKind.VIDEO, 100.0)]

    async def play(self, request: PlayRequest) -> Offer:
        raise NotImplementedError

    async def sign_in(self, form: str, fields: Mapping[str, str]) -> NewLogin:
        return NewLogin(Login("https://listening.test", dict(fields)), "ada")

    async def check(self, login: Login) -> str:
        return "ada"

    async def report(self, request: PlayRequest, position: float, *, playing: bool, ended: bool) -> None:
        assert request.login is not None
        if self.down:
            raise UpstreamUnavailable("listening.test")
        self.told.append((str(request.source["title"]), round(position, 1), playing, ended))


@pytest.fixture
def provider() -> Listening:
    return Listening()


@pytest.fixture
async def server(provider: Listening) -> AsyncIterator[Nodes]:
    async with nodes(films=provider) as server:
        yield server


@pytest.fixture
def product(server: Nodes) -> Memory:
    return server.one


@pytest.fixture
async def mia(product: Memory) -> AccountActor:
    return await product.account("mia")


@pytest.fixture
async def room(product: Memory, mia: AccountActor) -> RoomId:
    return await product.room(mia)


@pytest.fixture
async def credential(product: Memory, mia: AccountActor) -> CredentialId:
    found = await product.application.credentials.sign_in(mia, "listening", "key", {"key": "a key"}, CLIENT)
    return found.id


async def film(
    product: Memory, mia: AccountActor, room: RoomId, title: str, credential: CredentialId | None
) -> MediaItem:
    new = NewItem("listening", {"title": title}, credential_id=credential)
    return await product.application.items.add(mia, room, new)


async def do(product: Memory, mia: AccountActor, room: RoomId, command: Select | Play | Pause | Stop) -> None:
    await product.application.playback.command(mia, room, Order(command))
    await settle()


async def a_look_later(server: Nodes) -> None:
    # Short-lived state has a clock of its own here, by which whose turn it is runs out.
    server.shared_clock.advance(LOOK_SECONDS)
    server.one.clock.advance(LOOK_SECONDS)
    await settle()


async def test_what_plays_is_told_from_time_to_time_and_at_its_end(
    server: Nodes,
    product: Memory,
    mia: AccountActor,
    room: RoomId,
    credential: CredentialId,
    provider: Listening,
) -> None:
    await connect(product, mia, room)
    one = await film(product, mia, room, "one", credential)
    await do(product, mia, room, Select(one.id))
    await do(product, mia, room, Pause(20.0))
    for _ in range(3):
        await a_look_later(server)
    assert provider.told == [("one", 20.0, False, False)], "What stands still is told once."
    await do(product, mia, room, Play())
    for _ in range(2):
        await a_look_later(server)
    assert [(title, playing, ended) for title, _, playing, ended in provider.told[1:]] == [("one", True, False)] * 2
    assert provider.told[1][1] < provider.told[2][1]
    await do(product, mia, room, Stop())
    await a_look_later(server)
    assert provider.told[-1][3], "The end is told."
    count = len(provider.told)
    await a_look_later(server)
    assert len(provider.told) == count


async def test_a_change_of_the_item_ends_the_one_before(
    server: Nodes,
    product: Memory,
    mia: AccountActor,
    room: RoomId,
    credential: CredentialId,
    provider: Listening,
) -> None:
    await connect(product, mia, room)
    one, two = [await film(product, mia, room, title, credential) for title in ("one", "two")]
    await do(product, mia, room, Select(one.id))
    await a_look_later(server)
    await do(product, mia, room, Select(two.id))
    await a_look_later(server)
    assert {(title, ended) for title, _, _, ended in provider.told} == {("one", False), ("one", True), ("two", False)}


async def test_nobody_is_told_of_what_was_added_without_a_login_or_is_watched_by_nobody(
    server: Nodes,
    product: Memory,
    mia: AccountActor,
    room: RoomId,
    credential: CredentialId,
    provider: Listening,
) -> None:
    mine, anybodys = [await film(product, mia, room, "x", one) for one in (credential, None)]
    await do(product, mia, room, Select(mine.id))
    await a_look_later(server)
    await connect(product, mia, room)
    await do(product, mia, room, Select(anybodys.id))
    await a_look_later(server)
    assert provider.told == []


async def test_who_is_not_there_has_watched_nothing(
    server: Nodes,
    product: Memory,
    mia: AccountActor,
    room: RoomId,
    credential: CredentialId,
    provider: Listening,
) -> None:
    tom = await product.member("tom", room)
    await connect(product, tom, room)
    await do(product, mia, room, Select((await film(product, mia, room, "one", credential)).id))
    await a_look_later(server)
    assert provider.told == []
    watcher = await connect(product, mia, room)
    await a_look_later(server)
    product.application.hub.disconnect(watcher.connection)
    await a_look_later(server)
    assert [ended for _, _, _, ended in provider.told] == [False, True]


async def test_a_server_that_is_down_is_told_later(
    server: Nodes,
    product: Memory,
    mia: AccountActor,
    room: RoomId,
    credential: CredentialId,
    provider: Listening,
) -> None:
    await connect(product, mia, room)
    await do(product, mia, room, Select((await film(product, mia, room, "one", credential)).id))
    provider.down = True
    await a_look_later(server)
    provider.down = False
    await a_look_later(server)
    assert len(provider.told) == 1
