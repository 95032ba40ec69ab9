"""What requests say in words, as the values that they stand for."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from synctv.domain.errors import Invalid

Choice = TypeVar("Choice", bound=StrEnum)


def choice(kind: type[Choice], text: str, path: str) -> Choice:
    """The member of this name. Raises an `Invalid` that names all of them."""
    try:
        return kind(text)
    except ValueError:
        raise Invalid.field(path, f"{path} is one of: {', '.join(kind)}.", "choice") from None


def choice_or_none(kind: type[Choice], text: str, path: str) -> Choice | None:
    """None for no text, else as `choice`."""
    return choice(kind, text, path) if text else None
