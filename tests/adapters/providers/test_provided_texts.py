"""The page's Chinese words for what the server says in English: of everything that providers say, and of nothing else.

Both files of the page have one text a line, with the English one as its key.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from synctv.adapters.memory.clock import MemoryClock
from synctv.adapters.memory.fetch import MemoryFetch
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.registry import all_providers
from synctv.application.ports.providers import FormField, Manifest
from tests.adapters.extractors.scripted import ScriptedExtractor

ROOT = Path(__file__).parents[3]
WORDS = ROOT / "web/src/lib/i18n"
KEY = re.compile(r"""^  (?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\w+)):""", re.MULTILINE)
HOLE = re.compile(r"\{\w*\}")
LIKE_NO_SENTENCE = re.compile(r"https?://[\w.:/-]+|[\w.-]+\.\w+|[\w-]+[=…]+|/?[\w/ ]+\.mp4")
"""Examples of what to fill in, which are the same in every language."""

NAMES = frozenset(
    {
        "Alist / OpenList", "Amazon S3", "Authorization", "Backblaze B2", "Bearer …", "Bilibili", "Cloudflare R2",
        "Cloudreve", "Jellyfin / Emby", "MinIO", "Nextcloud", "QNAP", "Seafile", "Synology", "TrueNAS", "Wasabi",
        "WebDAV", "eu-central-1", "films", "fnOS", "ownCloud", "us-east-1", "yes",
    }
)  # fmt: skip
"""What has one name everywhere."""


def known(file: str) -> frozenset[str]:
    """The English texts that a file of the page has Chinese ones for."""
    found = KEY.finditer((WORDS / file).read_text(encoding="utf-8"))
    return frozenset(next(key for key in match.groups() if key is not None) for match in found)


def said_in(manifest: Manifest) -> Iterator[str]:
    yield manifest.title
    for form in (*manifest.logins, *manifest.codes):
        yield from (form.label, form.help)
        yield from said_of(form.fields)
    yield from said_of(manifest.source)


def said_of(fields: tuple[FormField, ...]) -> Iterator[str]:
    for field in fields:
        yield from (field.label, field.placeholder, field.help)


@pytest.fixture(scope="module")
def said() -> frozenset[str]:
    """All that the providers of this server say of themselves and their forms."""
    providers = all_providers(ProviderKit(MemoryFetch(), MemoryClock(), ScriptedExtractor()))
    return frozenset(text for one in providers.values() for text in said_in(one.manifest) if text)


def test_the_page_has_chinese_words_for_what_providers_say(said: frozenset[str]) -> None:
    words = said - NAMES - {text for text in said if LIKE_NO_SENTENCE.fullmatch(text)}
    assert sorted(words - known("zh.provided.ts")) == []


def test_the_page_has_no_words_for_what_no_provider_says(said: frozenset[str]) -> None:
    assert sorted(known("zh.provided.ts") - said) == []
    assert sorted(NAMES - said) == []


def test_sentences_that_the_page_translates_are_those_of_the_server() -> None:
    sentences = set()
    for path in (ROOT / "src").rglob("*.py"):
        sentences |= {text_of(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))}
    assert sorted(key for key in known("zh.sentences.ts") if HOLE.sub("{}", key) not in sentences) == []


def text_of(node: ast.AST) -> str:
    """A text of the code, with `{}` where it is filled in; empty for everything else."""
    match node:
        case ast.Constant(value=str() as text):
            return HOLE.sub("{}", text)
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case _:
            return ""
