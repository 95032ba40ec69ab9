"""Which private servers may be called, changed while the server runs: home servers are the point of self-hosting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.accounts.journal import NOWHERE, Journal
from synctv.application.ports.clock import Clock
from synctv.application.ports.egress import EgressGate
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.audit.entry import OPERATOR, Action, Party
from synctv.domain.delivery.egress import HOME_NETWORKS, EgressRules
from synctv.domain.ids import seconds_after

LOOK_SECONDS = 1.0
_POLICY = Party("policy", "egress", "egress")
_MOST_WRITTEN_DOWN = 500


@dataclass(frozen=True, slots=True)
class Destinations:
    """What may be called besides public servers: by the start settings, and by what was allowed since."""

    configured: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Egress:
    """Reads and changes the rules.

    A change holds in this process when the method returns, and in all others within `LOOK_SECONDS` while they reach the
    storage. A process that does not reach it goes on with the rules that it knew last.
    """

    transactions: Transactions
    gate: EgressGate
    journal: Journal
    clock: Clock

    async def show(self) -> Destinations:
        """What is allowed now, as it is stored."""
        async with self.transactions.read() as tx:
            stored = await tx.policies.egress()
        return Destinations(self.gate.configured, tuple(sorted(stored.rules.allowed)))

    async def allow(self, destinations: Collection[str]) -> Destinations:
        """Allows more. Raises `Invalid`, and `VersionConflict` when somebody else was faster."""
        async with self.transactions.write() as tx:
            stored = await tx.policies.egress()
            await self._change(tx, stored.rules.allowing(destinations), stored.version, OPERATOR, NOWHERE)
        return await self.apply()

    async def forbid(self, destinations: Collection[str]) -> Destinations:
        """Takes back what was allowed while the server runs. Raises as `allow` does."""
        async with self.transactions.write() as tx:
            stored = await tx.policies.egress()
            await self._change(tx, stored.rules.forbidding(destinations), stored.version, OPERATOR, NOWHERE)
        return await self.apply()

    async def allow_home(self, tx: Transaction, by: Account, client: Client) -> None:
        """Allows the networks that homes have, in a transaction of the caller's. `apply` is to follow its commit."""
        stored = await tx.policies.egress()
        await self._change(tx, stored.rules.allowing(HOME_NETWORKS), stored.version, by, client)

    async def apply(self) -> Destinations:
        """Makes this process follow the stored rules. Raises `Unavailable`."""
        found = await self.show()
        self.gate.allow(found.allowed)
        return found

    async def run(self) -> None:
        """Follows the rules until cancelled. Raises `Unavailable` while storage is away."""
        while True:
            await self.apply()
            await self.clock.sleep_until(seconds_after(self.clock.now(), LOOK_SECONDS))

    async def _change(
        self, tx: Transaction, rules: EgressRules, version: int, by: Account | Party, client: Client
    ) -> None:
        await tx.policies.set_egress(rules, version)
        detail = {"allowed": ", ".join(sorted(rules.allowed))[:_MOST_WRITTEN_DOWN]}
        await self.journal.note(tx, Action.POLICY_CHANGED, _POLICY, client, by=by, detail=detail)
