"""Rooms: made, found, changed and deleted."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from synctv.application.ports.passwords import PasswordHasher
from tests.entrypoints.http.api import Api, serving_api

NOBODYS_ROOM = "room_01jh1qmzmaexwrnk0zx5xcd5vj"


async def test_a_new_room_shows_everything_to_its_creator(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(
        ada, description=" Fridays ", visibility="public", settings={"autoPlay": {"mode": "repeatOne"}}
    )
    assert room["id"].startswith("room_")
    assert len(room["code"]) == 8
    assert (room["name"], room["description"], room["visibility"]) == ("Film night", "Fridays", "public")
    assert room["owner"] == {"id": ada.id, "username": "ada"}
    assert room["viewer"]["role"] == "creator"
    assert "delete_room" in room["viewer"]["permissions"]
    assert room["settings"]["autoPlay"] == {"mode": "repeatOne", "delaySeconds": 0.0}
    assert room["settings"]["waitForBuffering"] == {"enabled": False, "maxSeconds": 8.0}
    assert room["settings"]["permissions"]["guest"] == {"added": [], "removed": []}
    assert (room["hasPassword"], room["online"], room["members"], room["version"]) == (False, 0, 1, 1)
    assert room["nowPlaying"] is None
    assert (await api.get(f"/rooms/{room['id']}", token=ada.token)).json == room


@pytest.mark.parametrize(
    "body,paths",
    [
        ({}, {"name"}),
        ({"name": ""}, {"name"}),
        ({"name": "x" * 81}, {"name"}),
        ({"name": "a\0b"}, {"name"}),
        ({"name": "Film", "visibility": "secret"}, {"visibility"}),
        ({"name": "Film", "password": ""}, {"password"}),
        ({"name": "Film", "description": "x" * 2001}, {"description"}),
        ({"name": "Film", "colour": "red"}, {"colour"}),
        ({"name": "Film", "settings": {"maxMembers": 0}}, {"settings.maxMembers"}),
        (
            {"name": 1, "settings": {"allowGuests": "yes", "autoPlay": {"mode": "loop"}, "nonsense": 1}},
            {"name", "settings.allowGuests", "settings.autoPlay.mode", "settings.nonsense"},
        ),
        (
            {"name": "Film", "settings": {"autoPlay": {"delaySeconds": 61}, "waitForBuffering": {"maxSeconds": 0}}},
            {"settings.autoPlay.delaySeconds", "settings.waitForBuffering.maxSeconds"},
        ),
        (
            {"name": "Film", "settings": {"permissions": {"guest": {"added": ["fly"]}}}},
            {"settings.permissions.guest.added"},
        ),
    ],
)
async def test_every_wrong_field_of_a_new_room_is_named(api: Api, body: dict[str, Any], paths: set[str]) -> None:
    ada = await api.person("ada")
    answer = await api.post("/rooms", body, token=ada.token)
    assert (answer.status, answer.code) == (400, "invalid_argument")
    assert {error["path"] for error in answer.json["errors"]} == paths


async def test_names_in_any_script_survive(api: Api) -> None:
    ada = await api.person("ada")
    name = "映画の夜 🎬 — ليلة \u200f"
    assert (await api.room(ada, name=name))["name"] == " ".join(name.split())


async def test_an_account_makes_only_so_many_rooms(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, max_rooms=1) as api:
        ada = await api.person("ada")
        await api.room(ada)
        answer = await api.post("/rooms", {"name": "One more"}, token=ada.token)
        assert (answer.status, answer.code) == (429, "quota_exceeded")


async def test_a_list_is_paged_by_its_cursor(api: Api) -> None:
    ada = await api.person("ada")
    made = [(await api.room(ada, name=f"Room {number}"))["id"] for number in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await api.get(f"/rooms?mine=true&limit=2{cursor}", token=ada.token)
        assert page.json["total"] == 5
        seen += [room["id"] for room in page.json["items"]]
        if page.json["nextCursor"] is None:
            break
        cursor = f"&cursor={page.json['nextCursor']}"
    assert seen == made[::-1]


async def test_others_see_only_public_rooms_and_no_place_of_theirs_in_them(api: Api) -> None:
    ada, bob = await api.person("ada"), await api.person("bob")
    await api.room(ada, name="Hidden")
    public = await api.room(ada, name="Open house", visibility="public")
    listed = (await api.get("/rooms?query=OPEN", token=bob.token)).json
    assert [room["id"] for room in listed["items"]] == [public["id"]]
    assert listed["items"][0]["viewer"] is None
    assert (await api.get("/rooms?mine=true", token=bob.token)).json["items"] == []


@pytest.mark.parametrize(
    "query,path",
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("mine=perhaps", "mine"),
        ("cursor=%F0%9F", ""),
        ("cursor=bm9uc2Vuc2U", "cursor"),
        ("cursor=!", "cursor"),
        ("query=%00", "query"),
    ],
)
async def test_a_list_cannot_be_asked_for_anyhow(api: Api, query: str, path: str) -> None:
    ada = await api.person("ada")
    answer = await api.get(f"/rooms?{query}", token=ada.token)
    assert (answer.status, answer.code) == (400, "invalid_argument")
    assert [error["path"] for error in answer.json["errors"]] == [path]


async def test_unknown_parameters_of_a_query_are_ignored(api: Api) -> None:
    ada = await api.person("ada")
    assert (await api.get("/rooms?utm_source=mail&limit=1", token=ada.token)).status == 200


async def test_an_empty_parameter_is_as_good_as_none(api: Api) -> None:
    ada = await api.person("ada")
    assert (await api.get("/rooms?query=&mine=&cursor=&limit=", token=ada.token)).status == 200


async def test_a_room_shows_what_plays(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    item = await api.item(room["id"], ada)
    select = {"command": "select", "itemId": item["id"]}
    assert (await api.post(f"/rooms/{room['id']}/playback", select, token=ada.token)).status == 200
    listed = (await api.get("/rooms?mine=true", token=ada.token)).json["items"]
    assert listed[0]["nowPlaying"] == {"title": "film.mp4"}


async def test_a_change_touches_only_what_it_names(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada, password="sesame", settings={"allowGuests": False, "maxMembers": 7})
    change = {"settings": {"chatEnabled": False, "permissions": {"member": {"removed": ["use_voice_chat"]}}}}
    changed = await api.patch(f"/rooms/{room['id']}", change, token=ada.token)
    assert changed.status == 200
    expected = room["settings"] | {"chatEnabled": False}
    expected["permissions"]["member"]["removed"] = ["use_voice_chat"]
    assert changed.json["settings"] == expected
    assert (changed.json["name"], changed.json["hasPassword"], changed.json["version"]) == ("Film night", True, 2)


async def test_a_password_of_null_takes_it_away(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada, password="sesame")
    assert room["hasPassword"] is True
    changed = await api.patch(f"/rooms/{room['id']}", {"password": None, "name": "Open"}, token=ada.token)
    assert (changed.json["hasPassword"], changed.json["name"]) == (False, "Open")


@pytest.mark.parametrize("how", ["body", "header"])
async def test_a_stale_change_gets_the_room_as_it_is_now(api: Api, how: str) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    path = f"/rooms/{room['id']}"
    assert (await api.patch(path, {"name": "First", "expectedVersion": 1}, token=ada.token)).status == 200
    body = {"name": "Second"} | ({"expectedVersion": 1} if how == "body" else {})
    stale = await api.patch(path, body, token=ada.token, headers={} if how == "body" else {"if-match": '"1"'})
    assert (stale.status, stale.code) == (409, "version_conflict")
    assert stale.json["current"] == (await api.get(path, token=ada.token)).json
    assert stale.json["current"]["name"] == "First"


@pytest.mark.parametrize("value,status", [('"1"', 200), ("1", 200), ('W/"1"', 200), ("*", 200), ("yesterday", 400)])
async def test_if_match_takes_a_version(api: Api, value: str, status: int) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.patch(f"/rooms/{room['id']}", {"name": "New"}, token=ada.token, headers={"if-match": value})
    assert answer.status == status


async def test_two_different_versions_contradict_each_other(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    body = {"name": "New", "expectedVersion": 1}
    answer = await api.patch(f"/rooms/{room['id']}", body, token=ada.token, headers={"if-match": '"2"'})
    assert answer.json["errors"][0]["path"] == "expectedVersion"


async def test_members_may_not_change_or_delete_a_room(api: Api) -> None:
    room = await api.room(await api.person("ada"))
    bob = await api.member(room["id"], "bob")
    path = f"/rooms/{room['id']}"
    assert (await api.patch(path, {"name": "Mine"}, token=bob.token)).code == "permission_denied"
    assert (await api.delete(path, token=bob.token)).code == "permission_denied"
    assert (await api.post(f"{path}/guests/revoke", token=bob.token)).code == "permission_denied"


async def test_a_deleted_room_is_unavailable(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    assert (await api.delete(f"/rooms/{room['id']}", token=ada.token)).status == 204
    assert (await api.get(f"/rooms/{room['id']}", token=ada.token)).code == "not_found"
    assert (await api.get(f"/invites/{room['code']}")).code == "not_found"


@pytest.mark.parametrize("room_id", [NOBODYS_ROOM, "room_x", "item_01jh1qmzmaexwrnk0zx5xcd5vj", "%00", "💥"])
async def test_what_is_no_room_is_not_found(api: Api, room_id: str) -> None:
    ada = await api.person("ada")
    answer = await api.get(f"/rooms/{quote(room_id, safe='%')}", token=ada.token)
    assert (answer.status, answer.code) == (404, "not_found")


async def test_who_is_not_in_a_room_does_not_see_inside(api: Api) -> None:
    room = await api.room(await api.person("ada"))
    bob = await api.person("bob")
    assert (await api.get(f"/rooms/{room['id']}", token=bob.token)).code == "permission_denied"


@pytest.mark.parametrize("key", ["id", "code"])
async def test_anybody_sees_the_door_of_a_room(api: Api, key: str) -> None:
    ada = await api.person("ada")
    room = await api.room(ada, password="sesame", settings={"requireApproval": True})
    invitation = await api.get(f"/invites/{room[key]}")
    assert invitation.json == {
        "roomId": room["id"],
        "code": room["code"],
        "name": "Film night",
        "description": "",
        "hasPassword": True,
        "requireApproval": True,
        "guestsAllowed": False,
        "owner": {"id": ada.id, "username": "ada"},
        "online": 0,
        "viewer": None,
    }
    assert (await api.get(f"/invites/{room[key]}", token=ada.token)).json["viewer"] == {"role": "creator"}


async def test_a_token_that_has_run_out_is_as_good_as_none_at_the_door(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.get(f"/invites/{room['code']}", token="a.b.c")
    assert (answer.status, answer.json["viewer"]) == (200, None)


@pytest.mark.parametrize("code", ["NOSUCHRM", "x", NOBODYS_ROOM, "%00%00"])
async def test_an_unknown_code_leads_nowhere(api: Api, code: str) -> None:
    assert (await api.get(f"/invites/{code}")).code == "not_found"


async def test_revoking_guests_ends_their_access(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    guest = await api.guest(room["id"])
    assert (await api.get(f"/rooms/{room['id']}", token=guest)).json["viewer"]["role"] == "guest"
    assert (await api.post(f"/rooms/{room['id']}/guests/revoke", token=ada.token)).status == 204
    assert (await api.get(f"/rooms/{room['id']}", token=guest)).code == "unauthenticated"
    assert (await api.get(f"/rooms/{room['id']}", token=await api.guest(room["id"]))).status == 200


async def test_a_guest_sees_no_other_room_and_no_list(api: Api) -> None:
    ada = await api.person("ada")
    guest = await api.guest((await api.room(ada))["id"])
    other = await api.room(ada, visibility="public")
    assert (await api.get(f"/rooms/{other['id']}", token=guest)).code == "not_found"
    assert (await api.get("/rooms", token=guest)).json["items"] == []
