"""Which Chromium the browser tests drive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

import pytest

COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")


def chromium_path(environment: Mapping[str, str] = os.environ) -> str:
    """The program named by `SYNCTV_TEST_CHROMIUM`, else the first one on the PATH.

    Without one the test that asks is skipped; where `CI` is `true` it fails, so that no run is green by having skipped.
    """
    named = environment.get("SYNCTV_TEST_CHROMIUM")
    if named is not None:
        if (program := shutil.which(named)) is None:
            pytest.fail(f"SYNCTV_TEST_CHROMIUM={named} is not a program that can be started.")
        return program
    for command in COMMANDS:
        if (program := shutil.which(command, path=environment.get("PATH"))) is not None:
            return program
    missing = "No Chromium found: install `chromium` or `google-chrome`, or name one with SYNCTV_TEST_CHROMIUM."
    if environment.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
