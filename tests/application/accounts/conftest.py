"""What signing in is tested with beside a house."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from synctv.adapters.crypto.opaque import library_is_there
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from tests.application.accounts.people import Recorded, RecordedHasher, RecordedOpaque
from tests.application.house import House, furnished
from tests.remembering import RememberingOpaque


@pytest.fixture(scope="session")
def opaque() -> Iterator[Opaque]:
    """The real thing, with one server's secret for all tests."""
    if not library_is_there():
        pytest.skip("opaque-ke-py has no build for this system")
    made = RememberingOpaque()
    yield made
    made.close()


@pytest.fixture
def recorded() -> Recorded:
    """What was asked of the recorded ports."""
    return Recorded()


@pytest.fixture
def opaque_house(passwords: PasswordHasher, opaque: Opaque, recorded: Recorded) -> House:
    """A product that does OPAQUE, and whose checks of passwords are recorded."""
    hasher = RecordedHasher(passwords, recorded)
    return furnished(hasher, opaque=RecordedOpaque(opaque, recorded))
