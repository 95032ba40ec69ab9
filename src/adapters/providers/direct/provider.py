"""The provider of plain addresses."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.adapters.providers.direct.address import PATH, extension_of, title_of, valid_url
from synctv.adapters.providers.direct.formats import PLAYABLE, by_extension, is_unplayable
from synctv.adapters.providers.direct.probe import Found, Probe
from synctv.adapters.providers.kit import ProviderKit
from synctv.application.ports.fetch import Fetch
from synctv.application.ports.providers import (
    FieldKind,
    FormField,
    Login,
    Manifest,
    PlayRequest,
    Provider,
    Recognises,
    ResolvedSource,
    Source,
)
from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Container
from synctv.domain.errors import Invalid, UpstreamFailed
from synctv.domain.library.item import MediaKind

MANIFEST = Manifest(
    name="direct",
    title="Address",
    priority=50,
    source=(FormField("url", "Address of a video, an audio file or a stream", FieldKind.URL),),
)


class DirectProvider(Provider, Recognises):
    """Plays what is at an http(s) address.

    A source is `{"url": …}`, with `container` besides in its normal form.
    """

    manifest = MANIFEST

    def __init__(self, fetch: Fetch) -> None:
        self._probe = Probe(fetch)

    def recognise(self, text: str) -> Source | None:
        """Any http(s) address may be one."""
        try:
            return {"url": valid_url({"url": text})}
        except Invalid:
            return None

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """What is at the address. Where its server doesn't answer us, the address alone may tell enough."""
        url = valid_url(source)
        found = await self._found(url)
        normal = {"url": url, "container": found.format.container.value}
        return [ResolvedSource(normal, title_of(url), found.format.kind, found.duration)]

    async def play(self, request: PlayRequest) -> Offer:
        """The address itself, which does not run out."""
        variant = OfferedVariant(
            id="original",
            label="Original",
            container=Container(str(request.source["container"])),
            media=Upstream(str(request.source["url"])),
            public=True,
            live=request.kind is MediaKind.LIVE,
        )
        return Offer((variant,))

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


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [DirectProvider(kit.fetch)]
