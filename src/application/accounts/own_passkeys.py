"""Adding, naming and removing one's own passkeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FlowKind, Flows
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.new_passkeys import UNNAMED, NewPasskeys, valid_passkey_name
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.own import Own
from synctv.application.accounts.passkey_proofs import PasskeyStarted
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.factors import MAX_PASSKEYS, Factor, Passkey
from synctv.domain.audit.entry import Action
from synctv.domain.errors import FlowOver, NotFound, QuotaExceeded
from synctv.domain.ids import PasskeyId
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class OwnPasskeys:
    """Several per account, each with a name."""

    transactions: Transactions
    own: Own
    new: NewPasskeys
    notices: Notices
    flows: Flows
    journal: Journal

    async def start(self, actor: AccountActor, grant: str, site: Site, client: Client) -> PasskeyStarted:
        """Begins to make one. Raises `ReauthenticationRequired` and `QuotaExceeded`."""
        async with self.transactions.read() as tx:
            known = await tx.passkeys.of_account(actor.id)
        if len(known) >= MAX_PASSKEYS:
            raise QuotaExceeded("passkeys", MAX_PASSKEYS)
        await self.own.confirmed(actor, grant, client)
        ceremony = self.new.ceremony(actor.id, actor.name, known, site)
        content = {"account": actor.id, **ceremony.content}
        return PasskeyStarted(await self.flows.begin(FlowKind.NEW_PASSKEY, client, content), ceremony.options)

    async def add(
        self, actor: AccountActor, flow: str, credential: Mapping[str, Any], name: str, site: Site, client: Client
    ) -> Passkey:
        """Takes what the browser made. Raises `FlowOver`, `Invalid`, `AlreadyExists` and `QuotaExceeded`."""
        shown = valid_passkey_name(name or UNNAMED)
        content = await self.flows.take(FlowKind.NEW_PASSKEY, client, flow)
        if content["account"] != actor.id:
            raise FlowOver
        passkey = self.new.made(actor.id, content, credential, shown, site)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            if len(await tx.passkeys.of_account(actor.id)) >= MAX_PASSKEYS:
                raise QuotaExceeded("passkeys", MAX_PASSKEYS)
            await tx.passkeys.add(passkey)
            detail = {"passkey": passkey.name}
            await self.journal.note(tx, Action.PASSKEY_ADDED, account, client, session=actor.session_id, detail=detail)
            await self.notices.factor_changed(tx, account, client, Action.PASSKEY_ADDED)
        return passkey

    async def rename(self, actor: AccountActor, passkey_id: PasskeyId, name: str, client: Client) -> Passkey:
        """Gives it another name. Raises `NotFound` and `Invalid`."""
        shown = valid_passkey_name(name)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            passkey = await self._found(tx, actor, passkey_id)
            renamed = replace(passkey, name=shown)
            await tx.passkeys.update(renamed)
            detail = {"passkey": shown, "before": passkey.name}
            await self.journal.note(
                tx, Action.PASSKEY_RENAMED, account, client, session=actor.session_id, detail=detail
            )
        return renamed

    async def remove(self, actor: AccountActor, passkey_id: PasskeyId, grant: str, client: Client) -> None:
        """Removes it. Raises `ReauthenticationRequired`, `NotFound` and `PreconditionFailed` for one that is needed."""
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            passkey = await self._found(tx, actor, passkey_id)
            if len(await tx.passkeys.of_account(actor.id)) == 1:
                await self.own.must_allow_removal(tx, account, Factor.PASSKEY)
            await tx.passkeys.remove(actor.id, passkey_id)
            detail = {"passkey": passkey.name}
            await self.journal.note(
                tx, Action.PASSKEY_REMOVED, account, client, session=actor.session_id, detail=detail
            )
            await self.notices.factor_changed(tx, account, client, Action.PASSKEY_REMOVED)

    async def _found(self, tx: Transaction, actor: AccountActor, passkey_id: PasskeyId) -> Passkey:
        for passkey in await tx.passkeys.of_account(actor.id):
            if passkey.id == passkey_id:
                return passkey
        raise NotFound("passkey")
