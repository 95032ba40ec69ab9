"""Media, handed on to players. Who may have it stands in the address, so no other sign-in is looked at."""

from __future__ import annotations

from blacksheep import Response

from synctv.application.application import Application
from synctv.application.delivery.answer import MediaRequest
from synctv.application.limits.limits import Category
from synctv.entrypoints.http.endpoint import UPSTREAM, Caller, Endpoint, Said
from synctv.entrypoints.http.exchange import Exchange
from synctv.entrypoints.http.media_response import media_response, takes_files

PATH = "/media/v1"
_BYTES = "application/octet-stream"
_CODES = ("not_found", "permission_denied", "rate_limited", "token_expired", "unavailable", *UPSTREAM)


class MediaRoutes:
    """The endpoints of the proxy."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            self._endpoint(f"{PATH}/{{token}}/{{name}}", "A variant, a subtitle or comments of a playable"),
            self._endpoint(
                f"{PATH}/{{token}}/{{sealed}}/{{tail}}", "What a playlist or manifest of it names", deep=True
            ),
        ]

    def _endpoint(self, path: str, summary: str, *, deep: bool = False) -> Endpoint:
        return Endpoint(
            method="GET",
            path=path,
            handler=self.open,
            summary=summary,
            tag="Media",
            answers={
                200: Said("Everything", media_type=_BYTES),
                206: Said("The range that was asked for", media_type=_BYTES),
                304: Said("What the player has is still the same"),
                412: Said("What the player has is another version"),
                416: Said("There are no such bytes"),
            },
            caller=Caller.NOBODY,
            category=Category.STREAMING,
            deep=deep,
            codes=_CODES,
        )

    async def open(self, exchange: Exchange) -> Response:
        """Sends media. The path is taken as it came: what is encoded in it means something to somebody else."""
        url = exchange.request.url
        _, _, rest = url.path.decode("ascii", "replace").partition(f"{PATH}/")
        token, _, rest = rest.partition("/")
        request = MediaRequest(
            method=exchange.request.method,
            range=_header(exchange, b"range"),
            if_range=_header(exchange, b"if-range"),
            if_match=_header(exchange, b"if-match"),
            if_none_match=_header(exchange, b"if-none-match"),
            if_modified_since=_header(exchange, b"if-modified-since"),
            if_unmodified_since=_header(exchange, b"if-unmodified-since"),
            takes_files=takes_files(exchange.request),
        )
        query = (url.query or b"").decode("ascii", "replace")
        return media_response(exchange.request, await self._application.media.open(token, rest, query, request))


def _header(exchange: Exchange, name: bytes) -> str | None:
    return exchange.header(name) or None
