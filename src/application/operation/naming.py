"""What operators name and say: accounts by whatever they know of them, and reasons."""

from __future__ import annotations

from synctv.application.accounts.finding import find
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import REASON_LENGTH, Account
from synctv.domain.errors import Conflict, Invalid, NotFound
from synctv.domain.ids import AccountId, is_typeid
from synctv.domain.text import one_line


async def named(tx: Transaction, name: str, *, lock: bool = False, even_closed: bool = False) -> Account:
    """The account with this id, username or address; with `lock`, nobody else changes it until the transaction ends.

    Raises `NotFound`, and `Conflict` for a closed one unless `even_closed` ones are meant, too.
    """
    text = name.strip()
    if is_typeid(text, "usr"):
        account = await tx.accounts.get(AccountId(text), lock=lock, even_closed=True)
    else:
        found = (await find(tx, text, even_closed=True)).account
        account = await tx.accounts.get(found.id, lock=True, even_closed=True) if found and lock else found
    if account is None:
        raise NotFound("account")
    if account.closed_at is not None and not even_closed:
        raise Conflict("This account is closed. Restore it first: synctv account restore NAME.")
    return account


def valid_reason(text: str, path: str = "reason") -> str:
    """A reason on one line, or `Invalid`. It may be empty."""
    reason = one_line(text)
    if len(reason) > REASON_LENGTH:
        raise Invalid.field(path, f"A reason has at most {REASON_LENGTH} characters.", "length")
    return reason
