"""What lies beside the code is sound: locks, links between documents, scripts."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

LOCKS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "requirements").glob("*.txt"))


def committed(*patterns: str) -> list[Path]:
    """Files that git knows, or is not told to ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in run.stdout.splitlines() if (ROOT / line).exists()]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_every_package_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9._-]+==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", text, flags=re.MULTILINE)
    assert len(packages) == len(re.findall(r"^[^ #]", text, flags=re.MULTILINE)) > 0
    assert "://" not in text
    assert "--index" not in text


def test_the_lock_of_the_page_names_no_host() -> None:
    text = (ROOT / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert text.count('"integrity"') > 20
    assert '"resolved"' not in text, "Run npm with omit-lockfile-registry-resolved=true, as web/.npmrc says."


def test_developers_run_the_versions_that_production_runs() -> None:
    pins = {name: dict(re.findall(r"^(\S+)==(\S+)", (ROOT / name).read_text(), flags=re.MULTILINE)) for name in LOCKS}
    assert len(pins["requirements/runtime.txt"]) > 20
    assert pins["requirements/runtime.txt"].items() <= pins["requirements/dev.txt"].items()


def test_links_between_documents_lead_somewhere() -> None:
    documents = committed("*.md")
    assert len(documents) > 5
    broken = [
        f"{document.relative_to(ROOT)} → {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert not broken, "\n".join(broken)


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    records = sorted(path.name for path in folder.glob("0*.md"))
    assert records
    assert [name for name in records if f"({name})" not in index] == []


def test_scripts_can_be_started() -> None:
    scripts = [path for path in committed("tools/*", ".ci/*") if path.read_bytes().startswith(b"#!")]
    assert len(scripts) > 3
    assert [script.name for script in scripts if not os.access(script, os.X_OK)] == []
