"""Linked identities and their providers in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.adapters.postgres.documents import document
from synctv.adapters.postgres.ids import ACCOUNT, IDENTITY
from synctv.adapters.postgres.queries import LOCK, Queries, Row, select_where
from synctv.adapters.postgres.tables import IdentityProviderRow, IdentityRow
from synctv.adapters.serialization.codec import decode
from synctv.adapters.text import storable
from synctv.application.ports.identities import Identities, IdentityProviders
from synctv.domain.accounts.identities import Endpoints, IdentityProvider, LinkedIdentity, ProviderKind
from synctv.domain.errors import NotFound
from synctv.domain.ids import AccountId, IdentityId, Micros

_IDENTITY = select_where(IdentityRow, "provider = $1 AND subject = $2")
_IDENTITIES = f"{select_where(IdentityRow, 'account_id = $1')} ORDER BY linked_at, id"
_COUNT = "SELECT count(*) FROM identities WHERE provider = $1"
_UPDATE_IDENTITY = "UPDATE identities SET shown = $3, used_at = $4 WHERE id = $1 AND account_id = $2 RETURNING id"
_REMOVE_IDENTITY = "DELETE FROM identities WHERE account_id = $1 AND id = $2 RETURNING id"
_PROVIDER = select_where(IdentityProviderRow, "slug = $1")
_LOCKED_PROVIDER = f"{_PROVIDER} {LOCK}"
# In the order of the characters' numbers, whatever language the database sorts by.
_PROVIDERS = f'{select_where(IdentityProviderRow, "true")} ORDER BY slug COLLATE "C"'
_SAVE_PROVIDER = """
    INSERT INTO identity_providers (
        slug, name, kind, client_id, sealed_secret, scopes, issuer, endpoints, enabled, sign_up, review, trusts_email
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (slug) DO UPDATE
    SET name = $2, kind = $3, client_id = $4, sealed_secret = $5, scopes = $6, issuer = $7, endpoints = $8,
        enabled = $9, sign_up = $10, review = $11, trusts_email = $12
"""
_REMOVE_PROVIDER = "DELETE FROM identity_providers WHERE slug = $1 RETURNING slug"


class PostgresIdentities(Identities):
    """Linked identities, each of which signs in to one account."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def add(self, identity: LinkedIdentity) -> None:
        """Stores a new link. Raises `NotFound` for an account or a provider that isn't there."""
        row = IdentityRow(
            id=IDENTITY.store(identity.id),
            account_id=ACCOUNT.store(identity.account_id),
            provider=identity.provider,
            subject=identity.subject,
            shown=identity.shown,
            linked_at=identity.linked_at,
            used_at=identity.used_at,
        )
        await self._queries.add(row, "identity")

    async def find(self, provider: str, subject: str) -> LinkedIdentity | None:
        """The identity with this subject of this provider."""
        if not (storable(provider) and storable(subject)):
            return None
        row = await self._queries.row(_IDENTITY, provider, subject)
        return _identity(row) if row else None

    async def of_account(self, account_id: AccountId) -> Sequence[LinkedIdentity]:
        """The account's identities, oldest first."""
        return [_identity(row) for row in await self._queries.rows(_IDENTITIES, ACCOUNT.find(account_id))]

    async def count(self, provider: str) -> int:
        """How many identities this provider vouches for."""
        return int(await self._queries.value(_COUNT, provider)) if storable(provider) else 0

    async def update(self, identity: LinkedIdentity) -> None:
        """Replaces what can change of it: how it is shown, and when it was used."""
        id, account = IDENTITY.find(identity.id), ACCOUNT.find(identity.account_id)
        if await self._queries.write(_UPDATE_IDENTITY, id, account, identity.shown, identity.used_at) is None:
            raise NotFound("identity")

    async def remove(self, account_id: AccountId, identity_id: IdentityId) -> bool:
        """Removes an identity of this account; whether it was there."""
        removed = await self._queries.write(_REMOVE_IDENTITY, ACCOUNT.find(account_id), IDENTITY.find(identity_id))
        return removed is not None


class PostgresIdentityProviders(IdentityProviders):
    """Providers by slug."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def get(self, slug: str, *, lock: bool = False) -> IdentityProvider | None:
        """The provider with this short name; with `lock`, its row is locked."""
        if lock:
            self._queries.must_be_writable()
        row = await self._queries.row(_LOCKED_PROVIDER if lock else _PROVIDER, slug) if storable(slug) else None
        return _provider(row) if row else None

    async def all(self) -> Sequence[IdentityProvider]:
        """Every provider, by slug."""
        return [_provider(row) for row in await self._queries.rows(_PROVIDERS)]

    async def save(self, provider: IdentityProvider) -> None:
        """Adds or replaces it."""
        await self._queries.write(
            _SAVE_PROVIDER,
            provider.slug,
            provider.name,
            provider.kind.value,
            provider.client_id,
            provider.sealed_secret,
            provider.scopes,
            provider.issuer,
            document(provider.endpoints) if provider.endpoints else None,
            provider.enabled,
            provider.sign_up,
            provider.review,
            provider.trusts_email,
        )

    async def remove(self, slug: str) -> bool:
        """Removes it; its identities go with it."""
        self._queries.must_be_writable()
        return storable(slug) and await self._queries.write(_REMOVE_PROVIDER, slug) is not None


def _identity(row: Row) -> LinkedIdentity:
    return LinkedIdentity(
        id=IDENTITY.show(row["id"]),
        account_id=ACCOUNT.show(row["account_id"]),
        provider=row["provider"],
        subject=row["subject"],
        shown=row["shown"],
        linked_at=Micros(row["linked_at"]),
        used_at=None if row["used_at"] is None else Micros(row["used_at"]),
    )


def _provider(row: Row) -> IdentityProvider:
    return IdentityProvider(
        slug=row["slug"],
        name=row["name"],
        kind=ProviderKind(row["kind"]),
        client_id=row["client_id"],
        sealed_secret=row["sealed_secret"],
        scopes=tuple(row["scopes"]),
        issuer=row["issuer"],
        endpoints=None if row["endpoints"] is None else decode(Endpoints, row["endpoints"]),
        enabled=row["enabled"],
        sign_up=row["sign_up"],
        review=row["review"],
        trusts_email=row["trusts_email"],
    )
