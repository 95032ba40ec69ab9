"""Letters in the words of their reader's language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from synctv.application.ports.mail_sender import Message
from synctv.domain.accounts.account import Language


class LetterKind(StrEnum):
    """What a letter is about, and which `facts` it needs; all but `TEST` take `username`.

    `address` is where it was asked for or done from (`?`: unknown), `at` an instant in microseconds since the epoch,
    `what` an action's name in the audit log, and `reason` may be empty.
    """

    SIGN_IN_CODE = "sign_in_code"  # code, minutes, address
    CONFIRM_ADDRESS = "confirm_address"  # code, minutes, address
    SIGN_UP_CODE = "sign_up_code"  # code, minutes, address
    SIGN_UP_KNOWN = "sign_up_known"  # address: somebody tried to sign up with the address of an account that exists
    SECOND_STEP_CODE = "second_step_code"  # code, minutes, address
    RESET_CODE = "reset_code"  # code, minutes, address
    RESET_LINK = "reset_link"  # url, hours: the operator demands a new password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - at, address
    FACTOR_CHANGED = "factor_changed"  # what, at, address
    ACCOUNT_CLOSED = "account_closed"  # at: when it was closed, until: when it will be purged, address
    ACCOUNT_RESTORED = "account_restored"  # url
    SIGN_UP_APPROVED = "sign_up_approved"  # url
    SIGN_UP_REJECTED = "sign_up_rejected"  # reason
    TEST = "test"  # at


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter before it is put into words. `facts` are plain texts; nothing of them is markup."""

    kind: LetterKind
    to: str
    language: Language
    facts: Mapping[str, str]


class LetterWriter(ABC):
    """Puts letters into words."""

    @abstractmethod
    def write(self, letter: Letter) -> Message:
        """The letter in its language, as text and as HTML. Raises `KeyError` for a missing fact."""
