"""Asking an identity provider who somebody is: the authorization code flow with PKCE, state and nonce."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from synctv.domain.accounts.identities import ExternalIdentity, IdentityProvider
from synctv.domain.ids import Micros


@dataclass(frozen=True, slots=True)
class AuthorizationFlow:
    """What has to be kept (secretly) between sending somebody away and their return.

    With `fresh_since` the provider is asked to have them prove anew who they are, and an OpenID provider that says when
    they last did so is believed only if that was not before.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    fresh_since: Micros | None = None


@dataclass(frozen=True, slots=True)
class AuthorizationAnswer:
    """With what the browser came back (RFC 6749, 4.1.2). `issuer` is who says to have sent it (RFC 9207)."""

    code: str = field(repr=False)
    issuer: str | None = None


class OAuth(ABC):
    """Talks to providers through the fetch port, within the egress policy."""

    @abstractmethod
    async def authorization_url(self, provider: IdentityProvider, flow: AuthorizationFlow) -> str:
        """Where to send the browser. Raises `UpstreamFailed` when the provider can't be discovered."""

    @abstractmethod
    async def identity(
        self, provider: IdentityProvider, secret: str | None, flow: AuthorizationFlow, answer: AuthorizationAnswer
    ) -> ExternalIdentity:
        """Who came back with this answer. `secret` is the client secret, opened.

        Raises `InvalidCredentials` for a code, a token or a nonce that is not good, for an answer of another issuer and
        a proof that is not fresh enough, `UpstreamFailed` when the provider doesn't answer as it should. Clocks may
        differ by up to 60 s.
        """
