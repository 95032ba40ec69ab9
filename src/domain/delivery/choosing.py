"""How the bytes of a variant get to a viewer: straight from upstream, or through our proxy."""

from __future__ import annotations

from collections.abc import Sequence

from synctv.domain.delivery.offer import Offer, OfferedVariant, Upstream
from synctv.domain.delivery.playable import Delivery, DeliveryMode
from synctv.domain.delivery.profile import Profile

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


def playable_variants(offer: Offer, profile: Profile) -> Sequence[OfferedVariant]:
    """The variants whose container the client plays; all of them when there is none, so that it can tell its person."""
    fitting = [variant for variant in offer.variants if profile.plays(variant.container)]
    return fitting or offer.variants
