"""Which item follows, in every auto-play mode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.ids import ItemId
from synctv.domain.playback.following import after_the_end, on_demand
from synctv.domain.playback.playback import CurrentItem, Paused, Playback
from synctv.domain.rooms.settings import AutoPlayMode
from tests.domain.playback.states import showing

A, B, C = (ItemId(name) for name in "ABC")
ORDER = [A, B, C]
NEXT, PREVIOUS = +1, -1


def shows(item: ItemId | None, version: int = 7) -> Playback:
    return showing(CurrentItem(item, 10.0) if item else None, Paused(0.0), version=version)


@pytest.mark.parametrize(
    "mode, after_a, after_c",
    [
        (AutoPlayMode.OFF, None, None),
        (AutoPlayMode.SEQUENTIAL, B, None),
        (AutoPlayMode.REPEAT_ONE, A, C),
        (AutoPlayMode.REPEAT_ALL, B, A),
    ],
)
def test_the_mode_decides_what_follows_an_end(
    mode: AutoPlayMode, after_a: ItemId | None, after_c: ItemId | None
) -> None:
    assert after_the_end(shows(A), ORDER, [], mode, "room") == after_a
    assert after_the_end(shows(C), ORDER, [], mode, "room") == after_c


@pytest.mark.parametrize(
    "mode, after_a, after_c, before_a, before_c",
    [
        (AutoPlayMode.OFF, B, None, None, B),
        (AutoPlayMode.SEQUENTIAL, B, None, None, B),
        (AutoPlayMode.REPEAT_ONE, B, None, None, B),
        (AutoPlayMode.REPEAT_ALL, B, A, C, B),
    ],
)
def test_the_mode_decides_where_a_person_gets(
    mode: AutoPlayMode,
    after_a: ItemId | None,
    after_c: ItemId | None,
    before_a: ItemId | None,
    before_c: ItemId | None,
) -> None:
    assert on_demand(shows(A), ORDER, [], mode, "room", NEXT) == after_a
    assert on_demand(shows(C), ORDER, [], mode, "room", NEXT) == after_c
    assert on_demand(shows(A), ORDER, [], mode, "room", PREVIOUS) == before_a
    assert on_demand(shows(C), ORDER, [], mode, "room", PREVIOUS) == before_c


@pytest.mark.parametrize("mode", sorted(set(AutoPlayMode) - {AutoPlayMode.SHUFFLE}))
def test_without_a_current_item_a_person_gets_to_the_first_or_the_last(mode: AutoPlayMode) -> None:
    assert on_demand(shows(None), ORDER, [], mode, "room", NEXT) == A
    assert on_demand(shows(None), ORDER, [], mode, "room", PREVIOUS) == C


@pytest.mark.parametrize("mode", sorted(set(AutoPlayMode) - {AutoPlayMode.REPEAT_ONE}))
def test_nothing_follows_in_an_empty_library(mode: AutoPlayMode) -> None:
    assert after_the_end(shows(A), [], [], mode, "room") is None
    assert on_demand(shows(A), [], [], mode, "room", NEXT) is None
    assert on_demand(shows(None), [], [], mode, "room", PREVIOUS) is None


def test_shuffling_goes_back_in_order() -> None:
    assert on_demand(shows(B), ORDER, [], AutoPlayMode.SHUFFLE, "room", PREVIOUS) == A


@given(st.integers(2, 12), st.data())
def test_shuffling_is_the_same_everywhere_and_never_repeats_the_current_item(size: int, data: st.DataObject) -> None:
    order = [ItemId(f"item{n}") for n in range(size)]
    current = data.draw(st.sampled_from(order))
    recent = data.draw(st.lists(st.sampled_from(order), max_size=30))
    chosen = after_the_end(shows(current), order, recent, AutoPlayMode.SHUFFLE, "room")
    assert chosen in order
    assert chosen != current
    assert chosen == after_the_end(shows(current), list(order), tuple(recent), AutoPlayMode.SHUFFLE, "room")
    assert chosen == on_demand(shows(current), order, recent, AutoPlayMode.SHUFFLE, "room", NEXT)


def test_shuffling_a_single_item_repeats_it() -> None:
    assert after_the_end(shows(A), [A], [A, A], AutoPlayMode.SHUFFLE, "room") == A


def test_a_round_of_shuffling_gets_to_every_item() -> None:
    order = [ItemId(f"item{n}") for n in range(8)]
    recent, current = [order[0]], order[0]
    for version in range(80):
        following = after_the_end(shows(current, version), order, recent, AutoPlayMode.SHUFFLE, "room")
        assert following is not None
        assert following not in recent[-len(order) // 2 :], "What was just seen does not come again at once."
        recent.append(following)
        current = following
    assert set(recent) == set(order)


def test_rooms_shuffle_each_in_their_own_way() -> None:
    order = [ItemId(f"item{n}") for n in range(20)]
    drawn = {after_the_end(shows(order[0]), order, [], AutoPlayMode.SHUFFLE, f"room{n}") for n in range(20)}
    assert len(drawn) > 5
