"""A credential: one account's login at one provider server."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit

from synctv.domain.ids import AccountId, CredentialId, Micros
from synctv.domain.text import one_line

MAX_CREDENTIALS = 50
"""So many an account has at most."""
LABEL_LENGTH = 100
SERVER_LENGTH = 500
_USUAL_PORTS = {"http": 80, "https": 443}


class CredentialState(StrEnum):
    """Whether the server took it when it was used last; unknown for what can't be used or told at all."""

    GOOD = "good"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Credential:
    """A login of `owner`. `server` is in the form of `normal_server`, `label` as whom it is signed in.

    `sealed` is readable only with the server's key, and belongs to nothing but this credential.
    """

    id: CredentialId
    owner: AccountId
    provider: str
    server: str
    label: str
    sealed: bytes = field(repr=False)
    state: CredentialState
    created_at: Micros
    checked_at: Micros
    version: int = 1

    def renewed(self, sealed: bytes, now: Micros) -> Credential:
        """Signed in anew: whatever was added with it goes on."""
        return replace(self, sealed=sealed, state=CredentialState.GOOD, checked_at=now, version=self.version + 1)

    def found(self, state: CredentialState, now: Micros) -> Credential:
        """What using it showed."""
        return replace(self, state=state, checked_at=now, version=self.version + 1)


def normal_server(address: str) -> str:
    """The origin and the base path of a server, so that two spellings of one are equal; empty for none.

    The scheme and the host are in lower case, a usual port is left out, and so are a slash at the end, query, fragment
    and user. A text that is no address stays as it is, without the white space around it.
    """
    text = address.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    host = (parts.hostname or "").rstrip(".")
    if not parts.scheme or not host:
        return text.rstrip("/")
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _USUAL_PORTS.get(parts.scheme):
        shown = f"{shown}:{port}"
    return f"{parts.scheme}://{shown}{parts.path.rstrip('/')}"


def shown_label(text: str) -> str:
    """As whom somebody is signed in, on one line, and cut where it is longer than anybody would read."""
    return one_line(text)[:LABEL_LENGTH]
