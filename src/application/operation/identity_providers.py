"""The servers that vouch for people here, as the operator sets them up while the server runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from synctv.application.accounts.external import provider_place
from synctv.application.accounts.journal import Journal
from synctv.application.ports.oauth import AuthorizationFlow, OAuth
from synctv.application.ports.sealing import CannotOpen, Sealer
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.identities import NAME_LENGTH, Endpoints, IdentityProvider, valid_slug
from synctv.domain.audit.entry import OPERATOR, Action, Party
from synctv.domain.errors import AlreadyExists, Conflict, FieldError, Invalid, NotFound, PreconditionFailed
from synctv.domain.text import one_line

CALLBACK_PATH = "/api/v1/auth/oauth/callback"
"""Below this, and below the address of the page, each provider has an address to send browsers back to."""
MOST_SCOPES = 20
_URL = re.compile(r"https?://[\x21-\x7e]{1,2040}")
_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,255}")
_SECRET_LENGTH = 4_096
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}")
"""RFC 6749, 3.3."""
_FIELD = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True, slots=True)
class OperatedProvider:
    """A provider, and how many people here are linked to it."""

    provider: IdentityProvider
    linked: int


@dataclass(frozen=True, slots=True)
class ProviderEdit:
    """What to change of a provider. None: as it is."""

    name: str | None = None
    client_id: str | None = None
    scopes: tuple[str, ...] | None = None
    issuer: str | None = None
    endpoints: Endpoints | None = None
    enabled: bool | None = None
    sign_up: bool | None = None
    review: bool | None = None
    trusts_email: bool | None = None

    def of(self, provider: IdentityProvider) -> IdentityProvider:
        """The provider after the change. Raises `Invalid` for what providers of its kind have not."""
        for path in ("issuer", "endpoints"):
            if getattr(self, path) is not None and getattr(provider, path) is None:
                message = "An OpenID Connect provider has an issuer, one without discovery has endpoints. Remove it "
                raise Invalid.field(path, message + "and add it again to make it the other kind.", "kind")
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(provider, **{name: value for name, value in named.items() if value is not None})


@dataclass(frozen=True, slots=True)
class OperatedProviders:
    """Sets them up. A change holds at every replica as soon as it is committed."""

    transactions: Transactions
    oauth: OAuth
    sealer: Sealer
    journal: Journal
    page_url: Callable[[], str]
    """Where people reach the page."""

    def callback_url(self, slug: str) -> str:
        """The redirect address to register with this provider."""
        return self.page_url().rstrip("/") + callback_path(slug)

    async def list(self) -> Sequence[OperatedProvider]:
        """Every provider, by slug."""
        async with self.transactions.read() as tx:
            return [await _operated(tx, provider) for provider in await tx.identity_providers.all()]

    async def get(self, slug: str) -> OperatedProvider:
        """One provider. Raises `NotFound`."""
        async with self.transactions.read() as tx:
            return await _operated(tx, await _found(tx, slug))

    async def add(self, provider: IdentityProvider, secret: str | None) -> OperatedProvider:
        """A new provider. Raises `Invalid`, and `AlreadyExists` when there is one of this slug."""
        sound = _sound(provider)
        sealed = self._sealed(sound.slug, secret)
        async with self.transactions.write() as tx:
            if await tx.identity_providers.get(sound.slug) is not None:
                raise AlreadyExists("short name")
            return await self._save(tx, replace(sound, sealed_secret=sealed))

    async def change(self, slug: str, edit: ProviderEdit, secret: str | None = None) -> OperatedProvider:
        """Changes what the edit names, and the secret when one is given.

        Raises `NotFound`, `Invalid`, and `Conflict` for a move to another issuer while anybody is linked.
        """
        sealed = self._sealed(slug, secret)
        async with self.transactions.write() as tx:
            before = await _found(tx, slug, lock=True)
            changed = _sound(edit.of(before))
            if changed.realm != before.realm:
                await _must_have_no_links(tx, before)
            return await self._save(tx, replace(changed, sealed_secret=sealed or before.sealed_secret))

    async def remove(self, slug: str) -> int:
        """Removes a provider, and with it the links of everybody who signed in through it; how many those were.

        Raises `NotFound`.
        """
        async with self.transactions.write() as tx:
            provider = await _found(tx, slug, lock=True)
            linked = await tx.identities.count(slug)
            await tx.identity_providers.remove(slug)
            target, detail = _party(provider), {"linked": str(linked)}
            await self.journal.note(tx, Action.PROVIDER_REMOVED, target, by=OPERATOR, detail=detail)
        return linked

    async def check(self, slug: str) -> None:
        """Returns when people can be sent to the provider. Whether it takes the client's secret shows only then.

        Raises `NotFound`, `UpstreamFailed` for one that can't be discovered or has addresses that can't be used, and
        `PreconditionFailed` for a secret that can't be read.
        """
        async with self.transactions.read() as tx:
            provider = await _found(tx, slug)
        if provider.sealed_secret is not None:
            self._must_open(provider, provider.sealed_secret)
        await self.oauth.authorization_url(provider, AuthorizationFlow("-", "-", "-", self.callback_url(slug)))

    def _must_open(self, provider: IdentityProvider, sealed: bytes) -> None:
        try:
            self.sealer.open(sealed, provider_place(provider.slug))
        except CannotOpen as error:
            message = f"The client secret of {provider.slug} can't be read: its key is gone. Give it again."
            raise PreconditionFailed(message) from error

    def _sealed(self, slug: str, secret: str | None) -> bytes | None:
        if secret is None:
            return None
        if not 1 <= len(secret) <= _SECRET_LENGTH:
            raise Invalid.field("clientSecret", f"A client secret has 1 to {_SECRET_LENGTH:,} characters.", "length")
        return self.sealer.seal(secret.encode(), provider_place(slug))

    async def _save(self, tx: Transaction, provider: IdentityProvider) -> OperatedProvider:
        await tx.identity_providers.save(provider)
        await self.journal.note(tx, Action.PROVIDER_CHANGED, _party(provider), by=OPERATOR)
        return await _operated(tx, provider)


def callback_path(slug: str) -> str:
    """Where a provider sends browsers back to. Each has a place of its own, so that none can pass on what somebody was
    given by another (RFC 9700, 4.4)."""
    return f"{CALLBACK_PATH}/{slug}"


async def _must_have_no_links(tx: Transaction, provider: IdentityProvider) -> None:
    """Raises `Conflict` where somebody else's identities would sign in to the accounts of people here."""
    if await tx.identities.count(provider.slug):
        raise Conflict(
            f"Accounts are linked to {provider.slug}. With another issuer, other endpoints or another field as the "
            "subject, they would open to other people. Add another provider instead."
        )


async def _found(tx: Transaction, slug: str, *, lock: bool = False) -> IdentityProvider:
    provider = await tx.identity_providers.get(slug, lock=lock)
    if provider is None:
        raise NotFound("identity provider")
    return provider


async def _operated(tx: Transaction, provider: IdentityProvider) -> OperatedProvider:
    return OperatedProvider(provider, await tx.identities.count(provider.slug))


def _party(provider: IdentityProvider) -> Party:
    return Party("identity provider", provider.slug, provider.name)


def _sound(provider: IdentityProvider) -> IdentityProvider:
    """The provider with its name on one line. Raises an `Invalid` that names whatever is wrong."""
    valid_slug(provider.slug)
    sound = replace(provider, name=one_line(provider.name), scopes=tuple(dict.fromkeys(provider.scopes)))
    wrong = list(_wrong(sound))
    if wrong:
        raise Invalid(*wrong)
    return sound


def _wrong(provider: IdentityProvider) -> Iterator[FieldError]:
    low, high = NAME_LENGTH
    if not low <= len(provider.name) <= high:
        yield FieldError("name", "length", f"A name has {low} to {high} characters.")
    if not _CLIENT_ID.fullmatch(provider.client_id):
        yield FieldError("clientId", "pattern", "A client id has 1 to 255 characters of ASCII, without spaces.")
    if len(provider.scopes) > MOST_SCOPES or not all(_SCOPE.fullmatch(scope) for scope in provider.scopes):
        yield FieldError("scopes", "pattern", f"Scopes are at most {MOST_SCOPES} words of ASCII, without spaces.")
    if provider.issuer is not None and not _URL.fullmatch(provider.issuer):
        yield _no_address("issuer")
    if provider.endpoints is not None:
        yield from _wrong_endpoints(provider.endpoints)


def _wrong_endpoints(endpoints: Endpoints) -> Iterator[FieldError]:
    for path in ("authorization", "token", "userinfo"):
        if not _URL.fullmatch(getattr(endpoints, path)):
            yield _no_address(f"endpoints.{path}")
    for path in ("subject", "username", "email", "email_verified"):
        name = getattr(endpoints, path)
        if name is not None and not _FIELD.fullmatch(name):
            yield FieldError(f"endpoints.{path}", "pattern", "A field's name has 1 to 64 characters of ASCII.")


def _no_address(path: str) -> FieldError:
    return FieldError(path, "url", f"The address of {path} begins with https://, and has at most 2,048 characters.")
