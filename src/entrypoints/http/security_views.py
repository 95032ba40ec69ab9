"""How one's own account is protected, as its holder sees it."""

from __future__ import annotations

from collections.abc import Mapping

from blacksheep import Response
from msgspec import Struct

from synctv.application.accounts.own_security import Security
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Factor, Passkey, TotpSecret
from synctv.domain.accounts.identities import LinkedIdentity
from synctv.domain.ids import IdentityId, Micros, PasskeyId
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.views import Instant, instant

OWN = "Your account"
"""The tag of the endpoints with which people protect their accounts."""


class PasswordStateView(Struct, frozen=True, rename="camel"):
    """Whether there is a password, and whether it can be proven without being sent."""

    set: bool
    opaque: bool

    @classmethod
    def of(cls, account: Account) -> PasswordStateView:
        """The view of an account's password."""
        return cls(account.password is not None, account.password is not None and account.password.opaque is not None)


class EmailView(Struct, frozen=True, rename="camel"):
    """The verified address. It is `usable` as a proof where this server has mail."""

    address: str
    usable: bool


class AuthenticatorView(Struct, frozen=True, rename="camel"):
    """The authenticator app."""

    since: Instant

    @classmethod
    def maybe(cls, secret: TotpSecret | None) -> AuthenticatorView | None:
        """The view of an app, where there is one."""
        return None if secret is None else cls(instant(secret.created_at))


class PasskeyView(Struct, frozen=True, rename="camel"):
    """A passkey. `synced` ones are backed up by whoever made them."""

    id: PasskeyId
    name: str
    synced: bool
    created_at: Instant
    used_at: Instant | None

    @classmethod
    def of(cls, passkey: Passkey) -> PasskeyView:
        """The view of a passkey."""
        return cls(
            id=passkey.id,
            name=passkey.name,
            synced=passkey.synced,
            created_at=instant(passkey.created_at),
            used_at=_maybe(passkey.used_at),
        )


class IdentityView(Struct, frozen=True, rename="camel"):
    """An identity at a provider. `shown` is what its holder recognises it by."""

    id: IdentityId
    provider: str
    provider_name: str
    shown: str
    linked_at: Instant
    used_at: Instant | None

    @classmethod
    def of(cls, identity: LinkedIdentity, providers: Mapping[str, str]) -> IdentityView:
        """The view of an identity. `providers` are their names by slug."""
        return cls(
            id=identity.id,
            provider=identity.provider,
            provider_name=providers.get(identity.provider, identity.provider),
            shown=identity.shown,
            linked_at=instant(identity.linked_at),
            used_at=_maybe(identity.used_at),
        )


class SecurityView(Struct, frozen=True, rename="camel", kw_only=True):
    """Everything that protects the account. `methods` are those that a grant can be had with now."""

    password: PasswordStateView
    email: EmailView | None
    totp: AuthenticatorView | None
    recovery_codes: int
    passkeys: list[PasskeyView]
    identities: list[IdentityView]
    two_factor: bool
    can_enable_two_factor: bool
    methods: list[Factor]

    @classmethod
    def of(cls, security: Security) -> SecurityView:
        """The view of it all."""
        account = security.account
        usable = Factor.EMAIL in security.have.local
        return cls(
            password=PasswordStateView.of(account),
            email=None if account.email is None else EmailView(account.email, usable),
            totp=AuthenticatorView.maybe(security.totp),
            recovery_codes=security.recovery_codes,
            passkeys=[PasskeyView.of(passkey) for passkey in security.passkeys],
            identities=[IdentityView.of(identity, security.providers) for identity in security.identities],
            two_factor=account.two_factor,
            can_enable_two_factor=security.have.enough_for_two,
            methods=list(security.methods),
        )


async def security_response(exchange: Exchange) -> Response:
    """What protects the caller's account now."""
    return json_response(SecurityView.of(await exchange.application.security.of(exchange.account)))


def _maybe(micros: Micros | None) -> Instant | None:
    return None if micros is None else instant(micros)
