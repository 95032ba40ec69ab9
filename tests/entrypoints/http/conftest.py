"""A server in memory for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from synctv.application.ports.passwords import PasswordHasher
from tests.applications import cheap_passwords
from tests.entrypoints.http.api import Api, serving_api


@pytest.fixture(scope="session")
def passwords() -> Iterator[PasswordHasher]:
    with cheap_passwords() as hasher:
        yield hasher


@pytest.fixture
async def api(passwords: PasswordHasher) -> AsyncIterator[Api]:
    async with serving_api(passwords) as client:
        yield client
