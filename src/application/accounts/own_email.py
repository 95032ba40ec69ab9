"""Setting, changing and removing one's own email address."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import CodeSent, EmailCodes, code_facts, kept
from synctv.application.accounts.flows import FLOW_SECONDS, FlowKind, Flows
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.own import Own
from synctv.application.mail.post import Post
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.email import email_key, valid_email
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import FlowOver, NotFound
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class OwnEmail:
    """An address counts when its holder has read a code there. The old one stays until then, and is told."""

    transactions: Transactions
    own: Own
    email: EmailCodes
    notices: Notices
    post: Post
    flows: Flows
    journal: Journal

    async def start(self, actor: AccountActor, email: str, grant: str, client: Client) -> CodeSent:
        """Sends a code to the new address. One that belongs to another account is not told of: no code comes.

        Raises `ReauthenticationRequired`, `PreconditionFailed` without mail, `Invalid`, and `RateLimited`.
        """
        self.post.must_be_open()
        address = valid_email(email)
        async with self.transactions.read() as tx:
            (await tx.policies.accounts()).policy.email_rules.check(address)
        key = f"address:{actor.id}"
        await self.email.pace(key, client)
        await self.own.confirmed(actor, grant, client)
        new = self.email.new_code()
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            known = await tx.accounts.by_email(address, even_closed=True)
            if known is None or known.id == account.id:
                facts = {"username": account.username, **code_facts(new.code, client)}
                letter = Letter(LetterKind.CONFIRM_ADDRESS, address, client.language_for(account), facts)
                await self.post.put(tx, letter, FLOW_SECONDS)
            else:
                await self.post.put_for_nobody(tx, FLOW_SECONDS)
            # Inside, so that no letter goes out with a code that nothing takes.
            content = {"account": actor.id, "email": address, "key": f"email:{key}", **kept(new)}
            flow = await self.flows.begin(FlowKind.NEW_EMAIL, client, content)
        return CodeSent(flow)

    async def confirm(self, actor: AccountActor, flow: str, code: str, client: Client) -> Account:
        """Takes the code: the address is the account's. Raises `InvalidCredentials`, `FlowOver` and `AlreadyExists`."""
        content = await self.flows.look(FlowKind.NEW_EMAIL, client, flow)
        if content["account"] != actor.id:
            raise FlowOver
        await self.email.check(FlowKind.NEW_EMAIL, flow, content, code, client, sent=True)
        await self.flows.take(FlowKind.NEW_EMAIL, client, flow)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            changed = replace(account.next_version(), email=content["email"])
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.EMAIL_CHANGED, account, client, session=actor.session_id)
            if account.email is not None and email_key(account.email) != email_key(content["email"] or ""):
                await self.notices.factor_changed(tx, changed, client, Action.EMAIL_CHANGED, to=account.email)
        return changed

    async def remove(self, actor: AccountActor, grant: str, client: Client) -> None:
        """Removes the address, which is told for the last time. Raises as `OwnPassword.remove`."""
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            if account.email is None:
                raise NotFound("email address")
            await self.own.must_allow_removal(tx, account, Factor.EMAIL)
            changed = replace(account.next_version(), email=None)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.EMAIL_REMOVED, account, client, session=actor.session_id)
            await self.notices.factor_changed(tx, changed, client, Action.EMAIL_REMOVED, to=account.email)
