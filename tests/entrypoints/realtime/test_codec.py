"""Both codecs carry the same contract: what one reads, the other reads the same, and what is wrong is named."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from google.protobuf import json_format, message_factory  # type: ignore[import-untyped]

from synctv.application.playback.commands import Order, Pause, Play, PlayFromHistory, Seek, Select, SetRate
from synctv.application.playback.stage import PlaybackView
from synctv.application.realtime import messages as app
from synctv.domain.delivery.playable import Chapter, Container, Danmaku, Delivery, Playable, Subtitle, Variant
from synctv.domain.errors import Invalid, UpstreamLimited, VersionConflict
from synctv.domain.ids import ConnectionId, HistoryId, ItemId, MessageId, Micros
from synctv.domain.library.folder import DynamicSource
from synctv.domain.playback.playback import Holding, nothing_yet
from synctv.domain.rooms.permissions import EVERYTHING, RoomRole
from synctv.domain.rooms.viewers import Readiness, Viewer
from synctv.entrypoints.realtime.codec import CODECS, Unreadable
from synctv.entrypoints.wire.google_proto_descriptor_pool import default_google_proto_descriptor_pool
from synctv.entrypoints.wire.synctv import v1 as wire
from tests import builders

OFFICIAL: Any = message_factory.GetMessageClass(
    default_google_proto_descriptor_pool.FindMessageTypeByName("synctv.v1.ServerFrame")
)
"""The contract as Google's own library reads it: the judge of both codecs."""

JSON, PB = CODECS["synctv.v1.json"], CODECS["synctv.v1.pb"]

REQUESTS = [
    ('{"seq":1,"timeProbe":{"clientSent":"1763000000000000"}}', app.TimeProbe(1_763_000_000_000_000)),
    (
        '{"seq":2,"observe":{"id":"pb","mode":"SNAPSHOT","playback":{}}}',
        app.Observe("pb", app.PlaybackQuery(), app.Mode.SNAPSHOT, None),
    ),
    (
        '{"seq":2,"observe":{"id":"c","mode":"NOTIFY","afterSeq":"41","chat":{"limit":20}}}',
        app.Observe("c", app.ChatQuery(20), app.Mode.NOTIFY, 41),
    ),
    ('{"seq":2,"observe":{"id":"me","self":{}}}', app.Observe("me", app.SelfQuery(), app.Mode.SNAPSHOT, None)),
    (
        '{"seq":2,"observe":{"id":"l","library":{}}}',
        app.Observe("l", app.LibraryQuery(None, 200), app.Mode.SNAPSHOT, None),
    ),
    ('{"seq":2,"unobserve":{"id":"pb"}}', app.Unobserve("pb")),
    ('{"seq":3,"playback":{"play":{},"expectedVersion":"7","operationId":"op"}}', Order(Play(), 7, "op")),
    ('{"seq":3,"playback":{"pause":{"at":12.5}}}', Order(Pause(12.5))),
    ('{"seq":3,"playback":{"seek":{"position":30}}}', Order(Seek(30.0))),
    ('{"seq":3,"playback":{"rate":{"rate":1.5}}}', Order(SetRate(1.5))),
    ('{"seq":3,"playback":{"select":{"itemId":"item_1"}}}', Order(Select(ItemId("item_1")))),
    ('{"seq":3,"playback":{"playFromHistory":{"entryId":"h"}}}', Order(PlayFromHistory(HistoryId("h")))),
    (
        '{"seq":4,"report":{"itemId":"i","readiness":"BUFFERING","position":1.5,"drift":-0.01,"version":"3"}}',
        app.Report(ItemId("i"), Readiness.BUFFERING, 1.5, None, -0.01, None, 3),
    ),
    (
        '{"seq":5,"chatSend":{"clientId":"c","text":"hello","replyTo":"msg_1"}}',
        app.ChatSend("c", "hello", MessageId("msg_1")),
    ),
    (
        '{"seq":6,"signal":{"to":"conn_1","kind":"offer","payload":"sdp"}}',
        app.SendSignal(ConnectionId("conn_1"), "offer", "sdp"),
    ),
]


@pytest.mark.parametrize("text,body", REQUESTS)
def test_both_codecs_read_the_same_request(text: str, body: object) -> None:
    request = JSON.decode(text.encode())
    assert request.body == body
    assert PB.decode(bytes(wire.ClientFrame.from_json(text))) == request


@pytest.mark.parametrize(
    "frame,seq,path",
    [
        (b"[]", 0, ""),
        (b"{", 0, ""),
        (b"\xff\xfe", 0, ""),
        (b'{"seq":5}', 5, ""),
        (b'{"seq":-1,"timeProbe":{}}', 0, "seq"),
        (b'{"seq":5,"observe":5}', 5, "observe"),
        (b'{"seq":5,"observe":{"id":"a"}}', 5, "observe"),
        (b'{"seq":5,"observe":{"id":"a","chat":{},"library":{}}}', 5, "observe"),
        (b'{"seq":5,"observe":{"id":"a","chat":{"limit":100000}}}', 5, "observe.chat.limit"),
        (b'{"seq":5,"observe":{"id":"a","mode":"LOUD","chat":{}}}', 5, "observe.mode"),
        (b'{"seq":7,"playback":{"rate":{"rate":"fast"}}}', 7, "playback.rate.rate"),
        (b'{"seq":7,"playback":{"seek":{"position":1},"stop":{}}}', 7, "playback"),
        (b'{"seq":7,"timeProbe":{},"playback":{"stop":{}}}', 7, ""),
        (b'{"seq":7,"report":{"position":-1}}', 7, "report.position"),
    ],
)
def test_a_wrong_frame_is_refused_with_its_number_and_the_field(frame: bytes, seq: int, path: str) -> None:
    with pytest.raises(Unreadable) as caught:
        JSON.decode(frame)
    assert caught.value.seq == seq
    assert caught.value.error.errors[0].path == path


@pytest.mark.parametrize("frame", [b"\xff" * 10, b"\x08", bytes(range(256))])
def test_binary_garbage_is_refused(frame: bytes) -> None:
    with pytest.raises(Unreadable):
        PB.decode(frame)


VISITOR = builders.a_guest()
ROOM = builders.a_room(builders.an_account())
ITEM = builders.an_item(ROOM.id)
FOLDER = builders.a_folder(ROOM.id)
DYNAMIC = builders.a_folder(ROOM.id, parent_id=FOLDER.id, dynamic=DynamicSource("webdav", "/films", None))
PLAYBACK = PlaybackView(nothing_yet(builders.NOW), None)
PLAYABLE = Playable(
    ITEM.id,
    (
        Variant(
            id="a",
            label="1080p",
            url="https://a.example/a.mp4",
            delivery=Delivery.DIRECT,
            container=Container.MP4,
            codecs="avc1.64001f",
            width=1920,
            height=1080,
            bitrate=5_000_000_000,
            headers={"Referer": "https://a.example/"},
        ),
        Variant("a~proxy", "1080p", "/media/v1/t/video.mp4", Delivery.PROXY, Container.MP4, live=True),
    ),
    builders.NOW,
    (Subtitle("s", "English", "en", "/media/v1/t/subtitle.vtt", default=True),),
    (Danmaku("d", "Comments", "/media/v1/t/comments.json"),),
    (Chapter(1.5, "One"),),
)
MESSAGES: list[app.ServerMessage] = [
    app.Welcome(ConnectionId("conn_1"), VISITOR, RoomRole.CREATOR, EVERYTHING, builders.NOW, app.ConnectionLimits()),
    app.TimeReply(5, Micros(6), Micros(7)),
    app.Reply(),
    app.Reply(PLAYBACK),
    app.Observed("pb", 41, changed=True),
    app.Changed("pb", 41, PLAYBACK),
    app.Changed("pb", 41, None),
    app.Changed("lib", 3, app.LibraryView(None, [FOLDER], [ITEM], 1)),
    app.Changed("lib", 3, app.LibraryView(FOLDER.id, [DYNAMIC], [], 0)),
    app.Changed("chat", 3, app.ChatView([builders.a_message(ROOM.id, 3)], snapshot=True, has_more=False)),
    app.Changed("who", 0, app.PresenceView([Viewer(ConnectionId("c"), VISITOR, RoomRole.GUEST, builders.NOW)], 1)),
    app.Changed("room", 3, ROOM),
    app.Changed("me", 0, app.SelfView(RoomRole.MEMBER, EVERYTHING)),
    app.Changed("past", 3, app.HistoryView([(builders.a_history_entry(), ITEM)])),
    app.Changed("mine", 0, app.PlayableView()),
    app.Changed("mine", 0, app.PlayableView(PLAYABLE)),
    app.Changed("mine", 0, app.PlayableView(error=UpstreamLimited("a.example", 9))),
    app.ObserveFailed("chat", Invalid.field("x", "No.")),
    app.Failure(VersionConflict("playback", PLAYBACK)),
    app.Failure(RuntimeError("the inside")),
    app.Signal(ConnectionId("a"), ConnectionId("b"), "offer", "sdp"),
    app.Goodbye(app.GoodbyeCode.TOO_SLOW, "Read faster.", 1.0),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_both_codecs_write_the_same_message(message: app.ServerMessage) -> None:
    text, binary = JSON.encode(app.Outgoing(message, 9)), PB.encode(app.Outgoing(message, 9))
    from_json, from_binary = OFFICIAL(), OFFICIAL()
    json_format.Parse(text, from_json)
    from_binary.ParseFromString(binary)
    assert from_json == from_binary
    assert from_json.seq == 9


def test_64_bit_integers_are_strings_and_enums_are_names_in_json() -> None:
    held = PlaybackView(
        builders.a_playback(motion=Holding(3.0, Micros(99)), version=2**53 + 1),
        None,
    )
    frame = msgspec.json.decode(JSON.encode(app.Outgoing(app.Changed("pb", 2**60, held))))
    assert frame["changed"]["roomSeq"] == str(2**60)
    assert frame["changed"]["playback"]["version"] == str(2**53 + 1)
    assert frame["changed"]["playback"]["hold"] == {"until": "99"}
    room = msgspec.json.decode(JSON.encode(app.Outgoing(app.Changed("r", 1, ROOM))))
    assert room["changed"]["settings"]["settings"]["autoPlay"]["mode"] == "SEQUENTIAL"


def test_a_folder_is_told_without_what_its_source_holds() -> None:
    frame = msgspec.json.decode(
        JSON.encode(app.Outgoing(app.Changed("lib", 1, app.LibraryView(None, [DYNAMIC], [], 0))))
    )
    (folder,) = frame["changed"]["library"]["folders"]
    assert (folder["id"], folder["parentId"], folder["title"]) == (DYNAMIC.id, FOLDER.id, DYNAMIC.title)
    assert (folder["dynamic"], folder["provider"]) == (True, "webdav")
    assert "/films" not in str(frame)


def test_a_fault_of_ours_says_nothing_of_the_inside() -> None:
    text = JSON.encode(app.Outgoing(app.Failure(RuntimeError("the inside")), 1)).decode()
    assert "inside" not in text
    assert '"code":"internal"' in text
