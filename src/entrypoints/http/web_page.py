"""The page: the files of its build, and its one document for every address that is the page's own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from blacksheep import Content, Request, Response

from synctv.entrypoints.http.answers import NO_CACHE, NO_STORE
from synctv.entrypoints.http.headers import PAGE_POLICY
from synctv.entrypoints.http.static_files import StaticFile, find_file

DOCUMENT = "index.html"
HASHED = "assets/"
"""The folder whose files carry a digest in their names, so that they never change."""

_FOREVER = (b"Cache-Control", b"public, max-age=31536000, immutable")
_NOT_BUILT = (
    "The page has not been built yet. `make page` in the source folder builds it; `make serve` does so by itself.\n"
    "The API is at /api/v1, its description at /docs.\n"
)


async def page_response(folder: Path, request: Request) -> Response | None:
    """The answer to a GET outside the API; None when there is no such file and it is no address of the page."""
    relative = request.path.strip("/")
    accepted = (request.get_first_header(b"accept-encoding") or b"").decode("latin-1")
    found = await asyncio.to_thread(find_file, folder, relative, accepted) if relative else None
    if found is None and not _is_address_of_the_page(relative):
        return None
    if found is None:
        relative = DOCUMENT
        found = await asyncio.to_thread(find_file, folder, DOCUMENT, accepted)
    if found is None:
        return Response(404, [NO_STORE], Content(b"text/plain; charset=utf-8", _NOT_BUILT.encode()))
    return await _sent(found, relative, request)


def _is_address_of_the_page(relative: str) -> bool:
    """Whether the page itself shows something there: its addresses have no file extension."""
    return not relative.startswith(HASHED) and "." not in relative.rpartition("/")[2]


async def _sent(file: StaticFile, relative: str, request: Request) -> Response:
    headers = [
        _FOREVER if relative.startswith(HASHED) else NO_CACHE,
        (b"Content-Security-Policy", PAGE_POLICY.encode()),
        (b"ETag", file.etag.encode()),
        (b"Vary", b"Accept-Encoding"),
    ]
    if _knows(request, file.etag):
        return Response(304, headers)
    if file.encoding is not None:
        headers.append((b"Content-Encoding", file.encoding.encode()))
    body = await asyncio.to_thread(file.path.read_bytes)
    return Response(200, headers, Content(file.media_type.encode(), body))


def _knows(request: Request, etag: str) -> bool:
    known = (request.get_first_header(b"if-none-match") or b"").decode("latin-1")
    return known.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
