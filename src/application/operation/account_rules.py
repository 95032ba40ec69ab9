"""The operator's rules on accounts, which change while the server runs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from synctv.application.accounts.journal import Journal
from synctv.application.ports.policies import StoredPolicy
from synctv.application.ports.strength import PasswordStrength
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import username_key
from synctv.domain.accounts.email import EmailRules, valid_domain
from synctv.domain.accounts.passwords import SHORTEST
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.audit.entry import OPERATOR, Action, Party
from synctv.domain.errors import FieldError, Invalid

MOST_ENTRIES = 1_000
_POLICY = Party("policy", "accounts", "accounts")


@dataclass(frozen=True, slots=True)
class AccountRules:
    """Reads and changes them. A change holds at every replica as soon as it is committed."""

    transactions: Transactions
    strength: PasswordStrength
    journal: Journal

    async def policy(self) -> StoredPolicy:
        """The rules on accounts."""
        async with self.transactions.read() as tx:
            return await tx.policies.accounts()

    async def set_policy(self, policy: AccountPolicy, expected_version: int) -> StoredPolicy:
        """Replaces the rules; domains and names are stored in the form in which they are compared.

        Raises `VersionConflict` unless the stored rules are of the expected version, and `Invalid`, also for demands
        that this server can't check.
        """
        _must_be_sound(policy)
        if policy.password.min_score and not self.strength.available:
            message = "This server can't estimate passwords. Install it with the extra `zxcvbn` first."
            raise Invalid.field("password.minScore", message, "unavailable")
        normal = replace(
            policy,
            email_rules=EmailRules(
                _domains(policy.email_rules.allowed, "emailRules.allowed"),
                _domains(policy.email_rules.blocked, "emailRules.blocked"),
            ),
            reserved_usernames=_names(policy.reserved_usernames),
        )
        async with self.transactions.write() as tx:
            await tx.policies.set_accounts(normal, expected_version)
            await self.journal.note(tx, Action.POLICY_CHANGED, _POLICY, by=OPERATOR)
            return await tx.policies.accounts()


def _must_be_sound(policy: AccountPolicy) -> None:
    password = policy.password
    bounds = {
        "password.minLength": (password.min_length, SHORTEST, 64),
        "password.minClasses": (password.min_classes, 1, 4),
        "password.maxRepeats": (password.max_repeats, 0, 64),
        "password.minScore": (password.min_score, 0, 4),
    }
    wrong = [
        FieldError(path, "range", f"{path} is a number from {low} to {high}.")
        for path, (value, low, high) in bounds.items()
        if not low <= value <= high
    ]
    if wrong:
        raise Invalid(*wrong)


def _domains(domains: Collection[str], path: str) -> frozenset[str]:
    _must_be_few(domains, path)
    return frozenset(valid_domain(domain, path) for domain in domains)


def _names(names: Collection[str]) -> frozenset[str]:
    path = "reservedUsernames"
    _must_be_few(names, path)
    keys = frozenset(username_key(name) for name in names)
    if "" in keys:
        raise Invalid.field(path, "A reserved username is not empty.", "length")
    return keys


def _must_be_few(entries: Collection[str], path: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Invalid.field(path, f"{path} has at most {MOST_ENTRIES:,} entries.", "length")
