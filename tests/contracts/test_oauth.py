"""What asking an identity provider promises: OpenID providers, a real one among them, and one without discovery."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

import pytest
from yarl import URL

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.oauth.oauth import FetchedOAuth
from synctv.adapters.system.clock import SystemClock
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow, OAuth
from synctv.domain.accounts.identities import Endpoints, ExternalIdentity, IdentityProvider, ProviderKind
from synctv.domain.errors import InvalidCredentials, UpstreamFailed, UpstreamRefused
from tests.adapters.aiohttp.site import closed_port
from tests.servers.identity import (
    CLIENT_ID,
    CLIENT_SECRET,
    MockProvider,
    Return,
    github,
    open_id_provider,
    signed_in_at,
)

CALLBACK = "https://watch.example.org/api/v1/auth/providers/house/callback?a=b&c=%2F"
ANSWER = AuthorizationAnswer("code")


def flow(name: str = "one") -> AuthorizationFlow:
    return AuthorizationFlow(f"state-{name}", f"nonce-{name}", f"verifier-{name}-{'v' * 40}", CALLBACK)


@dataclass(frozen=True, slots=True)
class World:
    """An adapter, and a provider with two people: `mia` under `mia_there`, and whoever `other` is."""

    oauth: OAuth
    provider: IdentityProvider
    secret: str
    mia: ExternalIdentity
    mia_there: str
    other: str

    async def signed_in(self, subject: str | None, begun: AuthorizationFlow) -> Return:
        """Sends the subject's browser away, and has it back."""
        return await signed_in_at(await self.oauth.authorization_url(self.provider, begun), subject)

    async def identity(self, begun: AuthorizationFlow, code: str) -> ExternalIdentity:
        """Who came back with the code."""
        return await self.oauth.identity(self.provider, self.secret, begun, AuthorizationAnswer(code))

    def moved_to(self, origin: str) -> IdentityProvider:
        """The provider, if it were at this address."""
        if self.provider.endpoints is None:
            return replace(self.provider, issuer=origin)
        endpoints = replace(self.provider.endpoints, token=f"{origin}/token", userinfo=f"{origin}/userinfo")
        return replace(self.provider, endpoints=endpoints)


def oidc(issuer: str, client_id: str) -> IdentityProvider:
    scopes = ("openid", "profile", "email")
    return IdentityProvider("house", "The House", ProviderKind.OIDC, client_id, None, scopes, issuer, None)


Worlds = Callable[[], AbstractAsyncContextManager[World]]


def mock_worlds(provider: MockProvider) -> Worlds:
    @asynccontextmanager
    async def world() -> AsyncIterator[World]:
        await provider.add_user("mia-1", email="mia@example.org", email_verified=True, preferred_username="mia")
        client_id, secret = await provider.register(CALLBACK)
        mia = ExternalIdentity("house", "mia-1", "mia", "mia@example.org", True)
        async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
            oauth = FetchedOAuth(fetch, SystemClock())
            yield World(oauth, oidc(provider.issuer, client_id), secret, mia, "mia-1", "noah-2")

    return world


@asynccontextmanager
async def told_world() -> AsyncIterator[World]:
    clock = MemoryClock()
    async with open_id_provider(clock) as provider, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        provider.add_user("mia-1", email="mia@example.org", email_verified=True, preferred_username="mia")
        mia = ExternalIdentity("house", "mia-1", "mia", "mia@example.org", True)
        oauth = FetchedOAuth(fetch, clock)
        yield World(oauth, oidc(provider.issuer, CLIENT_ID), CLIENT_SECRET, mia, "mia-1", "noah-2")


@asynccontextmanager
async def github_world() -> AsyncIterator[World]:
    async with github() as provider, aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        provider.add_user("mia", email="mia@example.org")
        provider.add_user("noah")
        at = provider.origin
        endpoints = Endpoints(
            f"{at}/login/oauth/authorize", f"{at}/login/oauth/access_token", f"{at}/user", "id", "login"
        )
        known = IdentityProvider(
            "house", "The House", ProviderKind.OAUTH2, CLIENT_ID, None, ("read:user",), None, endpoints
        )
        mia = ExternalIdentity("house", "583231", "mia", "mia@example.org", False)
        yield World(FetchedOAuth(fetch, MemoryClock()), known, CLIENT_SECRET, mia, "mia", "noah")


@pytest.fixture(params=["openid", "github", pytest.param("mock", marks=pytest.mark.server)])
def worlds(request: pytest.FixtureRequest) -> Worlds:
    """Asks for the server outside of any event loop, as pytest demands."""
    if request.param == "mock":
        return mock_worlds(request.getfixturevalue("mock_identity_provider"))
    return told_world if request.param == "openid" else github_world


@pytest.fixture
async def world(worlds: Worlds) -> AsyncIterator[World]:
    async with worlds() as opened:
        yield opened


async def test_who_signs_in_there_is_who_comes_back(world: World) -> None:
    back = await world.signed_in(world.mia_there, flow())
    assert back.state == flow().state
    assert await world.identity(flow(), back.code) == world.mia


async def test_a_person_keeps_their_subject_and_another_has_another(world: World) -> None:
    subjects = []
    for number, subject in enumerate([world.mia_there, world.other, world.mia_there]):
        begun = flow(str(number))
        back = await world.signed_in(subject, begun)
        subjects.append((await world.identity(begun, back.code)).subject)
    assert subjects[0] == subjects[2] != subjects[1]


async def test_the_browser_is_sent_with_everything_but_the_verifier(world: World) -> None:
    url = await world.oauth.authorization_url(world.provider, flow())
    asked = URL(url).query
    challenge = urlsafe_b64encode(sha256(flow().verifier.encode()).digest()).rstrip(b"=").decode()
    assert (asked["response_type"], asked["client_id"]) == ("code", world.provider.client_id)
    assert (asked["state"], asked["redirect_uri"]) == (flow().state, CALLBACK)
    assert asked["scope"].split() == list(world.provider.scopes)
    assert (asked["code_challenge"], asked["code_challenge_method"]) == (challenge, "S256")
    assert flow().verifier not in url


async def test_who_declines_comes_back_without_a_code(world: World) -> None:
    back = await world.signed_in(None, flow())
    assert (back.code, back.error) == ("", "access_denied")


async def test_a_code_works_once(world: World) -> None:
    back = await world.signed_in(world.mia_there, flow())
    await world.identity(flow(), back.code)
    with pytest.raises(InvalidCredentials, match="The sign-in at The House did not work. Start again."):
        await world.identity(flow(), back.code)


@pytest.mark.parametrize("code", ["", "never given", "x" * 5_000, "a\nb", "a\0b", "half \ud83d character"])
async def test_a_code_that_nobody_was_given_is_refused(world: World, code: str) -> None:
    with pytest.raises(InvalidCredentials):
        await world.identity(flow(), code)


async def test_a_code_of_one_sign_in_is_no_use_in_another(world: World) -> None:
    back = await world.signed_in(world.mia_there, flow("one"))
    with pytest.raises(InvalidCredentials):
        await world.identity(flow("two"), back.code)


async def test_a_code_cut_short_is_refused(world: World) -> None:
    back = await world.signed_in(world.mia_there, flow())
    with pytest.raises(InvalidCredentials):
        await world.identity(flow(), back.code[:-1])


async def test_a_code_for_another_address_is_refused(world: World) -> None:
    back = await world.signed_in(world.mia_there, flow())
    with pytest.raises(InvalidCredentials):
        await world.identity(replace(flow(), redirect_uri="https://evil.example.org/"), back.code)


async def test_a_wrong_client_secret_is_the_operators_to_mend(world: World) -> None:
    back = await world.signed_in(world.mia_there, flow())
    wrong = "not the secret"
    with pytest.raises(UpstreamRefused, match="client secret") as caught:
        await world.oauth.identity(world.provider, wrong, flow(), AuthorizationAnswer(back.code))
    assert not any(hidden in str(caught.value) for hidden in (wrong, back.code, flow().verifier))


async def test_many_at_once_are_told_apart(world: World) -> None:
    async def subject(number: int) -> str:
        begun = flow(f"many-{number}")
        back = await world.signed_in(world.mia_there if number % 2 else world.other, begun)
        return (await world.identity(begun, back.code)).subject

    subjects = await asyncio.gather(*(subject(number) for number in range(6)))
    assert set(subjects[1::2]) == {world.mia.subject}
    assert world.mia.subject not in subjects[0::2]


async def test_a_provider_that_is_not_there_is_a_failure_that_names_it(world: World) -> None:
    with closed_port() as port:
        with pytest.raises(UpstreamFailed, match="connected") as caught:
            await world.oauth.identity(world.moved_to(f"http://127.0.0.1:{port}"), world.secret, flow(), ANSWER)
        assert caught.value.host == "127.0.0.1"


async def test_a_provider_that_may_not_be_called_is_refused_with_the_setting_that_allows_it(world: World) -> None:
    with pytest.raises(UpstreamRefused, match=r"security\.egress\.allow"):
        await world.oauth.identity(world.moved_to("http://192.168.99.99"), world.secret, flow(), ANSWER)


async def test_a_provider_is_not_asked_in_plain_over_a_network(world: World) -> None:
    with pytest.raises(UpstreamFailed, match="https"):
        await world.oauth.identity(world.moved_to("http://id.example.org"), world.secret, flow(), ANSWER)
