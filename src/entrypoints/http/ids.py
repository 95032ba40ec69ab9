"""Identifiers in addresses and bodies. A text that can't be an id of its kind names nothing: `NotFound`."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from synctv.domain.errors import Invalid, NotFound
from synctv.domain.ids import (
    AccountId,
    AuditId,
    CredentialId,
    FolderId,
    HistoryId,
    IdentityId,
    ItemId,
    MessageId,
    PasskeyId,
    RoomId,
    SessionId,
    is_typeid,
)


def room_id(text: str) -> RoomId:
    """The id of a room."""
    return RoomId(_checked(text, "room", "room"))


def account_id(text: str) -> AccountId:
    """The id of an account."""
    return AccountId(_checked(text, "usr", "account"))


def item_id(text: str) -> ItemId:
    """The id of a media item."""
    return ItemId(_checked(text, "item", "item"))


def folder_id(text: str) -> FolderId:
    """The id of a folder."""
    return FolderId(_checked(text, "list", "folder"))


def optional_folder_id(text: str | None) -> FolderId | None:
    """The id of a folder, or None for the top one."""
    return None if text is None else folder_id(text)


def message_id(text: str) -> MessageId:
    """The id of a chat message."""
    return MessageId(_checked(text, "msg", "message"))


def history_id(text: str) -> HistoryId:
    """The id of an entry of the history."""
    return HistoryId(_checked(text, "hist", "history entry"))


def passkey_id(text: str) -> PasskeyId:
    """The id of a passkey."""
    return PasskeyId(_checked(text, "psk", "passkey"))


def identity_id(text: str) -> IdentityId:
    """The id of a linked identity."""
    return IdentityId(_checked(text, "idn", "linked identity"))


def session_id(text: str) -> SessionId:
    """The id of a sign-in session."""
    return SessionId(_checked(text, "ses", "session"))


def audit_id(text: str) -> AuditId:
    """The id of an entry of the audit log."""
    return AuditId(_checked(text, "aud", "entry"))


def credential_id(text: str) -> CredentialId:
    """The id of a sign-in at a provider."""
    return CredentialId(_checked(text, "cred", "sign-in"))


def cursor_of(position: str) -> str:
    """An opaque cursor: clients hand it back and read nothing into it."""
    return urlsafe_b64encode(position.encode()).rstrip(b"=").decode()


def position_of(cursor: str) -> str:
    """The position that a cursor stands for. Raises `Invalid` for what is none."""
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (Error, ValueError) as error:
        raise broken_cursor() from error


def broken_cursor() -> Invalid:
    """The error for a cursor that this list never gave."""
    return Invalid.field("cursor", "This is no cursor of this list. Begin again without one.", "cursor")


def _checked(text: str, prefix: str, what: str) -> str:
    if not is_typeid(text, prefix):
        raise NotFound(what)
    return text
