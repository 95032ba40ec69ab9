"""Deno itself, as `make serve` installs it, in a worker: YouTube's pages hold JavaScript that has to be run."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import pytest

from tests.adapters.extractors.test_worker import JOB, heard, say, worker

pytestmark = pytest.mark.extractor

DEED = """
import yt_dlp_ejs.yt.solver as solver
from yt_dlp.utils._jsruntime import DenoJsRuntime
runtime = DenoJsRuntime().info
if runtime is None or not runtime.supported:
    return {"info": {"title": "no runtime"}}
command = [runtime.path, "run", "--ext=js", "--no-prompt", "--no-remote", "--no-config", "--no-npm", "--cached-only"]
ran = subprocess.run([*command, "-"], input=solver.lib() + ";" + job["url"], capture_output=True, text=True)
return {"info": {"title": ran.stdout.strip() or ran.stderr.strip()}}
"""


def printed(program: str) -> str:
    """What a program prints that a worker runs behind the parser of yt-dlp."""
    if not (Path(sysconfig.get_path("scripts")) / "deno").exists():
        missing = "No Deno beside this Python: `make venv` installs it where there is one for the machine."
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with worker(DEED) as process:
        say(process, JOB | {"url": program})
        answer = heard(process)
        assert isinstance(answer, dict)
        return str(answer["info"]["title"])


def test_a_worker_finds_it_and_has_the_memory_for_it() -> None:
    assert printed('console.log(lib.astring.generate(lib.meriyah.parse("a=1+b")))') == "a = 1 + b;"


@pytest.mark.parametrize("deed", ["Deno.readTextFileSync('/etc/passwd')", "await fetch('http://127.0.0.1:8080/')"])
def test_a_page_reaches_neither_files_nor_the_network_with_it(deed: str) -> None:
    assert printed(f"try {{ {deed} }} catch (error) {{ console.log(error.name) }}") == "NotCapable"
