"""Packing: a letter as the bytes that are sealed into the outbox, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from synctv.application.ports.letters import Letter, LetterKind
from synctv.domain.accounts.account import Language
from synctv.domain.ids import MailId

BLOCK_BYTES = 1_024
"""Packed letters are filled up to whole blocks: else their length would tell what is in them, and for whom none is."""


class NotALetter(Exception):
    """The bytes are no letter that this version of the server can read. Says nothing of what is in them."""

    def __init__(self) -> None:
        super().__init__("The stored bytes are no letter that this server can read.")


def place_of(mail_id: MailId) -> str:
    """The place that a letter of the outbox is sealed for, so that it opens as no other letter."""
    return f"mail:{mail_id}"


def pack(letter: Letter) -> bytes:
    """The letter as JSON, filled up with spaces to whole blocks."""
    content = {
        "kind": letter.kind.value,
        "to": letter.to,
        "language": letter.language.value,
        "facts": dict(letter.facts),
    }
    packed = json.dumps(content).encode()
    return packed.ljust(-(-len(packed) // BLOCK_BYTES) * BLOCK_BYTES)


def unpack(packed: bytes) -> Letter:
    """The letter that was packed. Raises `NotALetter`, also for one of a later version with a kind unknown here."""
    try:
        content = json.loads(packed)
        kind, language = LetterKind(content["kind"]), Language(content["language"])
        return Letter(kind, _text(content["to"]), language, _texts(content["facts"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # Not even as the cause: the errors of JSON carry what they could not read.
        raise NotALetter from None


def _texts(facts: Mapping[str, Any]) -> Mapping[str, str]:
    return {_text(name): _text(fact) for name, fact in facts.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
