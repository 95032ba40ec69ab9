"""What is in a room's library, and its items."""

from __future__ import annotations

from typing import Annotated, Any

from blacksheep import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from synctv.application.application import Application
from synctv.application.library.items import Move, NewItem
from synctv.application.library.places import Into
from synctv.application.limits.limits import Category
from synctv.domain.errors import Invalid
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.answers import json_response, no_content
from synctv.entrypoints.http.endpoint import API, UPSTREAM, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.paging import ListQuery, checked_limit
from synctv.entrypoints.views import FolderView, ItemView

_ROOM = f"{API}/rooms/{{roomId}}"
_FARTHEST = 1_000_000
_OFFSET = "items:"


class NewItemBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A source of a provider, and a title where the source's own won't do."""

    provider: str
    source: Annotated[dict[str, Any], Meta(description="What the provider needs; for `direct`: `url`.")]
    title: str | None = None
    folder_id: str | None = None
    credential_id: Annotated[str, Meta(description="A sign-in of yours to fetch it with.")] | None = None


class ItemChangeBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A change of an item: another title, another folder (`folderId` null: the top one) of which it becomes the last
    item, or a place right ahead of an item of the folder that it is in then (`before` null: the end)."""

    title: str | UnsetType = UNSET
    folder_id: str | UnsetType | None = UNSET
    before: str | UnsetType | None = UNSET
    expected_version: int | None = None


class ClearBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which folder to empty: it has to be said, also that it is the top one (null), with which everything goes."""

    folder_id: str | None


class LibraryQuery(ListQuery, frozen=True, rename="camel"):
    """Which folder, and which page of it: by `cursor`, or by `page` (from 1 on)."""

    folder: str | None = None
    page: int | None = None


class LibraryPage(Struct, frozen=True, rename="camel"):
    """One page of a folder, in its order. `total` counts its items.

    `folders` are all that lie right in it, on its first page; `crumbs` those that lead to it from the top, itself last.
    """

    items: list[ItemView]
    folders: list[FolderView]
    crumbs: list[FolderView]
    next_cursor: str | None
    total: int


class LibraryRoutes:
    """The endpoints of the library."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [*self._of_all(), *self._of_one()]

    def _of_all(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="POST",
                path=f"{_ROOM}/items",
                handler=self.add,
                summary="Add an item",
                tag="Library",
                body=NewItemBody,
                answers={201: Said("The item", ItemView)},
                category=Category.MEDIA,
                repeatable=True,
                codes=("permission_denied", "quota_exceeded", *UPSTREAM),
                example={"provider": "direct", "source": {"url": "https://media.example.org/film.mp4"}},
            ),
            Endpoint(
                method="GET",
                path=f"{_ROOM}/library",
                handler=self.list,
                summary="What is in a folder",
                tag="Library",
                query=LibraryQuery,
                answers={200: Said("Folders and items", LibraryPage)},
                category=Category.READ,
                codes=("permission_denied",),
            ),
            Endpoint(
                method="POST",
                path=f"{_ROOM}/library/clear",
                handler=self.clear,
                summary="Empty a folder: all that is in it is removed, however deep",
                tag="Library",
                body=ClearBody,
                answers={204: Said("Emptied")},
                codes=("permission_denied",),
            ),
        ]

    def _of_one(self) -> list[Endpoint]:
        return [
            Endpoint(
                method="PATCH",
                path=f"{_ROOM}/items/{{itemId}}",
                handler=self.change,
                summary="Rename or move an item",
                tag="Library",
                body=ItemChangeBody,
                answers={200: Said("The item", ItemView)},
                versioned=True,
                codes=("permission_denied",),
                example={"title": "The film, at last"},
            ),
            Endpoint(
                method="DELETE",
                path=f"{_ROOM}/items/{{itemId}}",
                handler=self.delete,
                summary="Remove an item",
                tag="Library",
                answers={204: Said("Removed")},
                codes=("permission_denied",),
            ),
        ]

    async def add(self, exchange: Exchange) -> Response:
        """Adds an item."""
        body = await exchange.body(NewItemBody)
        folder = ids.optional_folder_id(body.folder_id)
        credential = ids.credential_id(body.credential_id) if body.credential_id is not None else None
        new = NewItem(body.provider, body.source, body.title, folder, credential)
        item = await self._application.items.add(exchange.actor, exchange.room_id, new)
        return json_response(ItemView.of(item), 201)

    async def list(self, exchange: Exchange) -> Response:
        """Lists folders and items."""
        query = exchange.query(LibraryQuery)
        folder, offset = ids.optional_folder_id(query.folder), _offset(query)
        page = await self._application.folders.list(
            exchange.actor, exchange.room_id, folder, offset=offset, limit=checked_limit(query.limit)
        )
        following = None if page.next_offset is None else ids.cursor_of(f"{_OFFSET}{page.next_offset}")
        answer = LibraryPage(
            items=[ItemView.of(item) for item in page.items],
            folders=[] if offset else [FolderView.of(one) for one in page.folders],
            crumbs=[FolderView.of(one) for one in page.way],
            next_cursor=following,
            total=page.total,
        )
        return json_response(answer)

    async def clear(self, exchange: Exchange) -> Response:
        """Empties a folder."""
        folder = ids.optional_folder_id((await exchange.body(ClearBody)).folder_id)
        await self._application.folders.clear(exchange.actor, exchange.room_id, folder)
        return no_content()

    async def change(self, exchange: Exchange) -> Response:
        """Renames and moves an item."""
        body = await exchange.body(ItemChangeBody)
        before, folder = body.before, body.folder_id
        item = await self._application.items.edit(
            exchange.actor,
            exchange.room_id,
            exchange.item_id,
            title=None if body.title is UNSET else body.title,
            move=None if before is UNSET else Move(ids.item_id(before) if before is not None else None),
            into=None if folder is UNSET else Into(ids.optional_folder_id(folder)),
            expected_version=exchange.expected_version(body.expected_version),
        )
        return json_response(ItemView.of(item))

    async def delete(self, exchange: Exchange) -> Response:
        """Removes an item."""
        await self._application.items.delete(exchange.actor, exchange.room_id, exchange.item_id)
        return no_content()


def _offset(query: LibraryQuery) -> int:
    if query.page is not None:
        if query.cursor is not None or not 1 <= query.page <= _FARTHEST:
            raise Invalid.field("page", f"A page is 1 to {_FARTHEST:,}, and not together with a cursor.", "range")
        return (query.page - 1) * checked_limit(query.limit)
    if query.cursor is None:
        return 0
    offset = ids.position_of(query.cursor).removeprefix(_OFFSET)
    if not (offset.isascii() and offset.isdecimal() and len(offset) <= len(str(_FARTHEST))):
        raise ids.broken_cursor()
    return int(offset)
