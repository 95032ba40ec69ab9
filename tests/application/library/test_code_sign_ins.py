"""Signing in at a provider with a code that is confirmed there."""

from __future__ import annotations

import asyncio

import pytest

from synctv.application.accounts.client import Client
from synctv.application.library import code_sign_ins as module
from synctv.application.library.code_sign_ins import MAX_EVERY, MAX_SECONDS, MIN_EVERY, CodeShown
from synctv.application.library.credentials import FAILED_SIGN_INS
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login
from synctv.domain.errors import FlowOver, Invalid, RateLimited, UpstreamTimeout, UpstreamUnavailable
from synctv.domain.ids import seconds_after
from synctv.domain.rooms.actor import AccountActor
from tests.application.house import House, furnished
from tests.application.library.code_nas import CODE, STATE, CodeNas
from tests.application.library.nas import SERVER, Nas
from tests.applications import CLIENT


@pytest.fixture
def nas() -> CodeNas:
    return CodeNas()


@pytest.fixture
def house(passwords: PasswordHasher, nas: CodeNas) -> House:
    return furnished(passwords, providers={"nas": nas, "plain": Nas()})


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("anna")


async def begin(house: House, actor: AccountActor, client: Client = CLIENT, **fields: str) -> CodeShown:
    given = {"server": SERVER, **fields}
    return await house.application.code_sign_ins.begin(actor, "nas", "code", given, client)


async def test_a_code_that_is_confirmed_leads_to_a_login(house: House, anna: AccountActor, nas: CodeNas) -> None:
    shown = await begin(house, anna, server=" HTTP://NAS.lan:8096/media/ ")
    assert (shown.code, shown.every) == (CODE, 5)
    assert shown.expires_at == seconds_after(house.clock.now(), 600)
    codes = house.application.code_sign_ins
    assert await codes.check(anna, shown.flow, CLIENT) is None
    nas.confirmations = 1
    credential = await codes.check(anna, shown.flow, CLIENT)
    assert credential is not None
    assert (credential.server, credential.label) == (SERVER, "anna")
    assert await house.application.credentials.list(anna) == [credential]
    login = await house.application.credentials.login_for(anna.id, credential.id)
    assert login == Login(SERVER, {"token": "token-1"})
    with pytest.raises(FlowOver):
        await codes.check(anna, shown.flow, CLIENT)


async def test_what_is_kept_meanwhile_shows_nothing(house: House, anna: AccountActor) -> None:
    shown = await begin(house, anna)
    kept = [await house.short_lived.get(key) for key in house.short_lived.remembered()]
    assert not any(STATE.encode() in (value or b"") for value in kept)
    assert not any(shown.flow in key for key in house.short_lived.remembered())


async def test_a_code_is_for_who_began(house: House, anna: AccountActor, nas: CodeNas) -> None:
    shown, bob = await begin(house, anna), await house.account("bob")
    nas.confirmations = 1
    for actor, flow in ((bob, shown.flow), (anna, "made up")):
        with pytest.raises(FlowOver):
            await house.application.code_sign_ins.check(actor, flow, CLIENT)
    assert not nas.checked


async def test_a_code_runs_out_here_and_there(house: House, anna: AccountActor, nas: CodeNas) -> None:
    shown = await begin(house, anna)
    house.clock.advance(600)
    with pytest.raises(FlowOver):
        await house.application.code_sign_ins.check(anna, shown.flow, CLIENT)
    again = await begin(house, anna)
    nas.over = True
    with pytest.raises(FlowOver):
        await house.application.code_sign_ins.check(anna, again.flow, CLIENT)


@pytest.mark.parametrize("seconds, every, expected", [(1e9, 0.0, MIN_EVERY), (60.0, 1e9, MAX_EVERY)])
async def test_a_server_does_not_say_how_long_one_waits(
    house: House, anna: AccountActor, nas: CodeNas, seconds: float, every: float, expected: float
) -> None:
    nas.seconds, nas.every = seconds, every
    shown = await begin(house, anna)
    assert shown.expires_at == seconds_after(house.clock.now(), min(seconds, MAX_SECONDS))
    assert shown.every == expected


async def test_of_several_who_ask_at_once_one_gets_the_login(house: House, anna: AccountActor, nas: CodeNas) -> None:
    shown = await begin(house, anna)
    nas.confirmations, nas.gate = 1, asyncio.Event()
    codes = house.application.code_sign_ins
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(codes.check(anna, shown.flow, CLIENT)) for _ in range(3)]
        while not nas.checked:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        nas.gate.set()
    assert sum(task.result() is not None for task in asked) == 1
    assert len(nas.checked) == 1


async def test_a_server_that_fails_may_be_asked_again(
    house: House, anna: AccountActor, nas: CodeNas, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await begin(house, anna)
    codes = house.application.code_sign_ins
    nas.fails = UpstreamUnavailable("nas.lan")
    with pytest.raises(UpstreamUnavailable):
        await codes.check(anna, shown.flow, CLIENT)
    nas.fails, nas.gate = None, asyncio.Event()
    monkeypatch.setattr(module, "SIGN_IN_SECONDS", 0.01)
    with pytest.raises(UpstreamTimeout):
        await codes.check(anna, shown.flow, CLIENT)
    nas.gate, nas.confirmations = None, 1
    assert await codes.check(anna, shown.flow, CLIENT) is not None


async def test_wrong_forms_are_told(house: House, anna: AccountActor) -> None:
    for provider, form, fields, path in (
        ("nas", "password", {"server": SERVER}, "form"),
        ("nas", "code", {}, "fields.server"),
        ("plain", "code", {"server": SERVER}, "provider"),
        ("nonsense", "code", {"server": SERVER}, "provider"),
    ):
        with pytest.raises(Invalid) as caught:
            await house.application.code_sign_ins.begin(anna, provider, form, fields, CLIENT)
        assert caught.value.errors[0].path == path


async def test_servers_that_are_none_are_not_looked_for_at_any_speed(
    house: House, anna: AccountActor, nas: CodeNas
) -> None:
    nas.failure = UpstreamUnavailable("nas.lan")
    refused: list[type[Exception]] = []
    for _ in range(FAILED_SIGN_INS + 1):
        with pytest.raises((UpstreamUnavailable, RateLimited)) as caught:
            await begin(house, anna)
        refused.append(caught.type)
    assert refused[0] is UpstreamUnavailable
    assert refused[-1] is RateLimited
