"""The protocol of one realtime connection, without I/O: frames in, effects out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from synctv.application.playback.commands import Order
from synctv.application.realtime.messages import (
    ChatSend,
    ConnectionLimits,
    Failure,
    Goodbye,
    GoodbyeCode,
    Observe,
    Reply,
    Report,
    Request,
    SendSignal,
    ServerMessage,
    TimeProbe,
    TimeReply,
    Unobserve,
)
from synctv.domain.errors import AlreadyExists, Invalid, NotFound, QuotaExceeded, RateLimited
from synctv.domain.ids import MICROS, Micros, seconds_after

OBSERVATION_ID_LENGTH = 128
REFUSED_FRAMES = 200
"""So many refused frames more than taken ones end the connection: its client does not heed failures."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Send this as the answer to `seq`."""

    seq: int
    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Begin:
    """Start this observation, then answer `seq` with `Observed` or a failure."""

    seq: int
    observe: Observe


@dataclass(frozen=True, slots=True)
class End:
    """Stop this observation."""

    id: str


@dataclass(frozen=True, slots=True)
class Carry:
    """Carry out this use case, then answer `seq`."""

    seq: int
    body: Order | ChatSend | SendSignal


@dataclass(frozen=True, slots=True)
class Note:
    """Take note of what the player reported."""

    report: Report


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection."""

    goodbye: Goodbye


Effect = Answer | Begin | End | Carry | Note | Close


@dataclass(slots=True)
class Session:
    """The state of the protocol: which observations there are, how fast frames come, when the last one came."""

    limits: ConnectionLimits
    began: Micros
    observing: set[str] = field(default_factory=set)
    _heard: Micros = field(init=False)
    _allowance: float = field(init=False)
    _refused: int = 0

    def __post_init__(self) -> None:
        self._heard = self.began
        self._allowance = float(self.limits.frames_per_second)

    def receive(self, request: Request, received: Micros, sent: Micros) -> Sequence[Effect]:
        """What a frame leads to. `received` is when it arrived, `sent` when an answer given at once leaves."""
        refusal = self._refusal(request.seq, received)
        if refusal is not None:
            return [refusal]
        return [self._effect(request.seq, request.body, received, sent), *self._also(request)]

    def unreadable(self, seq: int, error: Exception, received: Micros) -> Effect:
        """What a frame leads to that could not be read. It counts like any other."""
        return self._refusal(seq, received) or Answer(seq, Failure(error))

    def overdue(self, now: Micros) -> Goodbye | None:
        """The goodbye for a connection that has been silent or open for too long."""
        if now >= seconds_after(self._heard, self.limits.idle_seconds):
            return Goodbye(GoodbyeCode.IDLE, "Nothing was heard from you for too long.", 0.0)
        if now >= seconds_after(self.began, self.limits.lifetime_seconds):
            return Goodbye(GoodbyeCode.LIFETIME, "This connection has been open for long enough. Connect again.", 0.0)
        return None

    def dropped(self, observation_id: str) -> None:
        """The server ended an observation."""
        self.observing.discard(observation_id)

    def _effect(self, seq: int, body: object, received: Micros, sent: Micros) -> Effect:
        match body:
            case TimeProbe(client_sent):
                return Answer(seq, TimeReply(client_sent, received, sent))
            case Observe():
                return self._observe(seq, body)
            case Unobserve(observation_id):
                return self._unobserve(seq, observation_id)
            case Report():
                return Note(body)
            case Order() | ChatSend() | SendSignal():
                return Carry(seq, body)
        return Answer(seq, Failure(Invalid.field("", "This frame says nothing that is known here.", "unknown")))

    def _also(self, request: Request) -> list[Effect]:
        match request.body:
            case Report():
                return [Answer(request.seq, Reply())]
            case Unobserve(observation_id) if observation_id in self.observing:
                self.observing.discard(observation_id)
                return [End(observation_id)]
        return []

    def _observe(self, seq: int, observe: Observe) -> Effect:
        if not 1 <= len(observe.id) <= OBSERVATION_ID_LENGTH:
            message = f"The id of an observation has 1 to {OBSERVATION_ID_LENGTH} characters."
            return Answer(seq, Failure(Invalid.field("observe.id", message, "length")))
        if observe.id in self.observing:
            return Answer(seq, Failure(AlreadyExists("observation id")))
        if len(self.observing) >= self.limits.observations:
            return Answer(seq, Failure(QuotaExceeded("observations on this connection", self.limits.observations)))
        self.observing.add(observe.id)
        return Begin(seq, observe)

    def _unobserve(self, seq: int, observation_id: str) -> Effect:
        known = observation_id in self.observing
        return Answer(seq, Reply() if known else Failure(NotFound("observation")))

    def _refusal(self, seq: int, received: Micros) -> Effect | None:
        """What a frame leads to that is one too many."""
        if self._allows(received):
            self._refused = max(0, self._refused - 1)
            return None
        self._refused += 1
        if self._refused > REFUSED_FRAMES:
            return Close(Goodbye(GoodbyeCode.RATE_LIMITED, "Too many frames for too long.", 10.0))
        return Answer(seq, Failure(RateLimited(1 / self.limits.frames_per_second)))

    def _allows(self, now: Micros) -> bool:
        # A token bucket that holds one second's worth of frames.
        rate = self.limits.frames_per_second
        passed = max(0, now - self._heard) / MICROS
        self._heard = now
        self._allowance = min(float(rate), self._allowance + passed * rate)
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True
