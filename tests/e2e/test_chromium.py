"""Browser tests are skipped only where that hides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.chromium import chromium_path


@pytest.fixture
def empty(tmp_path: Path) -> str:
    """A PATH with nothing on it."""
    return str(tmp_path)


def test_a_named_chromium_wins(tmp_path: Path) -> None:
    program = tmp_path / "my-browser"
    program.touch(mode=0o755)
    assert chromium_path({"SYNCTV_TEST_CHROMIUM": str(program)}) == str(program)


def test_a_named_chromium_that_is_not_there_fails(empty: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="SYNCTV_TEST_CHROMIUM"):
        chromium_path({"SYNCTV_TEST_CHROMIUM": f"{empty}/nothing"})


def test_without_chromium_a_developers_run_skips_with_what_to_install(empty: str) -> None:
    with pytest.raises(pytest.skip.Exception, match="install `chromium`"):
        chromium_path({"PATH": empty})


def test_without_chromium_ci_fails(empty: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="install `chromium`"):
        chromium_path({"PATH": empty, "CI": "true"})
