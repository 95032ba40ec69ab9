"""What everything promises that signs the addresses of media."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synctv.adapters.crypto.keys import signing_keys
from synctv.adapters.crypto.media_links import SignedMediaLinks
from synctv.application.ports.media_links import AccountViewer, GuestViewer, MediaClaims, MediaLinks
from synctv.domain.errors import Denied, TokenExpired
from synctv.domain.ids import AccountId, GuestId, ItemId, Micros, RoomId, SessionId

OLD = "Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA"
NEW = "a4D9f2K7j1L6z8X3c5V0b-N_mQwErTyU"
NOW = Micros(1_000_000)
ADA = AccountViewer(AccountId("usr_1"), SessionId("ses_1"), 3)
GUEST = GuestViewer(GuestId("gst_1"), 2)
CLAIMS = MediaClaims(RoomId("room_1"), ItemId("item_1"), ADA, "v:original", "hls,mp4;avc1;;auto", Micros(NOW + 1))
ADDRESS = "https://nas.test/films/a%20b.ts?sign=secret&x=1"
PLAIN = re.compile(r"[A-Za-z0-9._-]+")


def signed(*texts: str) -> MediaLinks:
    return SignedMediaLinks(signing_keys(texts, "keys.proxy"))


@pytest.fixture
def links() -> MediaLinks:
    return signed(NEW)


@pytest.mark.parametrize("claims", [CLAIMS, replace(CLAIMS, viewer=GUEST), replace(CLAIMS, part="s:中文", profile="")])
def test_what_was_signed_is_read_again(links: MediaLinks, claims: MediaClaims) -> None:
    token = links.sign(claims)
    assert links.verify(token, NOW) == claims
    assert token == links.sign(claims)
    assert PLAIN.fullmatch(token)


def test_a_token_runs_out(links: MediaLinks) -> None:
    with pytest.raises(TokenExpired):
        links.verify(links.sign(CLAIMS), CLAIMS.expires_at)


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "\0", "é.é.é", "x" * 5_000])
def test_nonsense_is_no_token(links: MediaLinks, token: str) -> None:
    with pytest.raises(Denied):
        links.verify(token, NOW)
    with pytest.raises(Denied):
        links.open(token, CLAIMS)


def test_every_changed_character_breaks_a_token(links: MediaLinks) -> None:
    token = links.sign(CLAIMS)
    for index, character in enumerate(token):
        changed = token[:index] + ("A" if character != "A" else "B") + token[index + 1 :]
        with pytest.raises(Denied):
            links.verify(changed, NOW)


def test_every_changed_character_breaks_a_sealed_address(links: MediaLinks) -> None:
    sealed = links.seal(ADDRESS, CLAIMS)
    for index, character in enumerate(sealed):
        changed = sealed[:index] + ("A" if character != "A" else "B") + sealed[index + 1 :]
        with pytest.raises(Denied):
            links.open(changed, CLAIMS)


def test_a_key_verifies_and_opens_until_it_is_dropped() -> None:
    old = signed(OLD)
    token, sealed = old.sign(CLAIMS), old.seal(ADDRESS, CLAIMS)
    both = signed(NEW, OLD)
    assert both.verify(token, NOW) == CLAIMS
    assert both.open(sealed, CLAIMS) == ADDRESS
    assert both.sign(CLAIMS) != token
    with pytest.raises(Denied):
        signed(NEW).verify(token, NOW)
    with pytest.raises(Denied):
        signed(NEW).open(sealed, CLAIMS)


@given(st.text(max_size=300))
def test_any_address_is_sealed_and_opened(address: str) -> None:
    links = signed(NEW)
    sealed = links.seal(address, CLAIMS)
    assert links.open(sealed, replace(CLAIMS, expires_at=Micros(9), profile="other")) == address
    assert links.seal(address, CLAIMS) == sealed
    assert PLAIN.fullmatch(sealed)


def test_a_sealed_address_does_not_show_itself(links: MediaLinks) -> None:
    assert "nas" not in links.seal(ADDRESS, CLAIMS)


@pytest.mark.parametrize(
    "other",
    [
        replace(CLAIMS, room_id=RoomId("room_2")),
        replace(CLAIMS, item_id=ItemId("item_2")),
        replace(CLAIMS, viewer=replace(ADA, account_id=AccountId("usr_2"))),
        replace(CLAIMS, viewer=GUEST),
        replace(CLAIMS, part="v:other"),
        replace(CLAIMS, room_id=RoomId("room_1item_1"), item_id=ItemId("")),
    ],
)
def test_a_sealed_address_opens_only_where_it_belongs(links: MediaLinks, other: MediaClaims) -> None:
    with pytest.raises(Denied):
        links.open(links.seal(ADDRESS, CLAIMS), other)
