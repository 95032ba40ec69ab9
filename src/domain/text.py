"""What people type, made fit to be shown: nothing that hides, reorders or breaks what stands beside it."""

from __future__ import annotations

import unicodedata
from typing import Literal

_MOST_IN_ONE = 4
"""Composing makes one code point of so many at most, as of those of U+1F82."""
_TURNS_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def composed(form: Literal["NFC", "NFKC"], text: str, longest: int) -> str:
    """The text in a normal form of Unicode; as it is when it has more than `longest` code points in any form.

    For what strangers send: the time that composing takes grows with the square of how many accents stand in a row, so
    64 KiB of them would keep the server busy for seconds.
    """
    return unicodedata.normalize(form, text) if len(text) <= _MOST_IN_ONE * longest else text


def without_control(text: str, keep: str = "") -> str:
    """The text without control characters, lone surrogates and what turns the direction of text around.

    Spaces of every script stay, and so do the invisible joiners that hold emoji and Arabic or Indic letters together.
    """
    return "".join(character for character in text if character in keep or _belongs(character))


def one_line(text: str) -> str:
    """The text on one line, without surrounding and doubled white space: for names and titles."""
    return " ".join(without_control(text, keep="\n\t\r").split())


def has_visible(text: str) -> bool:
    """Whether there is anything to see in it."""
    return any(not character.isspace() and unicodedata.category(character) != "Cf" for character in text)


def _belongs(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _TURNS_TEXT_AROUND
