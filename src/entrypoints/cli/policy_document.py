"""The rules on accounts as a document that people and scripts read and write, and as the message that is sent.

A document is an object of objects; here each value is known by its path, `signUp.password.enabled`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synctv.entrypoints.wire.synctv.v1 import AccountPolicy, SignUpSwitch

Values = Mapping[str, Any]
"""Every value of a document by its path."""

_FLAGS = (
    "signUp.password.enabled",
    "signUp.password.review",
    "signUp.email.enabled",
    "signUp.email.review",
    "signUp.passkey.enabled",
    "signUp.passkey.review",
    "emailRequired",
    "emailSignIn",
)
_LISTS = ("emailRules.allowed", "emailRules.blocked", "reservedUsernames")
_NUMBERS = ("password.minLength", "password.minClasses", "password.maxRepeats", "password.minScore")
_MOST = 1_000
"""Beyond every bound of the server, which says what it takes."""


class DocumentRefused(Exception):
    """What was given is no such document; `problems` are sentences, one for each value."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


def values_of(policy: AccountPolicy) -> Values:
    """What the server has."""
    values: dict[str, Any] = {}
    for way in ("password", "email", "passkey"):
        switch: SignUpSwitch | None = getattr(policy, f"sign_up_{way}")
        values[f"signUp.{way}.enabled"] = switch is not None and switch.enabled
        values[f"signUp.{way}.review"] = switch is None or switch.review
    values["emailRequired"] = policy.email_required
    values["emailSignIn"] = policy.email_sign_in
    values["emailRules.allowed"] = list(policy.allowed_domains)
    values["emailRules.blocked"] = list(policy.blocked_domains)
    for name in ("min_length", "min_classes", "max_repeats", "min_score"):
        values[f"password.{_camel(name)}"] = getattr(policy.password, name, 0)
    values["reservedUsernames"] = list(policy.reserved_usernames)
    return values


def policy_of(values: Values) -> AccountPolicy:
    """The message for all of these values."""
    from synctv.entrypoints.wire.synctv.v1 import AccountPolicy, PasswordRules, SignUpSwitch

    def switch(way: str) -> SignUpSwitch:
        return SignUpSwitch(enabled=values[f"signUp.{way}.enabled"], review=values[f"signUp.{way}.review"])

    return AccountPolicy(
        sign_up_password=switch("password"),
        sign_up_email=switch("email"),
        sign_up_passkey=switch("passkey"),
        email_required=values["emailRequired"],
        email_sign_in=values["emailSignIn"],
        allowed_domains=values["emailRules.allowed"],
        blocked_domains=values["emailRules.blocked"],
        password=PasswordRules(
            min_length=values["password.minLength"],
            min_classes=values["password.minClasses"],
            max_repeats=values["password.maxRepeats"],
            min_score=values["password.minScore"],
        ),
        reserved_usernames=values["reservedUsernames"],
    )


def document_of(values: Values) -> dict[str, Any]:
    """The document of these values."""
    document: dict[str, Any] = {}
    for path, value in values.items():
        *folders, name = path.split(".")
        place = document
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return document


def values_in(document: object) -> Values:
    """The values of a document. Raises `DocumentRefused` unless it has all of them, and nothing else."""
    found = dict(_flat("", document)) if isinstance(document, dict) else {}
    wanted = (*_FLAGS, *_LISTS, *_NUMBERS)
    problems = [f"{path} is missing." for path in wanted if path not in found]
    problems += [f"{path} is not known." for path in found if path not in wanted]
    problems += [problem for path in wanted if path in found for problem in _wrong(path, found[path])]
    if problems:
        raise DocumentRefused(problems)
    return found


def _flat(folder: str, document: Mapping[object, object]) -> Iterator[tuple[str, object]]:
    for name, value in document.items():
        path = f"{folder}{name}"
        if isinstance(value, dict):
            yield from _flat(f"{path}.", value)
        else:
            yield path, value


def _wrong(path: str, value: object) -> Iterator[str]:
    if path in _FLAGS and not isinstance(value, bool):
        yield f"{path} is true or false."
    if path in _NUMBERS and not (type(value) is int and 0 <= value <= _MOST):
        yield f"{path} is a whole number up to {_MOST:,}."
    if path in _LISTS and not (isinstance(value, list) and all(isinstance(entry, str) for entry in value)):
        yield f"{path} is a list of texts."


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
