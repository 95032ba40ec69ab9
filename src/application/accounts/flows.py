"""Flows: what is remembered between the steps of signing in, signing up, resetting and confirming.

The person holds a secret text, the server its digest with what belongs to it. When the server that keeps short-lived
state loses it, a flow is over and is begun again; nobody gets in by that.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from synctv.application.accounts.client import Client
from synctv.application.ports.ids import Ids
from synctv.application.ports.short_lived import ShortLived
from synctv.domain.errors import FlowOver

FLOW_SECONDS = 600.0
GRANT_SECONDS = 300.0
MFA_SECONDS = 300.0
TRIES = 5

Content = Mapping[str, str | None]
_BINDING = "client"


class FlowKind(StrEnum):
    """What a flow is for. One kind is never taken for another."""

    OPAQUE = "opaque"
    PASSKEY = "passkey"
    EMAIL = "email"
    MFA = "mfa"
    GRANT = "grant"
    OAUTH = "oauth"
    OAUTH_RESULT = "oauth_result"
    SIGN_UP = "sign_up"
    RESET = "reset"
    RESET_LINK = "reset_link"
    RESET_OPEN = "reset_open"
    NEW_PASSWORD = "new_password"  # noqa: S105 - a kind of flow, no secret
    NEW_PASSKEY = "new_passkey"
    NEW_EMAIL = "new_email"
    NEW_TOTP = "new_totp"
    PROVIDER_CODE = "provider_code"


@dataclass(frozen=True, slots=True)
class Flows:
    """Begins and continues flows. Every one belongs to the client that began it."""

    short_lived: ShortLived
    ids: Ids

    async def begin(self, kind: FlowKind, client: Client, content: Content, seconds: float = FLOW_SECONDS) -> str:
        """The secret text of a new flow."""
        flow = self.ids.secret()
        value = json.dumps({**content, _BINDING: client.binding}).encode()
        await self.short_lived.put(_key(kind, flow), value, seconds)
        return flow

    async def look(self, kind: FlowKind, client: Client, flow: str) -> Content:
        """What belongs to the flow, which goes on. Raises `FlowOver`."""
        return _content(await self.short_lived.get(_key(kind, flow)), client)

    async def take(self, kind: FlowKind, client: Client, flow: str) -> Content:
        """What belongs to the flow, which is over with this: of any number of callers at once, one gets it.

        Raises `FlowOver`.
        """
        return _content(await self.short_lived.take(_key(kind, flow)), client)

    async def count_try(self, kind: FlowKind, flow: str, tries: int = TRIES) -> None:
        """Counts an attempt at what the flow asks for. Raises `FlowOver`, and ends the flow, past the last one."""
        key = _key(kind, flow)
        if await self.short_lived.count(f"tries:{key}", FLOW_SECONDS) > tries:
            await self.short_lived.delete(key)
            raise FlowOver("That was wrong too often. Start again.")


def text_of(data: bytes) -> str:
    """Bytes as they are kept in a flow, and as they are sent: base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str | None) -> bytes:
    """The bytes that a text of `text_of` stands for."""
    return urlsafe_b64decode((text or "") + "=" * (-len(text or "") % 4))


def _key(kind: FlowKind, flow: str) -> str:
    return f"flow:{kind}:{sha256(flow.encode('utf-8', 'replace')).hexdigest()}"


def _content(value: bytes | None, client: Client) -> Content:
    content: Content = json.loads(value) if value is not None else {}
    if content.get(_BINDING) != client.binding:
        raise FlowOver
    return content
