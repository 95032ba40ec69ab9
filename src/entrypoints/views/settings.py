"""The settings of a room, with what they change of each role's permissions."""

from __future__ import annotations

from msgspec import Struct

from synctv.domain.rooms.permissions import Permission, PermissionChange, Permissions, RoleChanges
from synctv.domain.rooms.settings import AutoPlay, AutoPlayMode, RoomSettings, WaitForBuffering


def listed(permissions: Permissions) -> list[Permission]:
    """The permissions in their one order, so that equal sets look equal."""
    return [permission for permission in Permission if permission in permissions]


class AutoPlayView(Struct, frozen=True, rename="camel"):
    """What follows when an item ends, and after how many seconds."""

    mode: AutoPlayMode
    delay_seconds: float

    @classmethod
    def of(cls, value: AutoPlay) -> AutoPlayView:
        """The view of the auto-play settings."""
        return cls(value.mode, value.delay_seconds)


class WaitForBufferingView(Struct, frozen=True, rename="camel"):
    """Whether a start waits until every viewer can play, and for how many seconds at most."""

    enabled: bool
    max_seconds: float

    @classmethod
    def of(cls, value: WaitForBuffering) -> WaitForBufferingView:
        """The view of the waiting settings."""
        return cls(value.enabled, value.max_seconds)


class PermissionChangeView(Struct, frozen=True, rename="camel"):
    """What is added to and removed from a role's permissions."""

    added: list[Permission]
    removed: list[Permission]

    @classmethod
    def of(cls, change: PermissionChange) -> PermissionChangeView:
        """The view of a change."""
        return cls(listed(change.added), listed(change.removed))


class RoleChangesView(Struct, frozen=True, rename="camel"):
    """What a room changes for each role."""

    admin: PermissionChangeView
    member: PermissionChangeView
    guest: PermissionChangeView

    @classmethod
    def of(cls, changes: RoleChanges) -> RoleChangesView:
        """The view of all changes."""
        return cls(
            PermissionChangeView.of(changes.admin),
            PermissionChangeView.of(changes.member),
            PermissionChangeView.of(changes.guest),
        )


class RoomSettingsView(Struct, frozen=True, rename="camel"):
    """All settings. The realtime contract carries them without `permissions`."""

    allow_guests: bool
    require_approval: bool
    auto_join: bool
    max_members: int
    chat_enabled: bool
    voice_enabled: bool
    p2p_enabled: bool
    auto_play: AutoPlayView
    wait_for_buffering: WaitForBufferingView
    permissions: RoleChangesView

    @classmethod
    def of(cls, settings: RoomSettings) -> RoomSettingsView:
        """The view of a room's settings."""
        return cls(
            allow_guests=settings.allow_guests,
            require_approval=settings.require_approval,
            auto_join=settings.auto_join,
            max_members=settings.max_members,
            chat_enabled=settings.chat_enabled,
            voice_enabled=settings.voice_enabled,
            p2p_enabled=settings.p2p_enabled,
            auto_play=AutoPlayView.of(settings.auto_play),
            wait_for_buffering=WaitForBufferingView.of(settings.wait_for_buffering),
            permissions=RoleChangesView.of(settings.permissions),
        )
