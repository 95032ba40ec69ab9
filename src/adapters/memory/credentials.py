"""Logins at provider servers in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from synctv.adapters.memory.store import View, with_entry, without
from synctv.application.ports.credentials import CredentialStore
from synctv.domain.errors import AlreadyExists, VersionConflict
from synctv.domain.ids import AccountId, CredentialId
from synctv.domain.library.credential import Credential


class MemoryCredentialStore(CredentialStore):
    """Credentials by id."""

    def __init__(self, view: View) -> None:
        self._view = view

    async def add(self, credential: Credential) -> None:
        """Stores a new one."""
        self._view.must_have_account(credential.owner)
        stored = self._view.state.credentials
        if credential.id in stored or any(_name(one) == _name(credential) for one in stored.values()):
            raise AlreadyExists("sign-in")
        self._store(credential)

    async def get(self, credential_id: CredentialId, *, lock: bool = False) -> Credential | None:
        """The credential; writers take turns anyway."""
        if lock:
            self._view.must_be_writable()
        return self._view.state.credentials.get(credential_id)

    async def of_account(self, owner: AccountId) -> Sequence[Credential]:
        """The account's credentials, oldest first."""
        found = [one for one in self._view.state.credentials.values() if one.owner == owner]
        return sorted(found, key=lambda credential: (credential.created_at, credential.id))

    async def update(self, credential: Credential, expected_version: int) -> None:
        """Replaces what may change of it."""
        stored = self._view.state.credentials.get(credential.id)
        if stored is None or stored.version != expected_version:
            raise VersionConflict("sign-in", stored)
        self._store(
            replace(
                stored,
                sealed=credential.sealed,
                state=credential.state,
                checked_at=credential.checked_at,
                version=credential.version,
            )
        )

    async def remove(self, owner: AccountId, credential_id: CredentialId) -> bool:
        """Removes a credential of this account; whether it was there."""
        self._view.must_be_writable()
        state = self._view.state
        stored = state.credentials.get(credential_id)
        if stored is None or stored.owner != owner:
            return False
        self._view.change(replace(state, credentials=without(state.credentials, {credential_id})))
        return True

    async def page(self, after: CredentialId | None, limit: int) -> Sequence[Credential]:
        """Everybody's, in the order of their ids."""
        stored = self._view.state.credentials
        return [stored[id] for id in sorted(stored) if after is None or id > after][: max(limit, 0)]

    async def reseal(self, credential_id: CredentialId, before: bytes, after: bytes) -> bool:
        """Replaces the sealed bytes if they are still `before`."""
        self._view.must_be_writable()
        stored = self._view.state.credentials.get(credential_id)
        if stored is None or stored.sealed != before:
            return False
        self._store(replace(stored, sealed=after))
        return True

    def _store(self, credential: Credential) -> None:
        state = self._view.state
        self._view.change(replace(state, credentials=with_entry(state.credentials, credential.id, credential)))


def _name(credential: Credential) -> tuple[str, ...]:
    """What no two credentials have in common."""
    return credential.owner, credential.provider, credential.server, credential.label
