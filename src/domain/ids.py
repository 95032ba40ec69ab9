"""Identifiers: UUIDv7 inside, shown as TypeIDs (`usr_01h455vb4pex5vsknk084sn02q`).

The text form follows the TypeID specification: a prefix, `_`, and the 128 bits in 26 characters of Crockford's base32.
An id never grants access.
"""

from __future__ import annotations

from typing import NewType

AccountId = NewType("AccountId", str)
GuestId = NewType("GuestId", str)
SessionId = NewType("SessionId", str)
RoomId = NewType("RoomId", str)
ItemId = NewType("ItemId", str)
FolderId = NewType("FolderId", str)
CredentialId = NewType("CredentialId", str)
MessageId = NewType("MessageId", str)
HistoryId = NewType("HistoryId", str)
ConnectionId = NewType("ConnectionId", str)
NodeId = NewType("NodeId", str)
PasskeyId = NewType("PasskeyId", str)
IdentityId = NewType("IdentityId", str)
AuditId = NewType("AuditId", str)
MailId = NewType("MailId", str)

Micros = NewType("Micros", int)
"""An instant of the server's clock: microseconds since the Unix epoch."""

MICROS = 1_000_000
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_SUFFIX_LENGTH = 26


def seconds_after(instant: Micros, seconds: float) -> Micros:
    """The instant `seconds` later (or earlier, when negative)."""
    return Micros(instant + round(seconds * MICROS))


def uuid7(unix_millis: int, random: int) -> int:
    """A UUIDv7 (RFC 9562, 5.7) as a 128-bit number, from a time and 74 random bits."""
    random_a = (random >> 62) & 0xFFF
    random_b = random & ((1 << 62) - 1)
    return (unix_millis & ((1 << 48) - 1)) << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b


def typeid(prefix: str, number: int) -> str:
    """The TypeID of a 128-bit number."""
    suffix = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{suffix}"


def number_of(text: str, prefix: str) -> int | None:
    """The 128-bit number of a TypeID with this prefix, or None when `text` is not one."""
    head, separator, suffix = text.rpartition("_")
    if head != prefix or not separator or len(suffix) != _SUFFIX_LENGTH or suffix[0] > "7":
        return None
    number = 0
    for character in suffix:
        value = _VALUES.get(character)
        if value is None:
            return None
        number = number << 5 | value
    return number


def is_typeid(text: str, prefix: str) -> bool:
    """Whether `text` is a TypeID with this prefix."""
    return number_of(text, prefix) is not None
