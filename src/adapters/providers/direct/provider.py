"""The provider of plain addresses."""

from __future__ import annotations

from collections.abc import Mapping

from synctv.adapters.providers.direct.address import PATH, extension_of, title_of, valid_url
from synctv.adapters.providers.direct.formats import PLAYABLE, by_extension, is_unplayable
from synctv.adapters.providers.direct.probe import Found, Probe
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.providers import Provider, ResolvedSource
from synctv.domain.delivery.playable import Container, Delivery, Playable, Variant
from synctv.domain.errors import Invalid, UpstreamFailed
from synctv.domain.library.item import MediaItem


class DirectProvider(Provider):
    """Plays what is at an http(s) address, which each viewer's browser fetches by itself.

    A source is `{"url": …}`, with `container` besides in its normal form.
    """

    name = "direct"

    def __init__(self, fetch: Fetch) -> None:
        self._probe = Probe(fetch)

    async def resolve(self, source: Mapping[str, object]) -> ResolvedSource:
        """What is at the address. Where its server doesn't answer us, the address alone may tell enough."""
        url = valid_url(source)
        found = await self._found(url)
        normal = {"url": url, "container": found.format.container.value}
        return ResolvedSource(normal, title_of(url), found.format.kind, found.duration)

    async def play(self, item: MediaItem) -> Playable:
        """The address itself, which does not run out."""
        variant = Variant(
            id="original",
            label="Original",
            url=str(item.source["url"]),
            delivery=Delivery.DIRECT,
            container=Container(str(item.source["container"])),
        )
        return Playable(item.id, (variant,), expires_at=None)

    async def _found(self, url: str) -> Found:
        extension = extension_of(url)
        if is_unplayable(extension):
            raise Invalid.field(PATH, f"No browser plays {extension} files. {PLAYABLE}", "format")
        expected = by_extension(extension)
        reason = "Its server does not show what it is."
        try:
            found = await self._probe.look(url, expected)
        except UpstreamFailed as error:
            found, reason = None, str(error)
        if found is not None:
            return found
        if expected is not None:
            return Found(expected)
        raise Invalid.field(PATH, f"Nothing to play was found at this address. {reason} {PLAYABLE}", "format")
