"""Setting, changing and removing one's own password."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FlowKind, Flows
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.own import Own
from synctv.application.accounts.password_proofs import OpaqueStarted
from synctv.application.accounts.passwords import Passwords
from synctv.application.accounts.revoking import Revoking
from synctv.application.accounts.sessions import Sessions, SignedIn
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import PasswordRecords
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import FlowOver, NotFound
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class PasswordUpload:
    """A new password that was not sent: OPAQUE's last message, and the flow in which the first one was answered."""

    flow: str
    message: bytes


@dataclass(frozen=True, slots=True)
class OwnPassword:
    """A new password ends every other session of the account."""

    transactions: Transactions
    own: Own
    passwords: Passwords
    sessions: Sessions
    revoking: Revoking
    notices: Notices
    flows: Flows
    journal: Journal

    async def answer_registration(self, actor: AccountActor, request: bytes, client: Client) -> OpaqueStarted:
        """Answers OPAQUE's first message for a new password. Raises `Invalid`."""
        response = self.passwords.opaque.answer_registration(request, actor.id)
        flow = await self.flows.begin(FlowKind.NEW_PASSWORD, client, {"account": actor.id})
        return OpaqueStarted(flow, response)

    async def change(self, actor: AccountActor, new: str | PasswordUpload, grant: str, client: Client) -> SignedIn:
        """Sets the password; new tokens for this session, the only one that goes on.

        Raises `ReauthenticationRequired`, `FlowOver`, and `Invalid` for a password that the policy refuses.
        """
        records = await self._records(actor, new, client)
        await self.own.confirmed(actor, grant, client)
        if isinstance(new, PasswordUpload):
            await self.flows.take(FlowKind.NEW_PASSWORD, client, new.flow)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            changed = replace(account.without_sessions().next_version(), password=records, must_reset=False)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.PASSWORD_CHANGED, account, client, session=actor.session_id)
            await self.notices.password_changed(tx, changed, client)
            signed_in = await self.sessions.renew(tx, changed, actor.session_id)
        reason = "The password of this account was changed. Sign in again."
        await self.revoking.everything(changed, reason, kept=actor.session_id)
        return signed_in

    async def remove(self, actor: AccountActor, grant: str, client: Client) -> None:
        """Removes the password. Raises `ReauthenticationRequired`, and `PreconditionFailed` where it is needed."""
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            if account.password is None:
                raise NotFound("password")
            await self.own.must_allow_removal(tx, account, Factor.PASSWORD)
            changed = replace(account.next_version(), password=None, must_reset=False)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.PASSWORD_REMOVED, account, client, session=actor.session_id)
            await self.notices.factor_changed(tx, changed, client, Action.PASSWORD_REMOVED)

    async def _records(self, actor: AccountActor, new: str | PasswordUpload, client: Client) -> PasswordRecords:
        if isinstance(new, PasswordUpload):
            content = await self.flows.look(FlowKind.NEW_PASSWORD, client, new.flow)
            if content["account"] != actor.id:
                raise FlowOver
            return self.passwords.uploaded(new.message)
        async with self.transactions.read() as tx:
            policy = (await tx.policies.accounts()).policy
        secret = self.passwords.must_suit(policy.password, new, actor.name)
        return await self.passwords.records(actor.id, secret)
