"""Items of a room."""

from __future__ import annotations

from typing import Any

import pytest

from tests.entrypoints.http.api import FILM, Api


async def test_an_item_is_added_and_listed(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    path = f"/rooms/{room['id']}"
    added = await api.post(f"{path}/items", {**FILM, "title": "  The   film "}, token=ada.token)
    assert added.status == 201
    item = added.json
    assert (item["title"], item["kind"], item["duration"], item["folderId"]) == ("The film", "video", 120, None)
    assert item["addedBy"] == {"id": ada.id, "name": "ada", "kind": "account"}
    assert item["addedAt"] == "2026-01-01T00:00:00Z"
    assert "source" not in item
    assert (await api.get(f"{path}/library", token=ada.token)).json == {
        "items": [item],
        "folders": [],
        "crumbs": [],
        "nextCursor": None,
        "total": 1,
    }


@pytest.mark.parametrize(
    "body,status,path",
    [
        ({}, 400, "provider"),
        ({"provider": "nobody", "source": {}}, 400, "provider"),
        ({"provider": "direct", "source": {"url": "ftp://x"}}, 400, "source.url"),
        ({"provider": "direct", "source": []}, 400, "source"),
        ({"provider": "direct", "source": {"url": "https://x/\0"}}, 400, "source.url"),
        ({**FILM, "title": ""}, 400, "title"),
        ({**FILM, "folderId": 5}, 400, "folderId"),
        ({**FILM, "folderId": "list_01jh1qmzmaexwrnk0zx5xcd5vj"}, 404, None),
        ({**FILM, "folderId": "nonsense"}, 404, None),
    ],
)
async def test_what_cannot_be_added(api: Api, body: dict[str, Any], status: int, path: str | None) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.post(f"/rooms/{room['id']}/items", body, token=ada.token)
    assert answer.status == status
    if path is not None:
        assert answer.json["errors"][0]["path"] == path


async def test_the_library_is_paged_by_cursor_and_by_number(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    made = [(await api.item(room["id"], ada, f"{number}.mp4"))["id"] for number in range(5)]
    path = f"/rooms/{room['id']}/library?limit=2"
    first = (await api.get(path, token=ada.token)).json
    second = (await api.get(f"{path}&cursor={first['nextCursor']}", token=ada.token)).json
    third = (await api.get(f"{path}&page=3", token=ada.token)).json
    assert [item["id"] for page in (first, second, third) for item in page["items"]] == made
    assert (third["nextCursor"], third["total"]) == (None, 5)
    assert (await api.get(f"{path}&page=2", token=ada.token)).json == second


@pytest.mark.parametrize(
    "query", ["page=0", "page=1&cursor=aXRlbXM6Mg", "cursor=aXRlbXM6LTE", "cursor=eA", "limit=201"]
)
async def test_pages_that_are_none(api: Api, query: str) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.get(f"/rooms/{room['id']}/library?{query}", token=ada.token)
    assert (answer.status, answer.code) == (400, "invalid_argument")


async def test_an_item_is_renamed_and_moved(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    first, second = await api.item(room["id"], ada, "1.mp4"), await api.item(room["id"], ada, "2.mp4")
    path = f"/rooms/{room['id']}/items"
    renamed = await api.patch(f"{path}/{second['id']}", {"title": "Two", "before": first["id"]}, token=ada.token)
    assert (renamed.status, renamed.json["title"]) == (200, "Two")
    library = f"/rooms/{room['id']}/library"
    order = [item["title"] for item in (await api.get(library, token=ada.token)).json["items"]]
    assert order == ["Two", "1.mp4"]
    await api.patch(f"{path}/{second['id']}", {"before": None}, token=ada.token)
    order = [item["title"] for item in (await api.get(library, token=ada.token)).json["items"]]
    assert order == ["1.mp4", "Two"]


async def test_a_stale_change_of_an_item_gets_the_item(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    item = await api.item(room["id"], ada)
    path = f"/rooms/{room['id']}/items/{item['id']}"
    assert (await api.patch(path, {"title": "One", "expectedVersion": 1}, token=ada.token)).status == 200
    stale = await api.patch(path, {"title": "Two", "expectedVersion": 1}, token=ada.token)
    assert (stale.status, stale.code) == (409, "version_conflict")
    assert (stale.json["current"]["title"], stale.json["current"]["version"]) == ("One", 2)


async def test_others_items_are_left_alone(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    item = await api.item(room["id"], ada)
    bob = await api.member(room["id"], "bob")
    path = f"/rooms/{room['id']}/items/{item['id']}"
    assert (await api.patch(path, {"title": "Mine"}, token=bob.token)).code == "permission_denied"
    assert (await api.delete(path, token=bob.token)).code == "permission_denied"
    own = await api.item(room["id"], bob)
    assert (await api.delete(f"/rooms/{room['id']}/items/{own['id']}", token=bob.token)).status == 204


async def test_a_removed_item_is_gone(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    item = await api.item(room["id"], ada)
    path = f"/rooms/{room['id']}/items/{item['id']}"
    assert (await api.delete(path, token=ada.token)).status == 204
    for answer in (await api.delete(path, token=ada.token), await api.patch(path, {"title": "x"}, token=ada.token)):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_an_item_of_another_room_is_not_found(api: Api) -> None:
    ada = await api.person("ada")
    room, other = await api.room(ada), await api.room(ada)
    item = await api.item(other["id"], ada)
    assert (await api.delete(f"/rooms/{room['id']}/items/{item['id']}", token=ada.token)).code == "not_found"
    before = await api.patch(f"/rooms/{other['id']}/items/{item['id']}", {"before": "nonsense"}, token=ada.token)
    assert before.code == "not_found"


async def test_guests_see_the_library_only_where_they_may(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    guest = await api.guest(room["id"])
    path = f"/rooms/{room['id']}"
    refused = await api.get(f"{path}/library", token=guest)
    assert (refused.status, refused.code) == (403, "permission_denied")
    granted = {"settings": {"permissions": {"guest": {"added": ["browse_library", "manage_own_media"]}}}}
    assert (await api.patch(path, granted, token=ada.token)).status == 200
    assert (await api.get(f"{path}/library", token=guest)).status == 200
    assert (await api.post(f"{path}/items", FILM, token=guest)).code == "permission_denied"
