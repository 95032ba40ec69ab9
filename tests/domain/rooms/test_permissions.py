"""Permissions: the tables, and what no combination of changes can do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.errors import Denied
from synctv.domain.rooms.permissions import (
    CEILING,
    EVERYTHING,
    Permission,
    PermissionChange,
    Permissions,
    RoleChanges,
    RoleDefaults,
    RoomRole,
    effective,
    require,
)
from tests.vectors import vectors

VECTORS = vectors("permissions")
DEFAULTS = RoleDefaults()
NO_CHANGES = RoleChanges()

SETS = st.frozensets(st.sampled_from(Permission))
CHANGES = st.builds(PermissionChange, SETS, SETS)
ROLES = st.sampled_from(RoomRole)
OF_ROOM = st.builds(RoleChanges, CHANGES, CHANGES, CHANGES)
OF_SERVER = st.builds(RoleDefaults, SETS, SETS, SETS)


def some(names: list[str]) -> Permissions:
    return frozenset(Permission(name) for name in names)


def change(said: dict[str, list[str]] | None) -> PermissionChange:
    return PermissionChange(some((said or {}).get("added", [])), some((said or {}).get("removed", [])))


def for_role(role: RoomRole, changed: PermissionChange) -> RoleChanges:
    """What a room's settings say when they change one role. Nobody can write down a change of the creator."""
    return NO_CHANGES if role is RoomRole.CREATOR else RoleChanges(**{role.value: changed})


@pytest.mark.parametrize("role", RoomRole)
def test_without_changes_a_role_may_what_the_table_says(role: RoomRole) -> None:
    assert effective(role, DEFAULTS, NO_CHANGES) == some(VECTORS["defaults"][role.value])


@pytest.mark.parametrize("role", [RoomRole.ADMIN, RoomRole.MEMBER])
def test_members_may_be_given_all_but_what_is_never_delegated(role: RoomRole) -> None:
    all_added = for_role(role, PermissionChange(added=EVERYTHING))
    assert EVERYTHING - effective(role, DEFAULTS, all_added) == some(VECTORS["neverDelegated"])


def test_guests_may_be_given_what_the_table_says() -> None:
    all_added = for_role(RoomRole.GUEST, PermissionChange(added=EVERYTHING))
    assert effective(RoomRole.GUEST, DEFAULTS, all_added) == some(VECTORS["guestCeiling"])


@pytest.mark.parametrize("vector", VECTORS["changes"], ids=lambda vector: vector["name"])
def test_a_change_comes_to_what_the_vectors_say(vector: dict[str, Any]) -> None:
    role = RoomRole(vector["role"])
    before = effective(role, DEFAULTS, NO_CHANGES)
    after = effective(role, DEFAULTS, for_role(role, change(vector.get("room"))), change(vector.get("own")))
    assert after - before == some(vector.get("gained", []))
    assert before - after == some(vector.get("lost", []))


@given(ROLES, OF_SERVER, OF_ROOM, CHANGES)
def test_nobody_gets_past_the_ceiling_of_their_role(
    role: RoomRole, server: RoleDefaults, room: RoleChanges, own: PermissionChange
) -> None:
    assert effective(role, server, room, own) <= CEILING[role]


@given(ROLES, OF_SERVER, OF_ROOM, CHANGES, SETS)
def test_adding_never_takes_anything_away(
    role: RoomRole, server: RoleDefaults, room: RoleChanges, own: PermissionChange, more: Permissions
) -> None:
    with_more = PermissionChange(own.added | more, own.removed)
    assert effective(role, server, room, own) <= effective(role, server, room, with_more)


@given(ROLES, OF_SERVER, OF_ROOM, CHANGES, SETS)
def test_removing_never_gives_anything(
    role: RoomRole, server: RoleDefaults, room: RoleChanges, own: PermissionChange, less: Permissions
) -> None:
    with_less = PermissionChange(own.added, own.removed | less)
    after = effective(role, server, room, with_less)
    assert after <= effective(role, server, room, own)
    assert role is RoomRole.CREATOR or not after & less


@given(st.sampled_from([RoomRole.ADMIN, RoomRole.MEMBER, RoomRole.GUEST]), OF_SERVER, CHANGES, CHANGES)
def test_what_is_removed_anywhere_is_gone(
    role: RoomRole, server: RoleDefaults, changed: PermissionChange, own: PermissionChange
) -> None:
    after = effective(role, server, for_role(role, changed), own)
    assert not after & (changed.removed | own.removed)


@given(OF_SERVER, OF_ROOM, CHANGES)
def test_the_creator_may_everything_always(server: RoleDefaults, room: RoleChanges, own: PermissionChange) -> None:
    assert effective(RoomRole.CREATOR, server, room, own) == EVERYTHING


@given(ROLES, ROLES, CHANGES)
def test_a_change_for_one_role_leaves_the_others_alone(
    role: RoomRole, other: RoomRole, changed: PermissionChange
) -> None:
    if other is not role:
        assert effective(other, DEFAULTS, for_role(role, changed)) == effective(other, DEFAULTS, NO_CHANGES)


def test_roles_are_ordered_from_guest_to_creator() -> None:
    assert sorted(RoomRole, key=lambda role: role.rank) == [
        RoomRole.GUEST,
        RoomRole.MEMBER,
        RoomRole.ADMIN,
        RoomRole.CREATOR,
    ]


@pytest.mark.parametrize("permission", Permission)
def test_every_refusal_is_a_sentence_that_says_whom_to_ask(permission: Permission) -> None:
    with pytest.raises(Denied, match=r"^You may not [a-z'].*\. Somebody who runs this room can allow it\.$") as refused:
        require(EVERYTHING - {permission}, permission)
    assert refused.value.permission == permission.value
    require(frozenset({permission}), permission)
