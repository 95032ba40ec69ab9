"""Where the page is, as browsers see it."""

from __future__ import annotations

import pytest

from synctv.entrypoints.http.sites import site_at


@pytest.mark.parametrize(
    "url,origin,host",
    [
        ("https://watch.example.org", "https://watch.example.org", "watch.example.org"),
        ("https://watch.example.org/", "https://watch.example.org", "watch.example.org"),
        ("HTTPS://Watch.Example.ORG:443/tv", "https://watch.example.org", "watch.example.org"),
        ("http://localhost:8080", "http://localhost:8080", "localhost"),
        ("http://localhost:80", "http://localhost", "localhost"),
        ("http://localhost:443", "http://localhost:443", "localhost"),
        ("https://[FD00::1]:8443/", "https://[fd00::1]:8443", "fd00::1"),
        ("http://192.168.1.2:8080", "http://192.168.1.2:8080", "192.168.1.2"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str, host: str) -> None:
    site = site_at(url)
    assert (site.origin, site.host) == (origin, host)


@pytest.mark.parametrize("url", ["", "https://", "http://:8080", "http://x:99999", "http://x:y", "http://[::1"])
def test_an_address_without_a_host_or_with_a_wrong_port_is_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        site_at(url)
