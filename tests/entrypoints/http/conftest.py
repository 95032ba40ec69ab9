"""A server in memory for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from tests.applications import cheap_passwords
from tests.entrypoints.http.api import OUR_SITE, Api, serving_api
from tests.remembering import RememberingOpaque


@pytest.fixture(scope="session")
def passwords() -> Iterator[PasswordHasher]:
    with cheap_passwords() as hasher:
        yield hasher


@pytest.fixture(scope="session")
def opaque() -> Iterator[Opaque]:
    made = RememberingOpaque()
    yield made
    made.close()


@pytest.fixture
async def api(passwords: PasswordHasher) -> AsyncIterator[Api]:
    async with serving_api(passwords) as client:
        yield client


@pytest.fixture
async def site(passwords: PasswordHasher, opaque: Opaque) -> AsyncIterator[Api]:
    """A server at a public address, with every way to prove oneself."""
    async with serving_api(passwords, OUR_SITE, opaque=opaque) as client:
        yield client
