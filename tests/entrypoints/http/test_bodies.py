"""Bodies about accounts: wrong types are named field by field, and nothing large is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from synctv.domain.errors import FieldError, Invalid
from synctv.entrypoints.http.decoding import bytes_in, told_as
from tests.entrypoints.http.api import Api, fields

WRONG_TYPES: list[tuple[str, str, Any, set[str]]] = [
    ("POST", "/auth/login", {}, {"proof"}),
    ("POST", "/auth/login", {"proof": None}, {"proof"}),
    ("POST", "/auth/login", {"proof": []}, {"proof"}),
    ("POST", "/auth/login", {"proof": {}}, {"proof.kind"}),
    ("POST", "/auth/login", {"proof": {"kind": "oauth"}}, {"proof.kind"}),
    ("POST", "/auth/login", {"proof": {"kind": 7}}, {"proof.kind"}),
    ("POST", "/auth/login", {"proof": {"kind": "password"}}, {"proof.password"}),
    ("POST", "/auth/login", {"proof": {"kind": "password", "password": 1, "x": 2}}, {"proof.password", "proof.x"}),
    ("POST", "/auth/login", {"proof": {"kind": "opaque", "flow": None}}, {"proof.flow", "proof.finalization"}),
    ("POST", "/auth/login", {"proof": {"kind": "passkey", "flow": "f", "credential": "c"}}, {"proof.credential"}),
    ("POST", "/auth/login", {"proof": {"kind": "passkey", "flow": "f", "credential": []}}, {"proof.credential"}),
    ("POST", "/auth/login", {"proof": {"kind": "email", "flow": "f", "code": 123456}}, {"proof.code"}),
    ("POST", "/auth/login", {"proof": {"kind": "totp", "code": None}, "delivery": "post"}, {"proof.code", "delivery"}),
    ("POST", "/auth/login", {"proof": {"kind": "recovery", "code": ["a"]}}, {"proof.code"}),
    ("POST", "/auth/password/login", {"username": [], "password": {}}, {"username", "password"}),
    ("POST", "/auth/mfa", {"proof": {"kind": "totp", "code": "1"}}, {"mfa"}),
    ("POST", "/auth/mfa", {"mfa": 1, "proof": 2}, {"mfa", "proof"}),
    ("POST", "/auth/grants", {"proof": {"kind": "none"}}, {"proof.kind"}),
    ("POST", "/auth/opaque/start", {"username": "ada"}, {"request"}),
    ("POST", "/auth/opaque/start", {"username": 1, "mfa": 2, "request": 3}, {"username", "mfa", "request"}),
    ("POST", "/auth/passkey/start", {"mfa": 1, "username": "ada"}, {"mfa", "username"}),
    ("POST", "/auth/email/start", {"username": {}, "request": ""}, {"username", "request"}),
    ("POST", "/auth/oauth/hub/start", {"purpose": "signin"}, {"purpose"}),
    ("POST", "/auth/oauth/hub/start", {}, {"purpose"}),
    ("POST", "/auth/oauth/finish", {"result": None, "delivery": 1}, {"result", "delivery"}),
    ("POST", "/auth/sign-up/start", {"way": "oauth", "username": None}, {"way", "username"}),
    ("POST", "/auth/sign-up/start", {"way": "email", "username": "a", "email": 1, "request": 2}, {"email", "request"}),
    ("POST", "/auth/sign-up", {"flow": 1, "code": 2, "upload": 3}, {"flow", "code", "upload"}),
    ("POST", "/auth/sign-up", {"flow": "f", "credential": "c", "language": "fr"}, {"credential", "language"}),
    ("POST", "/auth/sign-up", {"flow": "f", "password": "p", "upload": "AAAA"}, {"upload"}),
    ("POST", "/auth/sign-up", {"flow": "f", "upload": "A"}, {"upload"}),
    ("POST", "/auth/reset/start", {"username": None}, {"username"}),
    ("POST", "/auth/reset/verify", {}, {"flow", "code"}),
    ("POST", "/auth/reset/verify", {"flow": "f"}, {"code"}),
    ("POST", "/auth/reset/verify", {"token": 1}, {"token"}),
    ("POST", "/auth/reset/verify", {"token": "t", "flow": "f", "code": "c"}, {"token"}),
    ("POST", "/auth/reset/opaque", {"flow": "f", "request": "*"}, {"request"}),
    ("POST", "/auth/reset/passkey", {}, {"flow"}),
    ("POST", "/auth/reset", {"flow": "f"}, {"password"}),
    ("POST", "/auth/reset", {"flow": "f", "upload": 1}, {"upload"}),
    ("POST", "/auth/reset", {"flow": "f", "upload": "?"}, {"upload"}),
    ("POST", "/auth/reset", {"flow": "f", "password": "p", "upload": "AAAA"}, {"upload"}),
    ("POST", "/auth/reset", {"flow": "f", "password": "p", "proof": {"kind": "email"}}, {"proof.kind"}),
    ("PATCH", "/me", {}, {"language"}),
    ("PATCH", "/me", {"language": "de"}, {"language"}),
    ("PATCH", "/me", {"language": "en", "username": "root", "role": "root"}, {"username", "role"}),
    ("POST", "/me/password/opaque", {"request": None}, {"request"}),
    ("PUT", "/me/password", {}, {"password"}),
    ("PUT", "/me/password", {"flow": "f"}, {"upload"}),
    ("PUT", "/me/password", {"flow": "f", "upload": "A"}, {"upload"}),
    ("PUT", "/me/password", {"password": None}, {"password"}),
    ("POST", "/me/email/start", {"email": None}, {"email"}),
    ("POST", "/me/email", {"flow": "f", "code": 1}, {"code"}),
    ("POST", "/me/passkeys", {"flow": "f", "credential": None}, {"credential", "name"}),
    ("PATCH", "/me/passkeys/psk_00000000000000000000000000", {"name": 1}, {"name"}),
    ("POST", "/me/totp", {"code": 1}, {"flow", "code"}),
    ("PUT", "/me/two-factor", {"enabled": "yes"}, {"enabled"}),
    ("PUT", "/me/two-factor", {"enabled": 1}, {"enabled"}),
    ("POST", "/me/sessions/end", {}, {"keepThis"}),
]


@pytest.mark.parametrize("method,path,body,wrong", WRONG_TYPES)
async def test_every_wrong_field_is_named(api: Api, method: str, path: str, body: Any, wrong: set[str]) -> None:
    ada = await api.person("ada")
    assert fields(await api.send(method, path, body, token=ada.token)) == wrong


def with_bodies(document: Any) -> Iterator[tuple[str, str]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation and path.removeprefix("/api/v1/").partition("/")[0] in ("auth", "me"):
                yield method.upper(), path.removeprefix("/api/v1")


async def test_nothing_about_accounts_is_read_past_64_kib(api: Api) -> None:
    ada = await api.person("ada")
    endpoints = list(with_bodies((await api.get("/openapi.json")).json))
    assert len(endpoints) > 25
    for method, path in endpoints:
        where = path.replace("{slug}", "hub").replace("{passkeyId}", "psk_" + "0" * 26)
        answer = await api.send(method, where, raw=b" " * 65_537, token=ada.token)
        assert (answer.status, answer.code) == (413, "too_large"), path


async def test_a_body_that_is_not_said_to_be_json_is_no_proof(api: Api) -> None:
    ada = await api.person("ada")
    for method, path in with_bodies((await api.get("/openapi.json")).json):
        where = path.replace("{slug}", "hub").replace("{passkeyId}", "psk_" + "0" * 26)
        headers = {"content-type": "text/plain"}
        answer = await api.send(method, where, raw=b"{}", token=ada.token, headers=headers)
        assert (answer.status, answer.code) == (415, "invalid_argument"), path


@pytest.mark.parametrize("text,data", [("", b""), ("AA", b"\0"), ("-_8", b"\xfb\xff"), ("YWRh", b"ada")])
def test_base64url_is_read_without_padding(text: str, data: bytes) -> None:
    assert bytes_in(text, "upload") == data


@pytest.mark.parametrize("text", ["A", "AA==", "+/8", "A A", "AA\n", "é", "AAAAA"])
def test_what_is_no_base64url_is_called_so(text: str) -> None:
    with pytest.raises(Invalid, match="upload must be bytes") as raised:
        bytes_in(text, "upload")
    assert [error.path for error in raised.value.errors] == ["upload"]


def test_an_error_of_the_inside_is_told_under_the_clients_name() -> None:
    with pytest.raises(Invalid) as raised, told_as(message="upload", name="passkeyName"):
        raise Invalid(FieldError("message", "a", "A."), FieldError("other", "b", "B."))
    assert [error.path for error in raised.value.errors] == ["upload", "other"]
