"""Answers of the proxy as responses: sent piece by piece, as fast as the viewer takes them."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from blacksheep import Content, Response, StreamedContent

from synctv.application.delivery.answer import MediaAnswer

_WRITTEN_WITH_THE_BODY = frozenset({"content-type", "content-length"})


def media_response(answer: MediaAnswer) -> Response:
    """The response, which closes the answer when it was sent or nobody wants it any more."""
    headers = [
        (name.encode(), value.encode("latin-1", "replace"))
        for name, value in answer.headers.items()
        if name not in _WRITTEN_WITH_THE_BODY
    ]
    content_type = answer.headers.get("content-type", "application/octet-stream").encode("latin-1", "replace")
    length = int(answer.headers.get("content-length", -1))
    if answer.body is None:
        return Response(answer.status, headers, _Announced(content_type, length) if length >= 0 else None)

    async def pieces() -> AsyncGenerator[bytes, None]:
        try:
            if answer.body is not None:
                async for piece in answer.body:
                    yield bytes(piece)
        finally:
            await answer.aclose()

    return Response(answer.status, headers, StreamedContent(content_type, pieces, length))


class _Announced(Content):
    """A body that a GET would get: its length is told, and nothing is sent."""

    def __init__(self, content_type: bytes, length: int) -> None:
        super().__init__(content_type, b"")
        self.length = length
