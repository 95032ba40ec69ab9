"""Domain values in jsonb columns."""

from __future__ import annotations

from typing import Any

from synctv.adapters.serialization.codec import encode
from synctv.adapters.text import unstorable


def document(value: object, declared: Any = None) -> str:
    """The value as the text of a jsonb value; `declared` as for `encode`. Raises `Invalid` for text that has no form
    in UTF-8. PostgreSQL refuses the rest that it does not take."""
    try:
        return encode(value, declared).decode()
    except UnicodeEncodeError as error:
        raise unstorable() from error
