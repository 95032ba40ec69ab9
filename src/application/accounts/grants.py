"""Grants: a fresh proof of who is asking, needed for each sensitive operation."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import GRANT_SECONDS, FlowKind, Flows
from synctv.application.accounts.proofs import Known, Proof
from synctv.application.accounts.prover import Prover
from synctv.application.accounts.sessions import session_ended
from synctv.application.ports.clock import Clock
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.factors import Factor
from synctv.domain.errors import FlowOver, ReauthenticationRequired
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to one sensitive operation, for `expires_in` seconds."""

    text: str
    expires_in: float


@dataclass(frozen=True, slots=True)
class Grants:
    """Gives grants to the account and session that proved a factor, and takes each of them once."""

    transactions: Transactions
    prover: Prover
    flows: Flows
    clock: Clock

    async def give(self, actor: AccountActor, proof: Proof, client: Client) -> Grant:
        """A grant for a proof of the actor's own account. Raises what `Prover.prove` does, and as `given`."""
        proven = await self.prover.prove(Known(actor.id), proof, client)
        return await self.given(actor, proven.factor, client)

    async def given(self, actor: AccountActor, factor: Factor, client: Client) -> Grant:
        """A grant for a factor that was just proven. The session counts it among its methods from now on.

        Raises `TokenExpired` for a session that has ended meanwhile.
        """
        async with self.transactions.write() as tx:
            account = await tx.accounts.get(actor.id)
            session = await tx.sessions.get(actor.session_id, lock=True)
            now = self.clock.now()
            if account is None or session is None or not session.alive(now, account.session_generation):
                raise session_ended()
            if factor not in session.methods:
                await tx.sessions.update(session.proven(factor))
        content = {"account": actor.id, "session": actor.session_id}
        return Grant(await self.flows.begin(FlowKind.GRANT, client, content, GRANT_SECONDS), GRANT_SECONDS)

    async def spend(self, actor: AccountActor, grant: str, client: Client) -> None:
        """Uses a grant up. Raises `ReauthenticationRequired` for one that is over, or somebody else's."""
        try:
            content = await self.flows.take(FlowKind.GRANT, client, grant)
        except FlowOver as error:
            raise ReauthenticationRequired from error
        if (content["account"], content["session"]) != (actor.id, actor.session_id):
            raise ReauthenticationRequired
