"""Sessions: refreshing, ending, and who a token belongs to."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.application.accounts.sessions import SignedIn
from synctv.domain.accounts.account import Ban
from synctv.domain.errors import Banned, TokenExpired, Unauthenticated
from synctv.domain.rooms.actor import AccountActor, GuestActor
from tests.application.house import House
from tests.applications import CLIENT

HOUR, MONTH = 3_600.0, 30 * 86_400.0
LEEWAY = 60.0


async def known(house: House, token: str) -> AccountActor:
    actor = await house.application.identity.of(token)
    assert isinstance(actor, AccountActor)
    return actor


async def change_account(house: House, actor: AccountActor, **changes: object) -> None:
    account = house.state.accounts[actor.id]
    after = replace(account, version=account.version + 1, **changes)  # type: ignore[arg-type]
    async with house.transactions.write() as tx:
        await tx.accounts.update(after, account.version)


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
        await house.application.sessions.refresh(anna[1].refresh_token, CLIENT)
    await known(house, other.access_token)
    await house.application.sessions.refresh(other.refresh_token, CLIENT)


async def test_of_two_refreshes_at_once_one_gets_tokens(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    tries = [house.application.sessions.refresh(anna[1].refresh_token, CLIENT) for _ in range(2)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [Unauthenticated]


@pytest.mark.parametrize(
    "wrong", ["", ".", "x.y", "ses_00000000000000000000000000.secret", "ses_00000000000000000000000000"]
)
async def test_what_is_no_refresh_token_is_refused(house: House, wrong: str) -> None:
    with pytest.raises(Unauthenticated, match="Sign in again"):
        await house.application.sessions.refresh(wrong, CLIENT)


async def test_signing_out_makes_all_tokens_of_the_session_worthless(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    actor, signed_in = anna
    other = await house.sign_in("Anna")
    await house.application.sessions.sign_out(actor, CLIENT)
    with pytest.raises(TokenExpired):
        await known(house, signed_in.access_token)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    await known(house, other.access_token)
    await house.application.sessions.sign_out(actor, CLIENT)


async def test_a_new_generation_ends_every_session(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    actor, signed_in = anna
    await change_account(house, actor, session_generation=2)
    with pytest.raises(TokenExpired):
        await known(house, signed_in.access_token)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_whose_session_a_ban_ended_learns_of_the_ban(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    await house.application.account_access.ban("Anna", "spam")
    with pytest.raises(Banned, match="spam"):
        await house.application.sessions.refresh(anna[1].refresh_token, CLIENT)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(anna[1].refresh_token + "x", CLIENT)
    with pytest.raises(Banned, match="spam"):
        await known(house, anna[1].access_token)


async def test_a_ban_holds_at_once(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    actor, signed_in = anna
    await change_account(house, actor, ban=Ban("spam", "operator", house.clock.now(), None))
    with pytest.raises(Banned):
        await known(house, signed_in.access_token)
    with pytest.raises(Banned):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_an_access_token_runs_out_and_refreshing_helps(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    actor, signed_in = anna
    house.clock.advance(HOUR + LEEWAY)
    with pytest.raises(TokenExpired):
        await known(house, signed_in.access_token)
    refreshed = await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    assert await known(house, refreshed.access_token) == actor


async def test_an_actor_has_the_name_and_role_of_now(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    actor, signed_in = anna
    await change_account(house, actor, username="Hanna")
    now = await known(house, signed_in.access_token)
    assert now.name == "Hanna"
    assert (await house.application.identity.account(now)).username == "Hanna"


@pytest.mark.parametrize("wrong", ["", "a.b.c", "not a token"])
async def test_what_is_no_token_is_nobody(house: House, wrong: str) -> None:
    with pytest.raises(Unauthenticated):
        await house.application.identity.of(wrong)


async def test_a_guest_is_known_by_its_token_alone(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    room = await house.room(anna[0])
    admitted = await house.application.guests.enter(room, "Visitor", "192.0.2.7")
    assert await house.application.identity.of(admitted.token) == admitted.guest
    assert isinstance(admitted.guest, GuestActor)
    house.clock.advance(admitted.expires_in + LEEWAY)
    with pytest.raises(TokenExpired):
        await house.application.identity.of(admitted.token)


async def test_without_the_deny_list_a_living_session_goes_on(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    actor, signed_in = anna
    house.short_lived.down = True
    assert await known(house, signed_in.access_token) == actor


async def test_without_the_deny_list_an_ended_session_is_still_ended(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    actor, signed_in = anna
    await house.application.sessions.sign_out(actor, CLIENT)
    house.short_lived.down = True
    with pytest.raises(TokenExpired):
        await known(house, signed_in.access_token)


async def test_signing_out_while_the_deny_list_is_away_ends_the_session_all_the_same(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    actor, signed_in = anna
    house.short_lived.down = True
    await house.application.sessions.sign_out(actor, CLIENT)
    for down in (True, False):
        house.short_lived.down = down
        with pytest.raises(TokenExpired):
            await known(house, signed_in.access_token)
        with pytest.raises(TokenExpired):
            await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
