"""Rooms: making, finding, showing, changing and leaving them."""

from __future__ import annotations

from typing import Annotated

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.application.limits.limits import Category
from synctv.application.rooms.directory import Invitation
from synctv.domain.errors import VersionConflict
from synctv.domain.ids import RoomId, is_typeid
from synctv.domain.rooms.permissions import RoomRole
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.ids import broken_cursor, cursor_of, position_of
from synctv.entrypoints.http.paging import ListQuery, checked_limit
from synctv.entrypoints.http.room_bodies import NewRoomBody, RoomChangeBody
from synctv.entrypoints.views import PersonView, RoomView, owner_of


class RoomListQuery(ListQuery, frozen=True, rename="camel"):
    """Which rooms: public ones whose name holds `query`, or with `mine` those that the account belongs to."""

    query: str = ""
    mine: bool = False


class RoomList(Struct, frozen=True, rename="camel"):
    """One page of rooms, newest first."""

    items: list[RoomView]
    next_cursor: str | None
    total: int


class InvitedView(Struct, frozen=True, rename="camel"):
    """The asker's role in the room already."""

    role: RoomRole


class InvitationView(Struct, frozen=True, rename="camel"):
    """What a room shows at its door. `viewer` is null for who is not a member."""

    room_id: RoomId
    code: str
    name: str
    description: str
    has_password: bool
    require_approval: bool
    guests_allowed: bool
    owner: PersonView
    online: Annotated[int, Meta(description="Open connections.")]
    viewer: InvitedView | None

    @classmethod
    def of(cls, invitation: Invitation) -> InvitationView:
        """The view of an invitation."""
        room = invitation.room
        return cls(
            room_id=room.id,
            code=room.code,
            name=room.name,
            description=room.description,
            has_password=room.password_hash is not None,
            require_approval=room.settings.require_approval,
            guests_allowed=invitation.guests_allowed,
            owner=owner_of(room),
            online=invitation.online,
            viewer=InvitedView(invitation.role) if invitation.role else None,
        )


_ROOM = Said("The room", RoomView)


class RoomRoutes:
    """The endpoints of rooms."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_all(), *self._of_one(), *self._of_the_door()]

    def _of_all(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{API}/rooms",
                handler=self.create,
                summary="Create a room",
                tag="Rooms",
                body=NewRoomBody,
                answers={201: _ROOM},
                repeatable=True,
                codes=("permission_denied", "quota_exceeded"),
                example={"name": "Film night", "visibility": "unlisted", "settings": {"allowGuests": True}},
            ),
            Endpoint(
                method="GET",
                path=f"{API}/rooms",
                handler=self.list,
                summary="Public rooms, or your own",
                tag="Rooms",
                query=RoomListQuery,
                answers={200: Said("Rooms", RoomList)},
                category=Category.READ,
            ),
        ]

    def _of_one(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=f"{API}/rooms/{{roomId}}",
                handler=self.show,
                summary="A room that you are in",
                tag="Rooms",
                answers={200: _ROOM},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="PATCH",
                path=f"{API}/rooms/{{roomId}}",
                handler=self.change,
                summary="Change a room; what is left out stays as it is",
                tag="Rooms",
                body=RoomChangeBody,
                answers={200: _ROOM},
                versioned=True,
                codes=("permission_denied",),
                example={"name": "Film night", "settings": {"autoPlay": {"mode": "sequential"}}, "expectedVersion": 3},
            ),
            Endpoint(
                method="DELETE",
                path=f"{API}/rooms/{{roomId}}",
                handler=self.delete,
                summary="Delete a room",
                tag="Rooms",
                answers={204: Said("Deleted")},
                codes=("permission_denied",),
            ),
        ]

    def _of_the_door(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="GET",
                path=f"{API}/invites/{{codeOrId}}",
                handler=self.invitation,
                summary="What a room shows at its door, to anybody who has its code or id",
                tag="Rooms",
                answers={200: Said("The invitation", InvitationView)},
                caller=Caller.ANYBODY,
                category=Category.READ,
            ),
            Endpoint(
                method="POST",
                path=f"{API}/rooms/{{roomId}}/guests/revoke",
                handler=self.revoke_guests,
                summary="End the access of all guests of a room",
                tag="Rooms",
                answers={204: Said("They are out")},
                codes=("permission_denied",),
            ),
        ]

    async def create(self, exchange: Exchange) -> Response:
        """Makes a room."""
        body = await exchange.body(NewRoomBody)
        room_id = await self._application.rooms.create(exchange.actor, body.new_room())
        return await self._shown(exchange, room_id, 201)

    async def list(self, exchange: Exchange) -> Response:
        """Lists rooms."""
        query = exchange.query(RoomListQuery)
        page = await self._application.directory.list(
            exchange.actor,
            query=query.query,
            mine=query.mine,
            before=_room_after(query.cursor),
            limit=checked_limit(query.limit),
        )
        rooms = [RoomView.of(room) for room in page.rooms]
        return json_response(RoomList(rooms, cursor_of(page.next_cursor) if page.next_cursor else None, page.total))

    async def show(self, exchange: Exchange) -> Response:
        """Shows a room."""
        return await self._shown(exchange, exchange.room_id)

    async def change(self, exchange: Exchange) -> Response:
        """Changes a room. A stale change is answered with the room as this caller would see it."""
        body = await exchange.body(RoomChangeBody)
        room_id, actor = exchange.room_id, exchange.actor
        expected = exchange.expected_version(body.expected_version)
        try:
            await self._application.rooms.edit(actor, room_id, body.edit(), expected)
        except VersionConflict as conflict:
            current = await self._application.directory.get(actor, room_id)
            raise VersionConflict(conflict.what, current) from conflict
        return await self._shown(exchange, room_id)

    async def delete(self, exchange: Exchange) -> Response:
        """Deletes a room."""
        await self._application.rooms.delete(exchange.actor, exchange.room_id)
        return no_content()

    async def invitation(self, exchange: Exchange) -> Response:
        """Shows a room's door."""
        invitation = await self._application.directory.invitation(exchange.caller, exchange.part("codeOrId"))
        return json_response(InvitationView.of(invitation))

    async def revoke_guests(self, exchange: Exchange) -> Response:
        """Ends the access of all guests."""
        await self._application.guests.revoke(exchange.actor, exchange.room_id)
        return no_content()

    async def _shown(self, exchange: Exchange, room_id: RoomId, status: int = 200) -> Response:
        return json_response(RoomView.of(await self._application.directory.get(exchange.actor, room_id)), status)


def _room_after(cursor: str | None) -> RoomId | None:
    if cursor is None:
        return None
    position = position_of(cursor)
    if not is_typeid(position, "room"):
        raise broken_cursor()
    return RoomId(position)
