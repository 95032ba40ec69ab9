"""What a viewer asks of a medium, and what it gets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from synctv.application.ports.slices import Piece
from synctv.domain.delivery.conditions import Conditions


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """What counts of a request; headers as they came, None for those that did not. `method` is GET or HEAD.

    `takes_files` when the body may come in regions of files beside bytes.
    """

    method: str = "GET"
    range: str | None = None
    if_range: str | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None
    takes_files: bool = False

    @property
    def conditions(self) -> Conditions:
        """The conditions that it makes."""
        return Conditions(
            if_match=self.if_match,
            if_unmodified_since=self.if_unmodified_since,
            if_none_match=self.if_none_match,
            if_modified_since=self.if_modified_since,
            if_range=self.if_range,
        )


@dataclass(frozen=True, slots=True)
class MediaAnswer:
    """A status, the headers that belong to it (names in lower case), and the bytes, which can be read once.

    There is no body for a HEAD, nor where the status has none; `content-length` is that of the body that a GET gets.
    Without it the body ends when it ends. Reading it raises `UpstreamFailed` when it can't go on; what was announced is
    then not complete, and the connection has to be cut. Whoever gets an answer closes it.
    """

    status: int
    headers: Mapping[str, str]
    body: AsyncGenerator[Piece, None] | None = None
    resources: AsyncExitStack = field(default_factory=AsyncExitStack, repr=False)

    async def aclose(self) -> None:
        """Lets go of everything, whether the body was read or not. May be called again."""
        try:
            if self.body is not None:
                await self.body.aclose()
        finally:
            await self.resources.aclose()
