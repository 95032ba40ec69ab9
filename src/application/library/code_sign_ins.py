"""Signing in at providers with a code: it is shown here, confirmed there, and no password is typed into this server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FlowKind, Flows, bytes_of, text_of
from synctv.application.library.credentials import SIGN_IN_SECONDS, Credentials
from synctv.application.library.login_forms import filled_in_for_code
from synctv.application.ports.clock import Clock
from synctv.application.ports.providers import Manifest, NewLogin, Provider, SignsInByCode
from synctv.application.ports.sealing import CannotOpen, Sealer
from synctv.domain.errors import FlowOver, Invalid, UpstreamTimeout
from synctv.domain.ids import Micros, seconds_after
from synctv.domain.library.credential import Credential
from synctv.domain.rooms.actor import AccountActor

MAX_SECONDS = 900.0
"""No code is waited for longer than this, whatever its server says."""
MIN_EVERY = 2.0
MAX_EVERY = 30.0

_OVER = "This code has run out. Begin again to get a new one."


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code, and how to ask whether it was confirmed: with `flow`, every so many seconds."""

    flow: str
    code: str
    expires_at: Micros
    every: float


@dataclass(frozen=True, slots=True)
class CodeSignIns:
    """Begins sign-ins with a code, and completes those that were confirmed."""

    providers: Mapping[str, Provider]
    credentials: Credentials
    flows: Flows
    sealer: Sealer
    clock: Clock

    async def begin(
        self, actor: AccountActor, provider: str, form: str, fields: Mapping[str, str], client: Client
    ) -> CodeShown:
        """Gets a code from a provider's server. Raises as `Credentials.sign_in` does."""
        manifest, signs_in = self._by_code(provider)
        given = filled_in_for_code(manifest, form, fields)
        async with self.credentials.attempt(actor, manifest, given, client):
            pending = await signs_in.begin(form, given)
        seconds = min(pending.seconds, MAX_SECONDS)
        sealed = self.sealer.seal(json.dumps(dict(pending.state)).encode(), _place(actor, provider))
        content = {"account": actor.id, "provider": provider, "sealed": text_of(sealed)}
        flow = await self.flows.begin(FlowKind.PROVIDER_CODE, client, content, seconds)
        every = min(max(pending.every, MIN_EVERY), MAX_EVERY)
        return CodeShown(flow, pending.code, seconds_after(self.clock.now(), seconds), every)

    async def check(self, actor: AccountActor, flow: str, client: Client) -> Credential | None:
        """The credential, once the code is confirmed; None until then, and while somebody else asks.

        Raises `FlowOver` when the code has run out, `TooManyCalls`, what keeping a login raises, and what providers
        raise.
        """
        content = await self.flows.look(FlowKind.PROVIDER_CODE, client, flow)
        name = content.get("provider") or ""
        if content.get("account") != actor.id or name not in self.providers:
            raise FlowOver(_OVER)
        manifest, signs_in = self._by_code(name)
        state = self._opened(actor, name, content.get("sealed"))
        # The server gives a login for a code once: of several who ask at the same time, one does.
        asking = f"asking:{sha256(flow.encode()).hexdigest()}"
        if not await self.flows.short_lived.add(asking, b"", SIGN_IN_SECONDS):
            return None
        try:
            async with self.credentials.checks.portions.of(actor.id):
                new = await _confirmed(signs_in, manifest, state)
            if new is None:
                return None
            await self.flows.take(FlowKind.PROVIDER_CODE, client, flow)
            return await self.credentials.keep(actor, manifest, new, client)
        finally:
            await self.flows.short_lived.delete(asking)

    def _by_code(self, name: str) -> tuple[Manifest, SignsInByCode]:
        provider = self.providers.get(name)
        if provider is not None and isinstance(provider, SignsInByCode):
            return provider.manifest, provider
        known = [name for name, one in sorted(self.providers.items()) if isinstance(one, SignsInByCode)]
        choices = f"There are: {', '.join(known)}." if known else "There is none."
        raise Invalid.field("provider", f"No provider of this name signs in with a code. {choices}", "choice")

    def _opened(self, actor: AccountActor, provider: str, sealed: str | None) -> Mapping[str, str]:
        try:
            found: dict[str, str] = json.loads(self.sealer.open(bytes_of(sealed), _place(actor, provider)))
        except CannotOpen:
            raise FlowOver(_OVER) from None
        return found


async def _confirmed(provider: SignsInByCode, manifest: Manifest, state: Mapping[str, str]) -> NewLogin | None:
    try:
        async with asyncio.timeout(SIGN_IN_SECONDS):
            return await provider.confirmed(state)
    except TimeoutError:
        raise UpstreamTimeout(manifest.title, SIGN_IN_SECONDS) from None


def _place(actor: AccountActor, provider: str) -> str:
    return f"code:{actor.id}:{provider}"
