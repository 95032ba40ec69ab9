"""The chat over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.entrypoints.http.api import Api


async def test_a_message_is_sent_once_and_listed(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    path = f"/rooms/{room['id']}/chat"
    body = {"clientId": "c-1", "text": "  Look 👀 at\nthat! "}
    sent = await api.post(path, body, token=ada.token)
    assert sent.status == 201
    message = sent.json
    assert (message["text"], message["clientId"], message["version"]) == ("Look 👀 at\nthat!", "c-1", 1)
    assert message["author"] == {"id": ada.id, "name": "ada", "kind": "account"}
    assert (message["sentAt"], message["roomSeq"], message["deleted"]) == ("2026-01-01T00:00:00Z", 1, False)
    assert (message["replyTo"], message["itemId"], message["position"]) == (None, None, None)
    assert (await api.post(path, body, token=ada.token)).json == message
    assert (await api.get(path, token=ada.token)).json == {"items": [message], "nextCursor": None}


async def test_a_message_keeps_where_the_playback_was(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    item = await api.item(room["id"], ada)
    path = f"/rooms/{room['id']}"
    await api.post(f"{path}/playback", {"command": "select", "itemId": item["id"]}, token=ada.token)
    await api.post(f"{path}/playback", {"command": "pause", "at": 12.5}, token=ada.token)
    message = (await api.post(f"{path}/chat", {"clientId": "c-1", "text": "There"}, token=ada.token)).json
    assert (message["itemId"], message["position"]) == (item["id"], 12.5)


async def test_a_reply_names_a_message_of_the_room(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    path = f"/rooms/{room['id']}/chat"
    first = (await api.post(path, {"clientId": "c-1", "text": "One"}, token=ada.token)).json
    reply = await api.post(path, {"clientId": "c-2", "text": "Two", "replyTo": first["id"]}, token=ada.token)
    assert reply.json["replyTo"] == first["id"]
    for unknown in ("msg_01jh1qmzmaexwrnk0zx5xcd5vj", "nonsense"):
        answer = await api.post(path, {"clientId": "c-3", "text": "Three", "replyTo": unknown}, token=ada.token)
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    "body,paths",
    [
        ({}, ["clientId", "text"]),
        ({"clientId": "c", "text": " \u200b\t"}, ["text"]),
        ({"clientId": "c", "text": "x" * 4001}, ["text"]),
        ({"clientId": "c", "text": "a\0b"}, ["text"]),
        ({"clientId": "", "text": "Hello"}, ["clientId"]),
        ({"clientId": "x" * 129, "text": "Hello"}, ["clientId"]),
        ({"clientId": "c", "text": "Hello", "replyTo": 5}, ["replyTo"]),
    ],
)
async def test_a_message_that_is_none(api: Api, body: dict[str, Any], paths: list[str]) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.post(f"/rooms/{room['id']}/chat", body, token=ada.token)
    assert (answer.status, answer.code) == (400, "invalid_argument")
    assert [error["path"] for error in answer.json["errors"]] == paths


async def test_messages_are_paged_both_ways(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    path = f"/rooms/{room['id']}/chat"
    for number in range(1, 6):
        await api.post(path, {"clientId": f"c-{number}", "text": str(number)}, token=ada.token)

    async def texts(query: str) -> tuple[list[str], str | None]:
        page = (await api.get(f"{path}?limit=2{query}", token=ada.token)).json
        return [message["text"] for message in page["items"]], page["nextCursor"]

    newest, cursor = await texts("")
    older, further = await texts(f"&before={cursor}")
    oldest, end = await texts(f"&before={further}")
    assert (newest, older, oldest, end) == (["4", "5"], ["2", "3"], ["1"], None)
    following, cursor = await texts("&after=1")
    last, end = await texts(f"&after={cursor}")
    assert (following, last, end) == (["2", "3"], ["4", "5"], None)


@pytest.mark.parametrize(
    "query", ["before=1&after=1", "before=-1", "after=x", "limit=0", "before=99999999999999999999"]
)
async def test_pages_that_are_none(api: Api, query: str) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    answer = await api.get(f"/rooms/{room['id']}/chat?{query}", token=ada.token)
    assert (answer.status, answer.code) == (400, "invalid_argument")


async def test_a_deleted_message_loses_its_text_and_keeps_its_place(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    bob = await api.member(room["id"], "bob")
    path = f"/rooms/{room['id']}/chat"
    message = (await api.post(path, {"clientId": "c-1", "text": "Oops"}, token=ada.token)).json
    assert (await api.delete(f"{path}/{message['id']}", token=bob.token)).code == "permission_denied"
    deleted = await api.delete(f"{path}/{message['id']}", token=ada.token)
    assert deleted.json == message | {"text": "", "deleted": True, "version": 2}
    assert (await api.get(path, token=bob.token)).json["items"] == [deleted.json]
    assert (await api.delete(f"{path}/nonsense", token=ada.token)).code == "not_found"


async def test_guests_chat_only_where_they_may(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    guest = await api.guest(room["id"])
    path = f"/rooms/{room['id']}"
    hello = {"clientId": "c-1", "text": "Hello"}
    assert (await api.get(f"{path}/chat", token=guest)).code == "permission_denied"
    assert (await api.post(f"{path}/chat", hello, token=guest)).code == "permission_denied"
    granted = {"settings": {"permissions": {"guest": {"added": ["send_chat_messages", "view_chat_history"]}}}}
    await api.patch(path, granted, token=ada.token)
    sent = await api.post(f"{path}/chat", hello, token=guest)
    assert sent.json["author"]["kind"] == "guest"
    assert sent.json["author"]["name"] == "Grace"
    assert (await api.get(f"{path}/chat", token=guest)).json["items"] == [sent.json]


async def test_a_chat_that_is_off_takes_nothing(api: Api) -> None:
    ada = await api.person("ada")
    room = await api.room(ada, settings={"chatEnabled": False})
    answer = await api.post(f"/rooms/{room['id']}/chat", {"clientId": "c", "text": "Hello"}, token=ada.token)
    assert (answer.status, answer.code) == (403, "permission_denied")
