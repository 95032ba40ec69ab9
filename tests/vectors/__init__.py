"""Golden vectors: inputs and answers written down by hand, for every implementation that has to agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def vectors(name: str) -> Any:
    """What `tests/vectors/<name>.json` holds."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
