"""Portions: how many of the calls to other servers one person may take at a time.

All calls go over one pool of connections, and one person's servers may all hang. So whatever asks other servers on
somebody's behalf first takes one of their places, which are few enough to leave connections for everybody else. The
person is whoever owns what is asked for (`library.discretion`): it is their servers that hang, whoever looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from synctv.domain.errors import TooManyCalls
from synctv.domain.ids import RoomId
from synctv.domain.rooms.actor import ActorKind, ActorRef

AT_ONCE = 8
"""Of a hundred connections. Most of what has a place has one call open, and nothing has more than a few; a room that
plays takes a few places, each for a fraction of a second."""
MOST_WAITING = 64
PATIENCE_SECONDS = 10.0


def person(ref: ActorRef, room_id: RoomId) -> str:
    """On whose behalf it is: an account; of guests, who are as many as anybody likes, all those of a room."""
    return ref.id if ref.kind is ActorKind.ACCOUNT else f"guests of {room_id}"


@dataclass(slots=True)
class _Portion:
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    users: int = 0


class Portions:
    """The places of all persons at this process; there is something in memory of those only who have calls open."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._portions: dict[str, _Portion] = {}

    def __len__(self) -> int:
        return len(self._portions)

    @asynccontextmanager
    async def of(self, whose: str) -> AsyncIterator[None]:
        """The block runs with one of the person's places. They are not entered in each other: that could wait for
        itself.

        Raises `TooManyCalls` where none is free in time, and at once where too many wait already.
        """
        portion = self._portions.setdefault(whose, _Portion())
        if portion.users >= AT_ONCE + MOST_WAITING:
            raise TooManyCalls(self._patience)
        portion.users += 1
        try:
            await self._taken(portion)
            try:
                yield
            finally:
                portion.places.release()
        finally:
            portion.users -= 1
            if not portion.users:
                del self._portions[whose]

    async def _taken(self, portion: _Portion) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await portion.places.acquire()
        except TimeoutError:
            raise TooManyCalls(self._patience) from None
