"""What every kind of access tokens promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.adapters.crypto.keys import SigningKey
from synctv.adapters.crypto.tokens import JwtAccessTokens
from synctv.adapters.memory.clock import START
from synctv.adapters.memory.ids import MemoryIds
from synctv.application.ports.tokens import AccessClaims, AccessTokens, GuestClaims
from synctv.domain.accounts.factors import Factor
from synctv.domain.errors import TokenExpired, Unauthenticated
from synctv.domain.ids import AccountId, GuestId, RoomId, SessionId, seconds_after
from synctv.domain.rooms.actor import GuestActor

METHODS = frozenset({Factor.PASSWORD, Factor.TOTP})
ACCOUNT = AccessClaims(AccountId("usr_1"), SessionId("ses_1"), 3, START, seconds_after(START, 3_600), METHODS)
GUEST = GuestClaims(GuestActor(GuestId("gst_1"), "Ada 🎬", RoomId("room_1"), 7), START, seconds_after(START, 4 * 3_600))
BOTH = pytest.mark.parametrize("claims", [ACCOUNT, GUEST], ids=["account", "guest"])


@pytest.fixture
def tokens() -> AccessTokens:
    return JwtAccessTokens([SigningKey("one", b"k" * 32)], MemoryIds())


@pytest.fixture
def strangers() -> AccessTokens:
    return JwtAccessTokens([SigningKey("one", b"s" * 32)], MemoryIds())


@BOTH
def test_a_token_says_what_it_was_made_of(tokens: AccessTokens, claims: AccessClaims | GuestClaims) -> None:
    assert tokens.verify(tokens.issue(claims), START) == claims


@BOTH
def test_two_tokens_of_one_claim_differ(tokens: AccessTokens, claims: AccessClaims | GuestClaims) -> None:
    assert tokens.issue(claims) != tokens.issue(claims)


@BOTH
def test_it_holds_until_its_end_and_a_minute_of_a_wrong_clock(
    tokens: AccessTokens, claims: AccessClaims | GuestClaims
) -> None:
    token = tokens.issue(claims)
    assert tokens.verify(token, seconds_after(claims.expires_at, 59.9)) == claims
    with pytest.raises(TokenExpired):
        tokens.verify(token, seconds_after(claims.expires_at, 60))


@BOTH
def test_it_may_come_from_a_clock_that_is_a_minute_ahead_but_not_more(
    tokens: AccessTokens, claims: AccessClaims | GuestClaims
) -> None:
    token = tokens.issue(claims)
    assert tokens.verify(token, seconds_after(START, -60)) == claims
    with pytest.raises(Unauthenticated):
        tokens.verify(token, seconds_after(START, -61))


def test_instants_are_kept_to_the_second(tokens: AccessTokens) -> None:
    late = replace(ACCOUNT, issued_at=seconds_after(START, 0.9), expires_at=seconds_after(START, 60.9))
    kept = tokens.verify(tokens.issue(late), START)
    assert abs(kept.issued_at - late.issued_at) < 1_000_000
    assert abs(kept.expires_at - late.expires_at) < 1_000_000


@BOTH
def test_a_token_of_a_stranger_is_refused_and_not_called_expired(
    tokens: AccessTokens, strangers: AccessTokens, claims: AccessClaims | GuestClaims
) -> None:
    for now in (START, seconds_after(START, 1e6)):
        with pytest.raises(Unauthenticated) as caught:
            tokens.verify(strangers.issue(claims), now)
        assert not isinstance(caught.value, TokenExpired)


@BOTH
def test_a_token_with_any_part_changed_is_refused(tokens: AccessTokens, claims: AccessClaims | GuestClaims) -> None:
    token = tokens.issue(claims)
    for place in range(0, len(token) - 1, 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(Unauthenticated):
            tokens.verify(token[:place] + other + token[place + 1 :], START)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "Bearer x", "é", "\x00", "x" * 10_000, "e30.e30.", "bnVsbA.e30.e30"]
)
def test_what_is_no_token_is_refused(tokens: AccessTokens, token: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.verify(token, START)
