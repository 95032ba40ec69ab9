"""What the one table says of each error, as the contract with clients has it."""

from __future__ import annotations

import asyncio
import http

import grpclib
import pytest

from synctv.domain import errors as domain
from synctv.domain.errors import DomainError, FieldError
from synctv.entrypoints.errors import INTERNAL, TABLE, problem_of

PROMISED: list[tuple[DomainError, str, int, str]] = [
    (domain.Invalid.field("name", "Too long."), "invalid_argument", 400, "INVALID_ARGUMENT"),
    (domain.Unauthenticated(), "unauthenticated", 401, "UNAUTHENTICATED"),
    (domain.TokenExpired(), "token_expired", 401, "UNAUTHENTICATED"),
    (domain.InvalidCredentials(), "invalid_credentials", 401, "UNAUTHENTICATED"),
    (domain.Denied("You may not."), "permission_denied", 403, "PERMISSION_DENIED"),
    (domain.Banned("account"), "banned", 403, "PERMISSION_DENIED"),
    (domain.MfaRequired(), "mfa_required", 403, "PERMISSION_DENIED"),
    (domain.ReauthenticationRequired(), "reauthentication_required", 403, "PERMISSION_DENIED"),
    (domain.NotFound("room"), "not_found", 404, "NOT_FOUND"),
    (domain.AlreadyExists("username"), "already_exists", 409, "ALREADY_EXISTS"),
    (domain.Conflict("Not now."), "conflict", 409, "ABORTED"),
    (domain.VersionConflict("room"), "version_conflict", 409, "ABORTED"),
    (domain.PreconditionFailed("First do that."), "precondition_failed", 412, "FAILED_PRECONDITION"),
    (domain.FlowOver(), "flow_over", 412, "FAILED_PRECONDITION"),
    (domain.TooLarge("cover", 10), "too_large", 413, "OUT_OF_RANGE"),
    (domain.RateLimited(3), "rate_limited", 429, "RESOURCE_EXHAUSTED"),
    (domain.TooManyCalls(3), "too_many_calls", 429, "RESOURCE_EXHAUSTED"),
    (domain.QuotaExceeded("rooms", 5), "quota_exceeded", 429, "RESOURCE_EXHAUSTED"),
    (domain.UpstreamFailed("a.example", "it is broken."), "upstream_failed", 502, "UNAVAILABLE"),
    (domain.UpstreamRefused("a.example", "it said no."), "upstream_refused", 502, "UNAVAILABLE"),
    (domain.Unavailable("database"), "unavailable", 503, "UNAVAILABLE"),
    (domain.UpstreamMissing("a.example"), "upstream_not_found", 502, "UNAVAILABLE"),
    (domain.UpstreamCredential("a.example"), "upstream_credential", 502, "UNAVAILABLE"),
    (domain.UpstreamLimited("a.example", 9), "upstream_rate_limited", 502, "UNAVAILABLE"),
    (domain.UpstreamUnavailable("a.example"), "upstream_unavailable", 502, "UNAVAILABLE"),
    (domain.UpstreamFormat("a.example"), "upstream_format", 502, "UNAVAILABLE"),
    (domain.UpstreamChanged("a.example"), "upstream_changed", 502, "UNAVAILABLE"),
    (domain.UpstreamTimeout("a.example", 5), "upstream_timeout", 504, "DEADLINE_EXCEEDED"),
]


@pytest.mark.parametrize("error, code, status, grpc", PROMISED, ids=[code for _, code, _, _ in PROMISED])
def test_an_error_reaches_clients_as_promised(error: DomainError, code: str, status: int, grpc: str) -> None:
    problem = problem_of(error)
    assert (problem.code, problem.status, problem.grpc) == (code, status, grpc)
    assert problem.detail == str(error)


def test_every_row_of_the_table_is_promised() -> None:
    assert {type(error) for error, *_ in PROMISED} == set(TABLE)


def test_statuses_exist_and_titles_tell_errors_apart() -> None:
    for row in TABLE.values():
        assert http.HTTPStatus(row.status) >= http.HTTPStatus.BAD_REQUEST
        assert row.grpc in grpclib.Status.__members__
    assert len({row.title for row in TABLE.values()}) == len(TABLE)


def test_every_wrong_field_is_named() -> None:
    wrong = (FieldError("name", "length", "Too long."), FieldError("settings.maxMembers", "range", "Too many."))
    assert problem_of(domain.Invalid(*wrong)).errors == wrong


def test_what_may_be_tried_again_says_when() -> None:
    assert problem_of(domain.RateLimited(2.5)).retry_after == 2.5
    assert problem_of(domain.Unavailable("database")).retry_after == 2.0
    assert problem_of(domain.NotFound("room")).retry_after is None


def test_a_version_conflict_carries_the_current_value() -> None:
    current = object()
    assert problem_of(domain.VersionConflict("playback", current)).current is current


@pytest.mark.parametrize(
    "error", [ValueError("password hunter2"), KeyError("x"), asyncio.CancelledError(), DomainError("bare")]
)
def test_an_error_of_the_inside_is_not_told(error: BaseException) -> None:
    assert problem_of(error) is INTERNAL
    assert (INTERNAL.status, INTERNAL.grpc, INTERNAL.code) == (500, "INTERNAL", "internal")


def test_a_narrower_error_is_told_by_the_row_above_it() -> None:
    class Narrower(domain.Conflict):
        """One that has no row yet."""

    assert problem_of(Narrower("Not now.")).status == 409
