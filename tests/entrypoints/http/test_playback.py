"""The shared playback over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.entrypoints.http.api import Answer, Api, Person


class Stage:
    """A room with one item of two minutes, and its playback."""

    def __init__(self, api: Api, ada: Person, room_id: str, item: Any) -> None:
        self.api = api
        self.ada = ada
        self.path = f"/rooms/{room_id}"
        self.room_id = room_id
        self.item = item

    async def command(self, command: str, token: str | None = None, **body: Any) -> Answer:
        return await self.api.post(f"{self.path}/playback", {"command": command, **body}, token=token or self.ada.token)


@pytest.fixture
async def stage(api: Api) -> Stage:
    ada = await api.person("ada")
    room = await api.room(ada)
    return Stage(api, ada, room["id"], await api.item(room["id"], ada))


async def test_a_new_room_plays_nothing(stage: Stage) -> None:
    answer = await stage.api.get(f"{stage.path}/playback", token=stage.ada.token)
    playback = answer.json
    assert answer.status == 200
    assert (playback["item"], playback["playing"], playback["position"], playback["version"]) == (None, False, 0, 1)
    assert (playback["reason"], playback["changedBy"], playback["hold"]) == ("new", None, None)
    assert playback["anchor"] == stage.api.clock.now()


async def test_choosing_an_item_starts_it_a_little_ahead(stage: Stage) -> None:
    answer = await stage.command("select", itemId=stage.item["id"], operationId="op-1")
    playback = answer.json
    assert answer.status == 200
    assert playback["item"] == stage.item
    assert (playback["playing"], playback["reason"], playback["operationId"]) == (True, "select", "op-1")
    assert playback["startsAt"] == playback["anchor"] > stage.api.clock.now()
    assert playback["changedBy"] == {"id": stage.ada.id, "name": "ada", "kind": "account"}
    assert playback["historyEntryId"].startswith("hist_")


async def test_every_command_does_what_it_says(stage: Stage) -> None:
    await stage.command("select", itemId=stage.item["id"])
    stage.api.clock.advance(10)
    paused = (await stage.command("pause")).json
    assert (paused["playing"], paused["startsAt"]) == (False, None)
    assert paused["position"] == pytest.approx(9.85)
    assert (await stage.command("pause", at=5)).json["position"] == 5
    assert (await stage.command("seek", position=30.5)).json["position"] == 30.5
    assert (await stage.command("rate", rate=1.5)).json["rate"] == 1.5
    assert (await stage.command("play", at=40)).json["position"] == 40
    assert (await stage.command("play")).json["reason"] == "play"
    second = await stage.api.item(stage.room_id, stage.ada, "second.mp4")
    following = (await stage.command("next")).json
    assert (following["item"]["id"], following["reason"]) == (second["id"], "next")
    before = (await stage.command("previous")).json
    assert before["item"]["id"] == stage.item["id"]
    assert (await stage.command("stop")).json["item"] is None


async def test_the_history_tells_what_was_played_and_plays_it_again(stage: Stage) -> None:
    await stage.command("select", itemId=stage.item["id"])
    second = await stage.api.item(stage.room_id, stage.ada, "second.mp4")
    await stage.command("select", itemId=second["id"])
    await stage.api.delete(f"{stage.path}/items/{second['id']}", token=stage.ada.token)
    history = (await stage.api.get(f"{stage.path}/history", token=stage.ada.token)).json
    assert [entry["title"] for entry in history["items"]] == ["film.mp4", "second.mp4"]
    assert (history["items"][0]["item"], history["items"][1]["item"]) == (stage.item, None)
    assert history["items"][0]["playedBy"]["name"] == "ada"
    assert history["nextCursor"] is None
    again = await stage.command("playFromHistory", entryId=history["items"][0]["id"])
    assert (again.status, again.json["item"]["id"], again.json["reason"]) == (200, stage.item["id"], "history")
    gone = await stage.command("playFromHistory", entryId=history["items"][1]["id"])
    assert (gone.status, gone.code) == (404, "not_found")


async def test_a_stale_command_gets_the_playback_as_it_is_now(stage: Stage) -> None:
    await stage.command("select", itemId=stage.item["id"])
    stale = await stage.command("pause", expectedVersion=1)
    assert (stale.status, stale.code) == (409, "version_conflict")
    now = (await stage.api.get(f"{stage.path}/playback", token=stage.ada.token)).json
    assert stale.json["current"] == now
    assert (await stage.command("pause", expectedVersion=now["version"])).status == 200


async def test_a_repeated_command_gets_its_first_answer(stage: Stage) -> None:
    first = await stage.command("select", itemId=stage.item["id"], operationId="op-1")
    await stage.command("pause")
    again = await stage.command("select", itemId=stage.item["id"], operationId="op-1")
    assert again.json["version"] == first.json["version"]


@pytest.mark.parametrize(
    "body,paths",
    [
        ({}, ["command"]),
        ({"command": "explode"}, ["command"]),
        ({"command": 5}, ["command"]),
        ({"command": "seek"}, ["position"]),
        ({"command": "seek", "position": "5"}, ["position"]),
        ({"command": "seek", "position": -1}, ["position"]),
        ({"command": "select"}, ["itemId"]),
        ({"command": "play", "position": 3}, ["position"]),
        ({"command": "rate", "rate": 9}, ["rate"]),
        ({"command": "pause", "at": -3}, ["at"]),
        ({"command": "play", "expectedVersion": "7", "operationId": 4}, ["expectedVersion", "operationId"]),
        ({"command": "play", "operationId": "x" * 129}, ["operationId"]),
        ([], [""]),
        ("play", [""]),
    ],
)
async def test_a_command_that_is_none_names_what_is_wrong(stage: Stage, body: Any, paths: list[str]) -> None:
    await stage.command("select", itemId=stage.item["id"])
    answer = await stage.api.post(f"{stage.path}/playback", body, token=stage.ada.token)
    assert (answer.status, answer.code) == (400, "invalid_argument")
    assert [error["path"] for error in answer.json["errors"]] == paths


async def test_what_cannot_be_done_now_is_a_conflict(stage: Stage) -> None:
    assert (await stage.command("play")).code == "conflict"
    assert (await stage.api.get(f"{stage.path}/playable", token=stage.ada.token)).code == "conflict"


@pytest.mark.parametrize("item_id", ["item_01jh1qmzmaexwrnk0zx5xcd5vj", "nonsense", ""])
async def test_an_unknown_item_is_not_found(stage: Stage, item_id: str) -> None:
    answer = await stage.command("select", itemId=item_id)
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_player_learns_how_to_get_at_the_bytes(stage: Stage) -> None:
    await stage.command("select", itemId=stage.item["id"])
    playable = (await stage.api.get(f"{stage.path}/playable?profile=tv", token=stage.ada.token)).json
    assert playable["itemId"] == stage.item["id"]
    direct, proxied = playable["variants"]
    assert direct == {
        "id": "source",
        "label": "Original",
        "url": "https://media.example/film.mp4",
        "delivery": "direct",
        "container": "mp4",
        "codecs": None,
        "width": None,
        "height": None,
        "bitrate": None,
        "headers": {},
        "live": False,
    }
    assert (proxied["id"], proxied["delivery"]) == ("source~proxy", "proxy")
    assert proxied["url"].startswith("/media/v1/")
    assert (playable["subtitles"], playable["danmaku"], playable["chapters"]) == ([], [], [])
    assert playable["expiresAt"].endswith("Z")


async def test_a_player_that_asks_for_the_impossible_is_told(stage: Stage) -> None:
    answer = await stage.api.get(f"{stage.path}/playable?profile=;;;sideways", token=stage.ada.token)
    assert (answer.status, answer.json["errors"][0]["path"]) == (400, "profile")


async def test_a_guest_watches_and_does_not_steer(stage: Stage) -> None:
    await stage.command("select", itemId=stage.item["id"])
    guest = await stage.api.guest(stage.room_id)
    for path in ("playback", "playable"):
        assert (await stage.api.get(f"{stage.path}/{path}", token=guest)).status == 200
    assert (await stage.api.get(f"{stage.path}/history", token=guest)).code == "permission_denied"
    assert (await stage.command("pause", token=guest)).code == "permission_denied"
    assert (await stage.command("next", token=guest)).code == "permission_denied"


async def test_who_is_not_in_the_room_does_not_watch(stage: Stage) -> None:
    bob = await stage.api.person("bob")
    for path in ("playback", "playable", "history"):
        assert (await stage.api.get(f"{stage.path}/{path}", token=bob.token)).code == "permission_denied"
