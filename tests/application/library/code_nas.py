"""A provider with servers that one signs in to with a code."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from synctv.application.ports.providers import (
    FieldKind,
    FormField,
    Login,
    LoginForm,
    NewLogin,
    PendingLogin,
    SignsInByCode,
)
from synctv.domain.errors import FlowOver, UpstreamFailed
from tests.application.library.nas import MANIFEST, Nas

CODE = "4711"
STATE = "secret of the code"


@dataclass
class CodeNas(Nas, SignsInByCode):
    """Lets in whoever confirmed the code. `gate` holds an answer back until it is set."""

    manifest = replace(
        MANIFEST, codes=(LoginForm("code", "Code", (FormField("server", "Address", FieldKind.URL),), "Confirm it."),)
    )
    confirmations: int = 0
    over: bool = False
    every: float = 5.0
    seconds: float = 600.0
    checked: list[Mapping[str, str]] = field(default_factory=list)
    fails: UpstreamFailed | None = None
    gate: asyncio.Event | None = None

    async def begin(self, form: str, fields: Mapping[str, str]) -> PendingLogin:
        """Always the same code."""
        await self._answer()
        return PendingLogin(CODE, {"server": fields["server"], "secret": STATE}, self.seconds, self.every)

    async def confirmed(self, state: Mapping[str, str]) -> NewLogin | None:
        """A token for each confirmation, once."""
        self.checked.append(state)
        if self.gate is not None:
            await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        if self.over:
            raise FlowOver
        if not self.confirmations:
            return None
        self.confirmations -= 1
        self.issued += 1
        return NewLogin(Login(state["server"], {"token": f"token-{self.issued}"}), "anna")
