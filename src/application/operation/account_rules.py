"""The operator's rules on accounts and the identity providers, which change while the server runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.external import provider_place
from synctv.application.accounts.journal import Journal
from synctv.application.ports.policies import StoredPolicy
from synctv.application.ports.sealing import Sealer
from synctv.application.ports.strength import PasswordStrength
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.identities import NAME_LENGTH, IdentityProvider, valid_slug
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.audit.entry import OPERATOR, Action, Party
from synctv.domain.errors import Invalid, NotFound
from synctv.domain.text import one_line

_POLICY = Party("policy", "accounts", "accounts")


@dataclass(frozen=True, slots=True)
class AccountRules:
    """Reads and changes them. A change holds at every replica as soon as it is committed."""

    transactions: Transactions
    sealer: Sealer
    strength: PasswordStrength
    journal: Journal

    async def policy(self) -> StoredPolicy:
        """The rules on accounts."""
        async with self.transactions.read() as tx:
            return await tx.policies.accounts()

    async def set_policy(self, policy: AccountPolicy, expected_version: int) -> None:
        """Replaces the rules. Raises `VersionConflict`, and `Invalid` for demands that this server can't check."""
        _must_be_sound(policy)
        if policy.password.min_score and not self.strength.available:
            message = "This server can't estimate passwords. Install it with the extra `zxcvbn` first."
            raise Invalid.field("password.minScore", message, "unavailable")
        async with self.transactions.write() as tx:
            await tx.policies.set_accounts(policy, expected_version)
            await self.journal.note(tx, Action.POLICY_CHANGED, _POLICY, by=OPERATOR)

    async def providers(self) -> Sequence[IdentityProvider]:
        """Every identity provider, by slug."""
        async with self.transactions.read() as tx:
            return await tx.identity_providers.all()

    async def save_provider(self, provider: IdentityProvider, secret: str | None) -> IdentityProvider:
        """Adds or replaces a provider. Without a secret the one that it has is kept. Raises `Invalid`."""
        slug, name = valid_slug(provider.slug), one_line(provider.name)
        low, high = NAME_LENGTH
        if not low <= len(name) <= high:
            raise Invalid.field("name", f"A name has {low} to {high} characters.", "length")
        sealed = self.sealer.seal(secret.encode(), provider_place(slug)) if secret else None
        async with self.transactions.write() as tx:
            before = await tx.identity_providers.get(slug)
            kept = sealed or (before.sealed_secret if before else None)
            saved = replace(provider, slug=slug, name=name, sealed_secret=kept)
            await tx.identity_providers.save(saved)
            target = Party("identity provider", slug, name)
            await self.journal.note(tx, Action.PROVIDER_CHANGED, target, by=OPERATOR)
        return saved

    async def remove_provider(self, slug: str) -> None:
        """Removes a provider, and with it the links of everybody who signed in through it. Raises `NotFound`."""
        async with self.transactions.write() as tx:
            if not await tx.identity_providers.remove(slug):
                raise NotFound("identity provider")
            await self.journal.note(tx, Action.PROVIDER_REMOVED, Party("identity provider", slug, slug), by=OPERATOR)


def _must_be_sound(policy: AccountPolicy) -> None:
    password = policy.password
    bounds = {
        "password.minLength": (password.min_length, 8, 64),
        "password.minClasses": (password.min_classes, 1, 4),
        "password.maxRepeats": (password.max_repeats, 0, 64),
        "password.minScore": (password.min_score, 0, 4),
    }
    for path, (value, low, high) in bounds.items():
        if not low <= value <= high:
            raise Invalid.field(path, f"This is a number from {low} to {high}.", "range")
