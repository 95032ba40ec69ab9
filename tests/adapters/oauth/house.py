"""An OpenID provider that does as a test tells it, and an adapter that asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.oauth.oauth import FetchedOAuth
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow
from synctv.domain.accounts.identities import Endpoints, ExternalIdentity, IdentityProvider, ProviderKind
from synctv.domain.ids import MICROS
from tests.servers.identity import (
    CLIENT_ID,
    CLIENT_SECRET,
    ToldGithub,
    ToldOpenIdProvider,
    github,
    open_id_provider,
    signed_in_at,
)

FLOW = AuthorizationFlow("a-state", "a-nonce", "a-verifier-" + "v" * 40, "https://watch.example.org/back")
MIA = "mia-1"


@dataclass
class House:
    """`told` is the provider, `known` what the operator set up of it, `oauth` what asks it."""

    told: ToldOpenIdProvider
    known: IdentityProvider
    oauth: FetchedOAuth
    clock: MemoryClock
    secret: str | None = CLIENT_SECRET

    @property
    def now(self) -> int:
        """Seconds since the epoch."""
        return self.clock.now() // MICROS

    async def leave(self, flow: AuthorizationFlow = FLOW) -> str:
        """Where the browser is sent."""
        return await self.oauth.authorization_url(self.known, flow)

    async def come_back(self, subject: str = MIA, flow: AuthorizationFlow = FLOW) -> ExternalIdentity:
        """Signs the subject in there, and asks who that was."""
        back = await signed_in_at(await self.leave(flow), subject)
        return await self.ask(back.code, flow, back.issuer)

    async def ask(self, code: str, flow: AuthorizationFlow = FLOW, issuer: str | None = None) -> ExternalIdentity:
        """Who this code was given to, which `issuer` says to have sent."""
        return await self.oauth.identity(self.known, self.secret, flow, AuthorizationAnswer(code, issuer))


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """The provider is on 127.0.0.1, and nothing else may be called there."""
    clock = MemoryClock()
    async with open_id_provider(clock) as told, aiohttp_fetch(EgressPolicy.of([f"127.0.0.1:{told.port}"])) as fetch:
        told.add_user(MIA, email="mia@example.org", email_verified=True, preferred_username="mia")
        scopes = ("openid", "email", "profile")
        known = IdentityProvider("house", "The House", ProviderKind.OIDC, CLIENT_ID, None, scopes, told.issuer, None)
        yield House(told, known, FetchedOAuth(fetch, clock), clock)


@dataclass
class Hub:
    """`told` is a provider without discovery, `known` what the operator set up of it, `oauth` what asks it."""

    told: ToldGithub
    known: IdentityProvider
    oauth: FetchedOAuth
    secret: str | None = CLIENT_SECRET

    @property
    def endpoints(self) -> Endpoints:
        """As the operator set them up."""
        assert self.known.endpoints is not None
        return self.known.endpoints

    def names(self, **names: str) -> None:
        """The operator sets up these names of fields."""
        self.known = replace(self.known, endpoints=replace(self.endpoints, **names))

    async def come_back(self, subject: str = "mia") -> ExternalIdentity:
        """Signs the subject in there, and asks who that was."""
        back = await signed_in_at(await self.oauth.authorization_url(self.known, FLOW), subject)
        answer = AuthorizationAnswer(back.code, back.issuer)
        return await self.oauth.identity(self.known, self.secret, FLOW, answer)


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    """The provider is on 127.0.0.1, and nothing else may be called there."""
    async with github() as told, aiohttp_fetch(EgressPolicy.of([f"127.0.0.1:{told.port}"])) as fetch:
        told.add_user("mia", email="mia@example.org", verified=True)
        at = told.origin
        endpoints = Endpoints(
            f"{at}/login/oauth/authorize", f"{at}/login/oauth/access_token", f"{at}/user", "id", "login"
        )
        scopes = ("read:user",)
        known = IdentityProvider("hub", "The Hub", ProviderKind.OAUTH2, CLIENT_ID, None, scopes, None, endpoints)
        yield Hub(told, known, FetchedOAuth(fetch, MemoryClock()))
