"""Addresses under which the proxy serves media: signed, each for one viewer of one item."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from synctv.domain.ids import AccountId, GuestId, ItemId, Micros, RoomId, SessionId


@dataclass(frozen=True, slots=True)
class AccountViewer:
    """Somebody who is signed in, by the session that the address was given to."""

    account_id: AccountId
    session_id: SessionId
    generation: int

    @property
    def id(self) -> str:
        """Who it is, as things remember who added them."""
        return self.account_id


@dataclass(frozen=True, slots=True)
class GuestViewer:
    """A guest, by the version of the room's guests."""

    guest_id: GuestId
    guest_version: int

    @property
    def id(self) -> str:
        """Who it is, as things remember who added them."""
        return self.guest_id


Viewer = AccountViewer | GuestViewer


@dataclass(frozen=True, slots=True)
class MediaClaims:
    """What an address stands for: a part (`v:original`, `s:en`, `d:main`) of what there is of an item for a profile."""

    room_id: RoomId
    item_id: ItemId
    viewer: Viewer
    part: str
    profile: str
    expires_at: Micros


class MediaLinks(ABC):
    """Signs and verifies what stands in the proxy's addresses. Only characters that need no escaping in a URL."""

    @abstractmethod
    def sign(self, claims: MediaClaims) -> str:
        """The token of these claims, always the same for the same."""

    @abstractmethod
    def verify(self, token: str, now: Micros) -> MediaClaims:
        """What the token says. Raises `TokenExpired` for one of ours that has run out, `Denied` for every other."""

    @abstractmethod
    def seal(self, address: str, claims: MediaClaims) -> str:
        """An upstream address that nobody else can read, and that opens for these claims only, whenever they run out.

        Always the same for the same, so that players recognise a segment in the next playlist.
        """

    @abstractmethod
    def open(self, sealed: str, claims: MediaClaims) -> str:
        """The address. Raises `Denied` for what was not sealed for these claims."""
