"""Folders and how they lie in each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.domain.errors import Invalid, NotFound, QuotaExceeded
from synctv.domain.ids import FolderId
from synctv.domain.library.folder import (
    MAX_DEPTH,
    MAX_FOLDERS,
    DynamicSource,
    Folder,
    FolderTree,
    valid_dynamic,
)
from tests.builders import a_folder, a_folder_id, a_room_id

ROOM = a_room_id()


def tree(description: str) -> FolderTree:
    """Folders with their parents: `A B:A C:A` has B and C in A. `D*` is dynamic."""
    folders: list[Folder] = []
    for rank, word in enumerate(description.split()):
        name, _, parent = word.partition(":")
        dynamic = DynamicSource("webdav", "/", None) if name.endswith("*") else None
        id, above = FolderId(name.rstrip("*")), FolderId(parent) if parent else None
        folders.append(a_folder(ROOM, id=id, parent_id=above, rank=rank, dynamic=dynamic))
    return FolderTree(folders)


def chain(length: int) -> FolderTree:
    """Folders named 1, 2, 3, …, each in the one before."""
    return tree(" ".join(f"{n}:{n - 1}" if n > 1 else "1" for n in range(1, length + 1)))


def names(folders: list[Folder]) -> str:
    return "".join(folder.id for folder in folders)


def refusal(tree: FolderTree, parent: str | None, moving: str | None = None) -> str | None:
    """The code under which `parentId` is refused, if it is."""
    try:
        tree.must_take(FolderId(parent) if parent else None, FolderId(moving) if moving else None)
    except Invalid as error:
        return ", ".join(one.code for one in error.errors if one.path == "parentId")
    return None


NESTED = tree("A B:A X C:B D:A E:C")


def test_each_change_is_another_version_and_changes_one_thing() -> None:
    folder, parent = a_folder(ROOM), a_folder_id()
    assert folder.renamed("Other") == replace(folder, title="Other", version=2)
    assert folder.moved(7, parent) == replace(folder, rank=7, parent_id=parent, version=2)


def test_a_folder_is_found_or_unavailable() -> None:
    assert NESTED.get(FolderId("C")).id == "C"
    with pytest.raises(NotFound, match="folder"):
        NESTED.get(FolderId("nowhere"))
    NESTED.must_have(None)
    with pytest.raises(NotFound, match="folder"):
        NESTED.must_have(FolderId("nowhere"))


@pytest.mark.parametrize("parent, found", [(None, "AX"), ("A", "BD"), ("B", "C"), ("E", ""), ("nowhere", "")])
def test_what_lies_right_in_a_folder_keeps_its_order(parent: str | None, found: str) -> None:
    assert names(NESTED.inside(FolderId(parent) if parent else None)) == found


@pytest.mark.parametrize("folder, way", [(None, ""), ("A", "A"), ("D", "AD"), ("E", "ABCE")])
def test_the_way_leads_from_the_top_to_the_folder_itself(folder: str | None, way: str) -> None:
    assert names(NESTED.way_to(FolderId(folder) if folder else None)) == way


@pytest.mark.parametrize("folder, below", [(None, "AXBDCE"), ("A", "BDCE"), ("B", "CE"), ("E", ""), ("X", "")])
def test_all_that_is_below_is_found_and_nothing_beside(folder: str | None, below: str) -> None:
    assert names(NESTED.below(FolderId(folder) if folder else None)) == below


def test_folders_lie_in_each_other_only_so_deep() -> None:
    assert refusal(chain(MAX_DEPTH - 1), str(MAX_DEPTH - 1)) is None
    assert refusal(chain(MAX_DEPTH), str(MAX_DEPTH)) == "depth"
    assert refusal(chain(MAX_DEPTH), None) is None


def test_what_a_folder_holds_moves_with_it_and_counts_for_the_depth() -> None:
    deep = FolderTree([*chain(MAX_DEPTH - 3).folders, *tree("A B:A C:B").folders])
    assert refusal(deep, str(MAX_DEPTH - 3), "A") is None
    deeper = FolderTree([*chain(MAX_DEPTH - 2).folders, *tree("A B:A C:B").folders])
    assert refusal(deeper, str(MAX_DEPTH - 2), "A") == "depth"
    assert refusal(deeper, str(MAX_DEPTH - 2), "B") is None


@pytest.mark.parametrize("parent", ["A", "B", "C", "E"])
def test_a_folder_never_lies_in_itself(parent: str) -> None:
    assert refusal(NESTED, parent, "A") == "cycle"


@pytest.mark.parametrize("parent", [None, "X", "D"])
def test_a_folder_may_lie_beside_and_above_where_it_was(parent: str | None) -> None:
    assert refusal(NESTED, parent, "B") is None


def test_nothing_lies_in_a_dynamic_folder_or_in_none() -> None:
    assert refusal(tree("A D*"), "D") == "dynamic"
    assert refusal(tree("A D*"), "D", "A") == "dynamic"
    assert refusal(tree("A D*"), "A", "D") is None
    with pytest.raises(NotFound, match="folder"):
        NESTED.must_take(FolderId("nowhere"))


def test_what_is_not_dynamic_can_be_filled() -> None:
    a_folder(ROOM).must_be_fillable("folderId")
    with pytest.raises(Invalid) as refused:
        a_folder(ROOM, dynamic=DynamicSource("webdav", "", None)).must_be_fillable("folderId")
    assert [(error.path, error.code) for error in refused.value.errors] == [("folderId", "dynamic")]


def test_a_room_has_a_bound_of_folders() -> None:
    FolderTree([a_folder(ROOM)] * (MAX_FOLDERS - 1)).must_have_room()
    with pytest.raises(QuotaExceeded, match="folders in this room"):
        FolderTree([a_folder(ROOM)] * MAX_FOLDERS).must_have_room()


def test_a_tree_that_is_broken_leads_nowhere_and_ends() -> None:
    circle = tree("A:B B:A")
    assert len(circle.way_to(FolderId("A"))) == MAX_DEPTH
    assert len(circle.below(FolderId("A"))) == MAX_DEPTH


def test_a_path_has_a_bound() -> None:
    fits = DynamicSource("webdav", "x" * 2_000, None)
    assert valid_dynamic(fits) == fits
    with pytest.raises(Invalid) as refused:
        valid_dynamic(replace(fits, path="x" * 2_001))
    assert [(error.path, error.code) for error in refused.value.errors] == [("path", "length")]
