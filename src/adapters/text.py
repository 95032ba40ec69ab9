"""Which text can be stored. Everything that a page or a form normally sends can; validators refuse the rest first."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from itertools import chain

from synctv.domain.errors import Invalid

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> bool:
    """Whether the text can be stored: PostgreSQL takes no NUL, and UTF-8 has no form for half a surrogate pair."""
    return _UNSTORABLE.search(text) is None


def unstorable() -> Invalid:
    """The error that storages raise for text that is not storable. They don't know which field it came from."""
    return Invalid.field(
        "", "Text can't contain NUL characters or broken emoji. Remove them and try again.", "characters"
    )


def must_be_storable(value: object) -> None:
    """Raises `unstorable()` if there is such a text anywhere inside a domain value."""
    if isinstance(value, str):
        if not storable(value):
            raise unstorable()
        return
    for part in _parts(value):
        must_be_storable(part)


def _parts(value: object) -> Iterable[object]:
    if dataclasses.is_dataclass(value):
        return (getattr(value, field.name) for field in dataclasses.fields(value))
    if isinstance(value, Mapping):
        return chain(value.keys(), value.values())
    return value if isinstance(value, list | tuple | frozenset) else ()
