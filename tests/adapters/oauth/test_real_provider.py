"""A real OpenID provider, where what counts is that it is none of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from synctv.adapters.aiohttp.egress import EgressPolicy
from synctv.adapters.aiohttp.fetch import aiohttp_fetch
from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.oauth.oauth import FetchedOAuth
from synctv.adapters.system.clock import SystemClock
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.oauth import AuthorizationAnswer
from synctv.domain.accounts.identities import ExternalIdentity, IdentityProvider, ProviderKind
from synctv.domain.errors import InvalidCredentials
from synctv.domain.ids import seconds_after
from tests.adapters.oauth.house import FLOW
from tests.servers.identity import MockProvider, signed_in_at

pytestmark = pytest.mark.server
TOKEN_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Real:
    """The provider, one of its clients, and what fetches from it."""

    running: MockProvider
    known: IdentityProvider
    secret: str
    fetch: Fetch

    def oauth(self, seconds_ahead: float = 0.0) -> FetchedOAuth:
        """What asks it, by a clock that is so far ahead of it."""
        return FetchedOAuth(self.fetch, MemoryClock(seconds_after(SystemClock().now(), seconds_ahead)))


@pytest.fixture
async def real(mock_identity_provider: MockProvider) -> AsyncIterator[Real]:
    client_id, secret = await mock_identity_provider.register(FLOW.redirect_uri, "client_secret_basic")
    known = IdentityProvider(
        "real", "The Real One", ProviderKind.OIDC, client_id, None, ("email",), mock_identity_provider.issuer, None
    )
    async with aiohttp_fetch(EgressPolicy.of(["127.0.0.1"])) as fetch:
        yield Real(mock_identity_provider, known, secret, fetch)


async def code_for(real: Real, subject: str) -> AuthorizationAnswer:
    back = await signed_in_at(await real.oauth().authorization_url(real.known, FLOW), subject)
    return AuthorizationAnswer(back.code, back.issuer)


async def test_whoever_types_a_subject_is_that_subject(real: Real) -> None:
    code = await code_for(real, "anybody@example.org")
    identity = await real.oauth().identity(real.known, real.secret, FLOW, code)
    assert identity == ExternalIdentity("real", "anybody@example.org", None, "anybody@example.org", False)


@pytest.mark.parametrize("ahead", [TOKEN_SECONDS + 120, -120])
async def test_its_tokens_are_neither_old_nor_of_the_future(real: Real, ahead: float) -> None:
    code = await code_for(real, "mia")
    with pytest.raises(InvalidCredentials):
        await real.oauth(ahead).identity(real.known, real.secret, FLOW, code)


@pytest.mark.parametrize("ahead", [TOKEN_SECONDS + 30, -30])
async def test_its_clock_may_be_half_a_minute_apart(real: Real, ahead: float) -> None:
    code = await code_for(real, "mia")
    assert (await real.oauth(ahead).identity(real.known, real.secret, FLOW, code)).subject == "mia"


async def test_its_token_for_another_request_is_refused(real: Real) -> None:
    code = await code_for(real, "mia")
    with pytest.raises(InvalidCredentials):
        await real.oauth().identity(real.known, real.secret, replace(FLOW, nonce="another"), code)


async def test_its_code_for_another_client_is_refused(real: Real) -> None:
    code = await code_for(real, "mia")
    other_id, other_secret = await real.running.register(FLOW.redirect_uri)
    other = replace(real.known, client_id=other_id)
    with pytest.raises(InvalidCredentials):
        await real.oauth().identity(other, other_secret, FLOW, code)
