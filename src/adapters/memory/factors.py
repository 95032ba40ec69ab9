"""Passkeys, authenticator apps and recovery codes in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from synctv.adapters.memory.store import View, with_entry, without
from synctv.application.ports.factors import Passkeys, RecoveryCodes, TotpSecrets
from synctv.domain.accounts.factors import Passkey, TotpSecret
from synctv.domain.errors import AlreadyExists, NotFound
from synctv.domain.ids import AccountId, Micros, PasskeyId


class MemoryPasskeys(Passkeys):
    """Passkeys."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, passkey: Passkey) -> None:
        """Stores a new passkey. Raises `NotFound` for an account that isn't there."""
        self._view.must_have_account(passkey.account_id)
        state = self._view.state
        if passkey.id in state.passkeys or await self.by_credential(passkey.credential_id):
            raise AlreadyExists("passkey")
        self._view.change(replace(state, passkeys=with_entry(state.passkeys, passkey.id, passkey)))

    async def by_credential(self, credential_id: bytes, *, lock: bool = False) -> Passkey | None:
        """The passkey; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        passkeys = self._view.state.passkeys.values()
        return next((passkey for passkey in passkeys if passkey.credential_id == credential_id), None)

    async def of_account(self, account_id: AccountId) -> Sequence[Passkey]:
        """The account's passkeys, oldest first."""
        found = [passkey for passkey in self._view.state.passkeys.values() if passkey.account_id == account_id]
        return sorted(found, key=lambda passkey: (passkey.created_at, passkey.id))

    async def update(self, passkey: Passkey) -> None:
        """Replaces it. Its account, its credential and its key never change."""
        state = self._view.state
        stored = state.passkeys.get(passkey.id)
        if stored is None or stored.account_id != passkey.account_id:
            raise NotFound("passkey")
        kept = replace(
            passkey,
            credential_id=stored.credential_id,
            public_key=stored.public_key,
            created_at=stored.created_at,
        )
        self._view.change(replace(state, passkeys=with_entry(state.passkeys, passkey.id, kept)))

    async def remove(self, account_id: AccountId, passkey_id: PasskeyId) -> bool:
        """Removes a passkey of this account; whether it was there."""
        self._view.must_be_writable()
        state = self._view.state
        stored = state.passkeys.get(passkey_id)
        if stored is None or stored.account_id != account_id:
            return False
        self._view.change(replace(state, passkeys=without(state.passkeys, {passkey_id})))
        return True


class MemoryTotpSecrets(TotpSecrets):
    """Authenticator apps by account."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def get(self, account_id: AccountId, *, lock: bool = False) -> TotpSecret | None:
        """The account's; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        return self._view.state.totp_secrets.get(account_id)

    async def save(self, secret: TotpSecret) -> None:
        """Adds or replaces it. Raises `NotFound` for an account that isn't there."""
        self._view.must_have_account(secret.account_id)
        state = self._view.state
        secrets = with_entry(state.totp_secrets, secret.account_id, secret)
        self._view.change(replace(state, totp_secrets=secrets))

    async def remove(self, account_id: AccountId) -> bool:
        """Removes it; whether it was there."""
        state = self._view.state
        self._view.change(replace(state, totp_secrets=without(state.totp_secrets, {account_id})))
        return account_id in state.totp_secrets


class MemoryRecoveryCodes(RecoveryCodes):
    """The codes that are left, by account."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def replace(self, account_id: AccountId, digests: Collection[bytes]) -> None:
        """Makes these the account's codes. Raises `NotFound` for an account that isn't there."""
        self._view.must_have_account(account_id)
        self._set(account_id, frozenset(digests))

    async def use(self, account_id: AccountId, digest: bytes, now: Micros) -> bool:
        """Uses a code up; writers take turns anyway."""
        self._view.must_be_writable()
        unused = self._unused(account_id)
        if digest not in unused:
            return False
        self._set(account_id, unused - {digest})
        return True

    async def left(self, account_id: AccountId) -> int:
        """How many are unused."""
        return len(self._unused(account_id))

    def _unused(self, account_id: AccountId) -> frozenset[bytes]:
        return self._view.state.unused_codes.get(account_id, frozenset())

    def _set(self, account_id: AccountId, unused: frozenset[bytes]) -> None:
        state = self._view.state
        self._view.change(replace(state, unused_codes=with_entry(state.unused_codes, account_id, unused)))
