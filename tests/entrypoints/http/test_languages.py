"""Which of the product's languages a client asks for."""

from __future__ import annotations

import pytest

from synctv.entrypoints.http.languages import preferred_language


@pytest.mark.parametrize(
    "header,language",
    [
        ("", None),
        ("*", None),
        ("fr", None),
        ("en", "en"),
        ("EN-us", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hant-TW", "zh"),
        ("fr-FR, en;q=0.3, zh;q=0.7", "zh"),
        ("fr, en ; q=0.5 , *;q=0.1", "en"),
        ("en;q=0, zh;q=0.001", "zh"),
        ("en;q=0", None),
        ("en, zh", "en"),
        ("zh;Q=1.000, en", "zh"),
        ("english, chinese", None),
        ("en;q=2, zh;q=0.1", "zh"),
        ("en;q=, zh;q=-1", None),
        (";q=1,,;,en", "en"),
        (",".join(["fr"] * 32 + ["en"]), None),
        ("x" * 100_000, None),
    ],
)
def test_the_best_language_that_is_spoken_here_is_taken(header: str, language: str | None) -> None:
    assert preferred_language(header) == language
