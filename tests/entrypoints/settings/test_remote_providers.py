"""Providers of other processes, as they stand in the settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synctv.adapters.providers.remote.address import RemoteAddress
from synctv.domain.errors import Invalid
from synctv.entrypoints.bootstrap.configuration import SettingsRefused, load
from synctv.entrypoints.bootstrap.translation import remote_providers

VARIABLE = "SYNCTV_PROVIDERS__REMOTE"
TOKEN = "a token that nobody guesses"


def given(*entries: object) -> tuple[RemoteAddress, ...]:
    return remote_providers(load(environ={VARIABLE: json.dumps(entries)}).settings)


def test_they_are_a_list_of_tables_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "synctv.toml"
    file.write_text(
        '[[providers.remote]]\nname = "films"\nurl = "grpcs://nas.lan:1"\nprovider = "s3"\n'
        f'token = "{TOKEN}"\n[[providers.remote]]\nname = "near"\nurl = "grpc://127.0.0.1"\n'
    )
    loaded = load(config=file, environ={})
    assert remote_providers(loaded.settings) == (
        RemoteAddress("films", "grpcs://nas.lan:1", "s3", TOKEN),
        RemoteAddress("near", "grpc://127.0.0.1", "near"),
    )
    assert "nobody guesses" not in str(loaded.settings.providers.remote[0]) + repr(loaded.settings)


@pytest.mark.parametrize(
    "entries, said",
    [
        ([{"name": "Films", "url": "grpcs://nas.lan"}], "small letters"),
        ([{"name": "films", "url": "https://nas.lan"}], "grpcs://host:port"),
        ([{"name": "films", "url": "grpc://nas.lan"}], "Use grpcs://"),
        ([{"name": "films", "url": "grpc://localhost", "ca_file": __file__}], "certificates"),
        ([{"name": "films", "url": "grpcs://nas.lan", "token": "short"}], "Allowed"),
        ([{"name": "films", "url": "grpcs://a"}, {"name": "films", "url": "grpcs://b"}], "same name"),
        ([{"name": "films"}], "Allowed"),
        ("films", "Allowed"),
    ],
)
def test_what_could_not_work_is_refused_at_the_start(entries: object, said: str) -> None:
    with pytest.raises(SettingsRefused) as caught:
        load(environ={VARIABLE: json.dumps(entries)})
    assert said in str(caught.value)
    assert str(caught.value).startswith("providers.remote (environment")


def test_a_text_that_is_no_json_is_told() -> None:
    with pytest.raises(SettingsRefused, match="no JSON"):
        load(environ={VARIABLE: "films=grpcs://nas.lan"})


def test_the_name_of_a_built_in_provider_is_taken() -> None:
    with pytest.raises(Invalid, match="direct is built in"):
        given({"name": "direct", "url": "grpcs://nas.lan"})
