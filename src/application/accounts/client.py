"""Where a request comes from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from synctv.domain.accounts.account import Account, Language


@dataclass(frozen=True, slots=True)
class Client:
    """The program and the network address at the other end, and the language that it asks for."""

    user_agent: str
    address: str
    language: Language | None = None

    @property
    def binding(self) -> str:
        """What the steps of one flow must have in common. Not the address: phones change theirs on the way."""
        return sha256(self.user_agent.encode("utf-8", "replace")).hexdigest()[:16]

    def language_for(self, account: Account | None) -> Language:
        """The language in which to write to the holder of the account."""
        return (account.language if account else None) or self.language or Language.ENGLISH
