"""How the bytes of a variant get to a viewer: straight from upstream, or through our proxy."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Delivery, DeliveryMode
from synctv.domain.delivery.profile import Profile
from synctv.domain.delivery.upstream_status import host_of

_DIRECT_FIRST = (Delivery.DIRECT, Delivery.PROXY)
_PROXY_FIRST = (Delivery.PROXY, Delivery.DIRECT)

_WAYS = {
    DeliveryMode.AUTO: _DIRECT_FIRST,
    DeliveryMode.DIRECT_PREFERRED: _DIRECT_FIRST,
    DeliveryMode.PROXY_PREFERRED: _PROXY_FIRST,
    DeliveryMode.PROXY_ONLY: (Delivery.PROXY,),
    DeliveryMode.DIRECT_ONLY: (Delivery.DIRECT,),
}


def deliveries(variant: OfferedVariant, profile: Profile, *, proxy: bool = True) -> Sequence[Delivery]:
    """The ways in which the viewer may have the variant, the one to try first first. Empty: not at all.

    What carries a credential or a signature, lies where only the server gets to, or is put together from several files
    goes through the proxy whatever the viewer wants; so does what needs headers that the client can't send. `proxy`
    tells whether this server has one.
    """
    allowed = {Delivery.PROXY} if proxy else set()
    if variant.public and isinstance(variant.media, Upstream) and (profile.sets_headers or not variant.media.headers):
        allowed.add(Delivery.DIRECT)
    return tuple(way for way in _WAYS[profile.mode] if way in allowed)


def hosts_told(offer: Offer) -> frozenset[str]:
    """The hosts whose addresses viewers are given anyway, as errors name them: with the port and without."""
    urls = [one.media.url for one in offer.variants if one.public and isinstance(one.media, Upstream)]
    return frozenset(name for url in urls for name in (host_of(url), urlsplit(url).hostname or ""))


def playable_variants(offer: Offer, profile: Profile) -> Sequence[OfferedVariant]:
    """The variants whose container the client plays; all of them when there is none, so that it can tell its person."""
    fitting = [variant for variant in offer.variants if profile.plays(variant.container)]
    return fitting or offer.variants
