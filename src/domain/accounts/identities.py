"""Identities that other servers vouch for (OAuth2, OpenID Connect), and those servers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from synctv.domain.errors import Invalid
from synctv.domain.ids import AccountId, IdentityId, Micros

NAME_LENGTH = (1, 60)
MAX_IDENTITIES = 20
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


class ProviderKind(StrEnum):
    """`oidc` finds its endpoints by discovery and hands out signed id tokens; `oauth2` is asked who somebody is."""

    OIDC = "oidc"
    OAUTH2 = "oauth2"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider without discovery is asked (https URLs), and under which names its answer says what.

    GitHub, for one: `subject` is `id`, `username` is `login`. `email_verified` is None where the answer doesn't say.
    """

    authorization: str
    token: str
    userinfo: str
    subject: str = "sub"
    username: str = "preferred_username"
    email: str = "email"
    email_verified: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A server that vouches for people, as the operator set it up.

    `slug` names it in addresses, `name` on buttons. `issuer` is for OIDC, `endpoints` for OAuth2. `secret` is sealed.
    `sign_up` lets newcomers in, `review` makes them wait for approval, `trusts_email` takes its word that an address is
    verified.
    """

    slug: str
    name: str
    kind: ProviderKind
    client_id: str
    sealed_secret: bytes | None
    scopes: tuple[str, ...]
    issuer: str | None
    endpoints: Endpoints | None
    enabled: bool = True
    sign_up: bool = False
    review: bool = True
    trusts_email: bool = False

    def __post_init__(self) -> None:
        """Raises `ValueError` for a provider that could not be asked."""
        if (self.issuer is None) is (self.kind is ProviderKind.OIDC):
            raise ValueError("An OIDC provider has an issuer, and no other has.")
        if (self.endpoints is None) is (self.kind is ProviderKind.OAUTH2):
            raise ValueError("An OAuth2 provider has endpoints, and no other has.")

    @property
    def realm(self) -> str:
        """Within what its subjects are unique: in another realm, the same subject is another person."""
        if self.endpoints is None:
            return self.issuer or ""
        at = self.endpoints
        return f"{at.authorization} {at.token} {at.userinfo} {at.subject}"


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """Somebody as a provider knows them. `subject` is the provider's own, unchanging name; the rest may change."""

    provider: str
    subject: str
    username: str | None
    email: str | None
    email_verified: bool


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """An external identity that signs in to an account. `shown` is what its holder recognises it by."""

    id: IdentityId
    account_id: AccountId
    provider: str
    subject: str
    shown: str
    linked_at: Micros
    used_at: Micros | None


def valid_slug(text: str, path: str = "slug") -> str:
    """The slug, or `Invalid`: lower case letters, digits and `-` inside, at most 32."""
    if not _SLUG.fullmatch(text):
        raise Invalid.field(path, "A short name has 1 to 32 lower case letters and digits, with - inside.", "pattern")
    return text
