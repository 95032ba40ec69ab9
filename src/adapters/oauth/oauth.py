"""Signing in at identity providers, over the fetch port."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import structlog
from yarl import URL

from synctv.adapters.kept import Kept
from synctv.adapters.oauth.addresses import discovery_url, host_of, issuer_url, usable
from synctv.adapters.oauth.calls import Answer, Fields, ProviderCalls
from synctv.adapters.oauth.discovery import ClientAuth, Metadata, metadata
from synctv.adapters.oauth.errors import NotBelieved
from synctv.adapters.oauth.id_token import Expected, Header, check_claims, header_of, signed_claims
from synctv.adapters.oauth.keys import PublicKey, PublishedKeys, published_keys
from synctv.adapters.oauth.people import by_claims, by_names
from synctv.adapters.oauth.tokens import Client, Tokens, exchanged
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow, OAuth
from synctv.domain.accounts.identities import Endpoints, ExternalIdentity, IdentityProvider
from synctv.domain.errors import InvalidCredentials, UpstreamFailed

MAX_PROVIDERS = 50
KEPT_SECONDS = 3_600.0
"""For how long a provider's description and keys are used: a key that it withdraws is good for that long at most."""

PAUSE_SECONDS = 30.0
"""How often a key that is not known may make us ask for a provider's keys."""

_OPENID = "openid"
_EMAIL = "email"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Addresses:
    """Where a provider without discovery is asked."""

    authorization: URL
    token: URL
    userinfo: URL


class FetchedOAuth(OAuth):
    """Providers' descriptions and keys are kept; nothing of a person is."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._calls = ProviderCalls(fetch)
        self._clock = clock
        self._descriptions: Kept[Metadata] = Kept(
            clock, places=MAX_PROVIDERS, seconds=KEPT_SECONDS, pause_seconds=PAUSE_SECONDS
        )
        self._keys: Kept[PublishedKeys] = Kept(
            clock, places=MAX_PROVIDERS, seconds=KEPT_SECONDS, pause_seconds=PAUSE_SECONDS
        )

    async def authorization_url(self, provider: IdentityProvider, flow: AuthorizationFlow) -> str:
        """Where to send the browser (RFC 6749, 4.1.1; RFC 7636, 4.3; OpenID Connect Core 1.0, 3.1.2.1).

        Nobody is sent away who could not be taken back: the addresses that are asked then are looked at first.
        """
        if provider.endpoints is not None:
            return _with_question(
                _usable(provider, provider.endpoints).authorization, provider, flow, provider.scopes, {}
            )
        described = await self._described(provider.issuer or "")
        scopes = tuple(dict.fromkeys((_OPENID, *provider.scopes)))
        fresh = {} if flow.fresh_since is None else {"prompt": "login", "max_age": "0"}
        return _with_question(described.authorization, provider, flow, scopes, {"nonce": flow.nonce, **fresh})

    async def identity(
        self, provider: IdentityProvider, secret: str | None, flow: AuthorizationFlow, answer: AuthorizationAnswer
    ) -> ExternalIdentity:
        """Who came back. Why somebody is not believed is logged, for whoever runs this server."""
        try:
            if provider.endpoints is not None:
                return await self._asked(provider, provider.endpoints, secret, flow, answer.code)
            return await self._vouched_for(provider, secret, flow, answer)
        except NotBelieved as error:
            _log.warning("identity_not_believed", provider=provider.slug, reason=str(error))
            raise InvalidCredentials(f"The sign-in at {provider.name} did not work. Start again.") from None

    async def _asked(
        self, provider: IdentityProvider, endpoints: Endpoints, secret: str | None, flow: AuthorizationFlow, code: str
    ) -> ExternalIdentity:
        """Who a provider without discovery says it is. Secrets go into the form, where all such providers take them.

        Such a provider has told nobody its issuer, so there is nothing to compare an answer's with.
        """
        at = _usable(provider, endpoints)
        client = Client(provider.client_id, secret, ClientAuth.POST)
        tokens = await exchanged(self._calls, at.token, client, flow, code)
        said = _said(await self._calls.get(at.userinfo, tokens.header))
        return by_names(provider.slug, host_of(at.userinfo), said, endpoints)

    async def _vouched_for(
        self, provider: IdentityProvider, secret: str | None, flow: AuthorizationFlow, answer: AuthorizationAnswer
    ) -> ExternalIdentity:
        """Who a signed id token says it is."""
        described = await self._described(provider.issuer or "")
        _must_be_from(described, answer)
        client = Client(provider.client_id, secret, described.client_auth)
        tokens = await exchanged(self._calls, described.token, client, flow, answer.code)
        claims = await self._claims(provider, described, flow, tokens)
        return by_claims(
            provider.slug, host_of(described.token), claims, await self._with_email(provider, described, tokens, claims)
        )

    async def _claims(
        self, provider: IdentityProvider, described: Metadata, flow: AuthorizationFlow, tokens: Tokens
    ) -> Fields:
        if tokens.id is None:
            raise UpstreamFailed(host_of(described.token), "it gave no id token. Check that it is an OpenID provider.")
        header = header_of(tokens.id, described.algorithms)
        claims = signed_claims(tokens.id, header, await self._key(described, header))
        expected = Expected(
            described.issuer, provider.client_id, flow.nonce, tokens.access, self._clock.now(), flow.fresh_since
        )
        check_claims(claims, header, expected)
        return claims

    async def _with_email(
        self, provider: IdentityProvider, described: Metadata, tokens: Tokens, claims: Fields
    ) -> Fields:
        """The claims that hold the email address: the id token's, or where it has none those of the userinfo endpoint.

        These are about the same person alone, or nobody is believed (OpenID Connect Core 1.0, 5.3.2).
        """
        if _EMAIL in claims or _EMAIL not in provider.scopes or described.userinfo is None:
            return claims
        said = _said(await self._calls.get(described.userinfo, tokens.header))
        if said.get("sub") != claims.get("sub"):
            raise NotBelieved("an answer of the userinfo endpoint about somebody else than the id token")
        return said

    async def _described(self, issuer: str) -> Metadata:
        issuer_url(issuer)

        async def load() -> Metadata:
            answer = await self._calls.get(URL(discovery_url(issuer)))
            return metadata(answer.good(), issuer)

        return await self._descriptions.get(issuer, load)

    async def _key(self, described: Metadata, header: Header) -> PublicKey:
        """The key that the header names; one that is not known yet may be new."""

        async def load() -> PublishedKeys:
            answer = await self._calls.get(described.keys)
            keys = published_keys(answer.good())
            if keys is None:
                raise UpstreamFailed(answer.host, "it does not publish its keys as a key set.")
            return keys

        name = str(described.keys)
        key = (await self._keys.get(name, load)).find(header.kid, header.algorithm)
        if key is None:
            key = (await self._keys.renewed(name, load)).find(header.kid, header.algorithm)
        if key is None:
            raise NotBelieved("an id token that is signed with a key that the provider does not publish")
        return key


def _must_be_from(described: Metadata, answer: AuthorizationAnswer) -> None:
    """Raises `NotBelieved` for an answer of another issuer, before its code is shown to anybody (RFC 9207, 2.4)."""
    if answer.issuer is None and described.names_itself:
        raise NotBelieved("an answer that does not say whose it is, which the provider announces to say")
    if answer.issuer not in (None, described.issuer):
        raise NotBelieved("an answer of another issuer")


def _said(answer: Answer) -> Fields:
    """What the userinfo endpoint says."""
    if answer.status == 401:
        raise NotBelieved("the userinfo endpoint does not take the access token")
    return answer.good()


def _usable(provider: IdentityProvider, endpoints: Endpoints) -> _Addresses:
    """Where a provider without discovery is asked. Raises `UpstreamFailed`."""
    return _Addresses(
        usable(endpoints.authorization, "authorization endpoint", of=provider.name),
        usable(endpoints.token, "token endpoint", of=provider.name),
        usable(endpoints.userinfo, "userinfo endpoint", of=provider.name),
    )


def _with_question(
    url: URL, provider: IdentityProvider, flow: AuthorizationFlow, scopes: tuple[str, ...], more: Mapping[str, str]
) -> str:
    """The address with the question added to what it has. Providers without PKCE overlook that part of it."""
    challenge = urlsafe_b64encode(sha256(flow.verifier.encode()).digest()).rstrip(b"=").decode()
    question = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": flow.redirect_uri,
        "scope": " ".join(scopes),
        "state": flow.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **more,
    }
    return str(url.update_query(question))
