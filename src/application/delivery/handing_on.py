"""Answers that are not made of slices: the upstream's own, with what may be told of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

from synctv.application.delivery.answer import MediaAnswer, MediaRequest
from synctv.application.delivery.plan import Plan, unsatisfiable, unsent, validators
from synctv.application.delivery.relay import Relay
from synctv.application.delivery.source import Beyond, Part, Source, Whole
from synctv.application.delivery.tally import MediaTally
from synctv.application.ports.slices import Piece
from synctv.domain.delivery.conditions import range_counts
from synctv.domain.delivery.media_object import MediaObject
from synctv.domain.delivery.ranges import Asked, Span, Unsatisfiable, parse_range


async def handed_on(source: Source, request: MediaRequest, tally: MediaTally, stack: AsyncExitStack) -> MediaAnswer:
    """The upstream's answer to the request, which takes over what is in the stack.

    A range is asked for as it came if it is a single one. Where the upstream ignores it the answer is everything, as it
    would be for a viewer who asked there.
    """
    try:
        asked = _single(request)
    except Unsatisfiable:
        return MediaAnswer(416, unsatisfiable(None).headers)
    async with AsyncExitStack() as opening:
        answer = await opening.enter_async_context(source.answer(asked))
        if not _fits(request, answer):
            await opening.aclose()
            answer = await opening.enter_async_context(source.answer(None))
        planned = _plan(request, answer)
        if isinstance(answer, Beyond) or not planned.spans or request.method == "HEAD":
            return MediaAnswer(planned.status, planned.headers)
        relay = _relay(source, answer)
        relay.take(answer.stream, opening.pop_all())
    stack.push_async_callback(relay.aclose)
    tally.bypasses += 1
    return MediaAnswer(planned.status, planned.headers, _body(relay, tally), stack.pop_all())


def _fits(request: MediaRequest, answer: Part | Whole | Beyond) -> bool:
    """Whether the answer is one to the request: not a part of another version, nor of who knows how much."""
    match answer:
        case Part(media=media):
            return range_counts(request.conditions, media)
        case Whole(stream=stream):
            return stream.status == 200
        case _:
            return True


def _single(request: MediaRequest) -> Asked | None:
    asked = parse_range(request.range)
    return asked[0] if asked is not None and len(asked) == 1 else None


def _plan(request: MediaRequest, answer: Part | Whole | Beyond) -> Plan:
    """Status and headers. Spans tell only whether there is a body."""
    match answer:
        case Beyond(length):
            return unsatisfiable(length)
        case Part(_, span, media):
            headers = {**_told(media), "accept-ranges": "bytes", "content-length": str(len(span))}
            headers["content-range"] = span.content_range(media.length)
            return unsent(request.conditions, media) or Plan(206, headers, (span,))
        case Whole():
            return _whole(request, answer)


def _whole(request: MediaRequest, answer: Whole) -> Plan:
    media = answer.media
    if media is None:
        return Plan(200, {"content-type": answer.content_type, "accept-ranges": "none"}, (Span(0, 1),))
    accepts = "bytes" if answer.stream.headers.get("accept-ranges", "").strip().lower() == "bytes" else "none"
    headers = {**_told(media), "accept-ranges": accepts, "content-length": str(media.length)}
    everything = (Span(0, media.length),) if media.length else ()
    return unsent(request.conditions, media) or Plan(200, headers, everything)


def _told(media: MediaObject) -> dict[str, str]:
    return {**validators(media), "content-type": media.content_type}


def _relay(source: Source, answer: Part | Whole) -> Relay:
    if isinstance(answer, Part):
        return Relay(source, answer.media, answer.span)
    return Relay(source, answer.media, Span(0, answer.media.length) if answer.media else None)


async def _body(relay: Relay, tally: MediaTally) -> AsyncGenerator[Piece, None]:
    while (chunk := await relay.read()) is not None:
        tally.served_bytes += len(chunk)
        yield chunk
