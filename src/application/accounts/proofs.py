"""Proofs: what somebody sends to prove to be the holder of an account. One shape for every occasion.

The first step of a sign-in is by somebody who claims a name (or, with a passkey, none); the second step and the proof
before a sensitive operation are by somebody whose account is known.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.account import PasswordRecords
from synctv.domain.accounts.factors import Factor
from synctv.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who claims to be this account: a username or an address."""

    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """The account that is known to be meant."""

    account_id: AccountId


@dataclass(frozen=True, slots=True)
class Anybody:
    """Somebody who has not said who they are."""


Subject = Named | Known | Anybody


@dataclass(frozen=True, slots=True)
class PasswordProof:
    """A password in plain."""

    password: str


@dataclass(frozen=True, slots=True)
class OpaqueProof:
    """The last message of OPAQUE."""

    flow: str
    finalization: bytes


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """What an authenticator signed, at this site."""

    flow: str
    credential: Mapping[str, Any]
    site: Site


@dataclass(frozen=True, slots=True)
class EmailProof:
    """A code from a letter."""

    flow: str
    code: str


@dataclass(frozen=True, slots=True)
class TotpProof:
    """A code from an authenticator app."""

    code: str


@dataclass(frozen=True, slots=True)
class RecoveryProof:
    """A recovery code, in place of the app."""

    code: str


Proof = PasswordProof | OpaqueProof | PasskeyProof | EmailProof | TotpProof | RecoveryProof

_FACTORS: Mapping[type[Proof], Factor] = {
    PasswordProof: Factor.PASSWORD,
    OpaqueProof: Factor.PASSWORD,
    PasskeyProof: Factor.PASSKEY,
    EmailProof: Factor.EMAIL,
    TotpProof: Factor.TOTP,
    RecoveryProof: Factor.TOTP,
}
_LONGEST_CODE = 64


def factor_of(proof: Proof) -> Factor:
    """The kind of factor that it proves, if it is right."""
    return _FACTORS[type(proof)]


def plain_code(typed: str) -> str:
    """A code as it was made: without the spaces and dashes that people put in, in lower case, and with the digits that
    a Chinese keyboard types as Latin ones."""
    text = unicodedata.normalize("NFKC", typed[:_LONGEST_CODE]).lower()
    return "".join(character for character in text if character.isalnum())


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody proved to hold this account.

    A proof holds only while the account still has what it proved: `password` are the records that a password was
    checked against, and `better` those that should replace them; `email` is the address that a code was sent to.
    """

    account_id: AccountId
    factor: Factor
    password: PasswordRecords | None = None
    better: PasswordRecords | None = None
    email: str | None = None
