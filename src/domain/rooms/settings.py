"""The settings of a room."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from synctv.domain.errors import FieldError, Invalid
from synctv.domain.rooms.permissions import RoleChanges

MAX_MEMBERS = 10_000
MAX_DELAY_SECONDS = 60.0
MAX_HOLD_SECONDS = 60.0


class AutoPlayMode(StrEnum):
    """What follows when an item ends."""

    OFF = "off"
    SEQUENTIAL = "sequential"
    REPEAT_ONE = "repeatOne"
    REPEAT_ALL = "repeatAll"
    SHUFFLE = "shuffle"


@dataclass(frozen=True, slots=True)
class AutoPlay:
    """The mode, and the pause between two items in seconds (0 to 60)."""

    mode: AutoPlayMode = AutoPlayMode.SEQUENTIAL
    delay_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class WaitForBuffering:
    """Whether a start waits until every viewer can play, and for how long at most, in seconds (1 to 60)."""

    enabled: bool = False
    max_seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """What the people who run a room choose."""

    allow_guests: bool = True
    require_approval: bool = False
    auto_join: bool = True
    max_members: int = 200
    chat_enabled: bool = True
    voice_enabled: bool = True
    p2p_enabled: bool = True
    auto_play: AutoPlay = field(default_factory=AutoPlay)
    wait_for_buffering: WaitForBuffering = field(default_factory=WaitForBuffering)
    permissions: RoleChanges = field(default_factory=RoleChanges)

    def checked(self) -> RoomSettings:
        """Itself, or `Invalid` with every field that is out of range."""
        errors = []
        if not 1 <= self.max_members <= MAX_MEMBERS:
            errors.append(
                FieldError("settings.maxMembers", "range", f"A room has room for 1 to {MAX_MEMBERS:,} members.")
            )
        if not 0 <= self.auto_play.delay_seconds <= MAX_DELAY_SECONDS:
            errors.append(
                FieldError(
                    "settings.autoPlay.delaySeconds", "range", f"The delay is 0 to {MAX_DELAY_SECONDS:g} seconds."
                )
            )
        if not 1 <= self.wait_for_buffering.max_seconds <= MAX_HOLD_SECONDS:
            errors.append(
                FieldError(
                    "settings.waitForBuffering.maxSeconds", "range", f"The wait is 1 to {MAX_HOLD_SECONDS:g} seconds."
                )
            )
        if errors:
            raise Invalid(*errors)
        return self
