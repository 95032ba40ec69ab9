"""Looking for something to add, and adding what was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from blacksheep import Response
from msgspec import Meta, Struct

from synctv.application.application import Application
from synctv.application.library.findings import Entry, Finding
from synctv.application.library.looking import Given, Look, Opened, OpenedDynamic, OpenedWithin, Pasted, Searched
from synctv.application.limits.limits import Category
from synctv.application.ports.providers import Crumb, ListedFolder
from synctv.domain.errors import Invalid
from synctv.domain.ids import CredentialId
from synctv.domain.library.item import MediaKind
from synctv.entrypoints.http import ids
from synctv.entrypoints.http.answers import json_response
from synctv.entrypoints.http.endpoint import API, UPSTREAM, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.views import FolderView, ItemView

_ROOM = f"{API}/rooms/{{roomId}}"


class LookBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What to look at: a pasted `text`; or a `source` of a `provider`; or a page of a `folder` of a provider, or of
    what is found there for a `query`; or a page of a dynamic folder of the room (`folderId`), or of a `folder` that a
    `finding` in it lists.

    Without `credentialId` a fitting sign-in of the person is taken by itself.
    """

    text: str | None = None
    provider: str | None = None
    source: dict[str, Any] | None = None
    folder: str | None = None
    query: str | None = None
    folder_id: str | None = None
    finding: str | None = None
    credential_id: str | None = None
    cursor: str | None = None


class EntryView(Struct, frozen=True, rename="camel"):
    """Something to add (`item`), or to look into (`folder`, by its `path`). `index` is its number when choosing."""

    index: int
    type: str
    title: str
    kind: MediaKind | None
    duration: float | None
    cover: str | None
    detail: str
    path: str | None

    @classmethod
    def of(cls, index: int, entry: Entry) -> EntryView:
        """The view of an entry."""
        if isinstance(entry, ListedFolder):
            return cls(index, "folder", entry.title, None, None, entry.cover, entry.detail, entry.path)
        return cls(index, "item", entry.title, entry.kind, entry.duration, entry.cover, entry.detail, None)


class CrumbView(Struct, frozen=True, rename="camel"):
    """One step of the way; the path of the top is empty."""

    path: str
    title: str

    @classmethod
    def of(cls, crumb: Crumb) -> CrumbView:
        """The view of a step."""
        return cls(crumb.path, crumb.title)


class FindingView(Struct, frozen=True, rename="camel"):
    """What was found. It is known by its `id`, to who looked, for half an hour.

    `address` is there when a pasted text was completed to it: `example.org/film.mp4` to one that begins with https://.
    """

    id: str
    provider: str
    credential_id: CredentialId | None
    entries: list[EntryView]
    crumbs: list[CrumbView]
    next_cursor: str | None
    total: int | None
    address: str | None

    @classmethod
    def of(cls, finding: Finding) -> FindingView:
        """The view of a finding. Whose login a dynamic folder uses is not told."""
        return cls(
            id=finding.id,
            provider=finding.provider,
            credential_id=finding.credential_id if finding.behalf is None else None,
            entries=[EntryView.of(index, entry) for index, entry in enumerate(finding.entries)],
            crumbs=[CrumbView.of(crumb) for crumb in finding.crumbs],
            next_cursor=finding.next_cursor,
            total=finding.total,
            address=finding.address,
        )


class ChosenBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Entries of a finding, by their numbers, and the folder that they go into (null: the top)."""

    finding: str
    choose: Annotated[list[int], Meta(max_length=500)]
    folder_id: str | None = None


class AddedView(Struct, frozen=True, rename="camel"):
    """What was added, in its order."""

    items: list[ItemView]


class DynamicFolderBody(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A folder of a finding, by its `path`, to be shown live. Without a title it has that of the provider's folder."""

    finding: str
    path: str
    title: str | None = None
    parent_id: str | None = None


class FindingRoutes:
    """The endpoints of findings."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="POST",
                path=f"{_ROOM}/findings",
                handler=self.look,
                summary="Look at what is behind a text or a source, or in a folder of a provider",
                tag="Library",
                body=LookBody,
                answers={200: Said("What was found", FindingView)},
                category=Category.MEDIA,
                codes=("permission_denied", "flow_over", *UPSTREAM),
                example={"text": "https://media.example.org/film.mp4"},
            ),
            Endpoint(
                method="POST",
                path=f"{_ROOM}/items/batch",
                handler=self.add,
                summary="Add entries of a finding",
                tag="Library",
                body=ChosenBody,
                answers={201: Said("The items", AddedView)},
                category=Category.MEDIA,
                repeatable=True,
                codes=("permission_denied", "quota_exceeded", "flow_over"),
                example={"finding": "Jx3…", "choose": [0, 2]},
            ),
            Endpoint(
                method="POST",
                path=f"{_ROOM}/folders/dynamic",
                handler=self.add_dynamic,
                summary="Show a folder of a provider live",
                tag="Library",
                body=DynamicFolderBody,
                answers={201: Said("The folder", FolderView)},
                repeatable=True,
                codes=("permission_denied", "quota_exceeded", "flow_over"),
                example={"finding": "Jx3…", "path": "/films"},
            ),
        ]

    async def look(self, exchange: Exchange) -> Response:
        """Looks."""
        look = _look(await exchange.body(LookBody))
        finding = await self._application.looking.look(exchange.actor, exchange.room_id, look)
        return json_response(FindingView.of(finding))

    async def add(self, exchange: Exchange) -> Response:
        """Adds items."""
        body = await exchange.body(ChosenBody)
        folder = ids.optional_folder_id(body.folder_id)
        items = await self._application.adding.add(exchange.actor, exchange.room_id, body.finding, body.choose, folder)
        return json_response(AddedView([ItemView.of(item) for item in items]), 201)

    async def add_dynamic(self, exchange: Exchange) -> Response:
        """Makes a dynamic folder."""
        body = await exchange.body(DynamicFolderBody)
        folder = await self._application.adding.add_dynamic(
            exchange.actor,
            exchange.room_id,
            body.finding,
            body.path,
            title=body.title,
            parent_id=ids.optional_folder_id(body.parent_id),
        )
        return json_response(FolderView.of(folder), 201)


def _look(body: LookBody) -> Look:
    ways = list(_ways(body))
    if len(ways) != 1:
        raise Invalid.field(
            "text",
            "Say one thing to look at: text; or provider with source, folder or query; or folderId; "
            "or finding with folder.",
            "choice",
        )
    return ways[0]


def _ways(body: LookBody) -> Iterator[Look]:
    credential = ids.credential_id(body.credential_id) if body.credential_id is not None else None
    if body.text is not None:
        yield Pasted(body.text)
    if body.folder_id is not None:
        yield OpenedDynamic(ids.folder_id(body.folder_id), body.cursor)
    if body.finding is not None:
        yield OpenedWithin(body.finding, body.folder or "", body.cursor)
    if body.provider is None:
        return
    if body.source is not None:
        yield Given(body.provider, body.source, credential)
    if body.query is not None:
        yield Searched(body.provider, body.query, body.folder or "", body.cursor, credential)
    elif body.folder is not None:
        yield Opened(body.provider, body.folder, body.cursor, credential)
