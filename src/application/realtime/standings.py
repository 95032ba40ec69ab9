"""Who of those that are connected to a room may still be there, and do what."""

from __future__ import annotations

from collections.abc import Collection

from synctv.application.realtime.connection import Connection
from synctv.application.realtime.messages import GoodbyeCode
from synctv.application.realtime.room import RoomChannel
from synctv.application.realtime.services import Services
from synctv.application.rooms.access import Access, Standing
from synctv.domain.errors import DomainError, NotFound
from synctv.domain.rooms.actor import AccountActor, Actor, GuestActor
from synctv.domain.rooms.events import MemberChange
from synctv.domain.rooms.membership import Membership
from synctv.domain.rooms.room import Room


async def look_again(
    services: Services, channel: RoomChannel, connections: Collection[Connection], change: MemberChange | None
) -> None:
    """Reads the standing of these connections anew, tells those whose permissions are others, and lets go who may not
    be there. `change` is what happened to the membership, where that is why. Raises `Unavailable`."""
    actors = [one.standing.actor for one in connections]
    async with services.transactions.read() as tx:
        room = await tx.rooms.get(channel.room_id)
        accounts = {actor.id for actor in actors if isinstance(actor, AccountActor)}
        memberships = await tx.memberships.among(channel.room_id, accounts)
    if room is None:
        return
    channel.room = room
    for connection in connections:
        actor = connection.standing.actor
        membership = memberships.get(actor.id) if isinstance(actor, AccountActor) else None
        try:
            standing = _standing(services.access, room, actor, membership)
        except DomainError as error:
            connection.close(*_farewell(actor, change, error))
        else:
            _stand(channel, connection, standing)


def _standing(access: Access, room: Room, actor: Actor, membership: Membership | None) -> Standing:
    room.must_be_open()
    if isinstance(actor, GuestActor):
        return access.of_guest(room, actor)
    if membership is None or not membership.active:
        raise NotFound("room")
    return access.of_member(room, actor, membership)


def _stand(channel: RoomChannel, connection: Connection, standing: Standing) -> None:
    before, connection.standing = connection.standing, standing
    if (before.role, before.permissions) != (standing.role, standing.permissions):
        channel.access_changed(connection)


def _farewell(actor: Actor, change: MemberChange | None, error: DomainError) -> tuple[GoodbyeCode, str]:
    if isinstance(actor, GuestActor):
        return GoodbyeCode.GUEST_ACCESS_REVOKED, str(error)
    if change is MemberChange.KICKED:
        return GoodbyeCode.KICKED, "Somebody who runs this room has removed you from it."
    return GoodbyeCode.ACCESS_REVOKED, "You are not in this room any more."
