"""Fixtures of the tests about identity providers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.adapters.oauth import house as houses
from tests.adapters.oauth.house import House, Hub


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """An OpenID provider with Mia, and what asks it."""
    async with houses.house() as opened:
        yield opened


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    """A provider without discovery with Mia, and what asks it."""
    async with houses.hub() as opened:
        yield opened
