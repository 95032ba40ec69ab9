"""CBOR as authenticators write it, checked for its form before anything decodes it.

CTAP2's canonical form (CTAP 2.1, section 8) has no tags, no indefinite lengths, and at most four levels of maps and
arrays. A decoder of all of CBOR takes more: with shared references (tags 28 and 29) some 300 bytes stand for gigabytes
as soon as they are written out again, which the WebAuthn library does with every public key.
"""

from __future__ import annotations

_MAX_DEPTH = 4
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_LONGEST_IN_HEAD = 23
_INDEFINITE = 31
_HEAD_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}


def must_be_canonical(data: bytes, items: int) -> None:
    """Raises `ValueError` unless the data is exactly so many items in a form that is harmless to decode.

    What is only untidy (keys out of order, numbers longer than necessary) is let through, as authenticators do it.
    """
    position = 0
    for _ in range(items):
        position = _after(data, position, _MAX_DEPTH)
    if position != len(data):
        raise ValueError("There is more CBOR than there should be.")


def _after(data: bytes, position: int, depth: int) -> int:
    """Where the item that begins at `position` ends."""
    if position >= len(data):
        raise ValueError("The CBOR is cut off.")
    major, short = data[position] >> 5, data[position] & 0x1F
    value, position = _head(data, position + 1, short)
    if major == _TAG:
        raise ValueError("The CBOR has a tag.")
    if major in (_BYTES, _TEXT):
        return _within(data, position + value)
    if major in (_ARRAY, _MAP):
        if depth == 0:
            raise ValueError("The CBOR has too many levels.")
        for _ in range(value * (2 if major == _MAP else 1)):
            position = _after(data, position, depth - 1)
    return position


def _head(data: bytes, position: int, short: int) -> tuple[int, int]:
    """The number in the head of an item, and where the head ends."""
    if short <= _LONGEST_IN_HEAD:
        return short, position
    size = _HEAD_BYTES.get(short)
    if size is None:
        raise ValueError("The CBOR has an indefinite length." if short == _INDEFINITE else "This is no CBOR.")
    end = _within(data, position + size)
    return int.from_bytes(data[position:end], "big"), end


def _within(data: bytes, end: int) -> int:
    if end > len(data):
        raise ValueError("The CBOR is cut off.")
    return end
