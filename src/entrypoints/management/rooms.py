"""Rooms over management."""

from __future__ import annotations

from synctv.application.application import Application
from synctv.application.operation.operators import PAGE_SIZE, OperatedRoom
from synctv.domain.ids import RoomId
from synctv.entrypoints.wire.synctv import v1 as wire


async def list_rooms(application: Application, message: wire.ListRoomsRequest) -> wire.ListRoomsResponse:
    """One page of rooms."""
    before = RoomId(message.before) if message.before else None
    page = await application.operators.list_rooms(message.query, before, message.limit or PAGE_SIZE)
    return wire.ListRoomsResponse(
        rooms=[_room(room) for room in page.rooms], next_before=page.next_before or "", total=page.total
    )


async def get_room(application: Application, message: wire.GetRoomRequest) -> wire.GetRoomResponse:
    """One room."""
    return wire.GetRoomResponse(room=_room(await application.operators.get_room(message.id_or_code)))


def _room(operated: OperatedRoom) -> wire.OperatedRoom:
    room = operated.room
    return wire.OperatedRoom(
        id=room.id,
        code=room.code,
        name=room.name,
        description=room.description,
        visibility=room.visibility,
        status=room.status,
        owner_id=room.owner.id,
        owner_name=room.owner.name,
        has_password=room.password_hash is not None,
        allows_guests=room.admits_guests,
        members=operated.members,
        max_members=room.settings.max_members,
        online=operated.online,
        now_playing=operated.now_playing or "",
        created_at=room.created_at,
    )
