"""Addresses without a scheme."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.library.typed_address import completed, completed_server


@pytest.mark.parametrize(
    "text",
    [
        "example.org/film.mp4",
        "www.youtube.com/watch?v=abc&t=1",
        "Example.ORG/",
        "münchen.example/käse.mp4",
        "影片.中国/一.mp4",
        "example.org:443/film.mp4",
        "192.168.1.5:8443/film.mkv",
        "a-b.example.org./film#part",
    ],
)
def test_a_host_with_a_path_is_asked_by_https(text: str) -> None:
    assert completed(text) == f"https://{text}"


@pytest.mark.parametrize(
    "text",
    [
        "192.168.1.5:8080/film.mkv",
        "192.168.1.5/film.mkv",
        "[fd00::5]:8096/film.mkv",
        "[::1]/film.mkv",
        "localhost/film.mkv",
        "nas.local/film.mkv",
        "NAS.LAN/film.mkv",
        "nas:8096/film.mkv",
        "example.org:8096/film.mkv",
    ],
)
def test_at_home_and_at_ports_of_their_own_it_is_http(text: str) -> None:
    assert completed(text) == f"http://{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "film.mp4",
        "example.org",
        "example.org?x=/",
        "films/old.mp4",
        "Season.1/film.mp4",
        "A.B/c",
        "1.2/3",
        "1.2.3.4.5/film.mp4",
        "999.1.1.1/film.mp4",
        "not so/ bad",
        "mia@example.org/film.mp4",
        "mia:secret@example.org/film.mp4",
        "example.org:0/film.mp4",
        "example.org:65536/film.mp4",
        "example.org:99999999999999999999/film.mp4",
        "example.org:/film.mp4",
        "example.org:٣/film.mp4",
        "::1/film.mp4",
        "[::1/film.mp4",
        "[zz]/film.mp4",
        "-a.example/film.mp4",
        "a..example/film.mp4",
        ".example/film.mp4",
        "../film.mp4",
        "https://example.org/film.mp4",
        "ftp://example.org/film.mp4",
        "magnet:?xt=urn/x",
        "//example.org/film.mp4",
        "C:/films/film.mp4",
        "example.org/a\nb",
        f"{'a' * 64}.org/x",
        f"{'a.' * 130}org/x",
    ],
)
def test_nothing_is_made_of_anything_else(text: str) -> None:
    assert completed(text) is None


@given(st.text())
def test_any_text_is_completed_by_nothing_but_a_scheme(text: str) -> None:
    found = completed(text)
    assert found is None or found in {f"http://{text}", f"https://{text}"}


@pytest.mark.parametrize(
    "text, address",
    [
        ("cloud.example.org", "https://cloud.example.org"),
        ("cloud.example.org/nextcloud", "https://cloud.example.org/nextcloud"),
        ("192.168.1.5:8096", "http://192.168.1.5:8096"),
        ("nas.local", "http://nas.local"),
        ("nas:5005", "http://nas:5005"),
        ("[fd00::5]", "http://[fd00::5]"),
        ("nas", None),
        ("https://cloud.example.org", None),
        ("anna@cloud.example.org", None),
        ("my cloud", None),
        ("", None),
    ],
)
def test_a_server_needs_no_path(text: str, address: str | None) -> None:
    assert completed_server(text) == address
