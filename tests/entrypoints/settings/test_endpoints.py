"""The file in which a running server says where it can be reached."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from synctv.entrypoints.bootstrap.endpoints import announced, read

HTTP = {"http": "http://127.0.0.1:8080"}
REALTIME = {"realtime": "ws://127.0.0.1:8081"}


def test_a_folder_without_a_server_has_no_endpoints(tmp_path: Path) -> None:
    assert read(tmp_path) == {}


def test_the_addresses_are_there_while_the_server_runs(tmp_path: Path) -> None:
    with announced(tmp_path, HTTP | REALTIME):
        content = json.loads((tmp_path / "run" / "endpoints.json").read_text())
        assert content == HTTP | REALTIME == read(tmp_path)
    assert read(tmp_path) == {}
    assert not (tmp_path / "run" / "endpoints.json").exists()


def test_they_are_taken_out_when_the_server_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), announced(tmp_path, HTTP):
        raise RuntimeError
    assert read(tmp_path) == {}


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    with announced(tmp_path, HTTP):
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "run" / "endpoints.json").stat().st_mode) == 0o600


def test_processes_that_share_a_folder_keep_to_their_own(tmp_path: Path) -> None:
    with announced(tmp_path, HTTP):
        with announced(tmp_path, REALTIME):
            assert read(tmp_path) == HTTP | REALTIME
        assert read(tmp_path) == HTTP


def test_a_successor_keeps_its_address_when_the_predecessor_ends(tmp_path: Path) -> None:
    successor = {"http": "http://127.0.0.1:9999"}
    with announced(tmp_path, HTTP):
        later = announced(tmp_path, successor)
        later.__enter__()
    assert read(tmp_path) == successor


@pytest.mark.parametrize("text", ["", "{", "[]", '{"http": 1}', "null"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "endpoints.json").write_text(text)
    assert read(tmp_path) == {}
    with announced(tmp_path, HTTP):
        assert read(tmp_path) == HTTP
