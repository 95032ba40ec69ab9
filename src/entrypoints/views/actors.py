"""People: accounts, guests, and how they are named beside what they did."""

from __future__ import annotations

from msgspec import Struct

from synctv.domain.accounts.account import Account, GlobalRole, Language
from synctv.domain.ids import AccountId
from synctv.domain.rooms.actor import ActorKind, ActorRef
from synctv.entrypoints.views.times import Instant, instant


class ActorView(Struct, frozen=True, rename="camel"):
    """Whoever did something, under the name of that time."""

    id: str
    name: str
    kind: ActorKind

    @classmethod
    def of(cls, actor: ActorRef) -> ActorView:
        """The view of an actor."""
        return cls(actor.id, actor.name, actor.kind)

    @classmethod
    def maybe(cls, actor: ActorRef | None) -> ActorView | None:
        """The same where the server itself may have acted."""
        return None if actor is None else cls.of(actor)


class PersonView(Struct, frozen=True, rename="camel"):
    """An account as others see it."""

    id: AccountId
    username: str


class AccountView(Struct, frozen=True, rename="camel"):
    """An account as its owner sees it. `language` is the one of letters; null while nobody chose one."""

    id: AccountId
    username: str
    role: GlobalRole
    email: str | None
    language: Language | None
    two_factor: bool
    created_at: Instant
    version: int

    @classmethod
    def of(cls, account: Account) -> AccountView:
        """The view of an account."""
        return cls(
            id=account.id,
            username=account.username,
            role=account.role,
            email=account.email,
            language=account.language,
            two_factor=account.two_factor,
            created_at=instant(account.created_at),
            version=account.version,
        )
