"""Logins: two spellings of one server are equal, and nothing of the secret is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.domain.library.credential import LABEL_LENGTH, CredentialState, normal_server, shown_label
from synctv.domain.library.item import COVER_LENGTH, valid_cover
from tests.builders import a_credential, an_account, at


@pytest.mark.parametrize(
    "spelt, normal",
    [
        ("https://nas.lan", "https://nas.lan"),
        ("https://nas.lan/", "https://nas.lan"),
        ("HTTPS://NAS.lan.:443//", "https://nas.lan"),
        ("http://nas.lan:80/jellyfin/", "http://nas.lan/jellyfin"),
        ("http://nas.lan:443", "http://nas.lan:443"),
        ("https://nas.lan:8096/Base", "https://nas.lan:8096/Base"),
        ("https://anna:secret@nas.lan/a?b=c#d", "https://nas.lan/a"),
        ("http://[FE80::1]:8080/x/", "http://[fe80::1]:8080/x"),
        (" https://nas.lan ", "https://nas.lan"),
        ("", ""),
        ("bucket", "bucket"),
        ("https://", "https:"),
        ("http://[broken", "http://[broken"),
        ("http://nas.lan:port", "http://nas.lan:port"),
    ],
)
def test_a_server_has_one_normal_form(spelt: str, normal: str) -> None:
    assert normal_server(spelt) == normal
    assert normal_server(normal) == normal


@pytest.mark.parametrize(
    "other", ["http://nas.lan", "https://nas.lan:8443", "https://nas.lan/base", "https://nas.lan.example"]
)
def test_other_servers_are_told_apart(other: str) -> None:
    assert normal_server(other) != normal_server("https://nas.lan")


def test_a_label_is_one_line_of_bounded_length() -> None:
    assert shown_label(" anna\n\u202e  (nas) ") == "anna (nas)"
    assert len(shown_label("x" * 10_000)) == LABEL_LENGTH


def test_the_text_form_of_a_credential_has_nothing_sealed() -> None:
    assert "sealed" not in repr(a_credential(an_account(), sealed=b"sealed"))


def test_signing_in_again_makes_a_refused_credential_good() -> None:
    credential = a_credential(an_account())
    refused = credential.found(CredentialState.REFUSED, at(1))
    assert (refused.state, refused.checked_at, refused.version) == (CredentialState.REFUSED, at(1), 2)
    renewed = refused.renewed(b"another", at(2))
    assert renewed == replace(credential, sealed=b"another", checked_at=at(2), version=3)


@pytest.mark.parametrize("address", ["https://img.example/a.jpg?w=1", "http://img.example:8080/ü.png"])
def test_a_cover_is_an_address_on_the_web(address: str) -> None:
    assert valid_cover(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "/a.jpg",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://",
        "https://a:b@img.example/",
        "https://img.example/a b",
        "https://img.example/\n",
        "https://[broken/",
        "https://img.example/" + "x" * COVER_LENGTH,
    ],
)
def test_what_is_no_cover_is_none(address: str | None) -> None:
    assert valid_cover(address) is None
