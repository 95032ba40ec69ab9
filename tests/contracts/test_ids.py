"""What every source of ids promises."""

from __future__ import annotations

import re

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.ids import MemoryIds
from synctv.adapters.system.clock import SystemClock
from synctv.adapters.system.ids import SystemIds
from synctv.application.ports.ids import Ids
from synctv.domain.ids import is_typeid, number_of


@pytest.fixture(params=["memory", "system", "system on a clock that stands still"])
def ids(request: pytest.FixtureRequest) -> Ids:
    sources: dict[str, Ids] = {
        "memory": MemoryIds(),
        "system": SystemIds(SystemClock()),
        "system on a clock that stands still": SystemIds(MemoryClock()),
    }
    return sources[request.param]


def test_an_id_is_a_typeid_with_the_prefix(ids: Ids) -> None:
    for prefix in ("usr", "room", "gst"):
        assert is_typeid(ids.new(prefix), prefix)


def test_an_id_is_a_uuid_of_version_7(ids: Ids) -> None:
    number = number_of(ids.new("usr"), "usr")
    assert number is not None
    assert number >> 76 & 0xF == 7
    assert number >> 62 & 0b11 == 0b10


def test_ids_are_unique_and_sort_in_the_order_in_which_they_were_made(ids: Ids) -> None:
    made = [ids.new("item") for _ in range(5_000)]
    assert made == sorted(set(made))


def test_ids_of_different_prefixes_share_one_order(ids: Ids) -> None:
    prefixes = ["usr", "room"] * 500
    numbers = [number_of(ids.new(prefix), prefix) or 0 for prefix in prefixes]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("bits", [1, 40, 64, 256])
def test_a_random_number_has_at_most_so_many_bits_and_uses_all_of_them(ids: Ids, bits: int) -> None:
    seen = 0
    for _ in range(200):
        number = ids.random(bits)
        assert 0 <= number < 1 << bits
        seen |= number
    assert seen == (1 << bits) - 1


def test_a_secret_fits_into_a_url_and_is_long_enough(ids: Ids) -> None:
    secrets = [ids.secret() for _ in range(100)]
    assert len(set(secrets)) == len(secrets)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43,}", secret) for secret in secrets)
