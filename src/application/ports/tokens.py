"""Access tokens: who somebody is, in a form that they carry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from synctv.domain.accounts.factors import Factors
from synctv.domain.ids import AccountId, Micros, SessionId
from synctv.domain.rooms.actor import GuestActor


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: the account, its session generation, and the session with the factors proven in it."""

    account_id: AccountId
    session_id: SessionId
    generation: int
    issued_at: Micros
    expires_at: Micros
    methods: Factors = frozenset()


@dataclass(frozen=True, slots=True)
class GuestClaims:
    """What a guest token says."""

    guest: GuestActor
    issued_at: Micros
    expires_at: Micros


class AccessTokens(ABC):
    """Signs and verifies tokens. Clocks may differ by up to 60 s."""

    @abstractmethod
    def issue(self, claims: AccessClaims | GuestClaims) -> str:
        """The signed token."""

    @abstractmethod
    def verify(self, token: str, now: Micros) -> AccessClaims | GuestClaims:
        """What the token says. Raises `TokenExpired` for one of ours that has run out, else `Unauthenticated`."""
