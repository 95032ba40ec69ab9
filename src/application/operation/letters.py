"""Letters to the holders of accounts about what the operator decided."""

from __future__ import annotations

from collections.abc import Mapping

from synctv.application.accounts.journal import NOWHERE
from synctv.application.mail.post import Post
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Account

WORTH_SENDING_SECONDS = 86_400.0


async def write_to(tx: Transaction, post: Post, account: Account, kind: LetterKind, facts: Mapping[str, str]) -> bool:
    """Queues a letter that is worth sending for a day; False for an account without an address or a server without
    mail."""
    if account.email is None or not post.open:
        return False
    letter = Letter(kind, account.email, NOWHERE.language_for(account), {"username": account.username, **facts})
    await post.put(tx, letter, WORTH_SENDING_SECONDS)
    return True
