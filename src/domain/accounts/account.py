"""An account: a signed-up person, with a global role."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from synctv.domain.errors import Banned, Conflict, Denied, Invalid, PreconditionFailed
from synctv.domain.ids import AccountId, Micros
from synctv.domain.text import composed

USERNAME_LENGTH = (2, 32)
REASON_LENGTH = 500


class GlobalRole(StrEnum):
    """What an account may do on the whole server. `rank` orders them."""

    USER = "user"
    ADMIN = "admin"
    ROOT = "root"

    @property
    def rank(self) -> int:
        """0 for the least, 2 for root."""
        return list(GlobalRole).index(self)


class AccountStatus(StrEnum):
    """Whether the account may sign in: `pending` waits for an operator's review of the sign-up, and `closed` is hidden
    until it is restored or purged."""

    ACTIVE = "active"
    PENDING = "pending"
    BANNED = "banned"
    CLOSED = "closed"


class Language(StrEnum):
    """The languages that the product speaks."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True)
class Ban:
    """Why an account may not act, who said so, and until when (None: for good)."""

    reason: str
    by: str
    at: Micros
    until: Micros | None

    def holds(self, now: Micros) -> bool:
        """Whether it is not over yet."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class PasswordRecords:
    """What a password is checked against: an Argon2 hash, an OPAQUE record, or both. Never neither."""

    argon2: str | None
    opaque: bytes | None

    @property
    def plain_only(self) -> bool:
        """Whether it can be checked only where it is sent."""
        return self.opaque is None

    def __post_init__(self) -> None:
        """Raises `ValueError` for a password that could not be checked."""
        if self.argon2 is None and self.opaque is None:
            raise ValueError("A password needs a record.")


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-up person.

    `session_generation` is raised to end every session of the account at once. `email` is verified: an address that
    its owner has not proven yet is nowhere. `two_factor` is the preference that one factor is not enough.
    `must_reset` is the operator's demand for a new password: the old one signs in no more. `closed_at` is when the
    account was closed; None while it is not.
    """

    id: AccountId
    username: str
    role: GlobalRole
    created_at: Micros
    version: int = 1
    session_generation: int = 1
    pending: bool = False
    ban: Ban | None = None
    password: PasswordRecords | None = None
    must_reset: bool = False
    email: str | None = None
    language: Language | None = None
    two_factor: bool = False
    closed_at: Micros | None = None

    def status_at(self, now: Micros) -> AccountStatus:
        """Whether it may sign in at this instant."""
        if self.closed_at is not None:
            return AccountStatus.CLOSED
        if self.pending:
            return AccountStatus.PENDING
        return AccountStatus.BANNED if self.ban is not None and self.ban.holds(now) else AccountStatus.ACTIVE

    def must_be_active(self, now: Micros) -> None:
        """Raises `Banned` or `Denied` for an account that may not act."""
        if self.ban is not None and self.ban.holds(now):
            raise Banned("account", self.ban.reason)
        if self.pending:
            raise Denied("This account waits for the operator's approval. Try again later.")

    def without_sessions(self) -> Account:
        """The account after everybody has been signed out of it."""
        return replace(self, session_generation=self.session_generation + 1)

    def closed(self, now: Micros) -> Account:
        """The account after it was closed: nobody is signed in any more. Raises `Conflict` for one that can't be."""
        if self.closed_at is not None:
            raise Conflict("This account is closed already.")
        if self.pending:
            raise Conflict("This account waits for approval, so nothing is in it yet. Reject it instead.")
        return replace(self.without_sessions().next_version(), closed_at=now)

    def restored(self) -> Account:
        """The account after it was opened again, with the ways to sign in that it had. Raises `Conflict` for one that
        is not closed."""
        if self.closed_at is None:
            raise Conflict("This account is not closed.")
        return replace(self.without_sessions().next_version(), closed_at=None)

    def next_version(self) -> Account:
        """The account as it is stored after a change."""
        return replace(self, version=self.version + 1)


def must_leave_a_root(leaving: Account, roots: Collection[Account], now: Micros) -> None:
    """Raises `PreconditionFailed` when nobody of these could run the server any more once this account has gone."""
    others = (root for root in roots if root.id != leaving.id)
    if leaving.role is GlobalRole.ROOT and not any(one.status_at(now) is AccountStatus.ACTIVE for one in others):
        raise PreconditionFailed(
            "This is the last account that runs the whole server, so it can't be closed. Make somebody else root "
            "first: synctv account set-role NAME root."
        )


def valid_username(text: str, path: str = "username") -> str:
    """The username in its normal form (NFKC), or `Invalid`.

    2 to 32 letters or digits of any script, and `_`, `-`, `.` inside.
    """
    low, high = USERNAME_LENGTH
    name = composed("NFKC", text.strip(), high).strip()
    if not low <= len(name) <= high:
        raise Invalid.field(path, f"A username has {low} to {high} characters.", "length")
    inside_ok = all(character.isalnum() or character in "_-." for character in name)
    if not (inside_ok and name[0].isalnum() and name[-1].isalnum()):
        raise Invalid.field(path, "A username consists of letters and digits, with _ - . inside.", "pattern")
    return name


def username_key(name: str) -> str:
    """What must be unique of a username: two names that differ only in case are the same name."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
