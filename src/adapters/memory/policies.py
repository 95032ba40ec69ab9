"""The operator's rules in memory."""

from __future__ import annotations

from dataclasses import replace

from synctv.adapters.memory.store import View
from synctv.adapters.text import must_be_storable
from synctv.application.ports.policies import Policies, StoredEgress, StoredPolicy
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.delivery.egress import EgressRules
from synctv.domain.errors import VersionConflict


class MemoryPolicies(Policies):
    """The rules as of one transaction."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def accounts(self) -> StoredPolicy:
        """The rules on accounts."""
        return self._view.state.account_policy

    async def set_accounts(self, policy: AccountPolicy, expected_version: int) -> None:
        """Replaces them under the next version."""
        state = self._view.state
        if state.account_policy.version != expected_version:
            raise VersionConflict("account policy", state.account_policy)
        must_be_storable(policy)
        self._view.change(replace(state, account_policy=StoredPolicy(policy, expected_version + 1)))

    async def egress(self) -> StoredEgress:
        """The rules on calls to private servers."""
        return self._view.state.egress

    async def set_egress(self, rules: EgressRules, expected_version: int) -> None:
        """Replaces them under the next version."""
        state = self._view.state
        if state.egress.version != expected_version:
            raise VersionConflict("egress policy", state.egress)
        must_be_storable(rules)
        self._view.change(replace(state, egress=StoredEgress(rules, expected_version + 1)))
