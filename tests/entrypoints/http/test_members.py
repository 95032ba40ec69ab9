"""Joining, leaving, and what the people who run a room do about members."""

from __future__ import annotations

import pytest

from tests.entrypoints.http.api import Api


async def test_joining_makes_a_member(api: Api) -> None:
    room = await api.room(await api.person("ada"))
    bob = await api.person("bob")
    answer = await api.post(f"/rooms/{room['id']}/join", {}, token=bob.token)
    assert answer.status == 200
    membership = answer.json["membership"]
    assert (membership["roomId"], membership["role"], membership["version"]) == (room["id"], "member", 1)
    assert membership["joinedAt"] == "2026-01-01T00:00:00Z"
    again = await api.post(f"/rooms/{room['id']}/join", token=bob.token)
    assert again.json == answer.json


async def test_a_room_with_a_password_asks_for_it(api: Api) -> None:
    room = await api.room(await api.person("ada"), password="sesame")
    bob = await api.person("bob")
    path = f"/rooms/{room['id']}/join"
    assert (await api.post(path, {}, token=bob.token)).code == "permission_denied"
    assert (await api.post(path, {"password": "open"}, token=bob.token)).code == "permission_denied"
    assert (await api.post(path, {"password": "sesame"}, token=bob.token)).status == 200


async def test_a_request_waits_is_seen_and_is_approved(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada, settings={"requireApproval": True})
    bob = await api.person("bob")
    path = f"/rooms/{room['id']}"
    asked = await api.post(f"{path}/join", {"message": "It is me"}, token=bob.token)
    assert asked.status == 202
    assert asked.json == {"review": {"roomId": room["id"], "requestedAt": "2026-01-01T00:00:00Z"}}
    assert (await api.get(path, token=bob.token)).code == "permission_denied"
    waiting = (await api.get(f"{path}/join-requests", token=ada.token)).json
    assert waiting["items"] == [
        {
            "account": {"id": bob.id, "username": "bob"},
            "message": "It is me",
            "requestedAt": "2026-01-01T00:00:00Z",
        }
    ]
    assert (await api.post(f"{path}/join-requests/{bob.id}/approve", token=ada.token)).status == 204
    assert (await api.get(path, token=bob.token)).status == 200
    assert (await api.get(f"{path}/join-requests", token=ada.token)).json["total"] == 0


async def test_a_rejected_request_is_gone(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada, settings={"requireApproval": True})
    bob = await api.person("bob")
    path = f"/rooms/{room['id']}"
    await api.post(f"{path}/join", {}, token=bob.token)
    rejected = await api.post(f"{path}/join-requests/{bob.id}/reject", {"reason": "Full"}, token=ada.token)
    assert rejected.status == 204
    again = await api.post(f"{path}/join-requests/{bob.id}/reject", {}, token=ada.token)
    assert (again.status, again.code) == (404, "not_found")


@pytest.mark.parametrize("action", ["join", "join-requests/{id}/reject"])
async def test_a_word_has_its_length(api: Api, action: str) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    field = "message" if action == "join" else "reason"
    path = f"/rooms/{room['id']}/{action.format(id=ada.id)}"
    answer = await api.post(path, {field: "x" * 301}, token=ada.token)
    assert answer.json["errors"][0]["path"] == field


async def test_the_creator_cannot_leave_and_others_can(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    bob = await api.member(room["id"], "bob")
    path = f"/rooms/{room['id']}/leave"
    refused = await api.post(path, token=ada.token)
    assert (refused.status, refused.code) == (409, "conflict")
    assert (await api.post(path, {}, token=bob.token)).status == 204
    assert (await api.post(path, token=bob.token)).code == "permission_denied"


async def test_members_are_listed_page_by_page(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    bob = await api.member(room["id"], "bob")
    path = f"/rooms/{room['id']}/members?limit=1"
    first = (await api.get(path, token=bob.token)).json
    second = (await api.get(f"{path}&cursor={first['nextCursor']}", token=bob.token)).json
    assert [page["items"][0]["account"]["username"] for page in (first, second)] == ["ada", "bob"]
    assert (first["total"], second["nextCursor"]) == (2, None)
    assert second["items"][0].keys() == {
        "account",
        "role",
        "state",
        "permissions",
        "addedPermissions",
        "removedPermissions",
        "joinedAt",
        "version",
    }
    wrong = await api.get(f"/rooms/{room['id']}/members?cursor=bm9uc2Vuc2U", token=bob.token)
    assert wrong.json["errors"][0]["path"] == "cursor"


async def test_role_and_overrides_change_what_a_member_may_do(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    bob = await api.member(room["id"], "bob")
    path = f"/rooms/{room['id']}/members/{bob.id}"
    change = {"removedPermissions": ["send_chat_messages"], "addedPermissions": ["remove_members"]}
    changed = await api.patch(path, change, token=ada.token)
    assert changed.status == 200
    assert changed.json["removedPermissions"] == ["send_chat_messages"]
    assert "remove_members" in changed.json["permissions"]
    assert "send_chat_messages" not in changed.json["permissions"]
    promoted = await api.patch(path, {"role": "admin", "expectedVersion": 2}, token=ada.token)
    assert (promoted.json["role"], promoted.json["addedPermissions"]) == ("admin", ["remove_members"])
    stale = await api.patch(path, {"role": "member"}, token=ada.token, headers={"if-match": "2"})
    assert (stale.status, stale.code) == (409, "version_conflict")
    assert "current" not in stale.json


async def test_nobody_rules_over_their_equals(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    bob = await api.member(room["id"], "bob")
    path = f"/rooms/{room['id']}/members"
    assert (await api.patch(f"{path}/{ada.id}", {"role": "member"}, token=bob.token)).code == "permission_denied"
    assert (await api.delete(f"{path}/{ada.id}", token=bob.token)).code == "permission_denied"
    owner = await api.patch(f"{path}/{bob.id}", {"role": "creator"}, token=ada.token)
    assert (owner.status, owner.json["errors"][0]["path"]) == (400, "role")


async def test_a_kicked_member_waits_before_coming_back(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    bob = await api.member(room["id"], "bob")
    assert (await api.delete(f"/rooms/{room['id']}/members/{bob.id}", token=ada.token)).status == 204
    assert (await api.delete(f"/rooms/{room['id']}/members/{bob.id}", token=ada.token)).code == "not_found"
    refused = await api.post(f"/rooms/{room['id']}/join", {}, token=bob.token)
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "600"
    assert refused.json["retryAfter"] == 600
    api.clock.advance(601)
    assert (await api.post(f"/rooms/{room['id']}/join", {}, token=bob.token)).status == 200


async def test_guests_neither_join_nor_leave_nor_see_members(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    guest = await api.guest(room["id"])
    path = f"/rooms/{room['id']}"
    assert (await api.post(f"{path}/join", {}, token=guest)).code == "permission_denied"
    assert (await api.post(f"{path}/leave", token=guest)).code == "permission_denied"
    assert (await api.get(f"{path}/members", token=guest)).code == "permission_denied"
    granted = {"settings": {"permissions": {"guest": {"added": ["view_members"]}}}}
    assert (await api.patch(path, granted, token=ada.token)).status == 200
    assert (await api.get(f"{path}/members", token=guest)).status == 200


async def test_a_full_room_takes_nobody(api: Api) -> None:
    room = await api.room(await api.person("ada"), settings={"maxMembers": 1})
    bob = await api.person("bob")
    answer = await api.post(f"/rooms/{room['id']}/join", {}, token=bob.token)
    assert (answer.status, answer.code) == (429, "quota_exceeded")


@pytest.mark.parametrize("account", ["usr_01jh1qmzmaexwrnk0zx5xcd5vj", "ada", "room_01jh1qmzmaexwrnk0zx5xcd5vj"])
async def test_who_is_no_member_is_not_found(api: Api, account: str) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.patch(f"/rooms/{room['id']}/members/{account}", {"role": "admin"}, token=ada.token)
    assert (answer.status, answer.code) == (404, "not_found")
