"""Errors on their way through gRPC: with all that they know, as details of the status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grpclib import GRPCError, Status
from grpclib.encoding.base import StatusDetailsCodecBase

from synctv.adapters.providers.remote.wire.synctv import v1 as wire
from synctv.domain import errors
from synctv.domain.errors import DomainError, FieldError, Invalid, UpstreamFailed

_TYPE = "type.googleapis.com/synctv.v1.ProviderFailure"
MAX_TEXT = 1_000
MAX_FIELDS = 50
_MAX_WAIT = 86_400.0
_NOT_OURS = "it answered with an error that can't be understood. It may be of another version."

_PLAIN: Mapping[str, Callable[[str, str], UpstreamFailed]] = {
    kind.code: kind
    for kind in (
        errors.UpstreamFailed,
        errors.UpstreamRefused,
        errors.UpstreamMissing,
        errors.UpstreamCredential,
        errors.UpstreamUnavailable,
        errors.UpstreamFormat,
    )
}


class FailureDetails(StatusDetailsCodecBase):
    """Packs a `ProviderFailure` as other implementations of gRPC do (google.rpc.Status)."""

    def encode(self, status: Status, message: str | None, details: Any) -> bytes:
        """The bytes of `grpc-status-details-bin`."""
        packed = wire.ProviderPacked(_TYPE, bytes(details))
        return bytes(wire.ProviderStatus(status.value, message or "", [packed]))

    def decode(self, status: Status, message: str | None, data: bytes) -> wire.ProviderFailure | None:
        """The failure; None when there is none that can be read."""
        try:
            details = wire.ProviderStatus.parse(data).details
            found = next((one.value for one in details if one.type_url == _TYPE), None)
            return None if found is None else wire.ProviderFailure.parse(found)
        except Exception:  # whatever a parser of foreign bytes may raise
            return None


def failure_of(error: DomainError) -> wire.ProviderFailure:
    """All that an error knows."""
    failure = wire.ProviderFailure(code=error.code)
    if isinstance(error, UpstreamFailed):
        failure.host, failure.reason = error.host, error.reason
    if isinstance(error, errors.UpstreamLimited | errors.RateLimited | errors.Unavailable):
        failure.retry_after = error.retry_after
    if isinstance(error, errors.UpstreamTimeout):
        failure.seconds = error.seconds
    if isinstance(error, Invalid):
        failure.fields = [wire.ProviderWrongField(one.path, one.code, one.message) for one in error.errors]
    return failure


def error_of(told: GRPCError, shown: str) -> DomainError:
    """The error that a remote provider told. `shown` names it where it told nothing that is known here."""
    failure = told.details
    if isinstance(failure, wire.ProviderFailure):
        if failure.code == Invalid.code and failure.fields:
            return Invalid(*map(_field, failure.fields[:MAX_FIELDS]))
        if failure.code.startswith("upstream_"):
            return _upstream(failure, shown)
    return _by_status(told.status, told.message, shown)


def _field(wrong: wire.ProviderWrongField) -> FieldError:
    return FieldError(wrong.path[:200], wrong.code[:60], wrong.message[:MAX_TEXT])


def _upstream(failure: wire.ProviderFailure, shown: str) -> UpstreamFailed:
    host, reason = failure.host[:200] or shown, failure.reason[:MAX_TEXT] or "it did not say why."
    if failure.code == errors.UpstreamLimited.code:
        return errors.UpstreamLimited(host, _seconds(failure.retry_after))
    if failure.code == errors.UpstreamTimeout.code:
        return errors.UpstreamTimeout(host, _seconds(failure.seconds))
    if failure.code == errors.UpstreamChanged.code:
        return errors.UpstreamChanged(host)
    # What another process writes may tell any place, and what it would tell others does not come with it.
    return _PLAIN.get(failure.code, UpstreamFailed)(host, reason).telling_others(errors.NOT_TOLD)


def _seconds(told: float | None) -> float:
    return min(max(told, 1.0), _MAX_WAIT) if told is not None and told == told else 30.0  # noqa: PLR0124 - not a number


def _by_status(status: Status, message: str | None, shown: str) -> UpstreamFailed:
    """What a status alone means: of the server itself, or of one that somebody wrote without details."""
    match status:
        case Status.UNAUTHENTICATED | Status.PERMISSION_DENIED:
            return errors.UpstreamRefused(shown, "it does not take this server's token. Whoever runs both can set it.")
        case Status.UNIMPLEMENTED | Status.NOT_FOUND:
            return errors.UpstreamFailed(shown, "it has no such provider, or can't do this. See the log of its server.")
        case Status.RESOURCE_EXHAUSTED:
            return errors.UpstreamLimited(shown)
        case Status.UNAVAILABLE | Status.CANCELLED | Status.INTERNAL | Status.DEADLINE_EXCEEDED:
            return errors.UpstreamUnavailable(shown)
        case _:
            return errors.UpstreamFormat(shown, _NOT_OURS)
