"""Signed addresses for media: HMAC-SHA256 for what they say, AES-SIV (RFC 5297) for upstream addresses in them.

A token is `<name of the key>.<claims>.<signature>`, all in base64url; the claims are a MessagePack array. The mode for
addresses is deterministic on purpose: the same segment has the same address in every playlist that a viewer gets.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Sequence

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from synctv.adapters.crypto.keys import SigningKey
from synctv.application.ports.media_links import AccountViewer, GuestViewer, MediaClaims, MediaLinks, Viewer
from synctv.domain.errors import Denied, TokenExpired
from synctv.domain.ids import AccountId, GuestId, ItemId, Micros, RoomId, SessionId

MAX_TOKEN_LENGTH = 2_048
MAX_SEALED_LENGTH = 16_384
_SIV_KEY_BYTES = 64
_SIGNING_KEY_BYTES = 32


class _Claims(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """The claims as they are written. `viewer` is the id of an account or of a guest, who has no `session`."""

    room: str
    item: str
    viewer: str
    session: str
    generation: int
    part: str
    profile: str
    expires: int


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Claims)


class SignedMediaLinks(MediaLinks):
    """The first key signs and seals, every key verifies and opens."""

    def __init__(self, keys: Sequence[SigningKey]) -> None:
        if not keys:
            raise ValueError("Signing needs a key.")
        self._signer = keys[0].id
        self._signing = {key.id: _derived(key, b"token", _SIGNING_KEY_BYTES) for key in keys}
        self._ciphers = {key.id: AESSIV(_derived(key, b"address", _SIV_KEY_BYTES)) for key in keys}

    def sign(self, claims: MediaClaims) -> str:
        """The token."""
        said = f"{self._signer}.{_text(_encoder.encode(_written(claims)))}"
        return f"{said}.{self._signature(self._signer, said)}"

    def verify(self, token: str, now: Micros) -> MediaClaims:
        """What the token says; nothing of it is decoded before the signature is known to be right."""
        said, _, signature = token.rpartition(".")
        key, _, body = said.partition(".")
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii() or key not in self._signing:
            raise _not_ours()
        if not hmac.compare_digest(self._signature(key, said), signature):
            raise _not_ours()
        try:
            claims = _read(_decoder.decode(_bytes(body)))
        except (msgspec.MsgspecError, NoBase64) as error:
            raise _not_ours() from error
        if claims.expires_at <= now:
            raise TokenExpired("This address has run out. Ask for what the room plays again.")
        return claims

    def seal(self, address: str, claims: MediaClaims) -> str:
        """The key's name, and the address under AES-SIV with what it belongs to as associated data."""
        sealed = self._ciphers[self._signer].encrypt(address.encode(), _context(claims))
        return f"{self._signer}.{_text(sealed)}"

    def open(self, sealed: str, claims: MediaClaims) -> str:
        """The address."""
        key, _, body = sealed.partition(".")
        cipher = self._ciphers.get(key)
        if cipher is None or len(sealed) > MAX_SEALED_LENGTH or not body.isascii():
            raise _not_ours()
        try:
            return cipher.decrypt(_bytes(body), _context(claims)).decode()
        except (InvalidTag, NoBase64, ValueError) as error:
            raise _not_ours() from error

    def _signature(self, key: str, said: str) -> str:
        return _text(hmac.digest(self._signing[key], said.encode(), "sha256"))


def _derived(key: SigningKey, purpose: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"synctv media\0" + purpose).derive(key.secret)


def _context(claims: MediaClaims) -> list[bytes]:
    """What a sealed address belongs to. All of a playable's addresses stay good when it is asked for again."""
    written = _written(claims)
    return [text.encode() for text in (written.room, written.item, written.viewer, written.part)]


def _written(claims: MediaClaims) -> _Claims:
    who, session, generation = _who(claims.viewer)
    return _Claims(
        claims.room_id, claims.item_id, who, session, generation, claims.part, claims.profile, claims.expires_at
    )


def _who(viewer: Viewer) -> tuple[str, str, int]:
    if isinstance(viewer, AccountViewer):
        return viewer.account_id, viewer.session_id, viewer.generation
    return viewer.guest_id, "", viewer.guest_version


def _read(written: _Claims) -> MediaClaims:
    viewer: Viewer = (
        AccountViewer(AccountId(written.viewer), SessionId(written.session), written.generation)
        if written.session
        else GuestViewer(GuestId(written.viewer), written.generation)
    )
    return MediaClaims(
        RoomId(written.room), ItemId(written.item), viewer, written.part, written.profile, Micros(written.expires)
    )


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """The bytes; one spelling only, so that no two addresses mean the same."""
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(content) != text:
        raise NoBase64("another spelling")
    return content


def _not_ours() -> Denied:
    return Denied("This address was not given out by this server, or not to you. Ask for what the room plays again.")
