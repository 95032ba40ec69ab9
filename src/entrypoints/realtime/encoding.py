"""Messages to the client, in the shapes of the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import msgspec
from betterproto2 import Message

from synctv.application.playback.stage import PlaybackView
from synctv.application.realtime import messages as app
from synctv.domain.chat.message import Message as ChatMessage
from synctv.domain.rooms.room import Room
from synctv.entrypoints import views
from synctv.entrypoints.errors import problem_of
from synctv.entrypoints.wire.synctv import v1 as wire

M = TypeVar("M", bound=Message)

_STRINGS = ("int64", "uint64", "sint64", "fixed64", "sfixed64")


def json_frame(outgoing: app.Outgoing) -> dict[str, Any]:
    """The frame as proto JSON: 64-bit integers are strings, enums are names, absent values are left out."""
    return _json(_frame(outgoing), wire.ServerFrame)


def binary_frame(outgoing: app.Outgoing) -> wire.ServerFrame:
    """The frame as the contract's message."""
    return _message(_frame(outgoing), wire.ServerFrame)


def _frame(outgoing: app.Outgoing) -> dict[str, Any]:
    name, body = _BODIES[type(outgoing.message)](outgoing.message)
    return {"seq": outgoing.seq, name: body} if outgoing.seq else {name: body}


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a contract's message: its name in Python, its type, and the class of a message or an enum."""

    name: str
    kind: str
    shape: Any
    repeated: bool

    def json(self, value: Any) -> Any:
        """The value as proto JSON has it."""
        return [self._json(one) for one in value] if self.repeated else self._json(value)

    def binary(self, value: Any) -> Any:
        """The value as the message's constructor takes it."""
        return [self._binary(one) for one in value] if self.repeated else self._binary(value)

    def _json(self, value: Any) -> Any:
        if self.kind == "message":
            return _json(value, self.shape)
        if self.kind == "enum":
            return _enum_name(value)
        return str(_number(value)) if self.kind in _STRINGS else value

    def _binary(self, value: Any) -> Any:
        if self.kind == "message":
            return _message(value, self.shape)
        if self.kind == "enum":
            return self.shape[_enum_name(value)]
        return _number(value) if self.kind in _STRINGS else value


def _json(value: Mapping[str, Any], shape: type[Message]) -> dict[str, Any]:
    fields = _fields(shape)
    return {name: fields[name].json(one) for name, one in value.items() if one is not None and name in fields}


def _message(value: Mapping[str, Any], shape: type[M]) -> M:
    fields = _fields(shape)
    known = {fields[name]: one for name, one in value.items() if one is not None and name in fields}
    return shape(**{field.name: field.binary(one) for field, one in known.items()})


@cache
def _fields(shape: type[Message]) -> Mapping[str, _Field]:
    contract: Any = getattr(shape, "_betterproto")  # noqa: B009 - the library's only way to a message's fields
    return {
        _camel(name): _Field(name, field.proto_type, contract.cls_by_field.get(name), field.repeated)
        for name, field in contract.meta_by_field_name.items()
    }


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name.rstrip("_"))


def _enum_name(value: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value).upper()


def _number(value: int | datetime) -> int:
    return views.micros_of(value) if isinstance(value, datetime) else value


def _plain(view: msgspec.Struct) -> Any:
    return msgspec.to_builtins(view, builtin_types=(datetime,))


# ---------------------------------------------------------------- frames


def _welcome(message: app.Welcome) -> tuple[str, dict[str, Any]]:
    limits = message.limits
    return "welcome", {
        "connectionId": message.connection_id,
        "actor": _plain(views.ActorView.of(message.actor)),
        "role": message.role.value,
        "permissions": views.listed(message.permissions),
        "serverTime": message.server_time,
        "heartbeatSeconds": round(limits.heartbeat_seconds),
        "limits": {
            "observations": limits.observations,
            "framesPerSecond": limits.frames_per_second,
            "frameBytes": limits.frame_bytes,
            "idleSeconds": round(limits.idle_seconds),
        },
    }


def _time_reply(message: app.TimeReply) -> tuple[str, dict[str, Any]]:
    return "timeReply", {
        "clientSent": message.client_sent,
        "serverReceived": message.server_received,
        "serverSent": message.server_sent,
    }


def _reply(message: app.Reply) -> tuple[str, dict[str, Any]]:
    match message.value:
        case PlaybackView() as view:
            return "reply", {"playback": _plain(views.PlaybackView.of(view))}
        case ChatMessage() as chat:
            return "reply", {"chat": _plain(views.MessageView.of(chat))}
    return "reply", {}


def _observed(message: app.Observed) -> tuple[str, dict[str, Any]]:
    return "observed", {"id": message.id, "roomSeq": message.room_seq, "changed": message.changed}


def _changed(message: app.Changed) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {"id": message.id, "roomSeq": message.room_seq}
    if message.value is not None:
        name, value = _VALUES[type(message.value)](message.value)
        body[name] = value
    return "changed", body


def _observe_failed(message: app.ObserveFailed) -> tuple[str, dict[str, Any]]:
    problem = problem_of(message.error)
    return "observeFailed", {"id": message.id, "code": problem.code, "message": problem.detail}


def _failure(message: app.Failure) -> tuple[str, dict[str, Any]]:
    problem = problem_of(message.error)
    current = problem.current
    return "failure", {
        "code": problem.code,
        "message": problem.detail,
        "retryAfter": problem.retry_after,
        "errors": [{"path": one.path, "code": one.code, "message": one.message} for one in problem.errors],
        "current": _plain(views.PlaybackView.of(current)) if isinstance(current, PlaybackView) else None,
    }


def _signal(message: app.Signal) -> tuple[str, dict[str, Any]]:
    return "signal", {
        "to": message.to,
        "from": message.sender,
        "kind": message.kind,
        "payload": message.payload,
    }


def _goodbye(message: app.Goodbye) -> tuple[str, dict[str, Any]]:
    return "goodbye", {
        "code": message.code.value,
        "message": message.message,
        "reconnect": message.reconnect_after is not None,
        "reconnectAfter": message.reconnect_after,
    }


_BODIES: Mapping[type, Callable[[Any], tuple[str, dict[str, Any]]]] = {
    app.Welcome: _welcome,
    app.TimeReply: _time_reply,
    app.Reply: _reply,
    app.Observed: _observed,
    app.Changed: _changed,
    app.ObserveFailed: _observe_failed,
    app.Failure: _failure,
    app.Signal: _signal,
    app.Goodbye: _goodbye,
}

# ---------------------------------------------------------------- values


def _presence(view: app.PresenceView) -> tuple[str, Any]:
    viewers = [_plain(views.ViewerView.of(viewer)) for viewer in view.viewers]
    return "presence", {"viewers": viewers, "total": view.total}


def _library(view: app.LibraryView) -> tuple[str, Any]:
    folders = [_plain(views.FolderView.of(folder)) for folder in view.folders]
    items = [_plain(views.ItemView.of(item)) for item in view.items]
    return "library", {"folderId": view.folder_id, "folders": folders, "items": items, "total": view.total}


def _chat(view: app.ChatView) -> tuple[str, Any]:
    messages = [_plain(views.MessageView.of(message)) for message in view.messages]
    return "chat", {"messages": messages, "snapshot": view.snapshot, "hasMore": view.has_more}


def _members(view: app.MembersView) -> tuple[str, Any]:
    members = [_plain(views.SharedMemberView.of(member)) for member in view.members]
    return "members", {"members": members, "total": view.total}


def _history(view: app.HistoryView) -> tuple[str, Any]:
    return "history", {"entries": [_plain(views.HistoryEntryView.of(entry, item)) for entry, item in view.entries]}


def _playable(view: app.PlayableView) -> tuple[str, Any]:
    if view.error is not None:
        return "playable", {"failure": _failure(app.Failure(view.error))[1]}
    return "playable", {} if view.playable is None else _plain(views.PlayableView.of(view.playable))


_VALUES: Mapping[type, Callable[[Any], tuple[str, Any]]] = {
    PlaybackView: lambda view: ("playback", _plain(views.PlaybackView.of(view))),
    app.PresenceView: _presence,
    app.LibraryView: _library,
    app.ChatView: _chat,
    app.MembersView: _members,
    Room: lambda room: ("settings", _plain(views.SharedRoomView.of(room))),
    app.SelfView: lambda view: ("self", {"role": view.role.value, "permissions": views.listed(view.permissions)}),
    app.HistoryView: _history,
    app.PlayableView: _playable,
}
