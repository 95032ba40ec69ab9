"""The description of the API (OpenAPI 3.1), made from the endpoints themselves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from blacksheep import Content, Response

from synctv.application.limits.limits import Category
from synctv.entrypoints.errors import INTERNAL, TABLE
from synctv.entrypoints.http.answers import JSON, NO_CACHE, ProblemView
from synctv.entrypoints.http.decoding import untagged
from synctv.entrypoints.http.endpoint import API, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.options import HttpOptions

Json = dict[str, Any]

PATH = f"{API}/openapi.json"
_PART = re.compile(r"{(\w+)}")
_REF = "#/components/schemas/{name}"
_EMPTY = (HTTPStatus.NO_CONTENT, HTTPStatus.SEE_OTHER)
_STATUS: Mapping[str, tuple[int, str]] = {
    **{error.code: (row.status, row.title) for error, row in TABLE.items()},
    "unsupported_media_type": (415, "Unsupported media type"),
    INTERNAL.code: (INTERNAL.status, INTERNAL.title),
}
"""The status and title of each code. A wrong media type is told as `invalid_argument`, under a status of its own."""

_DESCRIPTION = """\
JSON in and out, camelCase. Times are RFC 3339 in UTC, durations and positions are seconds, sizes are bytes.
Lists come in pages: hand `nextCursor` back as `cursor`. Errors are problem documents (RFC 9457) whose `code` is stable.
Updates take the version that they were made on, as `expectedVersion` or `If-Match`; a stale one is `version_conflict`
and carries the current value. What makes something takes `Idempotency-Key`: repeated within a day, it gets its first
answer. `X-Request-Id` is taken from the request or made, and comes back with every answer.
"""


class DescriptionRoutes:
    """The endpoint of the description."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._endpoints: Sequence[Endpoint] = ()
        self._written: bytes | None = None

    def endpoints(self) -> list[Endpoint]:
        """The only one."""
        return [
            Endpoint(
                method="GET",
                path=PATH,
                handler=self.show,
                summary="This description",
                tag="Server",
                answers={200: Said("OpenAPI 3.1")},
                caller=Caller.NOBODY,
                category=Category.READ,
            )
        ]

    def describe(self, endpoints: Sequence[Endpoint]) -> None:
        """Takes the endpoints that the document is about. It is made when somebody asks for it first."""
        self._endpoints = endpoints

    async def show(self, exchange: Exchange) -> Response:
        """Shows the document."""
        if self._written is None:
            # It takes a moment that nobody who watches should notice.
            self._written = await asyncio.to_thread(self._write)
        return Response(200, [NO_CACHE], Content(JSON, self._written))

    def _write(self) -> bytes:
        return msgspec.json.encode(document(self._endpoints, self._options))


def document(endpoints: Sequence[Endpoint], options: HttpOptions) -> Json:
    """The whole document."""
    # A union whose members have no tag is none to the library: its members are described, and then named in its place.
    kinds = [member for kind in _kinds(endpoints) for member in untagged(kind) or (kind,)]
    found, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    schemas = {repr(kind): schema for kind, schema in zip(kinds, found, strict=True)}
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": options.server_name, "version": options.version, "description": _DESCRIPTION},
        "servers": [{"url": options.public_url or "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {code: _problem(*row) for code, row in _STATUS.items()},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token, or a guest's token for its one room.",
                },
            },
        },
    }


def _kinds(endpoints: Iterable[Endpoint]) -> Iterable[Any]:
    yield ProblemView
    for endpoint in endpoints:
        yield from (said.kind for said in endpoint.answers.values() if said.kind is not None)
        if endpoint.body is not None:
            yield endpoint.body
        if endpoint.query is not None:
            yield endpoint.query


def _operation(endpoint: Endpoint, schemas: Mapping[str, Json]) -> Json:
    operation: Json = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": {**_answers(endpoint, schemas), **_failures(endpoint)},
        "security": _security(endpoint),
    }
    if endpoint.body is not None:
        content: Json = {"schema": _schema(endpoint.body, schemas)}
        if endpoint.example:
            content["example"] = dict(endpoint.example)
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _schema(kind: Any, schemas: Mapping[str, Json]) -> Json:
    members = untagged(kind)
    return {"oneOf": [schemas[repr(member)] for member in members]} if members else schemas[repr(kind)]


def _operation_id(endpoint: Endpoint) -> str:
    """`get_rooms_roomId`: unique, since method and path are."""
    words = re.findall(r"\w+", endpoint.path.removeprefix(API))
    return "_".join([endpoint.method.lower(), *words])


def _security(endpoint: Endpoint) -> list[Json]:
    return {Caller.KNOWN: [{"bearer": []}], Caller.ANYBODY: [{}, {"bearer": []}], Caller.NOBODY: []}[endpoint.caller]


def _path_parameters(endpoint: Endpoint) -> Iterable[Json]:
    for name in _PART.findall(endpoint.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(endpoint: Endpoint) -> Iterable[Json]:
    if endpoint.query is None:
        return
    (_, components) = msgspec.json.schema_components([endpoint.query], ref_template=_REF)
    for name, schema in components[endpoint.query.__name__]["properties"].items():
        description = schema.pop("description", None)
        parameter = {"name": name, "in": "query", "schema": schema}
        yield parameter if description is None else {**parameter, "description": description}


def _header_parameters(endpoint: Endpoint) -> Iterable[Json]:
    text = {"type": "string"}
    if endpoint.versioned:
        description = "The version that the change was made on; the same as `expectedVersion`."
        yield {"name": "If-Match", "in": "header", "schema": text, "description": description}
    if endpoint.repeatable:
        description = "Any text of your own: a repetition with it gets the first answer, for a day."
        yield {"name": "Idempotency-Key", "in": "header", "schema": text, "description": description}
    if endpoint.granted:
        description = "A grant from `/auth/grants`: a fresh proof of who you are, for this one request."
        yield {"name": "X-Grant", "in": "header", "schema": text, "description": description}
    if endpoint.cookie is not None:
        description = "What this server gave the browser, which sends it by itself."
        yield {"name": endpoint.cookie, "in": "cookie", "schema": text, "description": description}


def _answers(endpoint: Endpoint, schemas: Mapping[str, Json]) -> Json:
    return {str(status): _answer(said, status, schemas) for status, said in endpoint.answers.items()}


def _answer(said: Said, status: int, schemas: Mapping[str, Json]) -> Json:
    answer: Json = {"description": said.what}
    if status == HTTPStatus.SEE_OTHER:
        answer["headers"] = {"Location": {"schema": {"type": "string"}, "description": "Where to go."}}
    if status not in _EMPTY:
        schema = _schema(said.kind, schemas) if said.kind is not None else {}
        answer["content"] = {said.media_type: {"schema": schema}}
    return answer


def _failures(endpoint: Endpoint) -> Json:
    """The errors by status: each refers to its one description, or to several that share the status."""
    by_status: dict[int, list[str]] = {}
    for code in _codes(endpoint):
        by_status.setdefault(_STATUS[code][0], []).append(code)
    return {
        str(status): _failure(codes) for status, codes in sorted(by_status.items()) if status not in endpoint.answers
    }


def _failure(codes: Sequence[str]) -> Json:
    if len(codes) == 1:
        return {"$ref": f"#/components/responses/{codes[0]}"}
    return _problem(_STATUS[codes[0]][0], " · ".join(f"`{code}`: {_STATUS[code][1]}" for code in codes))


def _codes(endpoint: Endpoint) -> Iterable[str]:
    has_parts = _PART.search(endpoint.path) is not None
    follows = {
        "invalid_argument": endpoint.body is not None or endpoint.query is not None,
        "unauthenticated": endpoint.caller is Caller.KNOWN,
        "token_expired": endpoint.caller is Caller.KNOWN,
        "banned": endpoint.caller is Caller.KNOWN,
        "not_found": has_parts,
        "version_conflict": endpoint.versioned,
        "conflict": endpoint.repeatable,
        "reauthentication_required": endpoint.granted,
        "too_large": endpoint.body is not None,
        "unsupported_media_type": endpoint.body is not None,
        "rate_limited": endpoint.category is not None,
        "unavailable": True,
        "internal": True,
    }
    return dict.fromkeys([*(code for code, holds in follows.items() if holds), *endpoint.codes])


def _problem(_status: int, title: str) -> Json:
    schema = {"$ref": _REF.format(name=ProblemView.__name__)}
    return {"description": title, "content": {"application/problem+json": {"schema": schema}}}
