"""Media items: titles, and what each change leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.domain.errors import Invalid
from synctv.domain.library.item import valid_title
from tests.builders import a_folder_id, a_room_id, an_item


@pytest.mark.parametrize("text, title", [("  The \n film ", "The film"), ("電影", "電影"), ("x" * 200, "x" * 200)])
def test_a_title_loses_the_white_space_around_and_within(text: str, title: str) -> None:
    assert valid_title(text) == title


@pytest.mark.parametrize("wrong", ["", " \t\n", "x" * 201])
def test_a_title_that_is_too_short_or_too_long_is_refused_and_named(wrong: str) -> None:
    with pytest.raises(Invalid, match="1 to 200") as refused:
        valid_title(wrong)
    assert [(error.path, error.code) for error in refused.value.errors] == [("title", "length")]


def test_each_change_is_another_version_and_changes_one_thing() -> None:
    item = an_item(a_room_id(), duration=None)
    assert item.renamed("Other") == replace(item, title="Other", version=2)
    assert item.moved(99, None) == replace(item, rank=99, version=2)
    folder = a_folder_id()
    assert item.moved(99, folder) == replace(item, rank=99, folder_id=folder, version=2)
    assert item.lasting(60.0) == replace(item, duration=60.0, version=2)
