"""WebAuthn ceremonies: making passkeys and signing with them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Site:
    """Where the page is: its origin (`https://watch.example.org`) and the host in it, which passkeys are bound to."""

    origin: str
    host: str


@dataclass(frozen=True, slots=True)
class PasskeyUser:
    """Whose passkey it will be. `handle` is at most 64 bytes and tells nothing about the person."""

    handle: bytes
    name: str


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What an authenticator made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    synced: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """Which credential an answer claims to be signed with, before anything is verified."""

    credential_id: bytes
    user_handle: bytes | None


class CeremonyFailed(Exception):
    """The browser's answer does not prove what it should. The sentence is for the log."""


class PasskeyCeremonies(ABC):
    """Makes what goes to `navigator.credentials`, and verifies what comes back, both as the JSON forms of WebAuthn 3.

    Credentials are discoverable and users verified, always.
    """

    @abstractmethod
    def creation_options(
        self, site: Site, user: PasskeyUser, challenge: bytes, known: Sequence[bytes]
    ) -> Mapping[str, Any]:
        """Options for making a passkey. `known` are credential ids that the person has already."""

    @abstractmethod
    def created(self, site: Site, credential: Mapping[str, Any], challenge: bytes) -> NewCredential:
        """The new credential. Raises `CeremonyFailed`."""

    @abstractmethod
    def request_options(self, site: Site, challenge: bytes) -> Mapping[str, Any]:
        """Options for signing with any passkey: the same for everybody, so nothing is told of who has which."""

    @abstractmethod
    def assertion(self, credential: Mapping[str, Any]) -> Assertion:
        """What an answer claims. Raises `CeremonyFailed` for one that is none."""

    @abstractmethod
    def signed(self, site: Site, credential: Mapping[str, Any], challenge: bytes, public_key: bytes) -> int:
        """The authenticator's sign count, when the answer is signed with this key. Raises `CeremonyFailed`.

        The count is told as it is (0 where an authenticator doesn't count); what to make of it is for the caller.
        """
