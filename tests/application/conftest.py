"""Fixtures of all tests of use cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from synctv.application.ports.passwords import PasswordHasher
from tests.application.house import House, furnished
from tests.applications import cheap_passwords


@pytest.fixture(scope="session")
def passwords() -> Iterator[PasswordHasher]:
    """Real hashes that cost nothing."""
    with cheap_passwords() as hasher:
        yield hasher


@pytest.fixture
def house(passwords: PasswordHasher) -> House:
    """A product without any accounts or rooms."""
    return furnished(passwords)
