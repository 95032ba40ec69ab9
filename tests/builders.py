"""Domain values for tests: complete and valid, and different where a test says so.

Each call makes new ids, so that values never clash by accident. What a test is about, it names itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from synctv.adapters.memory.clock import START
from synctv.adapters.memory.ids import MemoryIds
from synctv.application.ports.mail import QueuedMail
from synctv.domain.accounts.account import Account, GlobalRole, PasswordRecords
from synctv.domain.accounts.factors import Factor, Passkey, TotpSecret
from synctv.domain.accounts.identities import IdentityProvider, LinkedIdentity, ProviderKind
from synctv.domain.accounts.session import SignInSession
from synctv.domain.audit.entry import SERVER, Action, AuditEntry, Party
from synctv.domain.chat.message import Message
from synctv.domain.ids import (
    AccountId,
    AuditId,
    CredentialId,
    FolderId,
    GuestId,
    HistoryId,
    IdentityId,
    ItemId,
    MailId,
    MessageId,
    Micros,
    PasskeyId,
    RoomId,
    SessionId,
    seconds_after,
)
from synctv.domain.library.credential import Credential, CredentialState
from synctv.domain.library.folder import Folder
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


def a_folder_id() -> FolderId:
    return FolderId(IDS.new("list"))


def an_account(**changes: Any) -> Account:
    """An active user without a special role, whose name nobody else has."""
    account = Account(
        id=an_account_id(),
        username=f"person{IDS.random(40)}",
        role=GlobalRole.USER,
        created_at=NOW,
        password=PasswordRecords("$argon2id$not-a-real-one", None),
    )
    return replace(account, **changes)


def the_actor(account: Account) -> ActorRef:
    """How an account is remembered in what it does."""
    return ActorRef(account.id, account.username, ActorKind.ACCOUNT)


def a_guest(name: str = "Visitor") -> ActorRef:
    """How a guest is remembered in what it does."""
    return ActorRef(GuestId(IDS.new("gst")), name, ActorKind.GUEST)


def a_session(account: Account, **changes: Any) -> SignInSession:
    """A living session of an account, for thirty days, begun with a password."""
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
        methods=frozenset({Factor.PASSWORD}),
    )
    return replace(session, **changes)


def a_passkey(account: Account, **changes: Any) -> Passkey:
    """A passkey of an account that has not been used yet, and whose credential nobody else has."""
    passkey = Passkey(
        id=PasskeyId(IDS.new("psk")),
        account_id=account.id,
        credential_id=IDS.random(128).to_bytes(16),
        public_key=b"not a real one",
        sign_count=0,
        name="Phone",
        transports=("internal", "hybrid"),
        synced=True,
        created_at=NOW,
        used_at=None,
    )
    return replace(passkey, **changes)


def a_totp_secret(account: Account, **changes: Any) -> TotpSecret:
    """An authenticator app of an account, from which no code was used yet."""
    return replace(TotpSecret(account.id, b"sealed", 0, NOW), **changes)


def an_identity_provider(**changes: Any) -> IdentityProvider:
    """An OpenID Connect provider that newcomers may sign up with."""
    slug = f"provider-{IDS.random(40)}"
    provider = IdentityProvider(
        slug=slug,
        name="Example",
        kind=ProviderKind.OIDC,
        client_id="synctv",
        sealed_secret=b"sealed",
        scopes=("openid", "email"),
        issuer=f"https://{slug}.example",
        endpoints=None,
        sign_up=True,
    )
    return replace(provider, **changes)


def an_identity(account: Account, provider: IdentityProvider, **changes: Any) -> LinkedIdentity:
    """An identity at a provider, linked at `NOW`, whose subject nobody else has."""
    identity = LinkedIdentity(
        id=IdentityId(IDS.new("idn")),
        account_id=account.id,
        provider=provider.slug,
        subject=f"subject-{IDS.random(64)}",
        shown="anna@example.org",
        linked_at=NOW,
        used_at=None,
    )
    return replace(identity, **changes)


def a_credential(account: Account, **changes: Any) -> Credential:
    """A login of an account at a server of its own, that was good at `NOW`."""
    credential = Credential(
        id=CredentialId(IDS.new("cred")),
        owner=account.id,
        provider="shelf",
        server=f"https://nas{IDS.random(40)}.example:8096/media",
        label="anna",
        sealed=b"sealed",
        state=CredentialState.GOOD,
        created_at=NOW,
        checked_at=NOW,
    )
    return replace(credential, **changes)


def the_party(account: Account) -> Party:
    """How an account is remembered in the audit log."""
    return Party("account", account.id, account.username)


def an_audit_entry(**changes: Any) -> AuditEntry:
    """Something that the server did to itself at `NOW`."""
    entry = AuditEntry(AuditId(IDS.new("aud")), NOW, Action.POLICY_CHANGED, SERVER, SERVER)
    return replace(entry, **changes)


def a_mail(**changes: Any) -> QueuedMail:
    """A letter of `NOW` that is worth sending for ten minutes."""
    return replace(QueuedMail(MailId(IDS.new("mail")), b"sealed", NOW, at(600)), **changes)


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


def a_folder(room_id: RoomId, **changes: Any) -> Folder:
    """An ordinary folder at the room's top."""
    folder = Folder(
        id=a_folder_id(),
        room_id=room_id,
        parent_id=None,
        title="Series",
        dynamic=None,
        added_by=a_guest(),
        added_at=NOW,
        rank=0,
        version=1,
    )
    return replace(folder, **changes)


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
