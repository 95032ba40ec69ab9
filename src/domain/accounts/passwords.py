"""What a password must be like."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from synctv.domain.accounts.account import valid_username
from synctv.domain.errors import FieldError, Invalid
from synctv.domain.text import composed

MAX_LENGTH = 256
SHORTEST = 8


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The operator's demands.

    `min_length` in characters (8 to 64); `min_classes` of lower case, upper case, digits and others (1 to 4);
    `max_repeats` of one character in a row (0: any number); `min_score` of an estimate of strength (0: none, to 4).

    With OPAQUE the server never sees a password, so it can hold only those to the policy that it does see; the page
    checks the others before it begins.
    """

    min_length: int = SHORTEST
    min_classes: int = 1
    max_repeats: int = 0
    min_score: int = 0

    def check(self, password: str, path: str = "password") -> str:
        """The password in the form that is hashed (NFC), or an `Invalid` that names every rule that it breaks."""
        normal = normal_password(password)
        errors = [FieldError(path, code, message) for code, message in self._broken(normal)]
        if errors:
            raise Invalid(*errors)
        return normal

    def _broken(self, password: str) -> Iterator[tuple[str, str]]:
        if not self.min_length <= len(password) <= MAX_LENGTH:
            yield "length", f"A password has {self.min_length} to {MAX_LENGTH} characters."
        if _classes(password) < self.min_classes:
            kinds = "lower case letters, upper case letters, digits, and others"
            yield "classes", f"A password mixes at least {self.min_classes} of: {kinds}."
        if self.max_repeats and any(len(list(run)) > self.max_repeats for _, run in groupby(password)):
            yield "repeats", f"A password has the same character at most {self.max_repeats} times in a row."


def normal_password(password: str) -> str:
    """The password in Unicode's composed form, so that every keyboard types the same one.

    What is far too long for a password stays as it is.
    """
    return composed("NFC", password, MAX_LENGTH)


def valid_credentials(policy: PasswordPolicy, username: str, password: str) -> tuple[str, str]:
    """The username in its normal form and the password, or one `Invalid` that names whatever is wrong of the two."""
    checked: list[str] = []
    errors: list[FieldError] = []
    for check, text in ((valid_username, username), (policy.check, password)):
        try:
            checked.append(check(text))
        except Invalid as error:
            errors.extend(error.errors)
    if errors:
        raise Invalid(*errors)
    name, secret = checked
    return name, secret


def _classes(password: str) -> int:
    return len({_class(character) for character in password})


def _class(character: str) -> str:
    category = unicodedata.category(character)
    return category if category in ("Ll", "Lu", "Nd") else "other"
