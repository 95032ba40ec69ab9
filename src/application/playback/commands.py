"""The commands that people give to the shared playback."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.domain.ids import HistoryId, ItemId
from synctv.domain.rooms.permissions import Permission


@dataclass(frozen=True, slots=True)
class Select:
    """Shows an item from its beginning on."""

    item_id: ItemId


@dataclass(frozen=True, slots=True)
class Play:
    """Goes on, from `at` (seconds) when given."""

    at: float | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Stands still, at `at` (seconds) when given."""

    at: float | None = None


@dataclass(frozen=True, slots=True)
class Seek:
    """Goes to a position, in seconds."""

    position: float


@dataclass(frozen=True, slots=True)
class SetRate:
    """Plays at another rate, 0.25 to 4."""

    rate: float


@dataclass(frozen=True, slots=True)
class Next:
    """Shows what comes next."""


@dataclass(frozen=True, slots=True)
class Previous:
    """Shows what was shown before."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Shows nothing."""


@dataclass(frozen=True, slots=True)
class PlayFromHistory:
    """Shows again what an entry of the history showed."""

    entry_id: HistoryId


Command = Select | Play | Pause | Seek | SetRate | Next | Previous | Stop | PlayFromHistory

_CONTROLS = (Play, Pause, Seek, SetRate, Stop)


@dataclass(frozen=True, slots=True)
class Order:
    """A command as somebody gives it: the version that they saw (None: whatever it is), and their own id for it.

    The same operation id of the same person in the same room gets the answer that it got the first time. An empty one
    makes the command not repeatable.
    """

    command: Command
    expected_version: int | None = None
    operation_id: str = ""

    @property
    def permission(self) -> Permission:
        """What it takes to give it."""
        if isinstance(self.command, _CONTROLS):
            return Permission.CONTROL_PLAYBACK_STATE
        return Permission.NAVIGATE_PLAYBACK
