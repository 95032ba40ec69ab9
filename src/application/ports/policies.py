"""Storage of the rules that an operator changes while the server runs, inside a transaction."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.delivery.egress import EgressRules


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """The rules on accounts and their version; version 0 is the product's defaults, which are nowhere stored."""

    policy: AccountPolicy
    version: int


@dataclass(frozen=True, slots=True)
class StoredEgress:
    """The rules on calls to private servers and their version, as above."""

    rules: EgressRules
    version: int


class Policies(ABC):
    """Rules are read in the transaction that they hold for, so a change holds everywhere as soon as it is committed."""

    @abstractmethod
    async def accounts(self) -> StoredPolicy:
        """The rules on accounts."""

    @abstractmethod
    async def set_accounts(self, policy: AccountPolicy, expected_version: int) -> None:
        """Replaces them. Raises `VersionConflict` unless the stored version is the expected one."""

    @abstractmethod
    async def egress(self) -> StoredEgress:
        """The rules on calls to private servers."""

    @abstractmethod
    async def set_egress(self, rules: EgressRules, expected_version: int) -> None:
        """Replaces them. Raises `VersionConflict` unless the stored version is the expected one."""
