"""Closing one's own account: everything is gone at once, nobody gets in, and all of it can come back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from synctv.application.accounts.finding import find
from synctv.application.accounts.proofs import Anybody, EmailProof, Known, Named
from synctv.application.accounts.sign_up import SignUpAnswer
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.revocations import Revoked
from synctv.application.rooms.lifecycle import NewRoom
from synctv.domain.accounts.account import AccountStatus, Ban, GlobalRole
from synctv.domain.accounts.policy import SignUpWay
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    AlreadyExists,
    Denied,
    FlowOver,
    InvalidCredentials,
    NotFound,
    PreconditionFailed,
    ReauthenticationRequired,
    TokenExpired,
    Unauthenticated,
)
from synctv.domain.ids import seconds_after
from synctv.domain.rooms.actor import AccountActor
from synctv.domain.rooms.events import MemberChange, MemberChanged, RoomDeleted
from synctv.domain.rooms.membership import MembershipState
from synctv.domain.rooms.room import RoomStatus
from tests.application.accounts.people import Person, changed, entries, last_code, last_letter, person, ruled, two_step
from tests.application.accounts.registering import OPEN
from tests.application.accounts.trials import Step, all_or_nothing, at_once, granted, over
from tests.application.accounts.vouching import abroad
from tests.application.house import House
from tests.applications import CLIENT, PASSWORD, SITE
from tests.builders import a_credential

DAY = 86_400.0


async def close(house: House, actor: AccountActor) -> None:
    """Closes the account, with a fresh grant."""
    await house.application.closing.close(actor, await granted(house, actor), CLIENT)


async def closed(house: House, **changes: Any) -> Person:
    """Somebody whose account is closed."""
    anna = await person(house, **changes)
    await close(house, await anna.session())
    return anna


async def test_a_closed_account_is_marked_told_of_and_noted(house: House) -> None:
    anna = await person(house, email="anna@example.org")
    actor = await anna.session()
    now = house.clock.now()
    until = await house.application.closing.close(actor, await granted(house, actor), CLIENT)
    assert (anna.account.closed_at, anna.account.status_at(now)) == (now, AccountStatus.CLOSED)
    assert until == seconds_after(now, 30 * DAY)
    (noted,) = entries(house, Action.ACCOUNT_CLOSED)
    assert (noted.actor.id, noted.target.id, noted.session_id) == (anna.id, anna.id, actor.session_id)
    letter = last_letter(house)
    assert (letter.kind, letter.to) == (LetterKind.ACCOUNT_CLOSED, "anna@example.org")
    assert (letter.facts["at"], letter.facts["until"]) == (str(now), str(until))


async def test_every_session_ends_at_once(house: House) -> None:
    told: list[Revoked] = []
    anna = await person(house)
    actor, signed_in = await anna.session(), await house.sign_in(anna.name)
    async with house.container.revocations().subscribe(told.append, lambda: None):
        await close(house, actor)
    assert [(one.account_id, one.session_id, one.kept) for one in told] == [(anna.id, None, None)]
    assert told[0].generation == anna.account.session_generation == actor.generation + 1
    with pytest.raises(TokenExpired):
        await house.application.identity.of(signed_in.access_token)
    with pytest.raises(Unauthenticated):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_without_a_grant_nothing_is_closed(house: House) -> None:
    actor = await (await person(house)).session()
    before = house.state
    with pytest.raises(ReauthenticationRequired):
        await house.application.closing.close(actor, "nonsense", CLIENT)
    assert house.state == before


async def test_a_lost_state_store_closes_nothing(house: House) -> None:
    actor = await (await person(house)).session()

    async def prepare() -> Step:
        grant = await granted(house, actor)
        return lambda: house.application.closing.close(actor, grant, CLIENT)

    await all_or_nothing(house, prepare)


async def test_of_two_who_close_an_account_at_once_one_does(house: House) -> None:
    actor = await (await person(house)).session()
    grants = [await granted(house, actor) for _ in range(2)]
    told = await at_once(*(house.application.closing.close(actor, grant, CLIENT) for grant in grants))
    assert told == ["TokenExpired", "int"]


# ------------------------------------------------------------ nobody gets in


async def test_a_closed_account_is_nobody_to_sign_in_as(house: House) -> None:
    anna = await closed(house, email="anna@example.org")
    for name in (anna.name, "anna@example.org"):
        async with house.transactions.read() as tx:
            there, nobody = await find(tx, name), await find(tx, name + "x")
        assert (there.account, nobody.account) == (None, None)
        assert there.identifier == there.key
        with pytest.raises(InvalidCredentials) as error:
            await house.application.sign_in.with_password(name, PASSWORD, CLIENT)
        with pytest.raises(InvalidCredentials) as unknown:
            await house.application.sign_in.with_password(name + "x", PASSWORD, CLIENT)
        assert str(error.value) == str(unknown.value)
    assert {entry.target.kind for entry in entries(house, Action.SIGN_IN_FAILED)} == {"unknown"}


async def test_no_code_goes_to_a_closed_account(house: House) -> None:
    await ruled(house, email_sign_in=True)
    await closed(house, email="anna@example.org")
    letters = len(house.letters())
    sent = await house.application.prover.email.start(Named("anna@example.org"), CLIENT)
    assert len(house.letters()) == letters
    with pytest.raises(InvalidCredentials):
        await house.application.sign_in.first_step(Anybody(), EmailProof(sent.flow, "000000"), CLIENT)


async def test_a_code_that_was_on_its_way_opens_nothing(house: House) -> None:
    await ruled(house, email_sign_in=True)
    anna = await person(house, email="anna@example.org")
    sent = await house.application.prover.email.start(Named("anna@example.org"), CLIENT)
    code = last_code(house)
    await close(house, await anna.session())
    with pytest.raises(FlowOver):
        await house.application.sign_in.first_step(Anybody(), EmailProof(sent.flow, code), CLIENT)


async def test_a_second_step_and_a_reset_that_were_begun_lead_nowhere(house: House) -> None:
    anna = await two_step(house)
    challenge = await anna.challenge()
    link = await house.application.reset.link(anna.account)
    actor = (await house.application.sign_in.second_step((await anna.challenge()).id, anna.totp(), CLIENT)).account
    session = next(one for one in house.state.sessions.values() if one.account_id == actor.id)
    await close(house, AccountActor(anna.id, anna.name, GlobalRole.USER, session.id, session.generation))
    with pytest.raises(InvalidCredentials):
        await house.application.sign_in.second_step(challenge.id, anna.totp(1), CLIENT)
    await over(house.application.reset.open_link(link, CLIENT))


async def test_a_passkey_of_a_closed_account_is_not_known(house: House) -> None:
    anna = await person(house, passkey=True)
    await close(house, await anna.session())
    with pytest.raises(InvalidCredentials, match="not known here"):
        await house.application.sign_in.first_step(Anybody(), await anna.passkey(), CLIENT)
    with pytest.raises(InvalidCredentials, match="not known here"):
        await house.application.prover.prove(Known(anna.id), await anna.passkey(), CLIENT)


async def test_an_identity_of_a_closed_account_is_linked_to_nobody_and_signs_nobody_up(
    passwords: PasswordHasher,
) -> None:
    world = await abroad(passwords)
    actor = await (await person(world.house)).session()
    linked = await world.link(actor)
    await close(world.house, actor)
    with pytest.raises(Denied, match="Nobody here is linked"):
        await world.went(linked.subject)
    assert world.owners() == {linked.subject: actor.id}


async def test_the_name_and_the_address_stay_taken(house: House) -> None:
    await ruled(house, sign_up={SignUpWay.PASSWORD: OPEN})
    anna = await closed(house, email="anna@example.org")
    start = house.application.sign_up.start
    with pytest.raises(AlreadyExists, match="username"):
        await start(SignUpWay.PASSWORD, anna.name.upper(), None, None, SITE, CLIENT)
    began = await start(SignUpWay.PASSWORD, "another", "anna@example.org", None, SITE, CLIENT)
    letter = last_letter(house)
    assert (letter.kind, letter.to) == (LetterKind.ACCOUNT_CLOSED, "anna@example.org")
    answer = SignUpAnswer(code="000000", password=PASSWORD, username="another")
    with pytest.raises(InvalidCredentials):
        await house.application.sign_up.finish(began.flow, answer, SITE, CLIENT)


async def test_nobody_else_gets_a_code_for_the_address(house: House) -> None:
    await closed(house, email="anna@example.org")
    bob = await (await person(house, "Bob")).session()
    letters = len(house.letters())
    await house.application.email.start(bob, "anna@example.org", await granted(house, bob), CLIENT)
    assert len(house.letters()) == letters


# ------------------------------------------------------------ rooms and memberships


async def test_its_rooms_are_hidden_and_everybody_in_them_is_told(house: House) -> None:
    owner = await house.account("owner")
    room = await house.room(owner)
    member = await house.member("bob", room)
    deleted = await house.room(owner)
    await house.application.rooms.delete(owner, deleted)
    await close(house, owner)
    assert house.events(room)[-1] == RoomDeleted()
    assert house.state.rooms[room].status is RoomStatus.CLOSED
    assert house.state.rooms[deleted].status is RoomStatus.DELETED
    with pytest.raises(NotFound):
        await house.application.directory.get(member, room)
    with pytest.raises(NotFound):
        await house.application.directory.invitation(None, house.state.rooms[room].code)


async def test_it_leaves_the_rooms_of_others(house: House) -> None:
    owner, anna = await house.account("owner"), await house.account("anna")
    rooms = [await house.room(owner) for _ in range(3)]
    for room in rooms:
        await house.application.members.join(anna, room, None, "")
    await house.application.members.leave(anna, rooms[2])
    before = house.events(rooms[2])
    await close(house, anna)
    for room in rooms[:2]:
        assert house.events(room)[-1] == MemberChanged(anna.id, MemberChange.LEFT)
        members = await house.application.members.list(owner, room, after=None, limit=10)
        assert [view.membership.username for view in members.members] == ["owner"]
        assert house.state.memberships[room][anna.id].state is MembershipState.ACTIVE
    assert house.events(rooms[2]) == before


async def test_no_room_is_made_for_an_account_that_has_just_been_closed(house: House) -> None:
    actor = await house.account("owner")
    await close(house, actor)
    with pytest.raises(TokenExpired):
        await house.application.rooms.create(actor, NewRoom("Too late"))
    assert not house.state.rooms


async def test_its_sign_ins_elsewhere_are_forgotten(house: House) -> None:
    anna, other = await person(house), await person(house, "Bob")
    kept = a_credential(other.account)
    async with house.transactions.write() as tx:
        await tx.credentials.add(a_credential(anna.account))
        await tx.credentials.add(kept)
    await close(house, await anna.session())
    assert list(house.state.credentials.values()) == [kept]


# ------------------------------------------------------------ the last root


async def test_the_last_root_stays(house: House) -> None:
    root = await house.account("root", GlobalRole.ROOT)
    banned = await person(house, "Banned", role=GlobalRole.ROOT)
    await changed(house, banned.id, ban=Ban("", "operator", house.clock.now(), None))
    await house.account("admin", GlobalRole.ADMIN)
    with pytest.raises(PreconditionFailed, match="set-role NAME root"):
        await close(house, root)
    assert house.state.accounts[root.id].closed_at is None


async def test_of_two_roots_one_may_go(house: House) -> None:
    roots = [await house.account(name, GlobalRole.ROOT) for name in ("one", "two")]
    told = await at_once(*[close(house, root) for root in roots])
    assert told == ["NoneType", "PreconditionFailed"]


async def test_a_ban_outlives_the_closing(house: House) -> None:
    anna = await closed(house)
    ban = Ban("spam", "operator", house.clock.now(), None)
    await changed(house, anna.id, ban=ban)
    assert replace(anna.account.restored(), version=0).ban == ban
