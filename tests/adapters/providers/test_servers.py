"""Addresses of people's own servers, and logins that belong to one of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.providers.servers import encoded, fitting, is_name, joined, must_stay, segments_of, server_of
from synctv.application.ports.fetch import FetchResponse
from synctv.application.ports.providers import Login
from synctv.domain.errors import Invalid, UpstreamCredential, UpstreamMissing


@pytest.mark.parametrize(
    "text, server",
    [
        ("https://NAS.lan:443/dav/", "https://nas.lan/dav"),
        (" http://nas.lan:80 ", "http://nas.lan"),
        ("http://nas.lan:5244/a/b?x=1#y", "http://nas.lan:5244/a/b"),
        ("http://[::1]:8096/", "http://[::1]:8096"),
    ],
)
def test_an_address_has_one_form(text: str, server: str) -> None:
    assert server_of(text, "fields.server") == server
    assert server_of(server, "fields.server") == server


@pytest.mark.parametrize(
    "text",
    [None, 7, "", "nas.lan", "ftp://nas.lan", "https://", "https://u:p@nas.lan", "https://nas.lan:0", "http://[::1",
     "https://nas.lan/a/../b", "https://nas.lan/%2e%2e/b", "https://nas.lan/a%2Fb", "https://nas.lan\\b", "https://a b",
     "https://nas.lan:99999", "https://" + "x" * 600],
)  # fmt: skip
def test_anything_else_is_no_server(text: object) -> None:
    with pytest.raises(Invalid) as caught:
        server_of(text, "fields.server")
    assert [error.path for error in caught.value.errors] == ["fields.server"]


def test_a_login_is_good_for_its_own_server_alone() -> None:
    login = Login("https://nas.lan", {"password": "secret"})
    assert fitting("https://nas.lan", login) is login
    for other in ("http://nas.lan", "https://nas.lan:8443", "https://nas.lan.evil.test", "https://nas.lan/dav"):
        with pytest.raises(UpstreamCredential):
            fitting(other, login)
    with pytest.raises(UpstreamCredential):
        fitting("https://nas.lan", None)


def test_an_answer_from_another_server_is_none() -> None:
    answer = FetchResponse(200, {}, b"", "https://nas.lan/dav/", truncated=False)
    assert must_stay("https://nas.lan/dav", answer) is answer
    with pytest.raises(Invalid, match=r"Enter that address"):
        must_stay("http://nas.lan/dav", answer)


@pytest.mark.parametrize("path", ["../x", "/a/../b", "/a/./b", "/a\0b", "x" * 2_001, "/\ud800"])
def test_a_path_never_leads_out(path: str) -> None:
    with pytest.raises(UpstreamMissing):
        segments_of(path, "https://nas.lan")


@given(st.lists(st.text(min_size=1, max_size=9).filter(is_name), max_size=6))
def test_every_name_comes_back_from_a_path_and_stays_one_segment_of_an_address(names: list[str]) -> None:
    assert segments_of(joined(names), "https://nas.lan") == tuple(names)
    assert encoded(names).count("/") == len(names)
    assert not set(encoded(names)) & set("?#\\ ")
