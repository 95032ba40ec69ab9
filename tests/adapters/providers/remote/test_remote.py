"""Providers of another process: what they can do, and what happens when that process does not do as it should."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grpclib import GRPCError, Status
from grpclib.server import Server

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.direct.provider import DirectProvider
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.registry import Registry, all_providers
from synctv.adapters.providers.remote.address import RemoteAddress, problem_with
from synctv.adapters.providers.remote.offers import play_of, to_play
from synctv.adapters.providers.remote.provider import RemoteProvider
from synctv.adapters.providers.remote.wire.synctv import v1 as wire
from synctv.adapters.system.clock import SystemClock
from synctv.application.ports.providers import Browses, PlayRequest, Recognises, SignsIn, capabilities
from synctv.domain.errors import (
    NOT_TOLD,
    Invalid,
    UpstreamCredential,
    UpstreamFailed,
    UpstreamFormat,
    UpstreamMissing,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from synctv.domain.library.item import MediaKind
from synctv.entrypoints.provider.server import serving
from synctv.entrypoints.provider.service import ProviderService
from tests.adapters.extractors.scripted import ScriptedExtractor
from tests.adapters.providers.remote.server import TOKEN, certificates, remote, server_context
from tests.contracts.provider_cases.direct import PLAYLIST, URL

FILM = {"url": URL}


def here() -> DirectProvider:
    fetch = MemoryFetch()
    fetch.answers(URL, PLAYLIST)
    return DirectProvider(fetch)


@asynccontextmanager
async def called(address: RemoteAddress) -> AsyncIterator[RemoteProvider]:
    provider = RemoteProvider.at(address, SystemClock())
    try:
        yield provider
    finally:
        provider.line.close()


class Odd(wire.ProviderBase):
    """A server that answers what a test tells it."""

    def __init__(self, resolve: Callable[[], Coroutine[Any, Any, wire.ProviderResolveResponse]] | None = None) -> None:
        self.answer = resolve
        self.manifest = wire.ProviderManifest("odd", "Odd", 20, capabilities=["recognise", "teleport", "login"])
        self.offer = wire.ProviderPlayResponse()

    async def list(self, message: wire.ProviderListRequest) -> wire.ProviderListResponse:
        return wire.ProviderListResponse([self.manifest])

    async def resolve(self, message: wire.ProviderResolveRequest) -> wire.ProviderResolveResponse:
        assert self.answer is not None
        return await self.answer()

    async def play(self, message: wire.ProviderPlayRequest) -> wire.ProviderPlayResponse:
        return self.offer


@asynccontextmanager
async def odd(service: wire.ProviderBase) -> AsyncIterator[RemoteProvider]:
    server = Server([service])
    await server.start("127.0.0.1", 0)
    assert server._server is not None
    port = server._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        async with called(RemoteAddress("far", f"grpc://127.0.0.1:{port}", "odd")) as provider:
            yield provider
    finally:
        server.close()
        await server.wait_closed()


async def play(provider: RemoteProvider) -> None:
    await provider.play(PlayRequest({}, MediaKind.VIDEO))


async def test_it_can_do_what_the_other_process_says() -> None:
    async with remote(here()) as address, called(address) as provider:
        assert not isinstance(provider.arrived(), Recognises)
        await provider.learn()
        arrived = provider.arrived()
        assert capabilities(arrived) == capabilities(here())
        assert isinstance(arrived, SignsIn)
        assert not isinstance(arrived, Browses)
        assert arrived.manifest == replace(DirectProvider.manifest, name="far", title="Address (far)")


async def test_it_resolves_before_anything_is_known_of_it() -> None:
    async with remote(here()) as address, called(address) as provider:
        (found,) = await provider.resolve(FILM)
        assert found.title == "A Film"


async def test_a_text_that_the_other_process_does_not_know_makes_room_for_the_next() -> None:
    class Nothing(DirectProvider):
        def recognise(self, text: str) -> None:
            return None

    async with remote(Nothing(MemoryFetch())) as address, called(address) as provider:
        await provider.learn()
        arrived = provider.arrived()
        assert isinstance(arrived, Recognises)
        source = arrived.recognise(URL)
        assert source == {"pasted": URL, "server": "https://media.test"}
        with pytest.raises(Invalid, match="does not know"):
            await arrived.resolve(source)


async def test_only_addresses_of_its_hosts_are_recognised() -> None:
    service = Odd()
    service.manifest.hosts = ["films.test", "*.films.test"]
    async with odd(service) as provider:
        await provider.learn()
        arrived = provider.arrived()
        assert isinstance(arrived, Recognises)
        assert not isinstance(arrived, SignsIn)  # it names no way to
        assert arrived.recognise("https://films.test/1") == {"pasted": "https://films.test/1"}
        assert arrived.recognise("https://www.films.test/1") is not None
        assert arrived.recognise("https://elsewhere.test/films.test") is None


async def test_errors_keep_all_that_they_know() -> None:
    async with remote(here()) as address, called(address) as provider:
        with pytest.raises(Invalid) as caught:
            await provider.resolve({"url": "nonsense"})
        with pytest.raises(Invalid) as directly:
            await here().resolve({"url": "nonsense"})
        assert caught.value.errors == directly.value.errors


@pytest.mark.parametrize(
    "error", [UpstreamMissing("nas.lan"), UpstreamCredential("nas.lan", "no."), UpstreamTimeout("nas.lan", 4.0)]
)
async def test_what_an_upstream_did_is_told_as_if_it_were_called_from_here(error: UpstreamFailed) -> None:
    class Failing(DirectProvider):
        async def resolve(self, source: object, login: object = None) -> Any:
            raise error

    async with remote(Failing(MemoryFetch())) as address, called(address) as provider:
        with pytest.raises(type(error)) as caught:
            await provider.resolve(FILM)
        assert str(caught.value) == str(error)


async def test_what_another_process_writes_is_told_to_nobody_but_who_added_it() -> None:
    class Failing(DirectProvider):
        async def resolve(self, source: object, login: object = None) -> Any:
            raise UpstreamMissing("nas.lan", "the disk films-of-alice is not there.").telling_others("it is not there.")

    async with remote(Failing(MemoryFetch())) as address, called(address) as provider:
        with pytest.raises(UpstreamMissing, match="films-of-alice") as caught:
            await provider.resolve(FILM)
        assert str(caught.value.without_place("It")) == f"It failed: {NOT_TOLD}"


async def test_a_fault_over_there_says_nothing_of_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(DirectProvider):
        async def resolve(self, source: object, login: object = None) -> Any:
            raise RuntimeError("the password is hunter2")

    async with remote(Broken(MemoryFetch())) as address, called(address) as provider:
        with pytest.raises(UpstreamUnavailable) as caught:
            await provider.resolve(FILM)
        assert "hunter2" not in str(caught.value)
        assert "A provider failed" in caplog.text


async def test_a_process_that_comes_back_is_called_again() -> None:
    async with remote(here()) as address, called(address) as provider:
        await provider.resolve(FILM)
        port = address.port
    async with called(address) as provider:
        with pytest.raises(UpstreamUnavailable, match="can't be reached"):
            await provider.resolve(FILM)
        async with remote(here(), port=port):
            assert await provider.resolve(FILM)
        with pytest.raises(UpstreamUnavailable):
            await provider.resolve(FILM)
        async with remote(here(), port=port):
            assert await provider.resolve(FILM)


@pytest.mark.parametrize("token", ["", "another token"])
async def test_nobody_is_answered_without_the_token(token: str) -> None:
    async with remote(here()) as address, called(replace(address, token=token)) as provider:
        for call in (provider.resolve(FILM), provider.learn()):
            with pytest.raises(UpstreamRefused, match="token"):
                await call


async def test_it_is_called_over_tls(tmp_path: Path) -> None:
    ca, certificate, key = certificates(tmp_path)
    tls = server_context(certificate, key)
    async with serving(ProviderService({"direct": here()}), "127.0.0.1", 0, token=TOKEN, tls=tls) as port:
        address = RemoteAddress("far", f"grpcs://127.0.0.1:{port}", "direct", TOKEN, str(ca))
        async with called(address) as provider:
            assert await provider.resolve(FILM)
        async with called(replace(address, ca_file=None)) as provider:
            with pytest.raises(UpstreamUnavailable, match="over TLS"):
                await provider.resolve(FILM)
        async with called(replace(address, url=address.url.replace("grpcs", "grpc"))) as provider:
            with pytest.raises(UpstreamUnavailable):
                await provider.resolve(FILM)


async def test_an_answer_that_is_too_long_ends_that_call_alone() -> None:
    async def huge() -> wire.ProviderResolveResponse:
        return wire.ProviderResolveResponse([wire.ProviderResolved("{}", "x" * (17 << 20), "video")])

    async with odd(Odd(huge)) as provider:
        with pytest.raises(UpstreamFormat, match="far longer"):
            await provider.resolve(FILM)
        await provider.learn()


async def test_a_request_that_is_too_long_is_not_sent() -> None:
    async with called(RemoteAddress("far", "grpc://127.0.0.1:1", "odd")) as provider:
        with pytest.raises(Invalid):
            await provider.resolve({"url": "x" * (1 << 20)})


async def test_a_server_reads_no_more_than_a_request_may_have() -> None:
    from grpclib.client import Channel
    from grpclib.exceptions import StreamTerminatedError

    async with remote(here()) as address, Channel(address.host, address.port) as channel:
        stub = wire.ProviderStub(channel, metadata={"authorization": f"Bearer {TOKEN}"}, timeout=20)
        with pytest.raises(StreamTerminatedError):
            await stub.resolve(wire.ProviderResolveRequest("direct", '{"url":"' + "x" * (3 << 20) + '"}'))
        assert await stub.list(wire.ProviderListRequest())


async def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    never = asyncio.Event()

    async def late() -> wire.ProviderResolveResponse:
        await never.wait()
        return wire.ProviderResolveResponse()

    async with odd(Odd(late)) as provider:
        request = wire.ProviderResolveRequest("odd", "{}")
        with pytest.raises(UpstreamTimeout):
            await provider.line.ask(wire.ProviderStub.resolve, request, seconds=0.2)


async def test_a_server_that_is_something_else_is_told() -> None:
    async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(web, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with called(RemoteAddress("far", f"grpc://127.0.0.1:{port}", "odd")) as provider:
            with pytest.raises(UpstreamFailed):
                await provider.resolve(FILM)


async def test_a_status_without_details_is_an_error_of_that_server() -> None:
    async def limited() -> wire.ProviderResolveResponse:
        raise GRPCError(Status.DATA_LOSS, "hm")

    async with odd(Odd(limited)) as provider:
        with pytest.raises(UpstreamFormat):
            await provider.resolve(FILM)
        with pytest.raises(UpstreamFailed, match="can't do this"):
            await provider._recognised("x")


NONSENSE = [
    wire.ProviderResolved("[]", "A", "video"),
    wire.ProviderResolved("{", "A", "video"),
    wire.ProviderResolved("{}", "A", "hologram"),
    wire.ProviderResolved('{"a":"' + "x" * 20_000 + '"}', "A", "video"),
]


@pytest.mark.parametrize("found", NONSENSE, ids=["list", "cut", "kind", "long"])
async def test_things_that_could_not_be_stored_are_no_answer(found: wire.ProviderResolved) -> None:
    async def answer() -> wire.ProviderResolveResponse:
        return wire.ProviderResolveResponse([found])

    async with odd(Odd(answer)) as provider:
        with pytest.raises(UpstreamFormat):
            await provider.resolve(FILM)


async def test_what_can_be_mended_in_an_answer_is() -> None:
    async def answer() -> wire.ProviderResolveResponse:
        return wire.ProviderResolveResponse(
            [wire.ProviderResolved("{}", "\u202e\n", "video", duration=-1.0, cover="javascript:alert(1)")]
        )

    async with odd(Odd(answer)) as provider:
        (found,) = await provider.resolve(FILM)
        assert (found.title, found.duration, found.cover) == ("Untitled", None, None)


def variant(url: str = "https://a.test/b", **more: Any) -> wire.ProviderVariant:
    given: dict[str, Any] = {"id": "a", "label": "A", "container": "mp4", "upstream": wire.ProviderUpstream(url)} | more
    return wire.ProviderVariant(**given)


BAD_OFFERS = {
    "nothing": [],
    "unknown container": [variant(container="vhs")],
    "file": [variant("file:///etc/passwd")],
    "no media": [variant(upstream=None)],
    "id": [variant(id="a b")],
    "header": [variant(upstream=wire.ProviderUpstream("https://a.test/b", {"x": "a\r\nhost: b"}))],
    "tracks": [variant(upstream=None, tracks=wire.ProviderTracks(5.0))],
}


@pytest.mark.parametrize("variants", BAD_OFFERS.values(), ids=BAD_OFFERS)
async def test_an_offer_that_can_not_be_handed_on_is_none(variants: list[wire.ProviderVariant]) -> None:
    service = Odd()
    service.offer = wire.ProviderPlayResponse(variants)
    async with odd(service) as provider:
        with pytest.raises(UpstreamFormat):
            await play(provider)


async def test_what_opens_media_is_in_no_text_form_and_its_key_stays_apart() -> None:
    service = Odd()
    upstream = wire.ProviderUpstream("https://a.test/b?signed", {"cookie": "very secret"}, "s3:https://nas/films/a")
    service.offer = wire.ProviderPlayResponse([variant(upstream=upstream), variant(id="b", container="vhs")])
    async with odd(service) as provider:
        offer = await provider.play(PlayRequest({}, MediaKind.VIDEO))
        (only,) = offer.variants
        assert "secret" not in repr(offer) + str(only.media)
        assert only.media.identity == "far:s3:https://nas/films/a"  # type: ignore[union-attr]


@pytest.mark.parametrize("told, arrives", [("item_1", "item_1"), ("", ""), ("x" * 200, "x" * 100)])
def test_who_watches_together_is_told(told: str, arrives: str) -> None:
    assert play_of(to_play(PlayRequest({"a": 1}, MediaKind.VIDEO, screening=told))).screening == arrives


async def test_the_registry_has_its_name_before_and_its_capabilities_after(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = MemoryClock()
    async with remote(here()) as address:
        pass
    registry = all_providers(
        ProviderKit(MemoryFetch(), clock, ScriptedExtractor(), [address]), only=["direct", "remote"]
    )
    assert set(registry) == {"direct", "far"}
    following = asyncio.get_running_loop().create_task(registry.follow())
    try:
        await until(lambda: "is not there" in caplog.text)
        assert not isinstance(registry["far"], Recognises)
        with pytest.raises(UpstreamUnavailable):
            await registry["far"].resolve(FILM)
        async with remote(here(), port=address.port):
            clock.advance(1)
            await until(lambda: isinstance(registry["far"], Recognises))
            assert registry["far"].manifest.title == "Address (far)"
            assert await registry["far"].resolve(FILM)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def test_two_providers_of_one_name_are_refused() -> None:
    kit = ProviderKit(
        MemoryFetch(), MemoryClock(), ScriptedExtractor(), [RemoteAddress("direct", "grpc://127.0.0.1:1", "site")]
    )
    with pytest.raises(ValueError, match="direct"):
        all_providers(kit, only=["direct", "remote"])


async def test_a_registry_without_others_has_nothing_to_follow() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await Registry({"direct": here()}).follow()


@pytest.mark.parametrize(
    "url", ["http://a", "grpc://10.0.0.1:1", "grpcs://", "grpcs://a/b", "grpcs://u@a", "grpc://a:x"]
)
def test_an_address_that_is_unsafe_or_none_is_told(url: str) -> None:
    assert problem_with(url)


@pytest.mark.parametrize("url", ["grpc://localhost:7070", "grpc://[::1]:1", "grpc://127.0.0.1", "grpcs://films.lan:1"])
def test_an_address_that_is_good_is(url: str) -> None:
    assert problem_with(url) is None


async def until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds."""
    while not condition():
        await asyncio.sleep(0.01)
