"""The reference page says what the model says, and nothing shows a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from synctv.entrypoints.bootstrap.configuration import OPTIONS, load
from synctv.entrypoints.bootstrap.reference import in_force, page

ROOT = Path(__file__).resolve().parents[3]


def test_the_committed_page_is_current() -> None:
    committed = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert committed == page(), "Run `synctv config docs > docs/configuration.md` and commit the result."


def test_the_page_does_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = page()
    monkeypatch.setenv("HOME", "/elsewhere")
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    assert page() == before
    assert str(Path.home()) not in before


@pytest.mark.parametrize("path", OPTIONS)
def test_every_option_explains_itself(path: str) -> None:
    option = OPTIONS[path]
    assert (option.field.description or "").endswith(".")
    assert option.allowed
    assert f"`{option.variable}`" in page()


@pytest.mark.parametrize("path", [path for path in OPTIONS if path.endswith(("_seconds", "_bytes", "_kib"))])
def test_every_quantity_has_a_unit_and_a_range(path: str) -> None:
    option = OPTIONS[path]
    assert option.unit in {"seconds", "bytes", "KiB"}
    assert " from " in option.allowed
    assert " to " in option.allowed


def test_names_that_other_tools_rely_on_are_there() -> None:
    variables = {option.variable for option in OPTIONS.values()}
    assert {
        "SYNCTV_DATA_DIR",
        "SYNCTV_STORAGE__KIND",
        "SYNCTV_DATABASE__URL",
        "SYNCTV_REDIS__URL",
        "SYNCTV_HTTP__HOST",
        "SYNCTV_HTTP__PORT",
        "SYNCTV_REALTIME__HOST",
        "SYNCTV_REALTIME__PORT",
        "SYNCTV_REALTIME__PUBLIC_URL",
        "SYNCTV_METRICS__PORT",
        "SYNCTV_BOOTSTRAP__ROOT_USERNAME",
        "SYNCTV_BOOTSTRAP__ROOT_PASSWORD",
    } <= variables


def test_what_is_in_force_is_shown_with_its_origin_and_without_secrets() -> None:
    environ = {"SYNCTV_DATABASE__URL": "postgresql://app:hunter2@db/synctv", "SYNCTV_HTTP__PORT": "81"}
    shown = {option.path: option for option in in_force(load(environ=environ))}
    assert list(shown) == list(OPTIONS)
    assert (shown["http.port"].value, shown["http.port"].origin) == ("81", "environment SYNCTV_HTTP__PORT")
    assert (shown["http.docs"].value, shown["http.docs"].origin) == ("true", "")
    assert shown["database.url"].value == "set, not shown"
    assert shown["redis.url"].value == "not set"
    assert not any("hunter2" in option.value for option in shown.values())
