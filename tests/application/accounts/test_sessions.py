"""Sessions: refreshing, ending, and who a token belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from dependency_injector import providers

from synctv.adapters.memory.revocations import MemoryRevocations
from synctv.application.accounts.client import Client
from synctv.application.accounts.revoking import LEEWAY_SECONDS, denied_key
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.revocations import Revoked
from synctv.domain.accounts.account import Ban
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.session import GRACE_SECONDS, MOST_SESSIONS
from synctv.domain.audit.entry import SERVER, Action
from synctv.domain.errors import Banned, MfaRequired, NotFound, TokenExpired, Unauthenticated, Unavailable
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
