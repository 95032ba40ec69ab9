"""Actors: how they are remembered, and what a guest may be called."""

from __future__ import annotations

import pytest

from synctv.domain.accounts.account import GlobalRole
from synctv.domain.errors import Invalid
from synctv.domain.ids import AccountId, GuestId, RoomId, SessionId
from synctv.domain.rooms.actor import AccountActor, ActorKind, ActorRef, GuestActor, valid_display_name


def test_an_actor_is_remembered_by_id_name_and_kind() -> None:
    anna = AccountActor(AccountId("usr_1"), "Anna", GlobalRole.USER, SessionId("ses_1"), 1)
    visitor = GuestActor(GuestId("gst_1"), "Visitor", RoomId("room_1"), 1)
    assert anna.ref == ActorRef("usr_1", "Anna", ActorKind.ACCOUNT)
    assert visitor.ref == ActorRef("gst_1", "Visitor", ActorKind.GUEST)


@pytest.mark.parametrize(
    "text, name",
    [
        ("  Jane \u3000 Doe ", "Jane Doe"),
        ("李", "李"),
        ("🎬", "🎬"),
        ("x" * 32, "x" * 32),
        ("Zoë\n", "Zoë"),
        ("a\x00\u202eb", "ab"),
        ("👩‍🚀", "👩‍🚀"),
    ],
)
def test_a_guest_may_be_called_anything_that_is_visible(text: str, name: str) -> None:
    assert valid_display_name(text) == name


@pytest.mark.parametrize("wrong", ["", "   ", "x" * 33, "\x00", "\u202e", "\u200b", "\ud800"])
def test_an_invisible_or_too_long_name_is_refused_and_named(wrong: str) -> None:
    with pytest.raises(Invalid, match="1 to 32 visible") as refused:
        valid_display_name(wrong)
    assert refused.value.errors[0].path == "displayName"
