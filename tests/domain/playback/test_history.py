"""Walking what a room played."""

from __future__ import annotations

import pytest

from synctv.domain.ids import HistoryId
from synctv.domain.playback.history import HistoryEntry, step
from tests.builders import a_history_entry

ENTRIES = [a_history_entry(id=HistoryId(name)) for name in ("oldest", "middle", "newest")]
BACK, ON = -1, +1


def walked(entries: list[HistoryEntry], current: str | None, direction: int) -> str | None:
    found = step(entries, HistoryId(current) if current else None, direction)
    return found.id if found else None


@pytest.mark.parametrize(
    "current, back, on",
    [
        ("oldest", None, "middle"),
        ("middle", "oldest", "newest"),
        ("newest", "middle", None),
        (None, "newest", None),
        ("forgotten", "newest", None),
    ],
)
def test_a_step_leads_to_the_neighbour_or_to_nothing(current: str | None, back: str | None, on: str | None) -> None:
    assert walked(ENTRIES, current, BACK) == back
    assert walked(ENTRIES, current, ON) == on


@pytest.mark.parametrize("direction", [BACK, ON])
def test_nothing_was_played_before_the_first(direction: int) -> None:
    assert walked([], None, direction) is None
