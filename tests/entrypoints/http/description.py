"""Every answer that any test gets has to be one that the API's description promises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct

from synctv.application.application import Application
from synctv.entrypoints.http.app import endpoints
from synctv.entrypoints.http.decoding import untagged
from synctv.entrypoints.http.endpoint import Endpoint, Said
from synctv.entrypoints.http.openapi import document
from synctv.entrypoints.http.options import HttpOptions

_PART = re.compile(r"\\{\w+\\}")
_NOTHING_THERE = b"There is nothing at"


@dataclass(frozen=True, slots=True)
class _Described:
    """An endpoint, and what the document says of it."""

    method: str
    path: re.Pattern[str]
    answers: Mapping[int, Said]
    failures: Mapping[int, set[str]]


def must_be_described(
    application: Application, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Fails for an answer whose status, error code or shape the description does not have."""
    asked = "GET" if method == "HEAD" else method
    where = path.partition("?")[0]
    for one in _described(application):
        if one.method == asked and one.path.fullmatch(where) and _NOTHING_THERE not in body:
            if status in one.answers:
                _must_fit(one.answers[status], body, f"{method} {where}", headers)
            else:
                _must_be_promised(one, status, body, f"{method} {where}")
            return


def _must_fit(said: Said, body: bytes, where: str, headers: Mapping[str, str]) -> None:
    if said.kind is None or not body:
        return
    assert headers["content-type"] == "application/json", where
    value = msgspec.json.decode(body)
    kinds = untagged(said.kind) or (said.kind,)
    assert any(_fits(value, kind) for kind in kinds), f"{where} answers what it does not promise: {value}"


def _fits(value: Any, kind: type[Struct]) -> bool:
    try:
        return bool(msgspec.to_builtins(msgspec.convert(value, kind)).keys() == value.keys())
    except msgspec.ValidationError:
        return False


def _must_be_promised(one: _Described, status: int, body: bytes, where: str) -> None:
    assert status in one.failures, f"{where} may answer {status}, which nothing promises: {body!r}"
    if body and status != 415:
        code = msgspec.json.decode(body)["code"]
        assert code in one.failures[status], f"{where} may answer {code}, which nothing promises"


_found: list[_Described] = []


def _described(application: Application) -> list[_Described]:
    # The same for every application.
    if not _found:
        options = HttpOptions(version="1", page=None)
        declared = endpoints(application, options)
        paths = document(declared, options)["paths"]
        _found.extend(_one(endpoint, paths[endpoint.path][endpoint.method.lower()]) for endpoint in declared)
    return _found


def _one(endpoint: Endpoint, operation: Any) -> _Described:
    pattern = _PART.sub("[^/]+", re.escape(endpoint.path))
    if endpoint.deep:
        pattern = pattern.removesuffix("[^/]+") + ".+"
    failures = {
        int(status): _codes(response)
        for status, response in operation["responses"].items()
        if int(status) not in endpoint.answers
    }
    return _Described(endpoint.method, re.compile(pattern, re.IGNORECASE), endpoint.answers, failures)


def _codes(response: Any) -> set[str]:
    """The codes that a described failure names: one by reference, or several in words."""
    if "$ref" in response:
        return {response["$ref"].rpartition("/")[2]}
    return set(re.findall(r"`(\w+)`", response["description"]))
