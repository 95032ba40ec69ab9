"""Which addresses may be asked in plain."""

from __future__ import annotations

import pytest

from synctv.adapters.oauth.addresses import discovery_url, usable
from synctv.domain.errors import UpstreamFailed


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/",
        "http://id.localhost:9000/",
        "http://127.0.0.1:9400",
        "http://[::1]:9400/",
        "http://192.168.1.5/",
        "http://10.0.0.1/a",
        "http://172.16.0.1/",
        "http://[fd00::1]/",
        "http://100.64.0.7/",
    ],
)
def test_this_machine_and_private_addresses_in_digits_may_be(address: str) -> None:
    assert usable(address, "issuer", of="The House").scheme == "http"
    with pytest.raises(UpstreamFailed, match="The House failed: its issuer has to begin with https://"):
        usable(address, "issuer", of="The House", plain=False)


@pytest.mark.parametrize(
    "address",
    [
        "http://id.example.org/",
        "http://keycloak.lan/",
        "http://keycloak/",
        "http://8.8.8.8/",
        "http://134744072/",
        "http://[2606:4700::1111]/",
        "http://localhost.example.org/",
        "http://192.168.1.5.example.org/",
        "http://notlocalhost/",
        "HTTP://ID.EXAMPLE.ORG/",
    ],
)
def test_everything_else_may_not(address: str) -> None:
    with pytest.raises(UpstreamFailed, match="https"):
        usable(address, "issuer", of="The House")


@pytest.mark.parametrize(
    "address", ["https://id.example.org/", "https://192.168.1.5/", "HTTPS://id.example.org:8443/a?b"]
)
def test_https_may_be_asked_anywhere(address: str) -> None:
    assert usable(address, "issuer", of="The House", plain=False).scheme == "https"


@pytest.mark.parametrize(
    "issuer, address",
    [
        ("https://id.example.org", "https://id.example.org/.well-known/openid-configuration"),
        ("https://id.example.org/", "https://id.example.org/.well-known/openid-configuration"),
        ("https://a.b/realms/home", "https://a.b/realms/home/.well-known/openid-configuration"),
        ("https://a.b/application/o/tv/", "https://a.b/application/o/tv/.well-known/openid-configuration"),
    ],
)
def test_an_issuer_describes_itself_below_its_address(issuer: str, address: str) -> None:
    assert discovery_url(issuer) == address
