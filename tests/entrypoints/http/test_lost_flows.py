"""What is kept between two steps may be lost or out of reach: then one begins again, and nobody gets in by it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.short_lived import MemoryShortLived
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.policy import SignUpWay, WaySwitch
from tests.applications import PASSWORD
from tests.authenticator import Authenticator
from tests.builders import an_identity_provider
from tests.entrypoints.http.api import OUR_SITE, Answer, Api, serving_api
from tests.entrypoints.http.browser import Registration
from tests.entrypoints.http.outages import FragileShortLived
from tests.entrypoints.http.proving import AGAIN, OVER, Holder, outcome
from tests.entrypoints.http.test_external import Browser, ToldOAuth, told


class LosingShortLived(FragileShortLived):
    """Forgets everything when a test says so, as a server that was started anew."""

    def __init__(self, clock: MemoryClock) -> None:
        super().__init__(MemoryShortLived(clock))
        self._clock = clock

    def lose(self) -> None:
        self._inner = MemoryShortLived(self._clock)


@dataclass
class World:
    """Somebody with everything, at a server whose memory can be lost."""

    api: Api
    cache: LosingShortLived
    ada: Holder
    browser: Browser

    async def mine(self, path: str, body: Any = None, *, granted: bool = False) -> Any:
        """The beginning of something of one's own."""
        headers = await self.api.granted(self.ada.person) if granted else {}
        answer = await self.api.post(path, body or {}, token=self.ada.person.token, headers=headers)
        assert answer.status == 200, answer.body
        return answer.json


@pytest.fixture
async def world(passwords: PasswordHasher, opaque: Opaque) -> AsyncIterator[World]:
    clock, oauth = MemoryClock(), ToldOAuth()
    cache = LosingShortLived(clock)
    async with serving_api(passwords, OUR_SITE, short_lived=cache, opaque=opaque, oauth=oauth, clock=clock) as api:
        await api.policy(sign_up={SignUpWay.PASSWORD: WaySwitch(enabled=True, review=False)})
        await api.application.identity_providers.add(an_identity_provider(slug="hub"), None)
        ada = await Holder.made(api)
        clock.advance(31)
        yield World(api, cache, ada, Browser(api, oauth))


Ending = Callable[[], Awaitable[Answer]]
Beginning = Callable[[World], Awaitable[Ending]]


def first_step(kind: str) -> Beginning:
    async def begin(world: World) -> Ending:
        proof = await world.ada.proof(kind, username="ada")
        return lambda: world.api.post("/auth/login", {"proof": proof})

    return begin


async def second_step(world: World) -> Ending:
    mfa = (await world.ada.challenged())["id"]
    proof = await world.ada.proof("totp")
    return lambda: world.api.post("/auth/mfa", {"mfa": mfa, "proof": proof})


async def grant(world: World) -> Ending:
    headers, token = await world.api.granted(world.ada.person), world.ada.person.token
    return lambda: world.api.post("/me/recovery-codes", {}, token=token, headers=headers)


async def way_back(world: World) -> Ending:
    state, code = await world.browser.left(), world.browser.oauth.knows("ada-there")

    async def end() -> Answer:
        back = told(await world.browser.come_back(state=state, code=code))
        return Answer(412 if back["error"] == "flow_over" else 503, {}, b'{"code":"%s"}' % back["error"].encode())

    return end


async def arrival(world: World) -> Ending:
    result = await world.browser.went("ada-there")
    return lambda: world.browser.finish(result)


async def sign_up(world: World) -> Ending:
    begun = (await world.api.post("/auth/sign-up/start", {"way": "password", "username": "grace"})).json
    return lambda: world.api.post("/auth/sign-up", {"flow": begun["flow"], "password": PASSWORD})


async def reset_code(world: World) -> Ending:
    flow = (await world.api.post("/auth/reset/start", {"username": "ada"})).json["flow"]
    body = {"flow": flow, "code": world.api.code}
    return lambda: world.api.post("/auth/reset/verify", body)


async def reset(world: World) -> Ending:
    flow = (await (await reset_code(world))()).json["flow"]
    body = {"flow": flow, "password": PASSWORD, "proof": await world.ada.proof("totp")}
    return lambda: world.api.post("/auth/reset", body)


async def new_email(world: World) -> Ending:
    begun = await world.mine("/me/email/start", {"email": "new@example.org"}, granted=True)
    body = {"flow": begun["flow"], "code": world.api.code}
    return lambda: world.api.post("/me/email", body, token=world.ada.person.token)


async def new_passkey(world: World) -> Ending:
    begun = await world.mine("/me/passkeys/start", granted=True)
    body = {"flow": begun["flow"], "credential": Authenticator().create(begun["options"]), "name": "Key"}
    return lambda: world.api.post("/me/passkeys", body, token=world.ada.person.token)


async def new_app(world: World) -> Ending:
    begun = await world.mine("/me/totp/start", granted=True)
    body = {"flow": begun["flow"], "code": "123456"}
    return lambda: world.api.post("/me/totp", body, token=world.ada.person.token)


async def new_password(world: World) -> Ending:
    registration = Registration.of()
    begun = await world.mine("/me/password/opaque", {"request": registration.request})
    body = {"flow": begun["flow"], "upload": registration.upload(begun["response"])}

    async def end() -> Answer:
        # A grant of its own, since that is lost with the rest.
        headers = {} if world.cache.down else await world.api.granted(world.ada.person)
        headers = headers or {"x-grant": "unreachable"}
        return await world.api.put("/me/password", body, token=world.ada.person.token, headers=headers)

    return end


BEGUN = [
    first_step("opaque"),
    first_step("passkey"),
    first_step("email"),
    second_step,
    way_back,
    arrival,
    sign_up,
    reset_code,
    reset,
    new_email,
    new_passkey,
    new_app,
    new_password,
]


@pytest.mark.parametrize("begin", BEGUN)
async def test_what_was_begun_before_the_loss_is_begun_again(world: World, begin: Beginning) -> None:
    end = await begin(world)
    world.cache.lose()
    assert outcome(await end()) == OVER


async def test_a_grant_is_lost_with_the_rest(world: World) -> None:
    end = await grant(world)
    world.cache.lose()
    assert outcome(await end()) == AGAIN


@pytest.mark.parametrize("begin", [*BEGUN, grant])
async def test_while_nothing_can_be_looked_up_nobody_gets_in(world: World, begin: Beginning) -> None:
    end = await begin(world)
    world.cache.down = True
    assert outcome(await end()) == (503, "unavailable")
    world.cache.down = False


async def test_a_session_outlives_the_loss(world: World) -> None:
    world.cache.lose()
    person = world.ada.person
    assert (await world.api.get("/me", token=person.token)).status == 200
    world.cache.down = True
    assert (await world.api.get("/me", token=person.token)).status == 200
    assert (await world.api.post("/auth/refresh", {"refreshToken": person.refresh_token})).status == 200
