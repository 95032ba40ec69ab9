"""An account: a signed-up person, with a global role."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from synctv.domain.errors import Banned, FieldError, Invalid
from synctv.domain.ids import AccountId, Micros

USERNAME_LENGTH = (2, 32)
PASSWORD_LENGTH = (8, 256)


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
    """Whether the account may sign in."""

    ACTIVE = "active"
    BANNED = "banned"


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-up person. `session_generation` is raised to end every session of the account at once."""

    id: AccountId
    username: str
    role: GlobalRole
    status: AccountStatus
    password_hash: str | None
    session_generation: int
    created_at: Micros
    version: int

    def must_be_active(self) -> None:
        """Raises `Banned` for an account that may not act."""
        if self.status is AccountStatus.BANNED:
            raise Banned("account")


def valid_username(text: str, path: str = "username") -> str:
    """The username in its normal form (NFKC), or `Invalid`.

    2 to 32 letters or digits of any script, and `_`, `-`, `.` inside.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    low, high = USERNAME_LENGTH
    if not low <= len(name) <= high:
        raise Invalid.field(path, f"A username has {low} to {high} characters.", "length")
    inside_ok = all(character.isalnum() or character in "_-." for character in name)
    if not (inside_ok and name[0].isalnum() and name[-1].isalnum()):
        raise Invalid.field(path, "A username consists of letters and digits, with _ - . inside.", "pattern")
    return name


def username_key(name: str) -> str:
    """What must be unique of a username: two names that differ only in case are the same name."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def valid_password(text: str, path: str = "password") -> str:
    """The password unchanged, or `Invalid`."""
    low, high = PASSWORD_LENGTH
    if not low <= len(text) <= high:
        raise Invalid.field(path, f"A password has {low} to {high} characters.", "length")
    return text


def valid_credentials(username: str, password: str) -> tuple[str, str]:
    """The username in its normal form and the password, or one `Invalid` that names whatever is wrong of the two."""
    checked: list[str] = []
    errors: list[FieldError] = []
    for check, text in ((valid_username, username), (valid_password, password)):
        try:
            checked.append(check(text))
        except Invalid as error:
            errors.extend(error.errors)
    if errors:
        raise Invalid(*errors)
    name, secret = checked
    return name, secret
