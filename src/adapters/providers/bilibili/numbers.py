"""The two names of a video: its number, and the text that the site shows instead. Pure arithmetic, both ways."""

from __future__ import annotations

_XOR = 23_442_827_791_579
_MAX = 1 << 51
_ALPHABET = "FcwAPNKTMug3GV5Lj7EJnHpWsx4tb8haYeviqBz6rkCy12mUSDQX9RdoZf"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_LENGTH = 12
_SWAPPED = ((3, 9), (4, 7))


def bvid_of(aid: int) -> str | None:
    """The text for a number (`BV1xx411c7mQ` for 1); None for one that no video can have."""
    if not 0 < aid < _MAX:
        return None
    rest = (_MAX | aid) ^ _XOR
    text = list("BV1000000000")
    for position in range(_LENGTH - 1, 2, -1):
        rest, digit = divmod(rest, len(_ALPHABET))
        text[position] = _ALPHABET[digit]
    return "".join(_swapped(text))


def aid_of(bvid: str) -> int | None:
    """The number for a text; None for one that is not the name of a video."""
    if len(bvid) != _LENGTH or bvid[:3].upper() != "BV1":
        return None
    number = 0
    for character in _swapped(list(bvid))[3:]:
        value = _VALUES.get(character)
        if value is None:
            return None
        number = number * len(_ALPHABET) + value
    aid = (number & (_MAX - 1)) ^ _XOR
    # A text that stands for no number in range would come back as another one.
    return aid if 0 < aid < _MAX and bvid_of(aid) == "BV1" + bvid[3:] else None


def _swapped(text: list[str]) -> list[str]:
    for one, other in _SWAPPED:
        text[one], text[other] = text[other], text[one]
    return text
