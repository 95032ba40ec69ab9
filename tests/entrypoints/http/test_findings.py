"""Looking for something to add, and adding what was chosen, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from synctv.application.ports.passwords import PasswordHasher
from tests.application.library.film_server import SERVER, Anything, FilmServer
from tests.entrypoints.http.api import Api, Person, serving_api


@pytest.fixture
async def api(passwords: PasswordHasher) -> AsyncIterator[Api]:
    async with serving_api(passwords, providers={"nas": FilmServer(), "anything": Anything()}) as client:
        yield client


@pytest.fixture
async def ada(api: Api) -> Person:
    return await api.person("ada")


@pytest.fixture
async def room(api: Api, ada: Person) -> str:
    return f"/rooms/{(await api.room(ada))['id']}"


async def signed_in(api: Api, who: Person) -> Any:
    body = {"provider": "nas", "form": "password", "fields": {"password": "a long one"}}
    return (await api.post("/me/credentials", body, token=who.token)).json["id"]


async def test_a_pasted_text_is_shown_and_added(api: Api, ada: Person, room: str) -> None:
    credential = await signed_in(api, ada)
    found = (await api.post(f"{room}/findings", {"text": "nas:series"}, token=ada.token)).json
    assert found == {
        "id": found["id"],
        "provider": "nas",
        "credentialId": credential,
        "entries": [
            {
                "index": index,
                "type": "item",
                "title": f"series {index + 1}",
                "kind": "video",
                "duration": 60.0,
                "cover": "https://img.test/a.jpg",
                "detail": "1.2 GB",
                "path": None,
            }
            for index in range(3)
        ],
        "crumbs": [],
        "nextCursor": None,
        "total": 3,
        "address": None,
    }
    answer = await api.post(f"{room}/items/batch", {"finding": found["id"], "choose": [0, 2]}, token=ada.token)
    assert (answer.status, [item["title"] for item in answer.json["items"]]) == (201, ["series 1", "series 3"])
    library = (await api.get(f"{room}/library", token=ada.token)).json
    assert library["items"] == answer.json["items"]


async def test_folders_are_looked_into_and_become_dynamic(api: Api, ada: Person, room: str) -> None:
    await signed_in(api, ada)
    top = (await api.post(f"{room}/findings", {"provider": "nas", "folder": ""}, token=ada.token)).json
    assert (top["nextCursor"], top["total"], top["crumbs"]) == ("2", 9, [{"path": "", "title": "NAS"}])
    (folder,) = top["entries"]
    assert (folder["type"], folder["path"], folder["kind"]) == ("folder", "films", None)
    made = await api.post(f"{room}/folders/dynamic", {"finding": top["id"], "path": "films"}, token=ada.token)
    assert (made.status, made.json["dynamic"], made.json["provider"]) == (201, True, "nas")
    live = (await api.post(f"{room}/findings", {"folderId": made.json["id"]}, token=ada.token)).json
    assert ([entry["title"] for entry in live["entries"]], live["credentialId"]) == (["one", "two", "Old"], None)
    inner = (await api.post(f"{room}/findings", {"finding": live["id"], "folder": "films/old"}, token=ada.token)).json
    assert [entry["title"] for entry in inner["entries"]] == ["three"]
    above = await api.post(f"{room}/findings", {"finding": live["id"], "folder": ""}, token=ada.token)
    assert (above.status, above.json["errors"][0]["path"]) == (400, "folder")


async def test_words_are_searched_for(api: Api, ada: Person, room: str) -> None:
    await signed_in(api, ada)
    found = (await api.post(f"{room}/findings", {"provider": "nas", "query": "metropolis"}, token=ada.token)).json
    assert [entry["title"] for entry in found["entries"]] == ["metropolis"]


async def test_who_has_to_sign_in_first_is_told_where(api: Api, ada: Person, room: str) -> None:
    answer = await api.post(f"{room}/findings", {"text": "nas:film"}, token=ada.token)
    assert (answer.status, answer.code) == (502, "upstream_credential")
    assert answer.json["upstream"] == {"provider": "nas", "server": SERVER}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"provider": "nas"},
        {"text": "a", "provider": "nas", "folder": ""},
        {"provider": "nas", "source": {}, "query": "x"},
        {"folderId": "list_01jh1qmzmaexwrnk0zx5xcd5vj", "text": "a"},
        {"text": 7},
        {"text": "nobody knows"},
        {"nonsense": True},
    ],
)
async def test_what_means_nothing_is_refused(api: Api, ada: Person, room: str, body: Any) -> None:
    answer = await api.post(f"{room}/findings", body, token=ada.token)
    assert (answer.status, answer.code) == (400, "invalid_argument")


async def test_a_list_that_is_no_longer_known_is_looked_at_again(api: Api, ada: Person, room: str) -> None:
    for path, body in (("items/batch", {"choose": [0]}), ("folders/dynamic", {"path": ""})):
        answer = await api.post(f"{room}/{path}", {"finding": "gone", **body}, token=ada.token)
        assert (answer.status, answer.code) == (412, "flow_over")
        assert "Look again" in answer.json["detail"]


async def test_a_guest_looks_at_nothing(api: Api, ada: Person, room: str) -> None:
    guest = await api.guest(room.removeprefix("/rooms/"))
    assert (await api.post(f"{room}/findings", {"text": "any:thing"}, token=guest)).code == "permission_denied"
