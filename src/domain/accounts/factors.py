"""Factors: the ways in which somebody proves to be the holder of an account, and the rules on combining them.

A *local* factor is one that this server checks itself. OAuth2 is none: another server vouches for the person, and that
is accepted as a way in of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from synctv.domain.errors import PreconditionFailed
from synctv.domain.ids import AccountId, Micros, PasskeyId

PASSKEY_NAME_LENGTH = (1, 64)
MAX_PASSKEYS = 20
RECOVERY_CODES = 10
LOCAL_FACTORS_FOR_TWO = 2


class Factor(StrEnum):
    """A kind of proof. Recovery codes belong to TOTP and stand in for it, so they are the same kind."""

    PASSWORD = "password"  # noqa: S105 - the name of a factor, no secret
    PASSKEY = "passkey"
    EMAIL = "email"
    TOTP = "totp"
    OAUTH = "oauth"

    @property
    def local(self) -> bool:
        """Whether this server checks it itself."""
        return self is not Factor.OAUTH


Factors = frozenset[Factor]


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential of an account.

    `sign_count` is what the authenticator last said; one that goes back was copied. `transports` are its hints (`usb`,
    `internal` …). `synced` says that the passkey is backed up by its provider.
    """

    id: PasskeyId
    account_id: AccountId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    transports: tuple[str, ...]
    synced: bool
    created_at: Micros
    used_at: Micros | None

    def used(self, sign_count: int, now: Micros) -> Passkey:
        """The passkey after it signed once more."""
        return replace(self, sign_count=sign_count, used_at=now)


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """An authenticator app's secret, sealed. `last_step` is the newest time step that was used: each works once."""

    account_id: AccountId
    sealed: bytes
    last_step: int
    created_at: Micros


@dataclass(frozen=True, slots=True)
class FactorSet:
    """What an account can prove itself with now: its local factors that are usable here, and linked providers."""

    local: Factors
    linked: int = 0

    @property
    def enough_for_two(self) -> bool:
        """Whether the second step can be asked for without locking its holder out."""
        return len(self.local) >= LOCAL_FACTORS_FOR_TWO

    def without(self, factor: Factor) -> FactorSet:
        """What is left when a factor goes; of OAuth, one link."""
        if factor is Factor.OAUTH:
            return replace(self, linked=self.linked - 1)
        return replace(self, local=self.local - {factor})

    def ways_in(self, *, email_signs_in: bool) -> int:
        """How many ways there are to sign in with. TOTP alone is none, email only where the server sends codes."""
        firsts = {Factor.PASSWORD, Factor.PASSKEY} | ({Factor.EMAIL} if email_signs_in else set())
        return len(self.local & firsts) + self.linked


def second_factors(have: FactorSet, first: Factor) -> Factors:
    """What may follow the first factor: every other local kind. Nothing has to follow OAuth."""
    return have.local - {first} if first.local else frozenset()


def satisfies_two(methods: Collection[Factor]) -> bool:
    """Whether a session that was begun with these proofs holds for an account that asks for two factors."""
    return Factor.OAUTH in methods or len(set(methods)) >= LOCAL_FACTORS_FOR_TWO


def must_allow_two(have: FactorSet) -> None:
    """Raises `PreconditionFailed` unless two-step sign-in can be turned on."""
    if not have.enough_for_two:
        raise PreconditionFailed(
            "Two-step sign-in needs two of: a password, a passkey, a verified email address, an authenticator app. "
            "Add another one first."
        )


def must_allow_removal(have: FactorSet, factor: Factor, *, two_factor: bool, email_signs_in: bool) -> None:
    """Raises `PreconditionFailed` where removing the last factor of a kind would lock the holder out.

    With two-step sign-in on, two local factors must be left, so that has to be turned off first. Otherwise one way to
    sign in must be left.
    """
    left = have.without(factor)
    if two_factor and factor.local and not left.enough_for_two:
        raise PreconditionFailed("Two-step sign-in needs this one. Add another way first, or turn two-step off.")
    if left.ways_in(email_signs_in=email_signs_in) < 1:
        raise PreconditionFailed("This is your only way to sign in. Add another one first.")
