"""A sign-in session: one device of one account, kept alive by refresh tokens that each work once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from synctv.domain.accounts.factors import Factor, Factors
from synctv.domain.ids import AccountId, Micros, SessionId, seconds_after

GRACE_SECONDS = 10.0
"""So long after a refresh the token that it used up gets its own client the same answer again: of two pages of one
browser that refresh at once, one comes late, and an answer may be lost on its way."""
DIGEST_BYTES = 32
MOST_SESSIONS = 50
"""So many sessions of one account live at once."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The last refresh: the digest of the token that it used up, the salt with which the new one was made of that, and
    the digest of the client that it was for. Each has `DIGEST_BYTES`."""

    digest: bytes
    salt: bytes
    client: bytes


@dataclass(frozen=True, slots=True)
class SignInSession:
    """One family of refresh tokens.

    `refresh_digest` is the digest of the only token of the family that still works; an older one ends the family, but
    for what `repeats` allows. `family_digest` is the digest of what all tokens of the family share and nobody else
    knows, None in sessions from before there was such a thing. `methods` are the factors that were proven in it.
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
    family_digest: bytes | None = None
    rotation: Rotation | None = None

    def alive(self, now: Micros, account_generation: int) -> bool:
        """Whether its newest refresh token may still be used."""
        return self.ended_at is None and now < self.expires_at and self.generation == account_generation

    def rotated(
        self, digest: bytes, now: Micros, expires_at: Micros, rotation: Rotation | None = None
    ) -> SignInSession:
        """The session after its token was replaced: by a refresh, or without one, which nothing repeats."""
        return replace(self, refresh_digest=digest, refreshed_at=now, expires_at=expires_at, rotation=rotation)

    def repeats(self, digest: bytes, client: bytes, now: Micros) -> Rotation | None:
        """The last refresh, if this is its client asking with its token again shortly after."""
        last, until = self.rotation, seconds_after(self.refreshed_at, GRACE_SECONDS)
        return last if last and (last.digest, last.client) == (digest, client) and now < until else None

    def proven(self, factor: Factor) -> SignInSession:
        """The session after its holder proved one more factor."""
        return replace(self, methods=self.methods | {factor})

    def ended(self, now: Micros) -> SignInSession:
        """The session after sign-out or reuse of an old token."""
        return replace(self, ended_at=now) if self.ended_at is None else self
