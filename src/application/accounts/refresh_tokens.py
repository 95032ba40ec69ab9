"""Refresh tokens: what they are made of, and what is kept of them.

A token is `<session>.<family>.<secret>`. All tokens of a session share the family, 256 random bits that nobody knows
who never had one of them; the secret is another one each time. Digests of both are kept. A secret is made of
the one before it and a salt: so whoever repeats a refresh shortly after gets the same token again, while what is kept
gives no token away.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_of

from synctv.application.accounts.client import Client
from synctv.application.limits.origin import origin
from synctv.domain.accounts.session import SignInSession
from synctv.domain.ids import SessionId, is_typeid


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token in its parts. Those of sessions from before there were families have none until their next refresh."""

    session_id: SessionId
    family: str
    secret: str

    @classmethod
    def read(cls, text: str) -> RefreshToken | None:
        """The token that a text is, or None."""
        session_id, _, rest = text.partition(".")
        family, _, secret = rest.rpartition(".")
        return cls(SessionId(session_id), family, secret) if is_typeid(session_id, "ses") and secret else None

    def __str__(self) -> str:
        return f"{self.session_id}.{self.family}.{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is kept of the secret."""
        return digest(self.secret)

    def newest_of(self, session: SignInSession) -> bool:
        """Whether it is the one that still works."""
        return compare_digest(session.refresh_digest, self.digest) and (
            session.family_digest is None or self.of_family(session)
        )

    def of_family(self, session: SignInSession) -> bool:
        """Whether whoever made it has had a token of this session. False where that can't be told."""
        return session.family_digest is not None and compare_digest(session.family_digest, digest(self.family))

    def next(self, salt: bytes, family: str) -> RefreshToken:
        """The token that takes its place."""
        made = hmac_of(self.secret.encode("utf-8", "replace"), salt, sha256)
        return RefreshToken(self.session_id, family, urlsafe_b64encode(made).rstrip(b"=").decode())


def digest(secret: str) -> bytes:
    """What is kept of a part. It is random enough that nothing slower is needed."""
    return sha256(secret.encode("utf-8", "replace")).digest()


def client_digest(client: Client) -> bytes:
    """What is kept of a client, to know it again."""
    return digest(f"{client.user_agent}\n{origin(client.address)}")
