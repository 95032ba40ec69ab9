"""Fixtures of the contract suites."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contracts.storage import OpenedStorage, Storage, memory_storage, postgres_storage


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def opened_storage(request: pytest.FixtureRequest) -> OpenedStorage:
    """Asks for the server outside of any event loop, as pytest demands."""
    if request.param == "memory":
        return memory_storage()
    return postgres_storage(request.getfixturevalue("postgres_server"))


@pytest.fixture
async def storage(opened_storage: OpenedStorage) -> AsyncIterator[Storage]:
    """An empty storage, of each kind in turn."""
    async with opened_storage as storage:
        yield storage
