"""Domain values for tests: complete and valid, and different where a test says so.

Each call makes new ids, so that values never clash by accident. What a test is about, it names itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from synctv.adapters.memory.clock import START
from synctv.adapters.memory.ids import MemoryIds
from synctv.domain.accounts.account import Account, AccountStatus, GlobalRole
from synctv.domain.accounts.session import SignInSession
from synctv.domain.chat.message import Message
from synctv.domain.ids import (
    AccountId,
    GuestId,
    HistoryId,
    ItemId,
    MessageId,
    Micros,
    RoomId,
    SessionId,
    seconds_after,
)
from synctv.domain.library.item import MediaItem, MediaKind
from synctv.domain.playback.history import HistoryEntry
from synctv.domain.playback.playback import CurrentItem, Playback, Playing, Reason
from synctv.domain.rooms.actor import ActorKind, ActorRef
from synctv.domain.rooms.membership import Membership, MembershipState
from synctv.domain.rooms.permissions import NO_CHANGE, RoomRole
from synctv.domain.rooms.room import Room, RoomStatus, Visibility, room_code
from synctv.domain.rooms.settings import RoomSettings

IDS = MemoryIds("builders")
NOW = START


def at(seconds: float) -> Micros:
    """The instant so many seconds after the one that all builders start from."""
    return seconds_after(NOW, seconds)


def an_account_id() -> AccountId:
    return AccountId(IDS.new("usr"))


def a_room_id() -> RoomId:
    return RoomId(IDS.new("room"))


def an_item_id() -> ItemId:
    return ItemId(IDS.new("item"))


def an_account(**changes: Any) -> Account:
    """An active user without a special role, whose name nobody else has."""
    account = Account(
        id=an_account_id(),
        username=f"person{IDS.random(40)}",
        role=GlobalRole.USER,
        status=AccountStatus.ACTIVE,
        password_hash="$argon2id$not-a-real-one",
        session_generation=1,
        created_at=NOW,
        version=1,
    )
    return replace(account, **changes)


def the_actor(account: Account) -> ActorRef:
    """How an account is remembered in what it does."""
    return ActorRef(account.id, account.username, ActorKind.ACCOUNT)


def a_guest(name: str = "Visitor") -> ActorRef:
    """How a guest is remembered in what it does."""
    return ActorRef(GuestId(IDS.new("gst")), name, ActorKind.GUEST)


def a_session(account: Account, **changes: Any) -> SignInSession:
    """A living session of an account, for thirty days."""
    session = SignInSession(
        id=SessionId(IDS.new("ses")),
        account_id=account.id,
        refresh_digest=bytes(range(32)),
        generation=account.session_generation,
        created_at=NOW,
        refreshed_at=NOW,
        expires_at=at(30 * 86_400),
        ended_at=None,
        user_agent="Mozilla/5.0",
        address="192.0.2.7",
    )
    return replace(session, **changes)


def a_room(owner: Account, **changes: Any) -> Room:
    """A public room without a password."""
    room = Room(
        id=a_room_id(),
        code=room_code(IDS.random(64)),
        name="Film night",
        description="",
        visibility=Visibility.PUBLIC,
        password_hash=None,
        owner=the_actor(owner),
        settings=RoomSettings(),
        status=RoomStatus.ACTIVE,
        guest_version=1,
        created_at=NOW,
        version=1,
    )
    return replace(room, **changes)


def a_membership(room: Room, account: Account, **changes: Any) -> Membership:
    """An active membership of an ordinary member."""
    membership = Membership(
        room_id=room.id,
        account_id=account.id,
        username=account.username,
        role=RoomRole.MEMBER,
        state=MembershipState.ACTIVE,
        overrides=NO_CHANGE,
        message="",
        joined_at=NOW,
        returns_at=None,
        version=1,
    )
    return replace(membership, **changes)


def an_item(room_id: RoomId, **changes: Any) -> MediaItem:
    """A video of two minutes in the room's top folder."""
    item = MediaItem(
        id=an_item_id(),
        room_id=room_id,
        folder_id=None,
        title="Big Buck Bunny",
        provider="direct",
        kind=MediaKind.VIDEO,
        source={"url": "https://media.example/bunny.mp4"},
        duration=120.0,
        added_by=a_guest(),
        added_at=NOW,
        rank=0,
        version=1,
    )
    return replace(item, **changes)


def a_playback(**changes: Any) -> Playback:
    """An item that plays since `NOW`, chosen by a guest."""
    playback = Playback(
        item=CurrentItem(an_item_id(), 120.0),
        motion=Playing(0.0, NOW),
        rate=1.0,
        changed_at=NOW,
        version=1,
        changed_by=a_guest(),
        reason=Reason.SELECT,
        operation_id="operation-1",
        history_entry=HistoryId(IDS.new("hist")),
    )
    return replace(playback, **changes)


def a_history_entry(**changes: Any) -> HistoryEntry:
    """An item that a guest chose at `NOW`."""
    entry = HistoryEntry(HistoryId(IDS.new("hist")), an_item_id(), "Big Buck Bunny", NOW, a_guest())
    return replace(entry, **changes)


def a_message(room_id: RoomId, seq: int, **changes: Any) -> Message:
    """A message of a guest, written while nothing played."""
    message = Message(
        id=MessageId(IDS.new("msg")),
        room_id=room_id,
        client_id=f"client-{IDS.random(64)}",
        author=a_guest(),
        text="Hello",
        reply_to=None,
        sent_at=NOW,
        item_id=None,
        position=None,
        version=1,
        deleted=False,
        seq=seq,
    )
    return replace(message, **changes)
