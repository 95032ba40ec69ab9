"""Revocations: tells every process at once that somebody's access has ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from synctv.domain.ids import AccountId, SessionId


@dataclass(frozen=True, slots=True)
class Revoked:
    """One session of the account has ended, or with None all but `kept` that were begun before `generation`.

    `banned` says that the account itself may not act any more; `reason` is the sentence for the person.
    """

    account_id: AccountId
    session_id: SessionId | None
    generation: int
    reason: str
    banned: bool = False
    kept: SessionId | None = None


class Revocations(ABC):
    """Best effort: the sessions and generations in storage are the truth, and are looked at whenever a token is."""

    @abstractmethod
    async def publish(self, revoked: Revoked) -> None:
        """Hands it over to every process, this one included. Raises `Unavailable` when the others can't be reached."""

    @abstractmethod
    def subscribe(
        self, on_revoked: Callable[[Revoked], None], on_gap: Callable[[], None]
    ) -> AbstractAsyncContextManager[None]:
        """Delivers until the block is left. `on_gap` tells that some may have been missed.

        The callbacks do not block and do not raise.
        """
