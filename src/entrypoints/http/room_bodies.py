"""What clients say of rooms: new ones, and changes, where a field that is left out stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from synctv.application.rooms.lifecycle import KEEP, NewRoom, RoomEdit
from synctv.domain.rooms.permissions import Permission, PermissionChange, RoleChanges
from synctv.domain.rooms.room import Visibility
from synctv.domain.rooms.settings import AutoPlay, AutoPlayMode, RoomSettings, WaitForBuffering

T = TypeVar("T")


class AutoPlayBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What follows when an item ends, and after how many seconds (0 to 60)."""

    mode: AutoPlayMode | UnsetType = UNSET
    delay_seconds: float | UnsetType = UNSET

    def on(self, value: AutoPlay) -> AutoPlay:
        """The changed setting."""
        return AutoPlay(_chosen(self.mode, value.mode), _chosen(self.delay_seconds, value.delay_seconds))


class WaitForBufferingBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Whether a start waits until every viewer can play, and for how many seconds at most (1 to 60)."""

    enabled: bool | UnsetType = UNSET
    max_seconds: float | UnsetType = UNSET

    def on(self, value: WaitForBuffering) -> WaitForBuffering:
        """The changed setting."""
        return WaitForBuffering(_chosen(self.enabled, value.enabled), _chosen(self.max_seconds, value.max_seconds))


class PermissionChangeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What is added to and removed from a role's permissions."""

    added: frozenset[Permission] | UnsetType = UNSET
    removed: frozenset[Permission] | UnsetType = UNSET

    def on(self, value: PermissionChange) -> PermissionChange:
        """The changed setting."""
        return PermissionChange(_chosen(self.added, value.added), _chosen(self.removed, value.removed))


class RoleChangesBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What the room changes for each role."""

    admin: PermissionChangeBody | UnsetType = UNSET
    member: PermissionChangeBody | UnsetType = UNSET
    guest: PermissionChangeBody | UnsetType = UNSET

    def on(self, value: RoleChanges) -> RoleChanges:
        """The changed setting."""
        return RoleChanges(
            admin=self.admin.on(value.admin) if self.admin else value.admin,
            member=self.member.on(value.member) if self.member else value.member,
            guest=self.guest.on(value.guest) if self.guest else value.guest,
        )


class SettingsBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Settings of a room."""

    allow_guests: bool | UnsetType = UNSET
    require_approval: bool | UnsetType = UNSET
    auto_join: bool | UnsetType = UNSET
    max_members: int | UnsetType = UNSET
    chat_enabled: bool | UnsetType = UNSET
    voice_enabled: bool | UnsetType = UNSET
    p2p_enabled: bool | UnsetType = UNSET
    auto_play: AutoPlayBody | UnsetType = UNSET
    wait_for_buffering: WaitForBufferingBody | UnsetType = UNSET
    permissions: RoleChangesBody | UnsetType = UNSET

    def on(self, value: RoomSettings) -> RoomSettings:
        """The changed settings, not checked yet."""
        wait = value.wait_for_buffering
        return replace(
            value,
            allow_guests=_chosen(self.allow_guests, value.allow_guests),
            require_approval=_chosen(self.require_approval, value.require_approval),
            auto_join=_chosen(self.auto_join, value.auto_join),
            max_members=_chosen(self.max_members, value.max_members),
            chat_enabled=_chosen(self.chat_enabled, value.chat_enabled),
            voice_enabled=_chosen(self.voice_enabled, value.voice_enabled),
            p2p_enabled=_chosen(self.p2p_enabled, value.p2p_enabled),
            auto_play=self.auto_play.on(value.auto_play) if self.auto_play else value.auto_play,
            wait_for_buffering=self.wait_for_buffering.on(wait) if self.wait_for_buffering else wait,
            permissions=self.permissions.on(value.permissions) if self.permissions else value.permissions,
        )


class NewRoomBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A new room. Settings that are left out have their usual values."""

    name: str
    description: str = ""
    visibility: Visibility = Visibility.UNLISTED
    password: str | None = None
    settings: SettingsBody | None = None

    def new_room(self) -> NewRoom:
        """The room to make."""
        settings = self.settings.on(RoomSettings()) if self.settings else None
        return NewRoom(self.name, self.description, self.visibility, self.password, settings)


class RoomChangeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A change of a room. A password of null takes the password away."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    password: str | UnsetType | None = UNSET
    settings: SettingsBody | UnsetType = UNSET
    expected_version: int | None = None

    def edit(self) -> RoomEdit:
        """The change to make."""
        settings: Callable[[RoomSettings], RoomSettings] | None = self.settings.on if self.settings else None
        return RoomEdit(
            name=KEEP if self.name is UNSET else self.name,
            description=KEEP if self.description is UNSET else self.description,
            visibility=KEEP if self.visibility is UNSET else self.visibility,
            password=KEEP if self.password is UNSET else self.password,
            settings=settings or KEEP,
        )


def _chosen(value: T | UnsetType, otherwise: T) -> T:
    return otherwise if value is UNSET else value
