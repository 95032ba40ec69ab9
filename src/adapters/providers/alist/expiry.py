"""When a signed address runs out, as far as the address itself tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from synctv.domain.ids import MICROS, Micros

MAX_FIELDS = 100

# Names that clouds give to an instant in seconds since 1970.
_INSTANTS = ("expires", "x-oss-expires", "expire", "exp", "e", "deadline")
_SIGN = re.compile(r"[A-Za-z0-9_=-]+:(\d{1,12})", re.ASCII)
_EARLIEST, _LATEST = 1_000_000_000, 10_000_000_000


def expiry_of(url: str) -> Micros | None:
    """The instant; None where the address names none that makes sense."""
    try:
        pairs = parse_qsl(urlsplit(url).query, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    query = {name.lower(): value for name, value in pairs}
    found = [seconds for name in _INSTANTS if (seconds := _instant(query.get(name, ""))) is not None]
    signed = _SIGN.fullmatch(query.get("sign", ""))
    if signed is not None and (seconds := _instant(signed[1])) is not None:
        found.append(seconds)
    if (seconds := _amazon(query)) is not None:
        found.append(seconds)
    return Micros(min(found) * MICROS) if found else None


def _instant(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        return None
    return int(text) if _EARLIEST <= int(text) < _LATEST else None


def _amazon(query: Mapping[str, str]) -> int | None:
    """The scheme of Amazon's S3, which others speak too: when it was signed, and for how many seconds."""
    for brand in ("amz", "goog"):
        lasts = query.get(f"x-{brand}-expires", "")
        try:
            signed = datetime.strptime(query.get(f"x-{brand}-date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            continue
        if lasts.isascii() and lasts.isdigit() and len(lasts) <= 7:
            return int(signed.timestamp()) + int(lasts)
    return None
