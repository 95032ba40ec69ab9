"""The description of the API for people: a page of our own that reads the document. It loads nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from blacksheep import Content, Response

from synctv.application.limits.limits import Category
from synctv.entrypoints.http.answers import NO_CACHE
from synctv.entrypoints.http.endpoint import Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange

_FOLDER = Path(__file__).parent / "docs_page"
_FILES = {
    "/docs": ("index.html", "text/html", "The API for people to read"),
    "/docs/docs.js": ("docs.js", "text/javascript", "The script of that page"),
    "/docs/docs.css": ("docs.css", "text/css", "The style of that page"),
}
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    b"frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class DocsRoutes:
    """The endpoints of the page and what belongs to it."""

    def __init__(self) -> None:
        self._files = {
            path: (f"{media_type}; charset=utf-8".encode(), (_FOLDER / name).read_bytes())
            for path, (name, media_type, _) in _FILES.items()
        }

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint(
                method="GET",
                path=path,
                handler=self.show,
                summary=summary,
                tag="Server",
                answers={200: Said("The file", media_type=media_type)},
                caller=Caller.NOBODY,
                category=Category.READ,
            )
            for path, (_, media_type, summary) in _FILES.items()
        ]

    async def show(self, exchange: Exchange) -> Response:
        """Shows the page or a part of it."""
        # The router takes any case and a slash at the end.
        path = exchange.request.path.lower().rstrip("/")
        media_type, body = self._files[path]
        headers = [NO_CACHE, (b"Content-Security-Policy", _POLICY)]
        return Response(200, headers, Content(media_type, body))
