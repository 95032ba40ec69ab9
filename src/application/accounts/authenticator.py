"""Proving with an authenticator app, or with a recovery code in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from synctv.application.accounts.client import Client
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.proofs import Known, Proven, RecoveryProof, Subject, TotpProof, plain_code
from synctv.application.limits.throttle import Throttle
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.sealing import CannotOpen, Sealer
from synctv.application.ports.totp import Totp
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.factors import RECOVERY_CODES, Factor
from synctv.domain.accounts.throttle import SECOND_STEPS
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Invalid, InvalidCredentials
from synctv.domain.ids import AccountId

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _GROUP_LENGTH = 4, 4


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Checks codes. Each works once, and whoever guesses waits longer each time."""

    transactions: Transactions
    totp: Totp
    sealer: Sealer
    throttle: Throttle
    journal: Journal
    notices: Notices
    clock: Clock
    ids: Ids

    async def prove(self, subject: Subject, proof: TotpProof, client: Client) -> Proven:
        """Checks a code of the app. Raises `InvalidCredentials` for one that is wrong or was used."""
        account_id = _of(subject)
        attempt = await self.throttle.admit(_guessed_at(account_id), client.address, at_most=SECOND_STEPS)
        async with self.transactions.write() as tx:
            stored = await tx.totp_secrets.get(account_id, lock=True)
            step = self.step_of(account_id, stored.sealed, proof.code) if stored else None
            right = stored is not None and step is not None and step > stored.last_step
            if stored is not None and step is not None and right:
                await tx.totp_secrets.save(replace(stored, last_step=step))
        if not right:
            await self.throttle.failed(attempt)
            raise InvalidCredentials("This code is wrong or was used already. Wait for the app's next one.")
        await self.throttle.succeeded(attempt)
        return Proven(account_id, Factor.TOTP)

    async def recover(self, subject: Subject, proof: RecoveryProof, client: Client) -> Proven:
        """Checks a recovery code, which is used up with this. Raises `InvalidCredentials`."""
        account_id = _of(subject)
        attempt = await self.throttle.admit(_guessed_at(account_id), client.address, at_most=SECOND_STEPS)
        async with self.transactions.write() as tx:
            account = await tx.accounts.get(account_id)
            digest = recovery_digest(account_id, proof.code)
            right = account is not None and await tx.recovery_codes.use(account_id, digest, self.clock.now())
            if account is not None and right:
                left = await tx.recovery_codes.left(account_id)
                await self.journal.note(tx, Action.RECOVERY_CODE_USED, account, client, detail={"left": str(left)})
                await self.notices.factor_changed(tx, account, client, Action.RECOVERY_CODE_USED)
        if not right:
            await self.throttle.failed(attempt)
            raise InvalidCredentials("This recovery code is wrong or was used already. Try another one.")
        await self.throttle.succeeded(attempt)
        return Proven(account_id, Factor.TOTP)

    def step_of(self, account_id: AccountId, sealed: bytes, code: str) -> int | None:
        """The time step of a code under a sealed secret; None for a wrong one, and when the secret's key is gone."""
        try:
            secret = self.sealer.open(sealed, totp_place(account_id))
            return self.totp.step_of(secret, plain_code(code), self.clock.now())
        except CannotOpen:
            return None

    def new_recovery_codes(self) -> Sequence[str]:
        """Ten codes of 79 random bits each, in groups that can be read out."""
        return [self._recovery_code() for _ in range(RECOVERY_CODES)]

    def _recovery_code(self) -> str:
        number = self.ids.random(128)
        letters = []
        for _ in range(_GROUPS * _GROUP_LENGTH):
            number, index = divmod(number, len(_ALPHABET))
            letters.append(_ALPHABET[index])
        groups = ["".join(letters[start : start + _GROUP_LENGTH]) for start in range(0, len(letters), _GROUP_LENGTH)]
        return "-".join(groups)


def recovery_digest(account_id: AccountId, code: str) -> bytes:
    """What is stored of a recovery code. It is random enough that nothing slower is needed."""
    return sha256(f"{account_id}\n{plain_code(code)}".encode("utf-8", "replace")).digest()


def totp_place(account_id: AccountId) -> str:
    """Where an account's secret is sealed for."""
    return f"totp:{account_id}"


def _guessed_at(account_id: AccountId) -> str:
    # Apart from the account's password: knowing that forgives no wrong codes.
    return f"second step of {account_id}"


def _of(subject: Subject) -> AccountId:
    if not isinstance(subject, Known):
        raise Invalid.field("proof.kind", "This is a second step. Begin with another way to sign in.", "choice")
    return subject.account_id
