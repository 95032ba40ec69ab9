"""What a server answers to who has not proved himself: `WWW-Authenticate` (RFC 9110, 11.6.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_LENGTH = 16_384
MAX_CHALLENGES = 16

_WORD = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_PARAMETER = re.compile(rf'({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))', re.DOTALL)
_SCHEME = re.compile(rf"({_WORD})(?:\s+[A-Za-z0-9\-._~+/]+=*(?=\s*(?:,|$)))?")
_BETWEEN = re.compile(r"[\s,]*")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to prove oneself. Names are lower case."""

    scheme: str
    parameters: Mapping[str, str]


def challenges_of(header: str) -> list[Challenge]:
    """The challenges of a header, or of several that were joined by commas, up to the first that makes no sense."""
    text, found, position = header[:MAX_LENGTH], list[tuple[str, dict[str, str]]](), 0
    while (position := _skipped(text, position)) < len(text) and len(found) <= MAX_CHALLENGES:
        parameter = _PARAMETER.match(text, position)
        if parameter is not None and found:
            name, quoted, plain = parameter.groups()
            found[-1][1].setdefault(name.lower(), plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
            position = parameter.end()
            continue
        scheme = _SCHEME.match(text, position)
        if scheme is None:
            break
        found.append((scheme[1].lower(), {}))
        position = scheme.end()
    return [Challenge(name, parameters) for name, parameters in found[:MAX_CHALLENGES]]


def _skipped(text: str, position: int) -> int:
    between = _BETWEEN.match(text, position)
    return between.end() if between is not None else position
