"""The one table from errors to what HTTP, gRPC and WebSocket say. It knows no framework: statuses are plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.domain import errors as domain
from synctv.domain.errors import DomainError, FieldError, UpstreamCredential


@dataclass(frozen=True, slots=True)
class Row:
    """The HTTP status, the name of the gRPC status, and a title that is the same for every occurrence."""

    status: int
    grpc: str
    title: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What a client is told. `detail` is the sentence for the person, `code` is what programs look at.

    `retry_after` is in seconds. `current` is the domain value as it is now, with `version_conflict`. `upstream` says
    where to sign in, with `upstream_credential`.
    """

    status: int
    grpc: str
    code: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    retry_after: float | None = None
    current: object | None = None
    upstream: UpstreamCredential | None = None


TABLE: Mapping[type[DomainError], Row] = {
    domain.Invalid: Row(400, "INVALID_ARGUMENT", "Something in the request is wrong"),
    domain.Unauthenticated: Row(401, "UNAUTHENTICATED", "Not signed in"),
    domain.TokenExpired: Row(401, "UNAUTHENTICATED", "The sign-in has run out"),
    domain.InvalidCredentials: Row(401, "UNAUTHENTICATED", "That did not prove who you are"),
    domain.Denied: Row(403, "PERMISSION_DENIED", "Not allowed"),
    domain.Banned: Row(403, "PERMISSION_DENIED", "Banned"),
    domain.MfaRequired: Row(403, "PERMISSION_DENIED", "A second step is needed"),
    domain.ReauthenticationRequired: Row(403, "PERMISSION_DENIED", "A fresh proof is needed"),
    domain.NotFound: Row(404, "NOT_FOUND", "Not available"),
    domain.Conflict: Row(409, "ABORTED", "Not possible now"),
    domain.AlreadyExists: Row(409, "ALREADY_EXISTS", "Taken already"),
    domain.VersionConflict: Row(409, "ABORTED", "Changed in the meantime"),
    domain.PreconditionFailed: Row(412, "FAILED_PRECONDITION", "A condition does not hold"),
    domain.FlowOver: Row(412, "FAILED_PRECONDITION", "Over, start again"),
    domain.TooLarge: Row(413, "OUT_OF_RANGE", "Too large"),
    domain.RateLimited: Row(429, "RESOURCE_EXHAUSTED", "Too many requests"),
    domain.TooManyCalls: Row(429, "RESOURCE_EXHAUSTED", "Too many calls to other servers"),
    domain.QuotaExceeded: Row(429, "RESOURCE_EXHAUSTED", "As many as are allowed"),
    domain.UpstreamFailed: Row(502, "UNAVAILABLE", "Another server failed"),
    domain.UpstreamRefused: Row(502, "UNAVAILABLE", "The request to another server was refused"),
    domain.UpstreamMissing: Row(502, "UNAVAILABLE", "Nothing there at another server"),
    domain.UpstreamCredential: Row(502, "UNAVAILABLE", "Another server wants a sign-in"),
    domain.UpstreamLimited: Row(502, "UNAVAILABLE", "Another server was asked too often"),
    domain.UpstreamUnavailable: Row(502, "UNAVAILABLE", "Another server is not available"),
    domain.UpstreamFormat: Row(502, "UNAVAILABLE", "Another server's answer makes no sense"),
    domain.UpstreamChanged: Row(502, "UNAVAILABLE", "It changed at another server in the meantime"),
    domain.Unavailable: Row(503, "UNAVAILABLE", "Not available right now"),
    domain.UpstreamTimeout: Row(504, "DEADLINE_EXCEEDED", "Another server did not answer"),
}

_LATER = domain.RateLimited | domain.Unavailable | domain.UpstreamLimited
"""What says when trying again helps."""

INTERNAL = Problem(
    status=500,
    grpc="INTERNAL",
    code="internal",
    title="The server failed",
    detail="Something went wrong on the server. Try again; if it stays so, show its operator the request id.",
)
"""What is said of every error that is not in the table: nothing of the inside."""


def problem_of(error: BaseException) -> Problem:
    """What a client is told about this error.

    A subclass without a row of its own is told by the row of its nearest ancestor.
    """
    row = next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), None)
    if row is None or not isinstance(error, DomainError):
        return INTERNAL
    return Problem(
        status=row.status,
        grpc=row.grpc,
        code=error.code,
        title=row.title,
        detail=str(error),
        errors=error.errors if isinstance(error, domain.Invalid) else (),
        retry_after=error.retry_after if isinstance(error, _LATER) else None,
        current=error.current if isinstance(error, domain.VersionConflict) else None,
        upstream=error if isinstance(error, UpstreamCredential) else None,
    )
