"""The prover: takes every kind of proof, and notes those that fail."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.authenticator import Authenticator
from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import EmailCodes
from synctv.application.accounts.finding import find
from synctv.application.accounts.flows import FlowKind, Flows
from synctv.application.accounts.journal import UNKNOWN, Journal
from synctv.application.accounts.passkey_proofs import PasskeyProofs
from synctv.application.accounts.password_proofs import PasswordProofs
from synctv.application.accounts.proofs import (
    Anybody,
    EmailProof,
    Known,
    Named,
    OpaqueProof,
    PasskeyProof,
    PasswordProof,
    Proof,
    Proven,
    RecoveryProof,
    Subject,
    TotpProof,
)
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.audit.entry import Action
from synctv.domain.errors import InvalidCredentials
from synctv.domain.ids import AccountId

_KINDS = {
    PasswordProof: "password",
    OpaqueProof: "password",
    PasskeyProof: "passkey",
    EmailProof: "email",
    TotpProof: "totp",
    RecoveryProof: "recovery code",
}
_NO_ACCOUNT = AccountId("")


@dataclass(frozen=True, slots=True)
class Prover:
    """Each kind with whoever knows how to check it."""

    passwords: PasswordProofs
    passkeys: PasskeyProofs
    email: EmailCodes
    authenticator: Authenticator
    transactions: Transactions
    flows: Flows
    journal: Journal

    async def prove(self, subject: Subject, proof: Proof, client: Client) -> Proven:
        """Whom the proof proves. It is used up with this.

        Raises `InvalidCredentials` for a wrong one, `FlowOver` for one whose flow is over, `RateLimited` for guessing,
        and `Invalid` for one that can't prove this subject.
        """
        meant = await self._meant(subject, proof, client)
        try:
            return await self._check(subject, proof, client)
        except InvalidCredentials:
            await self._note_failure(meant, proof, client)
            raise

    async def _meant(self, subject: Subject, proof: Proof, client: Client) -> Subject:
        """Who is meant where nobody said it, but the proof's flow knows. Raises `FlowOver`."""
        if not isinstance(subject, Anybody) or not isinstance(proof, EmailProof | OpaqueProof):
            return subject
        kind = FlowKind.EMAIL if isinstance(proof, EmailProof) else FlowKind.OPAQUE
        account_id = (await self.flows.look(kind, client, proof.flow))["account"]
        return Known(AccountId(account_id) if account_id else _NO_ACCOUNT)

    async def _note_failure(self, meant: Subject, proof: Proof, client: Client) -> None:
        """Notes it, as well where there is no account: it has to take as long."""
        async with self.transactions.write() as tx:
            account = await self._account(tx, meant, proof)
            detail = {"proof": _KINDS[type(proof)]}
            await self.journal.note(tx, Action.SIGN_IN_FAILED, account or UNKNOWN, client, detail=detail)

    async def _account(self, tx: Transaction, meant: Subject, proof: Proof) -> Account | None:
        match meant:
            case Named(name):
                return (await find(tx, name)).account
            case Known(account_id):
                return await tx.accounts.get(account_id)
            case Anybody():
                return await self.passkeys.owner(tx, proof) if isinstance(proof, PasskeyProof) else None

    async def _check(self, subject: Subject, proof: Proof, client: Client) -> Proven:
        match proof:
            case PasswordProof():
                return await self.passwords.plain(subject, proof, client)
            case OpaqueProof():
                return await self.passwords.opaque(subject, proof, client)
            case PasskeyProof():
                return await self.passkeys.prove(subject, proof, client)
            case EmailProof():
                return await self.email.prove(subject, proof, client)
            case TotpProof():
                return await self.authenticator.prove(subject, proof, client)
            case RecoveryProof():
                return await self.authenticator.recover(subject, proof, client)
