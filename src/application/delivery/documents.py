"""Documents of upstreams: playlists, subtitles and comments, fetched whole before anything is made of them."""

from __future__ import annotations

from dataclasses import dataclass

from synctv.application.delivery.source import Renew
from synctv.application.limits.portions import Portions
from synctv.application.ports.clock import Clock
from synctv.application.ports.fetch import Fetch, FetchRequest, FetchResponse
from synctv.domain.delivery.inline import content_of
from synctv.domain.delivery.offer import Upstream
from synctv.domain.delivery.pages import ENOUGH_BYTES, is_document
from synctv.domain.delivery.upstream_status import MAY_HAVE_EXPIRED, failure, host_of
from synctv.domain.errors import Invalid, UpstreamFormat


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document: what a sentence calls it, how long it may be, and the seconds that fetching it may take."""

    name: str
    max_bytes: int
    seconds: float


class Documents:
    """Fetches documents. Nothing is kept. Each counts as a call for whose it is (`limits.portions.person`)."""

    def __init__(self, fetch: Fetch, portions: Portions, clock: Clock) -> None:
        self._fetch = fetch
        self._portions = portions
        self._clock = clock

    async def get(
        self, kind: DocumentKind, upstream: Upstream, whose: str, renew: Renew | None = None
    ) -> FetchResponse:
        """The whole document. `renew` gives a later address, once, where this one has run out.

        Raises what fetching raises, what the upstream's status means, `UpstreamFormat` for one that is too long, and
        `TooManyCalls`.
        """
        answer = await self._asked(kind, upstream, whose)
        if answer.status in MAY_HAVE_EXPIRED and renew is not None:
            answer = await self._asked(kind, await renew(), whose)
        host = host_of(answer.url)
        if answer.status != 200:
            raise failure(host, answer.status, answer.headers.get("retry-after"), self._clock.now())
        if answer.truncated:
            longest = f"{kind.max_bytes >> 20} MiB"
            raise UpstreamFormat(host, f"its {kind.name} is longer than {longest}, which is too long to be played.")
        return answer

    async def _asked(self, kind: DocumentKind, upstream: Upstream, whose: str) -> FetchResponse:
        content = content_of(upstream.url)
        if content is not None:
            longer = len(content) > kind.max_bytes
            return FetchResponse(200, {}, content[: kind.max_bytes], upstream.url, truncated=longer)
        request = FetchRequest(
            upstream.url, headers=upstream.asking, max_bytes=kind.max_bytes, timeout=kind.seconds, max_redirects=5
        )
        try:
            async with self._portions.of(whose):
                return await self._fetch.fetch(request)
        except Invalid as error:
            # Nobody typed this address: it stands in an offer or in a playlist.
            raise UpstreamFormat(host_of(upstream.url), f"it names an address that can't be called. {error}") from None


def unreadable(kind: DocumentKind, answer: FetchResponse, error: ValueError) -> UpstreamFormat:
    """What a document means of which nothing can be made; `error` is a sentence."""
    host = host_of(answer.url)
    if is_document(answer.body[:ENOUGH_BYTES]):
        advice = "Open the address in a browser: it may have moved, or want somebody signed in."
        return UpstreamFormat(host, f"it sends a web page in the place of a {kind.name}. {advice}")
    return UpstreamFormat(host, str(error))
