"""Conditional requests: whether a viewer has the bytes already, or wants them of one version only (RFC 9110, 13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from synctv.domain.delivery.media_object import MediaObject, http_date

_LISTED = re.compile(r'[ \t]*((?:W/)?"[^"]*")[ \t]*(?:,|$)')
_MAX_LENGTH = 4_000


@dataclass(frozen=True, slots=True)
class Conditions:
    """The headers of a request as they came; None for those that did not."""

    if_match: str | None = None
    if_unmodified_since: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_range: str | None = None


class Verdict(Enum):
    """What is to be done with the request."""

    SEND = "send"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"


def judge(conditions: Conditions, media: MediaObject) -> Verdict:
    """What the conditions but `If-Range` demand, in the order of RFC 9110, 13.2.2, of a GET or HEAD."""
    if conditions.if_match is not None:
        if not _matches(conditions.if_match, media.etag, weak=False):
            return Verdict.FAILED
    elif conditions.if_unmodified_since is not None and _modified_since(media, conditions.if_unmodified_since) is True:
        return Verdict.FAILED
    if conditions.if_none_match is not None:
        if _matches(conditions.if_none_match, media.etag, weak=True):
            return Verdict.NOT_MODIFIED
    elif conditions.if_modified_since is not None and _modified_since(media, conditions.if_modified_since) is False:
        return Verdict.NOT_MODIFIED
    return Verdict.SEND


def range_counts(conditions: Conditions, media: MediaObject) -> bool:
    """Whether the `Range` is to be heeded: it is of this version, or of whichever (RFC 9110, 13.1.5).

    A tag has to be strong, and a date the very one that was sent.
    """
    wanted = conditions.if_range
    if wanted is None:
        return True
    wanted = wanted.strip(" \t")
    if wanted.endswith('"'):
        return wanted.startswith('"') and wanted == media.etag
    return (moment := http_date(wanted)) is not None and moment == http_date(media.last_modified)


def _modified_since(media: MediaObject, header: str) -> bool | None:
    """Whether it changed after that; None where either date is unknown, so that the condition counts for nothing."""
    since, modified = http_date(header.strip(" \t")), http_date(media.last_modified)
    return None if since is None or modified is None else modified > since


def _matches(header: str, etag: str | None, *, weak: bool) -> bool:
    if header.strip(" \t") == "*":
        return True
    if etag is None or len(header) > _MAX_LENGTH or (not weak and etag.startswith("W/")):
        return False
    ours = etag.removeprefix("W/") if weak else etag
    listed = _LISTED.findall(header)
    return any((one.removeprefix("W/") if weak else one) == ours for one in listed)
