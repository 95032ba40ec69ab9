"""Health: whether this process can serve, and what it misses if not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from synctv.domain.errors import Unavailable

Probe = Callable[[], Awaitable[None]]
"""Returns when a dependency answers; raises `Unavailable` otherwise."""


@dataclass(slots=True)
class Health:
    """Asks each dependency. `draining` is set when the process has been told to stop."""

    probes: Mapping[str, Probe]
    draining: bool = field(default=False)

    async def check(self) -> Mapping[str, bool]:
        """Which dependencies answer."""
        answers = {}
        for name, probe in self.probes.items():
            try:
                await probe()
            except Unavailable:
                answers[name] = False
            else:
                answers[name] = True
        return answers
