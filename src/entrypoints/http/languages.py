"""Which of the product's languages a client would like to read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from synctv.domain.accounts.account import Language

_LANGUAGES: Mapping[str, Language] = {language.value: language for language in Language}
_QUALITY = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)
_MOST = 32
"""Nobody reads more languages; what comes after them is left out."""


def preferred_language(header: str) -> Language | None:
    """The best of `Accept-Language` (RFC 9110, 12.5.4) that the product speaks; None where it names none of them.

    Regions and scripts are left out of the comparison: `zh-TW` is Chinese. Of equals, the first is meant.
    """
    wanted = [_wanted(item) for item in header.split(",", _MOST)[:_MOST]]
    spoken = [(quality, language) for quality, language in wanted if language is not None and quality > 0]
    return max(spoken, key=lambda one: one[0])[1] if spoken else None


def _wanted(item: str) -> tuple[float, Language | None]:
    tag, semicolon, weight = item.partition(";")
    quality = _QUALITY.fullmatch(weight)
    language = _LANGUAGES.get(tag.strip().lower().partition("-")[0])
    if not semicolon:
        return 1.0, language
    return (float(quality[1]) if quality else 0.0), language
