"""A new password for somebody who lost the old one, or from whom the operator demands it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import CodeSent, EmailCodes
from synctv.application.accounts.finding import factors_of
from synctv.application.accounts.flows import FLOW_SECONDS, Content, FlowKind, Flows
from synctv.application.accounts.journal import UNKNOWN, Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.passwords import Passwords
from synctv.application.accounts.proofs import Known, Named, Proof, factor_of
from synctv.application.accounts.prover import Prover
from synctv.application.accounts.revoking import Revoking
from synctv.application.mail.post import Post
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account, PasswordRecords
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Denied, FlowOver, Invalid, InvalidCredentials, MfaRequired
from synctv.domain.ids import AccountId

LINK_SECONDS = 86_400.0
ANY_CLIENT = Client("", "")
"""An operator's link is opened wherever the person is; the flow that it opens belongs to that browser."""


@dataclass(frozen=True, slots=True)
class ResetOpened:
    """Who may choose a new password now. One of `methods`, when there are any, has to be proven with it."""

    flow: str
    username: str
    methods: Sequence[Factor]


@dataclass(frozen=True, slots=True)
class Reset:
    """Lets people choose a new password. Where an account asks for two factors, the letter alone is not enough: both
    the password and the code of a second step would then come from one mailbox."""

    transactions: Transactions
    prover: Prover
    email: EmailCodes
    passwords: Passwords
    revoking: Revoking
    notices: Notices
    post: Post
    flows: Flows
    journal: Journal

    async def start(self, name: str, client: Client) -> CodeSent:
        """Sends a code to the account's address. Answers the same for everybody.

        Raises `PreconditionFailed` on a server without mail.
        """
        return await self.email.send(FlowKind.RESET, LetterKind.RESET_CODE, Named(name), client)

    async def open(self, flow: str, code: str, client: Client) -> ResetOpened:
        """Takes the code. Raises `InvalidCredentials`, `FlowOver`, and `Denied` where only the operator can help."""
        try:
            account_id = await self.email.redeem(FlowKind.RESET, flow, code, client)
        except InvalidCredentials:
            await self._note_failure(flow, client)
            raise
        async with self.transactions.read() as tx:
            account = await self._account(tx, account_id)
            have = await factors_of(tx, account, mail=self.post.open)
        others = have.local - {Factor.PASSWORD, Factor.EMAIL} if account.two_factor else frozenset()
        if account.two_factor and not others:
            raise Denied(
                "This account asks for two steps, and a letter can't replace both of them. Ask the operator of this "
                "server for a reset link."
            )
        return await self._opened(account, [factor for factor in Factor if factor in others], account.email, client)

    async def open_link(self, token: str, client: Client) -> ResetOpened:
        """Takes the link that an operator made, which works until the password is set. Raises `FlowOver`."""
        content = await self.flows.look(FlowKind.RESET_LINK, ANY_CLIENT, token)
        async with self.transactions.read() as tx:
            account = await self._account(tx, AccountId(content["account"] or ""))
        if str(account.session_generation) != content["generation"]:
            raise FlowOver
        return await self._opened(account, [], None, client)

    async def link(self, account: Account) -> str:
        """The token of a link for the account, good for a day, from any browser."""
        content = {"account": account.id, "generation": str(account.session_generation)}
        return await self.flows.begin(FlowKind.RESET_LINK, ANY_CLIENT, content, LINK_SECONDS)

    async def answer_registration(self, flow: str, request: bytes, client: Client) -> bytes:
        """Answers OPAQUE's first message for the new password. Raises `FlowOver` and `Invalid`."""
        content = await self.flows.look(FlowKind.RESET_OPEN, client, flow)
        return self.passwords.opaque.answer_registration(request, content["account"] or "")

    async def whose(self, flow: str, client: Client) -> AccountId:
        """Whose reset it is. Raises `FlowOver`."""
        content = await self.flows.look(FlowKind.RESET_OPEN, client, flow)
        return AccountId(content["account"] or "")

    async def complete(self, flow: str, new: str | bytes, proof: Proof | None, client: Client) -> None:
        """Sets the new password (in plain, or OPAQUE's last message) and ends every session.

        Raises `FlowOver`, `Invalid`, `MfaRequired` without a proof that is needed too, and what `Prover.prove` does.
        """
        content = await self.flows.look(FlowKind.RESET_OPEN, client, flow)
        account_id = AccountId(content["account"] or "")
        suitable = await self._suitable(content, new)
        if content["methods"]:
            await self._prove_too(flow, content, proof, client)
        records = await self._records(account_id, suitable)
        await self.flows.take(FlowKind.RESET_OPEN, client, flow)
        async with self.transactions.write() as tx:
            account = await tx.accounts.get(account_id, lock=True)
            if account is None or not _as_opened(account, content):
                raise FlowOver
            changed = replace(account.without_sessions().next_version(), password=records, must_reset=False)
            await tx.accounts.update(changed, account.version)
            await self.journal.note(tx, Action.PASSWORD_RESET, account, client)
            await self.notices.password_changed(tx, changed, client)
        await self.revoking.everything(changed, "The password of this account was reset. Sign in again.")

    async def _note_failure(self, flow: str, client: Client) -> None:
        """Notes a wrong code, as well where there is no account: it has to take as long."""
        account_id = (await self.flows.look(FlowKind.RESET, client, flow))["account"]
        async with self.transactions.write() as tx:
            account = await tx.accounts.get(AccountId(account_id or ""))
            detail = {"proof": "reset code"}
            await self.journal.note(tx, Action.SIGN_IN_FAILED, account or UNKNOWN, client, detail=detail)

    async def _prove_too(self, flow: str, content: Content, proof: Proof | None, client: Client) -> None:
        if proof is None:
            raise MfaRequired
        if factor_of(proof) not in (content["methods"] or "").split():
            raise Invalid.field("proof.kind", f"Prove one of these: {content['methods']}.", "choice")
        await self.flows.count_try(FlowKind.RESET_OPEN, flow)
        await self.prover.prove(Known(AccountId(content["account"] or "")), proof, client)

    async def _suitable(self, content: Content, new: str | bytes) -> str | PasswordRecords:
        """The password in the form that is hashed, or the record of one that was not sent. Raises `Invalid`."""
        if isinstance(new, bytes):
            return self.passwords.uploaded(new)
        async with self.transactions.read() as tx:
            policy = (await tx.policies.accounts()).policy
        return self.passwords.must_suit(policy.password, new, content["username"] or "")

    async def _records(self, account_id: AccountId, suitable: str | PasswordRecords) -> PasswordRecords:
        return suitable if isinstance(suitable, PasswordRecords) else await self.passwords.records(account_id, suitable)

    async def _opened(
        self, account: Account, methods: Sequence[Factor], email: str | None, client: Client
    ) -> ResetOpened:
        """`email` is where the code was read, None for whoever holds the operator's link."""
        content = {
            "account": account.id,
            "username": account.username,
            "methods": " ".join(methods),
            "generation": str(account.session_generation),
            "email": email,
        }
        flow = await self.flows.begin(FlowKind.RESET_OPEN, client, content, FLOW_SECONDS)
        return ResetOpened(flow, account.username, methods)

    async def _account(self, tx: Transaction, account_id: AccountId) -> Account:
        account = await tx.accounts.get(account_id)
        if account is None:
            raise FlowOver
        return account


def _as_opened(account: Account, content: Content) -> bool:
    """Whether what the reset was opened on still holds. A letter is not enough any more once the account has another
    address, or asks for two steps; the operator's link is."""
    if str(account.session_generation) != content["generation"]:
        return False
    if content["email"] is None:
        return True
    return account.email == content["email"] and (bool(content["methods"]) or not account.two_factor)
