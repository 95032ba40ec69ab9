"""What every change of one's own account begins with: a grant, the account, and what may not be lost."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.client import Client
from synctv.application.accounts.finding import factors_of
from synctv.application.accounts.grants import Grants
from synctv.application.accounts.sessions import session_ended
from synctv.application.mail.post import Post
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Factor, FactorSet, must_allow_removal
from synctv.domain.errors import TokenExpired
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class Own:
    """One's own account."""

    grants: Grants
    post: Post

    async def confirmed(self, actor: AccountActor, grant: str, client: Client) -> None:
        """Uses a grant up. Raises `ReauthenticationRequired`."""
        await self.grants.spend(actor, grant, client)

    async def account(self, tx: Transaction, actor: AccountActor) -> Account:
        """The actor's account, which nobody else changes until the transaction ends.

        Raises `TokenExpired` for a session that was ended since the actor was recognised, so that whoever is thrown out
        changes nothing more.
        """
        account = await tx.accounts.get(actor.id, lock=True)
        if account is None:
            raise TokenExpired("This account is gone.")
        session = await tx.sessions.get(actor.session_id)
        ended = session is None or session.ended_at is not None
        if ended or account.session_generation != actor.generation:
            raise session_ended()
        return account

    async def factors(self, tx: Transaction, account: Account) -> FactorSet:
        """What the account can prove itself with now."""
        return await factors_of(tx, account, mail=self.post.open)

    async def must_allow_removal(self, tx: Transaction, account: Account, factor: Factor) -> None:
        """Raises `PreconditionFailed` where the last factor of this kind is needed."""
        have = await self.factors(tx, account)
        signs_in = (await tx.policies.accounts()).policy.email_sign_in
        must_allow_removal(have, factor, two_factor=account.two_factor, email_signs_in=signs_in)
