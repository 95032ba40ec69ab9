"""The folders of a room's library."""

from __future__ import annotations

from blacksheep import Response
from msgspec import UNSET, Struct, UnsetType

from synctv.application.application import Application
from synctv.application.library.folders import MoveFolder
from synctv.application.library.places import Into
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.views import FolderView

_ROOM = f"{API}/rooms/{{roomId}}"


class NewFolderBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A folder for one's own order; without `parentId` at the top."""

    title: str
    parent_id: str | None = None


class FolderChangeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A change of a folder: another title, another parent (`parentId` null: the top) of which it becomes the last
    folder, or a place right ahead of a folder of the parent that it is in then (`before` null: the end)."""

    title: str | UnsetType = UNSET
    parent_id: str | UnsetType | None = UNSET
    before: str | UnsetType | None = UNSET
    expected_version: int | None = None


class FolderRoutes:
    """The endpoints of folders. What is in one, the library lists."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="POST",
                path=f"{_ROOM}/folders",
                handler=self.create,
                summary="Make a folder",
                tag="Library",
                body=NewFolderBody,
                answers={201: Said("The folder", FolderView)},
                repeatable=True,
                codes=("permission_denied", "quota_exceeded"),
                example={"title": "Season 1"},
            ),
            Endpoint(
                method="PATCH",
                path=f"{_ROOM}/folders/{{folderId}}",
                handler=self.change,
                summary="Rename a folder, or move it with all that is in it",
                tag="Library",
                body=FolderChangeBody,
                answers={200: Said("The folder", FolderView)},
                versioned=True,
                codes=("permission_denied",),
                example={"title": "Season 2"},
            ),
            Endpoint(
                method="DELETE",
                path=f"{_ROOM}/folders/{{folderId}}",
                handler=self.delete,
                summary="Remove a folder and all that is in it",
                tag="Library",
                answers={204: Said("Removed")},
                codes=("permission_denied",),
            ),
        ]

    async def create(self, exchange: Exchange) -> Response:
        """Makes a folder."""
        body = await exchange.body(NewFolderBody)
        parent = ids.optional_folder_id(body.parent_id)
        folder = await self._application.folders.create(exchange.actor, exchange.room_id, body.title, parent)
        return json_response(FolderView.of(folder), 201)

    async def change(self, exchange: Exchange) -> Response:
        """Renames and moves a folder."""
        body = await exchange.body(FolderChangeBody)
        before, parent = body.before, body.parent_id
        folder = await self._application.folders.edit(
            exchange.actor,
            exchange.room_id,
            exchange.folder_id,
            title=None if body.title is UNSET else body.title,
            move=None if before is UNSET else MoveFolder(ids.optional_folder_id(before)),
            into=None if parent is UNSET else Into(ids.optional_folder_id(parent)),
            expected_version=exchange.expected_version(body.expected_version),
        )
        return json_response(FolderView.of(folder))

    async def delete(self, exchange: Exchange) -> Response:
        """Removes a folder."""
        await self._application.folders.delete(exchange.actor, exchange.room_id, exchange.folder_id)
        return no_content()
