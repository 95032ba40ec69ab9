"""Which way the bytes of a variant take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.domain.delivery.choosing import deliveries, playable_variants
from synctv.domain.delivery.offer import Offer, OfferedVariant, Track, Tracks, Upstream
from synctv.domain.delivery.playable import Container, Delivery, DeliveryMode
from synctv.domain.delivery.profile import ANY, Profile

URL = "https://media.test/film.mp4"
PUBLIC = OfferedVariant("a", "A", Container.MP4, Upstream(URL), public=True)
PRIVATE = OfferedVariant("b", "B", Container.HLS, Upstream(URL))
WITH_HEADERS = OfferedVariant("c", "C", Container.MP4, Upstream(URL, {"Referer": "https://x.test"}), public=True)
_TRACK = Track("v", Upstream(URL), Container.MP4, "avc1", 1)
IN_PIECES = OfferedVariant("d", "D", Container.DASH, Tracks(1.0, (_TRACK,), ()), public=True)


@given(st.sampled_from(DeliveryMode), st.booleans())
def test_what_is_not_public_never_goes_direct(mode: DeliveryMode, sets_headers: bool) -> None:
    profile = Profile(sets_headers=sets_headers, mode=mode)
    assert Delivery.DIRECT not in deliveries(PRIVATE, profile)
    assert Delivery.DIRECT not in deliveries(IN_PIECES, profile)


def test_headers_go_direct_only_to_clients_that_can_send_them() -> None:
    assert deliveries(WITH_HEADERS, ANY) == (Delivery.PROXY,)
    assert deliveries(WITH_HEADERS, Profile(sets_headers=True)) == (Delivery.DIRECT, Delivery.PROXY)


@pytest.mark.parametrize("mode", [DeliveryMode.AUTO, DeliveryMode.DIRECT_PREFERRED])
def test_public_addresses_go_direct_with_the_proxy_behind(mode: DeliveryMode) -> None:
    assert deliveries(PUBLIC, Profile(mode=mode)) == (Delivery.DIRECT, Delivery.PROXY)


def test_without_a_proxy_there_is_only_the_direct_way() -> None:
    assert deliveries(PUBLIC, ANY, proxy=False) == (Delivery.DIRECT,)
    assert deliveries(PRIVATE, ANY, proxy=False) == ()
    assert deliveries(PUBLIC, Profile(mode=DeliveryMode.PROXY_ONLY), proxy=False) == ()


def test_who_insists_on_direct_gets_nothing_else() -> None:
    assert deliveries(PRIVATE, Profile(mode=DeliveryMode.DIRECT_ONLY)) == ()


def test_variants_that_the_client_does_not_play_are_left_out_unless_nothing_would_be_left() -> None:
    offer = Offer((PRIVATE, PUBLIC))
    assert list(playable_variants(offer, Profile(frozenset({Container.MP4})))) == [PUBLIC]
    assert list(playable_variants(offer, Profile(frozenset({Container.FLV})))) == [PRIVATE, PUBLIC]
    assert list(playable_variants(offer, ANY)) == [PRIVATE, PUBLIC]
