"""The file in which a running server says where it can be reached."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from synctv.entrypoints.bootstrap.endpoints import DataFolderRefused, alive, announced, is_alive, read, run_folder

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


def test_a_process_is_alive_until_it_ends(tmp_path: Path) -> None:
    assert not is_alive(tmp_path)
    with alive(tmp_path):
        with alive(tmp_path):
            assert is_alive(tmp_path)
        assert is_alive(tmp_path)
    assert not is_alive(tmp_path)


def test_a_process_that_was_killed_is_not_alive(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from synctv.entrypoints.bootstrap.endpoints import alive\n"
        "with alive(pathlib.Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert is_alive(tmp_path)
        process.kill()
        process.wait()
        assert not is_alive(tmp_path)


def test_a_data_folder_that_can_not_be_made_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderRefused, match="--data-dir"):
        run_folder(tmp_path / "file" / "data")
