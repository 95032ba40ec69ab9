"""Sessions: their end, and who a token belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from dependency_injector import providers

from synctv.adapters.memory.revocations import MemoryRevocations
from synctv.application.accounts.revoking import LEEWAY_SECONDS, denied_key
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.revocations import Revoked
from synctv.domain.accounts.account import Ban
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Banned, NotFound, TokenExpired, Unauthenticated, Unavailable
from synctv.domain.ids import SessionId
from synctv.domain.rooms.actor import AccountActor, GuestActor
from tests.application.accounts.people import ELSEWHERE, changed, entries, person
from tests.application.house import House, furnished
from tests.applications import CLIENT, memory_container

HOUR, MONTH = 3_600.0, 30 * 86_400.0
LEEWAY = 60.0


async def known(house: House, token: str) -> AccountActor:
    actor = await house.application.identity.of(token)
    assert isinstance(actor, AccountActor)
    return actor


class Away(MemoryRevocations):
    """A bus that can't be reached."""

    async def publish(self, revoked: Revoked) -> None:
        raise Unavailable("bus")


@pytest.fixture
async def told(house: House) -> AsyncIterator[list[Revoked]]:
    """What other processes hear of ended sessions."""
    heard: list[Revoked] = []
    async with house.container.revocations().subscribe(heard.append, lambda: None):
        yield heard


@pytest.fixture
async def anna(house: House) -> tuple[AccountActor, SignedIn]:
    return await house.signed_in("Anna")


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
    await changed(house, actor.id, session_generation=2)
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
    await changed(house, actor.id, ban=Ban("spam", "operator", house.clock.now(), None))
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
    await changed(house, actor.id, username="Hanna")
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


async def test_the_list_has_the_sessions_that_are_alive_the_newest_first(house: House) -> None:
    first, tokens = await house.signed_in("Anna")
    house.clock.advance(60)
    second = await house.sign_in("Anna", ELSEWHERE)
    ended = await known(house, (await house.sign_in("Anna")).access_token)
    await house.application.sessions.sign_out(ended, CLIENT)
    await house.signed_in("Eve")
    listed = await house.application.sessions.list(first)
    other = await known(house, second.access_token)
    assert [session.id for session in listed] == [other.session_id, first.session_id]
    assert (listed[0].user_agent, listed[0].address) == (ELSEWHERE.user_agent, ELSEWHERE.address)
    house.clock.advance(60)
    await house.application.sessions.refresh(tokens.refresh_token, CLIENT)
    listed = await house.application.sessions.list(first)
    assert [session.id for session in listed] == [first.session_id, other.session_id]


async def test_one_may_end_another_session_of_ones_own(
    house: House, anna: tuple[AccountActor, SignedIn], told: list[Revoked]
) -> None:
    actor, _ = anna
    lost = await house.sign_in("Anna", ELSEWHERE)
    phone = await known(house, lost.access_token)
    await house.application.sessions.end(actor, phone.session_id, CLIENT)
    with pytest.raises(TokenExpired):
        await known(house, lost.access_token)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(lost.refresh_token, ELSEWHERE)
    (noted,) = entries(house, Action.SESSION_ENDED)
    assert (noted.actor.id, noted.session_id) == (actor.id, phone.session_id)
    assert (noted.address, noted.user_agent) == (CLIENT.address, CLIENT.user_agent)
    assert told == [Revoked(actor.id, phone.session_id, 1, "This session was ended from another device.")]


async def test_nobody_ends_a_session_of_somebody_else(
    house: House, anna: tuple[AccountActor, SignedIn], told: list[Revoked]
) -> None:
    eve, _ = await house.signed_in("Eve")
    for session_id in (anna[0].session_id, SessionId("ses_00000000000000000000000000"), SessionId("\ud800")):
        with pytest.raises(NotFound):
            await house.application.sessions.end(eve, session_id, CLIENT)
    await known(house, anna[1].access_token)
    assert not told
    assert not entries(house, Action.SESSION_ENDED)


async def test_a_session_that_was_ended_is_on_the_deny_list_while_a_token_may_hold(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    actor, _ = anna
    await house.application.sessions.sign_out(actor, CLIENT)
    assert await house.short_lived.remaining(denied_key(actor.session_id)) == HOUR + LEEWAY_SECONDS


async def test_the_deny_list_alone_is_enough(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    actor, signed_in = anna
    await house.short_lived.put(denied_key(actor.session_id), b"1", 60)
    with pytest.raises(TokenExpired):
        await known(house, signed_in.access_token)


async def test_signing_out_everywhere_ends_everything(
    house: House, anna: tuple[AccountActor, SignedIn], told: list[Revoked]
) -> None:
    actor, signed_in = anna
    other = await house.sign_in("Anna")
    await house.application.sessions.end_all(actor, CLIENT, keep_this=False)
    for tokens in (signed_in, other):
        with pytest.raises(TokenExpired):
            await known(house, tokens.access_token)
        with pytest.raises(TokenExpired):
            await house.application.sessions.refresh(tokens.refresh_token, CLIENT)
    assert told == [Revoked(actor.id, None, 2, "All sessions were ended from another device.")]
    (noted,) = entries(house, Action.ALL_SESSIONS_ENDED)
    assert (noted.actor.id, noted.session_id, noted.address) == (actor.id, actor.session_id, CLIENT.address)


async def test_all_others_may_be_ended(house: House, anna: tuple[AccountActor, SignedIn], told: list[Revoked]) -> None:
    actor, signed_in = anna
    other = await house.sign_in("Anna")
    await house.application.sessions.end_all(actor, CLIENT, keep_this=True)
    reason = "All sessions were ended from another device."
    assert told == [Revoked(actor.id, None, 2, reason, kept=actor.session_id)]
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(other.refresh_token, CLIENT)
    with pytest.raises(TokenExpired):
        await known(house, signed_in.access_token)
    refreshed = await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    now = await known(house, refreshed.access_token)
    assert (now.session_id, now.generation) == (actor.session_id, 2)
    assert [session.id for session in await house.application.sessions.list(now)] == [actor.session_id]


@pytest.mark.parametrize("keep_this", [True, False])
async def test_a_session_that_was_just_ended_ends_no_others_and_does_not_rise_again(
    house: House, anna: tuple[AccountActor, SignedIn], keep_this: bool
) -> None:
    """Two who end each other's sessions at once: whose request comes second has no session any more."""
    thief, stolen = anna
    owner = await known(house, (await house.sign_in("Anna")).access_token)
    await house.application.sessions.end_all(owner, CLIENT, keep_this=True)
    with pytest.raises(TokenExpired):
        await house.application.sessions.end_all(thief, ELSEWHERE, keep_this=keep_this)
    assert house.state.accounts[owner.id].session_generation == 2
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(stolen.refresh_token, ELSEWHERE)
    assert [session.id for session in await house.application.sessions.list(owner)] == [owner.session_id]


async def test_of_two_who_end_each_others_sessions_at_once_one_is_left(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    other = await known(house, (await house.sign_in("Anna")).access_token)
    ending = (house.application.sessions.end_all(one, CLIENT, keep_this=True) for one in (anna[0], other))
    results = await asyncio.gather(*ending, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), TokenExpired]
    assert len(await house.application.sessions.list(anna[0])) == 1


async def test_only_a_session_that_lived_until_then_is_renewed(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    """As when the password is changed in a session that the holder ends at the same moment from elsewhere."""
    thief, _ = anna
    eve, _ = await house.signed_in("Eve")
    owner = await known(house, (await house.sign_in("Anna")).access_token)
    for actor in (owner, eve):
        await house.application.sessions.end_all(actor, CLIENT, keep_this=True)
    account = house.state.accounts[owner.id].without_sessions()
    for actor in (thief, eve):
        async with house.transactions.write() as tx:
            with pytest.raises(TokenExpired):
                await house.application.sessions.renew(tx, account, actor.session_id)
    async with house.transactions.write() as tx:
        await house.application.sessions.renew(tx, account, owner.session_id)


async def test_a_bus_that_is_away_keeps_no_session_alive(passwords: PasswordHasher) -> None:
    house = furnished(passwords)
    container = memory_container(house.ports)
    container.revocations.override(providers.Object(Away()))
    sessions = container.application().sessions
    actor, signed_in = await house.signed_in("Anna")
    other = await house.sign_in("Anna")
    await sessions.end(actor, (await known(house, other.access_token)).session_id, CLIENT)
    await sessions.end_all(actor, CLIENT, keep_this=False)
    for tokens in (signed_in, other):
        with pytest.raises(TokenExpired):
            await known(house, tokens.access_token)


async def test_storage_knows_of_an_end_before_anybody_is_told(house: House) -> None:
    anna = await person(house)
    actor = await anna.session()
    seen: list[bool] = []

    def hear(revoked: Revoked) -> None:
        seen.append(house.state.sessions[actor.session_id].ended_at is not None)

    async with house.container.revocations().subscribe(hear, lambda: None):
        await house.application.sessions.sign_out(actor, CLIENT)
    assert seen == [True]
    (noted,) = entries(house, Action.SIGNED_OUT)
    assert (noted.actor.id, noted.session_id) == (anna.id, actor.session_id)


async def test_signing_out_twice_is_noted_once(house: House, anna: tuple[AccountActor, SignedIn]) -> None:
    for _ in range(2):
        await house.application.sessions.sign_out(anna[0], CLIENT)
    assert len(entries(house, Action.SIGNED_OUT)) == 1


async def test_a_token_of_a_session_that_was_forgotten_is_over(
    house: House, anna: tuple[AccountActor, SignedIn]
) -> None:
    async with house.transactions.write() as tx:
        session = await tx.sessions.get(anna[0].session_id, lock=True)
        assert session is not None
        await tx.sessions.update(replace(session, ended_at=session.created_at))
    async with house.transactions.write() as tx:
        await tx.sessions.prune(house.clock.now() + 1, 10)  # type: ignore[arg-type]
    with pytest.raises(TokenExpired):
        await known(house, anna[1].access_token)
    with pytest.raises(Unauthenticated):
        await house.application.sessions.refresh(anna[1].refresh_token, CLIENT)
