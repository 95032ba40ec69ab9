"""Refresh tokens: each works once, its own client may ask again, and a copy is found out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.revocations import Revoked
from synctv.domain.accounts.account import Ban
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.session import GRACE_SECONDS, MOST_SESSIONS
from synctv.domain.audit.entry import SERVER, Action
from synctv.domain.errors import Banned, MfaRequired, TokenExpired, Unauthenticated
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import ELSEWHERE, changed, entries, person
from tests.application.house import House
from tests.applications import CLIENT

HOUR, MONTH = 3_600.0, 30 * 86_400.0


async def known(house: House, token: str) -> AccountActor:
    actor = await house.application.identity.of(token)
    assert isinstance(actor, AccountActor)
    return actor


@pytest.fixture
async def told(house: House) -> AsyncIterator[list[Revoked]]:
    """What other processes hear of ended sessions."""
    heard: list[Revoked] = []
    async with house.container.revocations().subscribe(heard.append, lambda: None):
        yield heard


@pytest.fixture
async def anna(house: House) -> tuple[AccountActor, SignedIn]:
    return await house.signed_in("Anna")


async def test_a_refresh_gives_new_tokens_of_the_same_session(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    actor, first = anna
    second = await house.application.sessions.refresh(first.refresh_token, CLIENT)
    assert second.refresh_token != first.refresh_token
    assert await known(house, second.access_token) == actor
    assert await known(house, first.access_token) == actor
    assert (second.expires_in, second.refresh_expires_in) == (HOUR, MONTH)


async def test_refreshing_keeps_a_session_alive_for_longer_than_one_token(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    token = anna[1].refresh_token
    for _ in range(5):
        house.clock.advance(MONTH - 1)
        token = (await house.application.sessions.refresh(token, CLIENT)).refresh_token
    house.clock.advance(MONTH)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(token, CLIENT)


async def test_using_a_refresh_token_twice_ends_its_session(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    first = anna[1]
    second = await house.application.sessions.refresh(first.refresh_token, CLIENT)
    house.clock.advance(GRACE_SECONDS)
    with pytest.raises(Unauthenticated, match="used before"):
        await house.application.sessions.refresh(first.refresh_token, CLIENT)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(second.refresh_token, CLIENT)
    for signed_in in (first, second):
        with pytest.raises(TokenExpired):
            await known(house, signed_in.access_token)


async def test_a_thief_ends_only_the_session_that_was_stolen(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    await house.application.sessions.refresh(anna[1].refresh_token, CLIENT)
    other = await house.sign_in("Anna")
    with pytest.raises(Unauthenticated):
        await house.application.sessions.refresh(anna[1].refresh_token, ELSEWHERE)
    await known(house, other.access_token)
    await house.application.sessions.refresh(other.refresh_token, CLIENT)


async def test_two_pages_that_refresh_at_once_get_the_same_token_and_go_on(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    sessions = house.application.sessions
    tries = [sessions.refresh(anna[1].refresh_token, CLIENT) for _ in range(2)]
    one, other = await asyncio.gather(*tries)
    assert one.refresh_token == other.refresh_token != anna[1].refresh_token
    house.clock.advance(GRACE_SECONDS - 1)
    lost = await sessions.refresh(anna[1].refresh_token, CLIENT)
    assert lost.refresh_token == one.refresh_token
    await known(house, lost.access_token)
    following = await sessions.refresh(one.refresh_token, CLIENT)
    assert following.refresh_token != one.refresh_token
    assert not entries(house, Action.REFRESH_REUSED)


async def test_only_the_last_token_is_taken_again(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    sessions = house.application.sessions
    second = await sessions.refresh(anna[1].refresh_token, CLIENT)
    await sessions.refresh(second.refresh_token, CLIENT)
    with pytest.raises(Unauthenticated, match="used before"):
        await sessions.refresh(anna[1].refresh_token, CLIENT)


@pytest.mark.parametrize(
    "thief", [Client("another browser", CLIENT.address), Client(CLIENT.user_agent, "198.51.100.7")]
)
async def test_a_copy_that_is_used_somewhere_else_ends_the_session_at_once(
    house: House, anna: tuple[AccountActor, SignedIn], thief: Client
) -> None:
    await house.application.sessions.refresh(anna[1].refresh_token, CLIENT)
    with pytest.raises(Unauthenticated, match="used before"):
        await house.application.sessions.refresh(anna[1].refresh_token, thief)


async def test_a_thief_beside_the_holder_is_found_out_with_the_next_refresh(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    sessions = house.application.sessions
    await sessions.refresh(anna[1].refresh_token, CLIENT)
    stolen = await sessions.refresh(anna[1].refresh_token, CLIENT)
    house.clock.advance(GRACE_SECONDS)
    await sessions.refresh(stolen.refresh_token, CLIENT)
    house.clock.advance(GRACE_SECONDS)
    with pytest.raises(Unauthenticated, match="used before"):
        await sessions.refresh(stolen.refresh_token, CLIENT)
    assert len(entries(house, Action.REFRESH_REUSED)) == 1


@pytest.mark.parametrize("wrong", ["{id}.guessed", "{id}.guessed.guessed", "{id}..{secret}", "{id}.x.{secret}"])
async def test_who_only_knows_a_session_s_id_ends_nothing(
    house: House, anna: tuple[AccountActor, SignedIn], wrong: str
) -> None:
    actor, signed_in = anna
    secret = signed_in.refresh_token.rpartition(".")[2]
    with pytest.raises(Unauthenticated, match="not valid"):
        await house.application.sessions.refresh(wrong.format(id=actor.session_id, secret=secret), CLIENT)
    await known(house, signed_in.access_token)
    await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_a_session_from_before_there_were_families_gets_one(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    actor, signed_in = anna
    sessions = house.application.sessions
    secret = signed_in.refresh_token.rpartition(".")[2]
    async with house.transactions.write() as tx:
        session = house.state.sessions[actor.session_id]
        await tx.sessions.update(replace(session, family_digest=None))
    with pytest.raises(Unauthenticated, match="not valid"):
        await sessions.refresh(f"{actor.session_id}.guessed", CLIENT)
    token = f"{actor.session_id}.{secret}"
    refreshed = await sessions.refresh(token, CLIENT)
    assert house.state.sessions[actor.session_id].family_digest is not None
    await sessions.refresh(refreshed.refresh_token, CLIENT)
    with pytest.raises(Unauthenticated):
        await sessions.refresh(refreshed.refresh_token, ELSEWHERE)
    assert house.state.sessions[actor.session_id].ended_at is not None


async def test_of_too_many_sessions_the_one_that_rests_longest_ends(house: House) -> None:
    actor, resting = await house.signed_in("Anna")
    house.clock.advance(1)
    used = await house.sign_in("Anna")
    for _ in range(MOST_SESSIONS - 2):
        house.clock.advance(1)
        await house.sign_in("Anna")
    used = await house.application.sessions.refresh(used.refresh_token, CLIENT)
    await known(house, resting.access_token)
    await house.sign_in("Anna")
    with pytest.raises(TokenExpired):
        await known(house, resting.access_token)
    await known(house, used.access_token)
    (noted,) = entries(house, Action.SESSION_ENDED)
    assert (noted.actor, noted.session_id) == (SERVER, actor.session_id)
    assert len(await house.application.sessions.list(await known(house, used.access_token))) == MOST_SESSIONS


@pytest.mark.parametrize(
    "wrong", ["", ".", "x.y", "ses_00000000000000000000000000.secret", "ses_00000000000000000000000000"]
)
async def test_what_is_no_refresh_token_is_refused(house: House, wrong: str) -> None:
    with pytest.raises(Unauthenticated, match="Sign in again"):
        await house.application.sessions.refresh(wrong, CLIENT)


async def test_a_reused_token_is_noted_and_told(
    house: House, anna: tuple[AccountActor, SignedIn], told: list[Revoked]
) -> None:
    actor, first = anna
    await house.application.sessions.refresh(first.refresh_token, CLIENT)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await house.application.sessions.refresh(first.refresh_token, ELSEWHERE)
    (noted,) = entries(house, Action.REFRESH_REUSED)
    assert (noted.target.id, noted.session_id) == (actor.id, actor.session_id)
    assert (noted.address, noted.user_agent) == (ELSEWHERE.address, ELSEWHERE.user_agent)
    reason = "This session was ended: one of its tokens was used twice."
    assert told == [Revoked(actor.id, actor.session_id, 1, reason)]
    assert house.state.sessions[actor.session_id].ended_at == house.clock.now()


async def test_a_reused_token_is_written_about_once(house: House) -> None:
    anna = await person(house, email="anna@example.org")
    signed_in = await anna.sign_in()
    assert isinstance(signed_in, SignedIn)
    await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await house.application.sessions.refresh(signed_in.refresh_token, ELSEWHERE)
    (letter,) = house.letters()
    assert (letter.to, letter.facts["what"], letter.facts["address"]) == (
        "anna@example.org",
        "refresh_reused",
        ELSEWHERE.address,
    )


async def test_of_many_refreshes_from_everywhere_at_most_one_gets_tokens_and_they_hold_for_nothing(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    clients = [Client("browser", f"192.0.2.{number}") for number in range(10)]
    tries = (house.application.sessions.refresh(anna[1].refresh_token, client) for client in clients)
    results = await asyncio.gather(*tries, return_exceptions=True)
    given = [result for result in results if isinstance(result, SignedIn)]
    assert len(given) == 1
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(given[0].refresh_token, CLIENT)


@pytest.mark.parametrize("spoil", ["{0}x", "{0}.x", "{0}\ud800", "{0}" + "x" * 100_000])
async def test_a_token_that_was_changed_is_none(house: House, anna: tuple[AccountActor, SignedIn], spoil: str) -> None:
    with pytest.raises(Unauthenticated):
        await house.application.sessions.refresh(spoil.format(anna[1].refresh_token), CLIENT)


async def test_the_token_of_one_session_refreshes_no_other(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    eve, theirs = await house.signed_in("Eve")
    _, _, secret = theirs.refresh_token.partition(".")
    assert secret.count(".") == 1
    with pytest.raises(Unauthenticated):
        await house.application.sessions.refresh(f"{anna[0].session_id}.{secret}", CLIENT)
    assert await known(house, theirs.access_token) == eve


async def test_what_is_stored_of_a_token_is_not_the_token(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    refreshed = await house.application.sessions.refresh(anna[1].refresh_token, CLIENT)
    (session,) = house.state.sessions.values()
    assert len(session.refresh_digest) == 32
    for token in (anna[1].refresh_token, refreshed.refresh_token):
        for secret in token.split(".")[1:]:
            assert len(secret) == 43
            assert secret not in str(house.state)


async def test_a_session_of_one_factor_ends_with_its_refresh_when_two_are_asked_for(
    house: House, anna: tuple[AccountActor, SignedIn], told: list[Revoked]
) -> None:
    actor, signed_in = anna
    await changed(house, actor.id, two_factor=True)
    with pytest.raises(MfaRequired):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    assert [(revoked.session_id, revoked.kept) for revoked in told] == [(actor.session_id, None)]
    with pytest.raises(TokenExpired):
        await known(house, signed_in.access_token)
    (noted,) = entries(house, Action.SESSION_ENDED)
    assert (noted.actor, noted.session_id) == (SERVER, actor.session_id)
    assert not entries(house, Action.REFRESH_REUSED)


@pytest.mark.parametrize("second", [Factor.TOTP, Factor.PASSKEY, Factor.EMAIL, Factor.OAUTH])
async def test_a_session_that_proved_more_is_refreshed(
    house: House, anna: tuple[AccountActor, SignedIn], second: Factor
) -> None:
    actor, signed_in = anna
    async with house.transactions.write() as tx:
        session = await tx.sessions.get(actor.session_id, lock=True)
        assert session is not None
        await tx.sessions.update(session.proven(second))
    await changed(house, actor.id, two_factor=True)
    await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_only_who_has_the_token_learns_of_a_ban(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    actor, signed_in = anna
    await changed(house, actor.id, ban=Ban("spam", "operator", house.clock.now(), None))
    with pytest.raises(Banned):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    with pytest.raises(Unauthenticated):
        await house.application.sessions.refresh(f"{actor.session_id}.guessed", CLIENT)
