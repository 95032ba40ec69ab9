"""The order of a folder's items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synctv.domain.ids import ItemId, RoomId
from synctv.domain.library.item import MediaItem
from synctv.domain.library.order import SPACING, neighbour, place_before, rank_at_end, rank_between, shuffled
from tests.builders import an_item

ROOM = RoomId("room")
A, B, C = (ItemId(name) for name in "ABC")


def folder(*ranks: int) -> list[MediaItem]:
    """Items named A, B, C, … at these ranks."""
    return [an_item(ROOM, id=ItemId(chr(ord("A") + n)), rank=rank) for n, rank in enumerate(ranks)]


def after(items: list[MediaItem], changed: Mapping[ItemId, int]) -> list[MediaItem]:
    """The folder as a storage would give it after these ranks were written."""
    stored = [replace(item, rank=changed.get(item.id, item.rank)) for item in items]
    return sorted(stored, key=lambda item: (item.rank, item.id))


def names(items: list[MediaItem]) -> str:
    return "".join(item.id for item in items)


@given(st.integers(), st.integers())
def test_a_rank_between_two_is_between_them_or_there_is_none(one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    rank = rank_between(low, high)
    assert (rank is None) == (high - low < 2)
    assert rank is None or low < rank < high


def test_a_rank_at_an_end_keeps_its_distance() -> None:
    assert rank_between(None, None) == 0
    assert rank_between(None, 5) == 5 - SPACING
    assert rank_between(5, None) == 5 + SPACING
    assert rank_between(None, 0) == -SPACING


@pytest.mark.parametrize(
    "moving, before, order",
    [(C, A, "CAB"), (A, None, "BCA"), (A, C, "BAC"), (B, C, "ABC"), (C, None, "ABC"), (B, A, "BAC")],
)
def test_a_move_writes_one_item(moving: ItemId, before: ItemId | None, order: str) -> None:
    items = folder(0, SPACING, 2 * SPACING)
    changed = place_before(items, moving, before)
    assert list(changed) == [moving]
    assert names(after(items, changed)) == order


def test_the_only_item_of_a_folder_can_be_moved() -> None:
    assert names(after(folder(7), place_before(folder(7), A, None))) == "A"


def test_when_the_ranks_are_used_up_the_folder_is_spread_out() -> None:
    items = folder(0, 1, 2)
    changed = place_before(items, C, B)
    assert changed == {A: 0, C: SPACING, B: 2 * SPACING}


@pytest.mark.parametrize("before, order", [(A, "DABC"), (C, "ABDC"), (None, "ABCD")])
def test_what_comes_from_elsewhere_is_put_in_between(before: ItemId | None, order: str) -> None:
    items, newcomer = folder(0, SPACING, 2 * SPACING), an_item(ROOM, id=ItemId("D"), rank=0)
    changed = place_before(items, newcomer.id, before)
    assert list(changed) == [newcomer.id]
    assert names(after([*items, newcomer], changed)) == order


def test_what_comes_from_elsewhere_may_spread_the_folder_out() -> None:
    newcomer = ItemId("D")
    assert place_before(folder(0, 1), newcomer, B) == {A: 0, newcomer: SPACING, B: 2 * SPACING}
    assert place_before([], newcomer, None) == {newcomer: 0}


def test_the_end_is_past_everything() -> None:
    assert rank_at_end([]) == 0
    assert rank_at_end(folder(3, 9)) == 9 + SPACING


def test_items_of_equal_rank_are_told_apart_by_a_move() -> None:
    items = folder(0, 0, 0)
    assert names(after(items, place_before(items, C, B))) == "ACB"


def test_32_moves_between_the_same_neighbours_fit() -> None:
    items, moves = folder(0, SPACING, 2 * SPACING), 0
    while len(changed := place_before(items, items[-1].id, items[1].id)) == 1:
        items, moves = after(items, changed), moves + 1
    assert moves >= 32
    spread = after(items, changed)
    assert [item.rank for item in spread] == [0, SPACING, 2 * SPACING]


@settings(max_examples=40)
@given(st.integers(1, 7), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 7)), max_size=120))
def test_any_sequence_of_moves_equals_moving_in_a_list(size: int, moves: list[tuple[int, int]]) -> None:
    items = folder(*range(size))
    model = [item.id for item in items]
    for source, target in moves:
        moving = model[source % size]
        before = None if target % (size + 1) == size else model[target % (size + 1)]
        if before == moving:
            continue
        model.remove(moving)
        model.insert(len(model) if before is None else model.index(before), moving)
        items = after(items, place_before(items, moving, before))
        assert [item.id for item in items] == model


@pytest.mark.parametrize(
    "current, step, wrap, found",
    [
        (A, +1, False, B),
        (C, +1, False, None),
        (C, +1, True, A),
        (A, -1, False, None),
        (A, -1, True, C),
        (None, +1, False, A),
        (None, -1, False, C),
        (ItemId("removed"), +1, False, A),
    ],
)
def test_a_neighbour_is_one_place_on_and_wraps_only_when_asked_to(
    current: ItemId | None, step: int, wrap: bool, found: ItemId | None
) -> None:
    assert neighbour([A, B, C], current, step, wrap=wrap) == found


def test_nothing_has_no_neighbours() -> None:
    assert neighbour([], A, +1, wrap=True) is None
    assert neighbour([], None, -1, wrap=False) is None


def test_shuffling_avoids_what_was_played_of_this_folder_however_much_was_played_elsewhere() -> None:
    elsewhere = [ItemId(f"elsewhere{number}") for number in range(50)]
    found = {shuffled([A, B, C], C, [A, *elsewhere], seed) for seed in map(str, range(50))}
    assert found == {B}
