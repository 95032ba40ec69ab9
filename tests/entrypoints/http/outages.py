"""Dependencies that go away and come back when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.errors import Unavailable


class FragileShortLived(ShortLived):
    """Another one's, while it is not `down`."""

    def __init__(self, inner: ShortLived) -> None:
        self._inner = inner
        self.down = False

    async def put(self, key: str, value: bytes, ttl: float) -> None:
        await self._there().put(key, value, ttl)

    async def add(self, key: str, value: bytes, ttl: float) -> bool:
        return await self._there().add(key, value, ttl)

    async def get(self, key: str) -> bytes | None:
        return await self._there().get(key)

    async def take(self, key: str) -> bytes | None:
        return await self._there().take(key)

    async def delete(self, key: str) -> None:
        await self._there().delete(key)

    async def count(self, key: str, ttl: float) -> int:
        return await self._there().count(key, ttl)

    async def uncount(self, key: str) -> None:
        await self._there().uncount(key)

    async def remaining(self, key: str) -> float:
        return await self._there().remaining(key)

    def _there(self) -> ShortLived:
        if self.down:
            raise Unavailable("cache", 3.0)
        return self._inner


class FragileTransactions(Transactions):
    """Another one's, while it is not `down`. `error` is what it raises then."""

    def __init__(self, inner: Transactions) -> None:
        self._inner = inner
        self.down = False
        self.error: Exception = Unavailable("database", 3.0)

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        return self._there(self._inner.write())

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        return self._there(self._inner.read())

    async def ping(self) -> None:
        if self.down:
            raise self.error

    @asynccontextmanager
    async def _there(self, inner: AbstractAsyncContextManager[Transaction]) -> AsyncIterator[Transaction]:
        if self.down:
            raise self.error
        async with inner as tx:
            yield tx
