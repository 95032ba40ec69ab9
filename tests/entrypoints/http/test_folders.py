"""Folders of a room's library."""

from __future__ import annotations

from typing import Any

import pytest

from tests.entrypoints.http.api import FILM, Api, Person

NOBODYS = "list_01jh1qmzmaexwrnk0zx5xcd5vj"


async def a_room(api: Api) -> tuple[Person, str]:
    """Somebody, and the address of their room."""
    ada = await api.person("ada")
    return ada, f"/rooms/{(await api.room(ada))['id']}"


async def make(api: Api, who: Person, room: str, title: str, parent: Any = None) -> Any:
    """A new folder."""
    body = {"title": title, "parentId": parent["id"]} if parent else {"title": title}
    answer = await api.post(f"{room}/folders", body, token=who.token)
    assert answer.status == 201, answer.body
    return answer.json


async def listed(api: Api, who: Person, room: str, folder: Any = None) -> Any:
    where = f"?folder={folder['id']}" if folder else ""
    return (await api.get(f"{room}/library{where}", token=who.token)).json


def titles(page: Any, part: str) -> list[str]:
    return [one["title"] for one in page[part]]


async def test_a_folder_is_made_and_listed_with_the_way_to_it(api: Api) -> None:
    ada, room = await a_room(api)
    series = await make(api, ada, room, "  My   series ")
    assert series == {
        "id": series["id"],
        "parentId": None,
        "title": "My series",
        "dynamic": False,
        "provider": None,
        "addedBy": {"id": ada.id, "name": "ada", "kind": "account"},
        "addedAt": "2026-01-01T00:00:00Z",
        "version": 1,
    }
    season = await make(api, ada, room, "Season 1", series)
    assert season["parentId"] == series["id"]
    item = (await api.post(f"{room}/items", {**FILM, "folderId": season["id"]}, token=ada.token)).json
    assert item["folderId"] == season["id"]
    assert await listed(api, ada, room) == {
        "items": [],
        "folders": [series],
        "crumbs": [],
        "nextCursor": None,
        "total": 0,
    }
    assert await listed(api, ada, room, season) == {
        "items": [item],
        "folders": [],
        "crumbs": [series, season],
        "nextCursor": None,
        "total": 1,
    }


async def test_folders_stand_on_the_first_page_alone(api: Api) -> None:
    ada, room = await a_room(api)
    series = await make(api, ada, room, "Series")
    for name in "ab":
        await api.item(room.removeprefix("/rooms/"), ada, name)
    first = (await api.get(f"{room}/library?limit=1", token=ada.token)).json
    second = (await api.get(f"{room}/library?limit=1&cursor={first['nextCursor']}", token=ada.token)).json
    third = (await api.get(f"{room}/library?limit=1&page=2", token=ada.token)).json
    assert (first["folders"], second["folders"], third["folders"]) == ([series], [], [])


@pytest.mark.parametrize(
    "body, status, path",
    [
        ({}, 400, "title"),
        ({"title": " "}, 400, "title"),
        ({"title": "x" * 201}, 400, "title"),
        ({"title": "a\0b"}, 400, "title"),
        ({"title": "a", "parentId": 5}, 400, "parentId"),
        ({"title": "a", "dynamic": True}, 400, "dynamic"),
        ({"title": "a", "parentId": NOBODYS}, 404, None),
        ({"title": "a", "parentId": "nonsense"}, 404, None),
    ],
)
async def test_what_can_not_be_made(api: Api, body: dict[str, Any], status: int, path: str | None) -> None:
    ada, room = await a_room(api)
    answer = await api.post(f"{room}/folders", body, token=ada.token)
    assert answer.status == status
    if path is not None:
        assert answer.json["errors"][0]["path"] == path


async def test_making_a_folder_twice_under_one_key_makes_one(api: Api) -> None:
    ada, room = await a_room(api)
    made = [
        await api.post(f"{room}/folders", {"title": "A"}, token=ada.token, headers={"idempotency-key": "one"})
        for _ in range(2)
    ]
    assert made[0].json == made[1].json
    assert len((await listed(api, ada, room))["folders"]) == 1


async def test_a_folder_is_renamed_moved_and_put_in_its_place(api: Api) -> None:
    ada, room = await a_room(api)
    a, b = await make(api, ada, room, "A"), await make(api, ada, room, "B")
    c = await make(api, ada, room, "C", a)
    changed = await api.patch(f"{room}/folders/{b['id']}", {"title": "b", "before": a["id"]}, token=ada.token)
    assert (changed.status, changed.json["title"], changed.json["parentId"]) == (200, "b", None)
    assert titles(await listed(api, ada, room), "folders") == ["b", "A"]
    into = {"parentId": a["id"], "before": c["id"]}
    assert (await api.patch(f"{room}/folders/{b['id']}", into, token=ada.token)).json["parentId"] == a["id"]
    assert titles(await listed(api, ada, room, a), "folders") == ["b", "C"]
    assert (await api.patch(f"{room}/folders/{b['id']}", {"before": None}, token=ada.token)).status == 200
    assert titles(await listed(api, ada, room, a), "folders") == ["C", "b"]
    out = await api.patch(f"{room}/folders/{c['id']}", {"parentId": None}, token=ada.token)
    assert out.json["parentId"] is None
    assert titles(await listed(api, ada, room), "folders") == ["A", "C"]
    itself = await api.patch(f"{room}/folders/{a['id']}", {"parentId": b["id"]}, token=ada.token)
    assert (itself.status, itself.json["errors"][0]["path"]) == (400, "parentId")


async def test_a_stale_change_of_a_folder_gets_the_folder(api: Api) -> None:
    ada, room = await a_room(api)
    path = f"{room}/folders/{(await make(api, ada, room, 'A'))['id']}"
    assert (await api.patch(path, {"title": "One"}, token=ada.token, headers={"if-match": '"1"'})).status == 200
    stale = await api.patch(path, {"title": "Two", "expectedVersion": 1}, token=ada.token)
    assert (stale.status, stale.code) == (409, "version_conflict")
    assert (stale.json["current"]["title"], stale.json["current"]["version"]) == ("One", 2)


async def test_an_item_is_moved_into_a_folder_and_back_to_the_top(api: Api) -> None:
    ada, room = await a_room(api)
    series = await make(api, ada, room, "Series")
    first, second = [await api.item(room.removeprefix("/rooms/"), ada, name) for name in "ab"]
    path = f"{room}/items/{first['id']}"
    assert (await api.patch(path, {"folderId": series["id"]}, token=ada.token)).json["folderId"] == series["id"]
    assert (await listed(api, ada, room, series))["items"][0]["id"] == first["id"]
    back = await api.patch(path, {"folderId": None, "before": second["id"]}, token=ada.token)
    assert back.json["folderId"] is None
    assert titles(await listed(api, ada, room), "items") == ["a", "b"]
    for folder in (NOBODYS, "nonsense"):
        assert (await api.patch(path, {"folderId": folder}, token=ada.token)).code == "not_found"


async def test_a_removed_folder_and_what_was_in_it_are_gone(api: Api) -> None:
    ada, room = await a_room(api)
    series = await make(api, ada, room, "Series")
    season = await make(api, ada, room, "Season", series)
    item = (await api.post(f"{room}/items", {**FILM, "folderId": season["id"]}, token=ada.token)).json
    assert (await api.delete(f"{room}/folders/{series['id']}", token=ada.token)).status == 204
    for answer in (
        await api.get(f"{room}/library?folder={season['id']}", token=ada.token),
        await api.patch(f"{room}/folders/{season['id']}", {"title": "x"}, token=ada.token),
        await api.delete(f"{room}/folders/{series['id']}", token=ada.token),
        await api.delete(f"{room}/items/{item['id']}", token=ada.token),
        await api.get(f"{room}/library?folder=nonsense", token=ada.token),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_emptying_has_to_say_what(api: Api) -> None:
    ada, room = await a_room(api)
    series = await make(api, ada, room, "Series")
    await api.post(f"{room}/items", {**FILM, "folderId": series["id"]}, token=ada.token)
    clear = f"{room}/library/clear"
    for wrong in ({}, {"folder": None}, {"folderId": 5}):
        assert (await api.post(clear, wrong, token=ada.token)).status == 400
    assert (await listed(api, ada, room, series))["total"] == 1
    assert (await api.post(clear, {"folderId": series["id"]}, token=ada.token)).status == 204
    assert (await listed(api, ada, room, series))["total"] == 0
    assert (await api.post(clear, {"folderId": None}, token=ada.token)).status == 204
    assert (await listed(api, ada, room))["folders"] == []
    assert (await api.post(clear, {"folderId": series["id"]}, token=ada.token)).code == "not_found"


async def test_others_folders_are_left_alone(api: Api) -> None:
    ada, room = await a_room(api)
    hers = await make(api, ada, room, "Hers")
    bob = await api.member(room.removeprefix("/rooms/"), "bob")
    path = f"{room}/folders/{hers['id']}"
    for answer in (
        await api.patch(path, {"title": "Mine"}, token=bob.token),
        await api.patch(path, {"before": None}, token=bob.token),
        await api.delete(path, token=bob.token),
        await api.post(f"{room}/library/clear", {"folderId": hers["id"]}, token=bob.token),
    ):
        assert (answer.status, answer.code) == (403, "permission_denied")
    his = await make(api, bob, room, "His", hers)
    assert (await api.delete(f"{room}/folders/{his['id']}", token=bob.token)).status == 204


async def test_a_folder_of_another_room_is_not_found(api: Api) -> None:
    ada, room = await a_room(api)
    other = f"/rooms/{(await api.room(ada))['id']}"
    elsewhere = await make(api, ada, other, "Elsewhere")
    for answer in (
        await api.get(f"{room}/library?folder={elsewhere['id']}", token=ada.token),
        await api.post(f"{room}/items", {**FILM, "folderId": elsewhere["id"]}, token=ada.token),
        await api.post(f"{room}/folders", {"title": "A", "parentId": elsewhere["id"]}, token=ada.token),
        await api.patch(f"{room}/folders/{elsewhere['id']}", {"title": "A"}, token=ada.token),
        await api.delete(f"{room}/folders/{elsewhere['id']}", token=ada.token),
        await api.post(f"{room}/library/clear", {"folderId": elsewhere["id"]}, token=ada.token),
    ):
        assert (answer.status, answer.code) == (404, "not_found")


async def test_guests_make_no_folders(api: Api) -> None:
    ada, room = await a_room(api)
    guest = await api.guest(room.removeprefix("/rooms/"))
    assert (await api.post(f"{room}/folders", {"title": "Mine"}, token=guest)).code == "permission_denied"
    assert (await listed(api, ada, room))["folders"] == []
