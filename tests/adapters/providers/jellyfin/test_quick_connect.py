"""Signing in to a Jellyfin with a code that is entered there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.providers.jellyfin.provider import JellyfinProvider
from synctv.application.ports.providers import PendingLogin
from synctv.domain.errors import DomainError, FlowOver, Invalid, UpstreamFormat, UpstreamRefused, UpstreamUnavailable
from tests.adapters.providers.jellyfin.server import NAME, Jellyfin, jellyfin
from tests.adapters.providers.listening import Answer


@pytest.fixture
async def provider() -> AsyncIterator[JellyfinProvider]:
    async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        yield JellyfinProvider(fetch, MemoryClock())


@pytest.fixture(params=["jf1011", "jf12"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Jellyfin]:
    async with jellyfin(request.param) as opened:
        yield opened


async def begun(provider: JellyfinProvider, server: Jellyfin) -> PendingLogin:
    return await provider.begin("quick_connect", {"server": f"{server.origin}/web/index.html#!/home"})


@pytest.mark.parametrize("old", [False, True])
async def test_who_enters_the_code_there_is_let_in_here(
    provider: JellyfinProvider, server: Jellyfin, old: bool
) -> None:
    server.old = old
    pending = await begun(provider, server)
    assert (pending.code, pending.seconds, pending.every) == ("123456", 600, 5)
    assert await provider.confirmed(pending.state) is None
    assert await provider.confirmed(pending.state) is None
    server.confirmed.add(pending.code)
    new = await provider.confirmed(pending.state)
    assert new is not None
    assert (new.label, new.login.server) == (NAME, server.origin)
    assert await provider.check(new.login) == NAME
    assert new.login.secret["device"] == pending.state["device"]
    with pytest.raises(FlowOver):
        await provider.confirmed(pending.state)


async def test_each_code_is_for_its_own_sign_in(provider: JellyfinProvider, server: Jellyfin) -> None:
    one, other = await begun(provider, server), await begun(provider, server)
    server.confirmed.add(one.code)
    assert one.state["device"] != other.state["device"]
    assert await provider.confirmed(other.state) is None
    assert await provider.confirmed(one.state) is not None


async def test_a_code_that_its_server_forgot_has_run_out(provider: JellyfinProvider, server: Jellyfin) -> None:
    pending = await begun(provider, server)
    server.codes = {}
    with pytest.raises(FlowOver, match="run out"):
        await provider.confirmed(pending.state)


async def test_a_server_without_it_says_so(provider: JellyfinProvider, server: Jellyfin) -> None:
    server.codes = None
    with pytest.raises(UpstreamRefused, match="switched off"):
        await begun(provider, server)
    async with jellyfin("emby48") as emby:
        with pytest.raises(Invalid, match="Emby"):
            await begun(provider, emby)


@pytest.mark.parametrize(
    "answer, error",
    [
        (Answer(b"{}"), UpstreamFormat),
        (Answer(b'{"Secret": "s", "Code": "<b>1</b>", "Authenticated": false}'), UpstreamFormat),
        (Answer(b'{"Secret": "", "Code": "1", "Authenticated": false}'), UpstreamFormat),
        (Answer(status=503), UpstreamUnavailable),
    ],
)
async def test_answers_that_make_no_sense_are_told(
    provider: JellyfinProvider,
    server: Jellyfin,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    error: type[DomainError],
) -> None:
    monkeypatch.setattr(Jellyfin, "_quick_connect", lambda *_: answer.made())
    with pytest.raises(error):
        await begun(provider, server)


async def test_a_confirmation_that_makes_no_sense_is_told(
    provider: JellyfinProvider, server: Jellyfin, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = await begun(provider, server)
    monkeypatch.setattr(Jellyfin, "_quick_connect", lambda *_: Answer(b"[]").made())
    with pytest.raises(UpstreamFormat):
        await provider.confirmed(pending.state)
