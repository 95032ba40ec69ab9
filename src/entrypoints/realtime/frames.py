"""Frames from the client: their shape, checked in one place for both codecs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from synctv.application.playback import commands
from synctv.application.realtime import messages
from synctv.domain.delivery.profile import profile_of
from synctv.domain.errors import Invalid
from synctv.domain.ids import ConnectionId, FolderId, HistoryId, ItemId, MessageId
from synctv.domain.rooms.viewers import Readiness

Seq = Annotated[int, Meta(ge=0, le=2**32 - 1)]
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Text = Annotated[str, Meta(max_length=256)]
Limit = Annotated[int, Meta(ge=0, le=200)]

MAX_LIMIT = 200
DEFAULT_CHAT = 50


class _Frame(Struct, rename="camel"):
    """Names are those of proto JSON. Unknown fields are left alone: a newer client may send them."""


class TimeProbe(_Frame):
    """See the contract; so for all below."""

    client_sent: Int64 = 0


class Nothing(_Frame):
    """A message without fields."""


class LibraryQuery(_Frame):
    """A folder."""

    folder_id: Text | None = None
    limit: Limit = 0


class LimitedQuery(_Frame):
    """A query whose only field is its limit."""

    limit: Limit = 0


class PlayableQuery(_Frame):
    """What the player can do."""

    profile: Annotated[str, Meta(max_length=1_024)] = ""


class Observe(_Frame):
    """Exactly one resource is set."""

    id: Text = ""
    mode: Literal["SNAPSHOT", "NOTIFY"] = "SNAPSHOT"
    after_seq: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None
    playback: Nothing | None = None
    presence: Nothing | None = None
    library: LibraryQuery | None = None
    chat: LimitedQuery | None = None
    members: LimitedQuery | None = None
    settings: Nothing | None = None
    own: Nothing | None = field(default=None, name="self")
    history: LimitedQuery | None = None
    playable: PlayableQuery | None = None

    def value(self) -> messages.Observe:
        """The request that it is. Raises `Invalid` unless exactly one resource is named."""
        queries: list[messages.Query | None] = [
            messages.PlaybackQuery() if self.playback else None,
            messages.PresenceQuery() if self.presence else None,
            self._library(self.library) if self.library else None,
            messages.ChatQuery(self.chat.limit or DEFAULT_CHAT) if self.chat else None,
            messages.MembersQuery(self.members.limit or MAX_LIMIT) if self.members else None,
            messages.SettingsQuery() if self.settings else None,
            messages.SelfQuery() if self.own else None,
            messages.HistoryQuery(self.history.limit or MAX_LIMIT) if self.history else None,
            messages.PlayableQuery(profile_of(self.playable.profile)) if self.playable else None,
        ]
        query: messages.Query = _only(queries, "observe", "resource")
        return messages.Observe(self.id, query, messages.Mode(self.mode.lower()), self.after_seq)

    def _library(self, query: LibraryQuery) -> messages.LibraryQuery:
        folder = FolderId(query.folder_id) if query.folder_id else None
        return messages.LibraryQuery(folder, query.limit or MAX_LIMIT)


class Unobserve(_Frame):
    """Ends an observation."""

    id: str = ""


class Select(_Frame):
    """Shows an item."""

    item_id: Text = ""


class At(_Frame):
    """Play or pause, at a position when given."""

    at: float | None = None


class Seek(_Frame):
    """Goes to a position."""

    position: float = 0.0


class Rate(_Frame):
    """Sets the rate."""

    rate: float = 0.0


class FromHistory(_Frame):
    """Plays from the history."""

    entry_id: Text = ""


class PlaybackCommand(_Frame):
    """Exactly one command is set."""

    select: Select | None = None
    play: At | None = None
    pause: At | None = None
    seek: Seek | None = None
    rate: Rate | None = None
    next: Nothing | None = None
    previous: Nothing | None = None
    stop: Nothing | None = None
    play_from_history: FromHistory | None = None
    expected_version: Int64 | None = None
    operation_id: Annotated[str, Meta(max_length=128)] = ""

    def value(self) -> commands.Order:
        """The request that it is."""
        given: list[commands.Command | None] = [
            commands.Select(ItemId(self.select.item_id)) if self.select else None,
            commands.Play(self.play.at) if self.play else None,
            commands.Pause(self.pause.at) if self.pause else None,
            commands.Seek(self.seek.position) if self.seek else None,
            commands.SetRate(self.rate.rate) if self.rate else None,
            commands.Next() if self.next else None,
            commands.Previous() if self.previous else None,
            commands.Stop() if self.stop else None,
            commands.PlayFromHistory(HistoryId(self.play_from_history.entry_id)) if self.play_from_history else None,
        ]
        command: commands.Command = _only(given, "playback", "command")
        return commands.Order(command, self.expected_version, self.operation_id)


class Report(_Frame):
    """What a player does."""

    item_id: Text = ""
    readiness: Literal["UNKNOWN", "READY", "BUFFERING", "ENDED", "WAITING"] = "UNKNOWN"
    position: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    duration: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    drift: Annotated[float, Meta(ge=-1e9, le=1e9)] | None = None
    round_trip: Annotated[float, Meta(ge=0, le=3_600)] | None = None
    version: Int64 = 0

    def value(self) -> messages.Report:
        """The request that it is."""
        return messages.Report(
            item_id=ItemId(self.item_id),
            readiness=Readiness(self.readiness.lower()),
            position=self.position,
            duration=self.duration,
            drift=self.drift,
            round_trip=self.round_trip,
            version=self.version,
        )


class ChatSend(_Frame):
    """Writes a message."""

    client_id: Text = ""
    text: str = ""
    reply_to: Text | None = None


class Signal(_Frame):
    """A WebRTC signal."""

    to: Text = ""
    kind: Literal["offer", "answer", "candidate", "join", "leave"] = "offer"
    payload: str = ""


class ClientFrame(_Frame):
    """Exactly one body is set."""

    seq: Seq = 0
    time_probe: TimeProbe | None = None
    observe: Observe | None = None
    unobserve: Unobserve | None = None
    playback: PlaybackCommand | None = None
    report: Report | None = None
    chat_send: ChatSend | None = None
    signal: Signal | None = None

    def value(self) -> messages.Request:
        """The request that it is. Raises `Invalid`."""
        chat, signal = self.chat_send, self.signal
        bodies: list[messages.Body | None] = [
            messages.TimeProbe(self.time_probe.client_sent) if self.time_probe else None,
            self.observe.value() if self.observe else None,
            messages.Unobserve(self.unobserve.id) if self.unobserve else None,
            self.playback.value() if self.playback else None,
            self.report.value() if self.report else None,
            messages.ChatSend(chat.client_id, chat.text, _message(chat.reply_to)) if chat else None,
            messages.SendSignal(ConnectionId(signal.to), signal.kind, signal.payload) if signal else None,
        ]
        body: messages.Body = _only(bodies, "", "request")
        return messages.Request(self.seq, body)


class Numbered(_Frame):
    """What can be read of a frame that is otherwise wrong, so that its failure finds it."""

    seq: Seq = 0


def _message(text: str | None) -> MessageId | None:
    return MessageId(text) if text else None


def _only(choices: Sequence[Any], path: str, what: str) -> Any:
    given = [choice for choice in choices if choice is not None]
    if len(given) != 1:
        raise Invalid.field(path, f"Name exactly one {what} that is known here; {len(given)} are named.", "oneof")
    return given[0]
