"""The prover: takes every kind of proof, and notes those that fail."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.accounts.authenticator import Authenticator
from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import EmailCodes
from synctv.application.accounts.finding import find
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.passkey_proofs import PasskeyProofs
from synctv.application.accounts.password_proofs import PasswordProofs
from synctv.application.accounts.proofs import (
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
from synctv.application.ports.transaction import Transactions
from synctv.domain.audit.entry import Action, Party
from synctv.domain.errors import InvalidCredentials

_KINDS = {
    PasswordProof: "password",
    OpaqueProof: "password",
    PasskeyProof: "passkey",
    EmailProof: "email",
    TotpProof: "totp",
    RecoveryProof: "recovery code",
}
_UNKNOWN = Party("unknown", "", "")
"""Names that nobody has are not written down: now and then somebody types a password there."""


@dataclass(frozen=True, slots=True)
class Prover:
    """Each kind with whoever knows how to check it."""

    passwords: PasswordProofs
    passkeys: PasskeyProofs
    email: EmailCodes
    authenticator: Authenticator
    transactions: Transactions
    journal: Journal

    async def prove(self, subject: Subject, proof: Proof, client: Client) -> Proven:
        """Whom the proof proves. It is used up with this.

        Raises `InvalidCredentials` for a wrong one, `FlowOver` for one whose flow is over, `RateLimited` for guessing,
        and `Invalid` for one that can't prove this subject.
        """
        try:
            return await self._check(subject, proof, client)
        except InvalidCredentials:
            await self._note_failure(subject, proof, client)
            raise

    async def _note_failure(self, subject: Subject, proof: Proof, client: Client) -> None:
        """Notes it, as well where there is no account: it has to take as long."""
        async with self.transactions.write() as tx:
            account = None
            if isinstance(subject, Named):
                account = (await find(tx, subject.name)).account
            elif isinstance(subject, Known):
                account = await tx.accounts.get(subject.account_id)
            detail = {"proof": _KINDS[type(proof)]}
            await self.journal.note(tx, Action.SIGN_IN_FAILED, account or _UNKNOWN, client, detail=detail)

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
