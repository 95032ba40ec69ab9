"""The description of the API fits the API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from synctv.application.limits.limits import Category
from synctv.application.ports.passwords import PasswordHasher
from synctv.entrypoints.errors import INTERNAL, TABLE
from synctv.entrypoints.http.app import endpoints
from synctv.entrypoints.http.endpoint import API
from tests.applications import MemoryPorts, memory_application
from tests.entrypoints.http.api import OPTIONS, Api, new_app, serving_api


@pytest.fixture
async def document(api: Api) -> Any:
    answer = await api.get("/openapi.json")
    assert answer.status == 200
    return answer.json


async def test_every_route_is_described_and_the_other_way_round(passwords: PasswordHasher, document: Any) -> None:
    app = new_app(memory_application(MemoryPorts(passwords)), OPTIONS)
    await app.start()  # type: ignore[no-untyped-call]
    routed = {
        (method.lower(), route.mustache_pattern)
        for method, route in app.router.iter_with_methods()  # type: ignore[no-untyped-call]
        if method not in ("HEAD", "*")
    }
    await app.stop()  # type: ignore[no-untyped-call]
    described = {(method, path) for path, item in document["paths"].items() for method in item}
    assert routed == described
    assert len(described) > 30


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


async def test_every_reference_leads_somewhere(document: Any) -> None:
    found = set(references(document))
    assert len(found) > 30
    for reference in found:
        target = document
        for key in reference.removeprefix("#/").split("/"):
            assert key in target, reference
            target = target[key]


async def test_operations_are_complete_and_have_names_of_their_own(document: Any) -> None:
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    known = {tag["name"] for tag in document["tags"]}
    for operation in operations:
        assert operation["summary"]
        assert set(operation["tags"]) <= known
        assert {"500", "503"} <= operation["responses"].keys()
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= operation["responses"].keys()
        if {"bearer": []} in operation["security"] and {} not in operation["security"]:
            assert "401" in operation["responses"]


async def test_parts_of_an_address_are_parameters(document: Any) -> None:
    for path, item in document["paths"].items():
        wanted = {part.strip("{}") for part in path.split("/") if part.startswith("{")}
        for operation in item.values():
            assert {one["name"] for one in operation["parameters"] if one["in"] == "path"} == wanted


async def test_queries_and_headers_are_parameters(document: Any) -> None:
    def parameters(path: str, method: str) -> set[str]:
        return {one["name"] for one in document["paths"][f"/api/v1{path}"][method]["parameters"]}

    assert parameters("/rooms", "get") == {"cursor", "limit", "query", "mine"}
    assert parameters("/rooms", "post") == {"Idempotency-Key"}
    assert parameters("/rooms/{roomId}", "patch") == {"roomId", "If-Match"}


async def test_what_is_proven_with_is_a_parameter(document: Any) -> None:
    def found(path: str, method: str) -> set[tuple[str, str]]:
        parameters = document["paths"][f"/api/v1{path}"][method]["parameters"]
        return {(one["name"], one["in"]) for one in parameters}

    assert ("X-Grant", "header") in found("/me/password", "put")
    assert ("synctv_refresh", "cookie") in found("/auth/refresh", "post")
    assert ("synctv_flow", "cookie") in found("/auth/oauth/finish", "post")
    assert found("/auth/login", "post") == set()


def names(schema: Any) -> list[str]:
    """The shapes that a value may have."""
    return [one["$ref"].rpartition("/")[2] for one in schema.get("oneOf", [schema])]


async def test_bodies_and_answers_of_several_shapes_name_all_of_them(document: Any) -> None:
    def answer(path: str, status: str) -> list[str]:
        return names(
            document["paths"][f"/api/v1{path}"]["post"]["responses"][status]["content"]["application/json"]["schema"]
        )

    assert answer("/auth/login", "200") == ["SessionView", "MfaView"]
    assert answer("/auth/mfa", "200") == ["SessionView"]
    finished = answer("/auth/oauth/finish", "200")
    assert finished == ["SessionView", "MfaView", "LinkedView", "GrantView", "SignUpOfferView"]
    assert (answer("/auth/sign-up", "201"), answer("/auth/sign-up", "202")) == (["SessionView"], ["InReviewView"])
    body = document["paths"]["/api/v1/me/password"]["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert names(body) == ["PlainPasswordBody", "UploadedPasswordBody"]


async def test_proofs_are_told_apart_by_their_kind(document: Any) -> None:
    proof = document["components"]["schemas"]["LoginBody"]["properties"]["proof"]
    assert proof["discriminator"]["propertyName"] == "kind"
    assert set(proof["discriminator"]["mapping"]) == {"password", "opaque", "passkey", "email", "totp", "recovery"}


async def test_a_redirection_says_where_to_go_and_holds_nothing(document: Any) -> None:
    (redirection,) = [
        operation["responses"]["303"]
        for item in document["paths"].values()
        for operation in item.values()
        if "303" in operation["responses"]
    ]
    assert "Location" in redirection["headers"]
    assert "content" not in redirection


UNCOUNTED_AS_GUESSES = {"/auth/refresh", "/auth/logout", "/auth/oauth/callback/{slug}"}
"""The first two take secrets that nobody guesses; the last counts by itself."""


def test_whatever_begins_or_takes_a_proof_is_counted_as_a_guess(passwords: PasswordHasher) -> None:
    declared = endpoints(memory_application(MemoryPorts(passwords)), OPTIONS)
    about = {one.path.removeprefix(API): one.category for one in declared if one.path.startswith(f"{API}/auth/")}
    assert len(about) > 18
    assert {path for path, category in about.items() if category is not Category.AUTH} == UNCOUNTED_AS_GUESSES
    flows = ("/me/password/opaque", "/me/email/start", "/me/passkeys/start", "/me/totp/start", "/me/totp", "/me/email")
    for path in flows:
        (begun,) = [one for one in declared if (one.method, one.path) == ("POST", f"{API}{path}")]
        assert begun.category is Category.AUTH


async def test_every_error_code_is_described(document: Any) -> None:
    codes = {error.code for error in TABLE} | {INTERNAL.code}
    assert codes <= document["components"]["responses"].keys()


async def test_instants_and_choices_are_typed(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["ItemView"]["properties"]["addedAt"] == {"type": "string", "format": "date-time"}
    assert schemas["AutoPlayMode"]["enum"] == ["off", "repeatAll", "repeatOne", "sequential", "shuffle"]
    assert schemas["ProblemView"]["required"] == ["type", "title", "status", "detail", "code", "requestId"]


async def test_examples_are_taken_by_their_endpoints(api: Api, document: Any) -> None:
    ada = await api.person("ada")
    room = await api.room(ada)
    refused = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            if "example" not in body:
                continue
            where = path.replace("{roomId}", room["id"]).removeprefix("/api/v1")
            answer = await api.send(method.upper(), where, body["example"], token=ada.token)
            if answer.status == 400:
                refused.append((path, answer.json["errors"]))
    assert not refused


async def test_the_page_for_people_loads_nothing_from_elsewhere(api: Api) -> None:
    page = await api.get("//docs")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"http" not in page.body.replace(b"http-equiv", b"")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for path, media_type in (("//docs/docs.js", "text/javascript"), ("//docs/docs.css", "text/css")):
        part = await api.get(path)
        assert (part.status, part.headers["content-type"]) == (200, f"{media_type}; charset=utf-8")


async def test_both_can_be_switched_off(passwords: PasswordHasher) -> None:
    async with serving_api(passwords, replace(OPTIONS, docs=False)) as api:
        assert (await api.get("//docs")).status == 404
        assert (await api.get("/openapi.json")).status == 200
    async with serving_api(passwords, replace(OPTIONS, openapi=False)) as api:
        assert (await api.get("//docs")).status == 404
        assert (await api.get("/openapi.json")).status == 404
