"""The provider of live channels that streamlink knows."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.adapters.extractors.extractor import FRESH_SECONDS, KEPT_SECONDS, Extraction, Extractor, Job, Tool
from synctv.adapters.extractors.offers import must_have_something, offer_of
from synctv.adapters.extractors.pages import page_title, page_url, site_of
from synctv.adapters.providers.kit import ProviderKit
from synctv.adapters.providers.live_site.channels import channel_url
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
from synctv.domain.delivery.offer import Offer
from synctv.domain.library.item import MediaKind

MANIFEST = Manifest(
    name="live_site",
    title="Live channels",
    priority=30,
    source=(FormField("url", "Address of a live channel", FieldKind.URL),),
)


class LiveSiteProvider(Provider, Recognises):
    """Plays what streamlink finds at the address of a channel. A source is `{"url": …}`."""

    manifest = MANIFEST

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    def recognise(self, text: str) -> Source | None:
        """The channels of a few sites are known for certain; of others, streamlink may know more."""
        url = channel_url(text)
        return {"url": url} if url is not None else None

    async def resolve(self, source: Source, login: Login | None = None) -> Sequence[ResolvedSource]:
        """The channel, while it is live."""
        url = _url(source)
        info = must_have_something((await self._found(url)).info, site_of(url))
        heights = [one.height for one in info.formats if one.height]
        detail = f"{max(heights)}p" if heights else ""
        return [ResolvedSource({"url": url}, page_title(info.title, url), MediaKind.LIVE, None, info.cover, detail)]

    async def play(self, request: PlayRequest) -> Offer:
        """The qualities of the channel now."""
        url = _url(request.source)
        return offer_of(await self._found(url, max_age=FRESH_SECONDS), request.profile, None, url)

    async def _found(self, url: str, max_age: float = KEPT_SECONDS) -> Extraction:
        return await self._extractor.extract(Job(Tool.STREAMLINK, url, max_age=max_age))


def _url(source: Source) -> str:
    return channel_url(source.get("url")) or page_url(source.get("url"))


def providers(kit: ProviderKit) -> Sequence[Provider]:
    """What this folder offers."""
    return [LiveSiteProvider(kit.extractor)]
