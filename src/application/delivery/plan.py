"""What an answer consists of, once it is known what the upstream has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synctv.application.delivery.answer import MediaRequest
from synctv.domain.delivery.conditions import Conditions, Verdict, judge, range_counts
from synctv.domain.delivery.media_object import MediaObject
from synctv.domain.delivery.ranges import Multipart, Span, Unsatisfiable, parse_range, spans


@dataclass(frozen=True, slots=True)
class Plan:
    """Status and headers, and which bytes: none, one span, or several in a multipart body."""

    status: int
    headers: Mapping[str, str]
    spans: tuple[Span, ...] = ()
    multipart: Multipart | None = None


def plan(request: MediaRequest, media: MediaObject) -> Plan:
    """The answer to a request for this version."""
    conditions = request.conditions
    if (refused := unsent(conditions, media)) is not None:
        return refused
    try:
        asked = parse_range(request.range) if range_counts(conditions, media) else None
        wanted = spans(asked, media.length) if asked is not None else None
    except Unsatisfiable:
        return unsatisfiable(media.length)
    told = {**validators(media), "accept-ranges": "bytes", "content-type": media.content_type}
    if wanted is None:
        everything = (Span(0, media.length),) if media.length else ()
        return Plan(200, told | {"content-length": str(media.length)}, everything)
    if len(wanted) == 1:
        (span,) = wanted
        sized = {"content-length": str(len(span)), "content-range": span.content_range(media.length)}
        return Plan(206, told | sized, wanted)
    parts = Multipart(wanted, media.length, media.content_type, media.version(0))
    sized = {"content-length": str(parts.content_length), "content-type": parts.media_type}
    return Plan(206, told | sized, wanted, parts)


def unsent(conditions: Conditions, media: MediaObject) -> Plan | None:
    """The answer without a body that the conditions demand, if they do."""
    match judge(conditions, media):
        case Verdict.FAILED:
            return Plan(412, {"content-length": "0"})
        case Verdict.NOT_MODIFIED:
            return Plan(304, validators(media))
        case Verdict.SEND:
            return None


def unsatisfiable(length: int | None) -> Plan:
    """The answer to a range that is not there."""
    headers = {"content-length": "0"}
    return Plan(416, headers if length is None else headers | {"content-range": f"bytes */{length}"})


def validators(media: MediaObject) -> dict[str, str]:
    """What a viewer can tell this version by later on."""
    found = {"etag": media.etag, "last-modified": media.last_modified}
    return {name: value for name, value in found.items() if value is not None}
