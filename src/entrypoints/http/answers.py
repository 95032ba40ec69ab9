"""Responses: JSON, problems, and nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from blacksheep import Content, Response
from msgspec import UNSET, Meta, Struct, UnsetType

from synctv.application.playback import stage
from synctv.application.rooms import directory
from synctv.domain.errors import FieldError, UpstreamCredential
from synctv.domain.library.folder import Folder
from synctv.domain.library.item import MediaItem
from synctv.entrypoints.errors import Problem
from synctv.entrypoints.views import FolderView, ItemView, PlaybackView, RoomView

JSON = b"application/json"
PROBLEM = b"application/problem+json"
NO_STORE = (b"Cache-Control", b"no-store")
NO_CACHE = (b"Cache-Control", b"no-cache")

_encoder = msgspec.json.Encoder()


class FieldProblemView(Struct, frozen=True, rename="camel"):
    """One wrong field: where it is (`settings.autoPlay.mode`), which rule it breaks, and what is allowed instead."""

    path: str
    code: str
    message: str


class UpstreamView(Struct, frozen=True, rename="camel"):
    """Where to sign in: the provider, and its server where there are many."""

    provider: str | None
    server: str | None


class ProblemView(Struct, frozen=True, rename="camel", kw_only=True):
    """An error (RFC 9457). Programs look at `code`, people read `detail`; the log knows the `requestId`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblemView] | UnsetType = UNSET
    retry_after: Annotated[float, Meta(description="Seconds.")] | UnsetType = UNSET
    upstream: UpstreamView | UnsetType = UNSET
    current: Annotated[Any, Meta(description="The value as it is now, with `version_conflict`.")] | UnsetType = UNSET


def json_response(value: Struct, status: int = 200) -> Response:
    """A value as JSON. Answers of the API are about one caller and one moment, so nobody stores them."""
    return Response(status, [NO_STORE], Content(JSON, _encoder.encode(value)))


def no_content() -> Response:
    """Success, with nothing to say."""
    return Response(204, [NO_STORE])


def problem_response(problem: Problem, request_id: str) -> Response:
    """A problem document, with the headers that belong to its status."""
    headers = [NO_STORE]
    if problem.retry_after is not None:
        headers.append((b"Retry-After", str(max(1, math.ceil(problem.retry_after))).encode()))
    if problem.status == 401:
        headers.append((b"WWW-Authenticate", b"Bearer"))
    view = ProblemView(
        type=f"urn:synctv:problem:{problem.code}",
        title=problem.title,
        status=problem.status,
        detail=problem.detail,
        code=problem.code,
        request_id=request_id,
        errors=_fields(problem.errors) if problem.errors else UNSET,
        retry_after=UNSET if problem.retry_after is None else problem.retry_after,
        upstream=_upstream(problem.upstream),
        current=_current(problem.current),
    )
    return Response(problem.status, headers, Content(PROBLEM, _encoder.encode(view)))


def _fields(errors: Sequence[FieldError]) -> list[FieldProblemView]:
    return [FieldProblemView(error.path, error.code, error.message) for error in errors]


def _upstream(error: UpstreamCredential | None) -> UpstreamView | UnsetType:
    return UNSET if error is None else UpstreamView(error.provider, error.server)


def _current(value: object) -> Struct | UnsetType:
    match value:
        case stage.PlaybackView():
            return PlaybackView.of(value)
        case directory.RoomView():
            return RoomView.of(value)
        case MediaItem():
            return ItemView.of(value)
        case Folder():
            return FolderView.of(value)
        case _:
            return UNSET
