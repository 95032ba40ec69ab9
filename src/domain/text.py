"""What people type, made fit to be shown: nothing that hides, reorders or breaks what stands beside it."""

from __future__ import annotations

import unicodedata

_TURNS_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
