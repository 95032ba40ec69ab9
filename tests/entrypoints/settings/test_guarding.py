"""What the operator may say about limits and about other sites."""

from __future__ import annotations

from pathlib import Path

import pytest

from synctv.application.limits.limits import ADDRESS_FACTOR, DEFAULT_RATES, Category, Rate
from synctv.entrypoints.bootstrap.configuration import SettingsRefused, load
from synctv.entrypoints.bootstrap.settings import Settings
from synctv.entrypoints.bootstrap.translation import configured_rates

NOWHERE = {"XDG_DATA_HOME": "/nonexistent"}


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings file of the current folder takes part."""
    monkeypatch.chdir(tmp_path)


def settings(name: str, value: object) -> Settings:
    return load({name: value}, environ=NOWHERE).settings


def test_what_is_not_configured_is_as_the_limits_know_it_themselves() -> None:
    plain = load({}, environ=NOWHERE).settings
    assert configured_rates(plain) == DEFAULT_RATES
    assert plain.limits.address_factor == ADDRESS_FACTOR


@pytest.mark.parametrize("category", Category)
def test_the_limit_of_each_category_can_be_set(category: Category) -> None:
    rates = configured_rates(settings(f"limits.{category}_per_minute", 7))
    assert rates == {**DEFAULT_RATES, category: Rate(7, 60.0)}


@pytest.mark.parametrize("name", [f"{category}_per_minute" for category in Category] + ["address_factor"])
@pytest.mark.parametrize("value", [0, -1, 10**9])
def test_no_limit_is_nothing_or_endless(name: str, value: int) -> None:
    with pytest.raises(SettingsRefused, match=name):
        settings(f"limits.{name}", value)


@pytest.mark.parametrize(
    "text",
    [
        "https://watch.example.org",
        "http://192.168.1.2:8080",
        "http://localhost:5173",
        "https://[2001:db8::1]:8443",
        "https://xn--fiq228c.example",
        "https://a.example,https://b.example",
    ],
)
def test_origins_are_taken_as_browsers_write_them(text: str) -> None:
    assert ",".join(settings("http.cors_origins", text).http.cors_origins) == text


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "null",
        "https://*.example.org",
        "watch.example.org",
        "https://watch.example.org/",
        "https://watch.example.org/app",
        "https://watch.example.org?x",
        "https://watch.example.org#",
        "https://user@watch.example.org",
        "https://WATCH.example.org",
        "HTTPS://watch.example.org",
        "https://watch.example.org:443",
        "http://watch.example.org:80",
        "https://watch.example.org:",
        "https://watch.example.org:0",
        "https://watch.example.org:99999",
        "https://影院.example",
        "file:///tmp/page.html",
        "https://a.example, b.example",
    ],
)
def test_what_no_browser_would_send_is_refused(text: str) -> None:
    with pytest.raises(SettingsRefused, match=r"http\.cors_origins"):
        settings("http.cors_origins", text)
