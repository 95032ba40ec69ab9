"""How ids are made from the machine's clock and randomness."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from synctv.adapters.memory.clock import START, MemoryClock
from synctv.adapters.system.ids import SystemIds
from synctv.domain.ids import number_of


def millis_of(text: str) -> int:
    number = number_of(text, "usr")
    assert number is not None
    return number >> 80


def test_an_id_begins_with_the_time_of_its_making() -> None:
    clock = MemoryClock()
    ids = SystemIds(clock)
    assert millis_of(ids.new("usr")) == START // 1_000
    clock.advance(1.5)
    assert millis_of(ids.new("usr")) == START // 1_000 + 1_500


def test_two_processes_at_the_same_instant_make_different_ids() -> None:
    assert SystemIds(MemoryClock()).new("usr") != SystemIds(MemoryClock()).new("usr")


def test_threads_never_get_the_same_id() -> None:
    ids = SystemIds(MemoryClock())
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: ids.new("usr"), range(2_000)))
    assert len(set(made)) == len(made)
