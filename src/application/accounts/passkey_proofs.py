"""Proving with a passkey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FlowKind, Flows
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.proofs import Known, PasskeyProof, Proven, Subject
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.ports.webauthn import Assertion, CeremonyFailed, PasskeyCeremonies, Site
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Factor, Passkey
from synctv.domain.audit.entry import Action
from synctv.domain.errors import FlowOver, InvalidCredentials
from synctv.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class PasskeyStarted:
    """The flow, and what goes to the browser's `navigator.credentials`."""

    flow: str
    options: Mapping[str, Any]


def handle_of(account_id: AccountId) -> bytes:
    """What an authenticator knows the account by."""
    return account_id.encode()


def challenge_of(secret: str) -> bytes:
    """The challenge that is kept as this text."""
    return secret.encode()


@dataclass(frozen=True, slots=True)
class PasskeyProofs:
    """Checks what authenticators sign. The question is the same for everybody, so it tells nothing."""

    transactions: Transactions
    ceremonies: PasskeyCeremonies
    flows: Flows
    journal: Journal
    clock: Clock
    ids: Ids

    async def start(self, site: Site, client: Client) -> PasskeyStarted:
        """A challenge for any passkey of this site."""
        secret = self.ids.secret()
        content = {"challenge": secret, "origin": site.origin, "host": site.host}
        flow = await self.flows.begin(FlowKind.PASSKEY, client, content)
        return PasskeyStarted(flow, self.ceremonies.request_options(site, challenge_of(secret)))

    async def prove(self, subject: Subject, proof: PasskeyProof, client: Client) -> Proven:
        """Checks the answer. Raises `FlowOver` and `InvalidCredentials`, also for an authenticator that was copied."""
        content = await self.flows.take(FlowKind.PASSKEY, client, proof.flow)
        if (content["origin"], content["host"]) != (proof.site.origin, proof.site.host):
            raise FlowOver
        challenge = challenge_of(content["challenge"] or "")
        try:
            claimed = self.ceremonies.assertion(proof.credential)
        except CeremonyFailed as error:
            raise _wrong() from error
        async with self.transactions.write() as tx:
            passkey = await tx.passkeys.by_credential(claimed.credential_id, lock=True)
            if passkey is None or not _meant(passkey, claimed, subject):
                raise _wrong()
            if await tx.accounts.get(passkey.account_id) is None:
                raise _wrong()
            try:
                count = self.ceremonies.signed(proof.site, proof.credential, challenge, passkey.public_key)
            except CeremonyFailed as error:
                raise _wrong() from error
            copied = count <= passkey.sign_count and (count, passkey.sign_count) != (0, 0)
            if copied:
                await self._note_copy(tx, passkey, client)
            else:
                await tx.passkeys.update(passkey.used(count, self.clock.now()))
        if copied:
            raise _wrong()
        return Proven(passkey.account_id, Factor.PASSKEY)

    async def owner(self, tx: Transaction, proof: PasskeyProof) -> Account | None:
        """Whose passkey it claims to be signed with."""
        try:
            claimed = self.ceremonies.assertion(proof.credential)
        except CeremonyFailed:
            return None
        passkey = await tx.passkeys.by_credential(claimed.credential_id)
        return await tx.accounts.get(passkey.account_id) if passkey else None

    async def _note_copy(self, tx: Transaction, passkey: Passkey, client: Client) -> None:
        account = await tx.accounts.get(passkey.account_id)
        if account is not None:
            await self.journal.note(tx, Action.PASSKEY_COPIED, account, client, detail={"passkey": passkey.name})


def _meant(passkey: Passkey, claimed: Assertion, subject: Subject) -> bool:
    if isinstance(subject, Known) and passkey.account_id != subject.account_id:
        return False
    return claimed.user_handle in (None, handle_of(passkey.account_id))


def _wrong() -> InvalidCredentials:
    return InvalidCredentials("This passkey is not known here. Sign in another way.")
