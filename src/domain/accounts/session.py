"""A sign-in session: one device of one account, kept alive by refresh tokens that each work once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synctv.domain.accounts.factors import Factor, Factors
from synctv.domain.ids import AccountId, Micros, SessionId


@dataclass(frozen=True, slots=True)
class SignInSession:
    """One family of refresh tokens.

    `refresh_digest` is the digest of the only token of the family that still works; an older one ends the family.
    `methods` are the factors that were proven in it.
    """

    id: SessionId
    account_id: AccountId
    refresh_digest: bytes
    generation: int
    created_at: Micros
    refreshed_at: Micros
    expires_at: Micros
    ended_at: Micros | None
    user_agent: str
    address: str
    methods: Factors

    def alive(self, now: Micros, account_generation: int) -> bool:
        """Whether its newest refresh token may still be used."""
        return self.ended_at is None and now < self.expires_at and self.generation == account_generation

    def rotated(self, digest: bytes, now: Micros, expires_at: Micros) -> SignInSession:
        """The session after a refresh."""
        return replace(self, refresh_digest=digest, refreshed_at=now, expires_at=expires_at)

    def proven(self, factor: Factor) -> SignInSession:
        """The session after its holder proved one more factor."""
        return replace(self, methods=self.methods | {factor})

    def ended(self, now: Micros) -> SignInSession:
        """The session after sign-out or reuse of an old token."""
        return replace(self, ended_at=now) if self.ended_at is None else self
