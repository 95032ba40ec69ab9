"""The JSON that sites write for their own players: Bilibili's, and YouTube's `json3`."""

from __future__ import annotations

from collections.abc import Iterator

from synctv.domain.delivery.webvtt import Cue, cue_text


def read_json(document: object) -> Iterator[Cue] | None:
    """The cues; None when it is neither of the two."""
    if not isinstance(document, dict):
        return None
    body, events = document.get("body"), document.get("events")
    if isinstance(body, list):
        return _bilibili(body)
    return _youtube(events) if isinstance(events, list) else None


def _bilibili(body: list[object]) -> Iterator[Cue]:
    for line in body:
        if isinstance(line, dict) and isinstance(line.get("content"), str):
            start, end = _number(line.get("from")), _number(line.get("to"))
            if start is not None and end is not None:
                yield Cue(start, end, cue_text([line["content"]]))


def _youtube(events: list[object]) -> Iterator[Cue]:
    """A line that rolls up overlaps the one before, which ends where it begins."""
    last: Cue | None = None
    for event in events:
        cue = _event(event)
        if cue is None:
            continue
        if last is not None:
            yield (
                Cue(last.start, max(last.start, min(last.end, cue.start)), last.text)
                if cue.start > last.start
                else last
            )
        last = cue
    if last is not None:
        yield last


def _event(event: object) -> Cue | None:
    if not isinstance(event, dict) or not isinstance(event.get("segs"), list):
        return None
    start, length = _number(event.get("tStartMs")), _number(event.get("dDurationMs"))
    said = (segment.get("utf8") for segment in event["segs"] if isinstance(segment, dict))
    text = cue_text(text for text in said if isinstance(text, str))
    if start is None or length is None or not text:
        return None
    return Cue(start / 1_000, (start + length) / 1_000, text)


def _number(value: object) -> float | None:
    """A number that times are made of; JSON knows larger ones."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e12 else None
