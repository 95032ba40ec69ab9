"""How one's own account is protected: what there is, two steps, linked identities, and what was done."""

from __future__ import annotations

import pytest

from synctv.application.accounts.external import Purpose
from synctv.application.accounts.flows import GRANT_SECONDS
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.revocations import Revoked
from synctv.domain.accounts.account import Language
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.identities import LinkedIdentity
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.errors import (
    NotFound,
    PreconditionFailed,
    ReauthenticationRequired,
    TokenExpired,
)
from synctv.domain.ids import AuditId, IdentityId
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import (
    Person,
    changed,
    entries,
    give_passkey,
    last_letter,
    person,
    two_step,
    wrong_passwords,
)
from tests.application.accounts.registering import stored
from tests.application.accounts.trials import NO_FLOWS, Step, all_or_nothing, at_once, granted, refused
from tests.application.accounts.vouching import SLUG, Abroad, abroad
from tests.application.house import House
from tests.applications import CLIENT, SilentMail


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email="anna@example.org")


@pytest.fixture
async def world(passwords: PasswordHasher) -> Abroad:
    return await abroad(passwords)


async def ask(house: House, actor: AccountActor, *, enabled: bool = True) -> None:
    """Turns two-step sign-in on or off, with a fresh grant."""
    await house.application.security.ask_for_two(actor, await granted(house, actor), CLIENT, enabled=enabled)


async def unlink(house: House, actor: AccountActor, identity: LinkedIdentity) -> None:
    """Unlinks, with a fresh grant."""
    await house.application.security.unlink(actor, identity.id, await granted(house, actor), CLIENT)


# ---------------------------------------------------------------- what there is


async def test_everything_that_protects_an_account_is_shown(world: Abroad) -> None:
    house = world.house
    anna = await two_step(house)
    await changed(house, anna.id, two_factor=False)
    actor = await anna.session()
    linked = await world.link(actor)
    security = await house.application.security.of(actor)
    assert security.account == anna.account
    assert security.have.local == {Factor.PASSWORD, Factor.PASSKEY, Factor.EMAIL, Factor.TOTP}
    assert [passkey.account_id for passkey in security.passkeys] == [anna.id]
    assert security.totp == house.state.totp_secrets[anna.id]
    assert (security.recovery_codes, list(security.identities), security.providers[SLUG]) == (10, [linked], "Example")
    assert list(security.methods) == list(Factor)


async def test_only_what_works_now_gives_a_grant(passwords: PasswordHasher) -> None:
    world = await abroad(passwords, mail=SilentMail(configured=False))
    anna = await person(world.house, email="anna@example.org")
    actor = await anna.session()
    await world.link(actor)
    await world.change(enabled=False)
    await changed(world.house, anna.id, must_reset=True)
    security = await world.house.application.security.of(actor)
    assert list(security.methods) == []
    assert len(security.identities) == 1
    await world.change(enabled=True)
    await changed(world.house, anna.id, must_reset=False)
    assert list((await world.house.application.security.of(actor)).methods) == [Factor.PASSWORD, Factor.OAUTH]


async def test_nothing_of_others_is_shown(world: Abroad) -> None:
    bob = await two_step(world.house, "Bob")
    await changed(world.house, bob.id, two_factor=False)
    await world.link(await bob.session())
    security = await world.house.application.security.of(await (await person(world.house)).session())
    assert (security.passkeys, security.totp, security.recovery_codes, security.identities) == ([], None, 0, [])


# ---------------------------------------------------------------- two steps


async def test_two_steps_hold_from_the_next_sign_in_and_refresh_on(house: House, anna: Person) -> None:
    signed_in = await anna.sign_in()
    assert isinstance(signed_in, SignedIn)
    actor = await anna.session()
    await ask(house, actor)
    assert not isinstance(await anna.sign_in(), SignedIn)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)
    await ask(house, actor, enabled=False)
    assert isinstance(await anna.sign_in(), SignedIn)
    assert [noted.action for noted in entries(house) if "two_factor" in noted.action] == [
        Action.TWO_FACTOR_ENABLED,
        Action.TWO_FACTOR_DISABLED,
    ]
    assert [letter.facts["what"] for letter in house.letters() if letter.kind is LetterKind.FACTOR_CHANGED] == [
        "two_factor_enabled",
        "two_factor_disabled",
    ]


async def test_turning_two_steps_on_ends_other_sessions_of_one_factor_with_their_connections(
    house: House, anna: Person
) -> None:
    told: list[Revoked] = []
    actor, single, double = await anna.session(), await anna.session(), await anna.session()
    bob = await (await person(house, "Bob")).session()
    async with house.transactions.write() as tx:
        await tx.sessions.update(house.state.sessions[double.session_id].proven(Factor.TOTP))
    async with house.container.revocations().subscribe(told.append, lambda: None):
        await ask(house, actor)
    assert [revoked.session_id for revoked in told] == [single.session_id]
    ended = {session.id for session in house.state.sessions.values() if session.ended_at is not None}
    assert ended == {single.session_id}
    assert {actor.session_id, double.session_id, bob.session_id} <= set(house.state.sessions)
    (noted,) = entries(house, Action.SESSION_ENDED)
    assert noted.session_id == single.session_id


async def test_one_factor_is_not_enough_for_two_steps(passwords: PasswordHasher) -> None:
    world = await abroad(passwords, mail=SilentMail(configured=False))
    anna = await person(world.house, email="anna@example.org")
    actor = await anna.session()
    await world.link(actor)
    with pytest.raises(PreconditionFailed, match="two of"):
        await ask(world.house, actor)
    assert not anna.account.two_factor
    await give_passkey(anna)
    await ask(world.house, actor)


async def test_asking_for_what_is_so_already_changes_nothing(house: House, anna: Person) -> None:
    actor = await anna.session()
    before = anna.account
    await ask(house, actor, enabled=False)
    assert anna.account == before
    grants = [await granted(house, actor) for _ in range(2)]
    ask_for_two = house.application.security.ask_for_two
    outcomes = await at_once(*(ask_for_two(actor, grant, CLIENT, enabled=True) for grant in grants))
    assert outcomes == ["NoneType"] * 2
    assert len(entries(house, Action.TWO_FACTOR_ENABLED)) == 1


async def test_turning_it_on_races_no_removal(house: House, anna: Person) -> None:
    actor = await anna.session()
    grants = [await granted(house, actor) for _ in range(2)]
    outcomes = await at_once(
        house.application.security.ask_for_two(actor, grants[0], CLIENT, enabled=True),
        house.application.email.remove(actor, grants[1], CLIENT),
    )
    assert outcomes == ["NoneType", "PreconditionFailed"]
    assert (await house.application.security.of(actor)).have.enough_for_two is anna.account.two_factor


# ---------------------------------------------------------------- linked identities


async def test_an_identity_that_was_unlinked_is_nobodys(world: Abroad) -> None:
    anna = await person(world.house, email="anna@example.org")
    actor = await anna.session()
    linked = await world.link(actor)
    await unlink(world.house, actor, linked)
    assert not world.house.state.identities
    (noted,) = entries(world.house, Action.IDENTITY_UNLINKED)
    assert (noted.target.id, noted.session_id, noted.detail) == (anna.id, actor.session_id, {"provider": SLUG})
    assert last_letter(world.house).facts["what"] == "identity_unlinked"
    bob = await (await person(world.house, "Bob")).session()
    assert (await world.link(bob)).account_id == bob.id


async def test_others_identities_are_not_there(world: Abroad) -> None:
    actor, bob = await (await person(world.house)).session(), await (await person(world.house, "Bob")).session()
    theirs = await world.link(bob)
    for identity_id in (theirs.id, IdentityId("idn_nobody"), IdentityId(""), IdentityId("x" * 10_000)):
        with pytest.raises(NotFound):
            await world.house.application.security.unlink(actor, identity_id, await granted(world.house, actor), CLIENT)
    assert list(world.house.state.identities.values()) == [theirs]


async def test_the_only_way_to_sign_in_stays_linked(world: Abroad) -> None:
    await world.add("other")
    anna = await person(world.house)
    actor = await anna.session()
    first, second = await world.link(actor), await linked_at(world, actor, "other")
    await changed(world.house, anna.id, password=None)
    await unlink(world.house, actor, second)
    with pytest.raises(PreconditionFailed, match="only way to sign in"):
        await unlink(world.house, actor, first)
    await give_passkey(anna)
    await unlink(world.house, actor, first)


async def test_an_identity_whose_provider_is_switched_off_may_go_and_is_no_way_in(world: Abroad) -> None:
    await world.add("off")
    anna = await person(world.house)
    actor = await anna.session()
    useful = await world.link(actor)
    useless = await linked_at(world, actor, "off")
    await world.change("off", enabled=False)
    await changed(world.house, anna.id, password=None)
    with pytest.raises(PreconditionFailed, match="only way to sign in"):
        await unlink(world.house, actor, useful)
    await unlink(world.house, actor, useless)
    assert list(world.house.state.identities.values()) == [useful]


async def linked_at(world: Abroad, actor: AccountActor, slug: str) -> LinkedIdentity:
    """An identity at another provider, linked to the actor's account."""
    traveller = await world.leave(Purpose.LINK, actor, slug)
    linked = await traveller.arrive(await traveller.came_back("elsewhere"), actor)
    assert isinstance(linked, LinkedIdentity)
    return linked


async def test_two_steps_do_not_keep_an_identity(world: Abroad) -> None:
    anna = await person(world.house, totp=True)
    actor = await anna.session()
    linked = await world.link(actor)
    await ask(world.house, actor)
    await unlink(world.house, actor, linked)


# ---------------------------------------------------------------- grants, and meanwhile


async def test_it_takes_a_fresh_grant_of_this_session(world: Abroad) -> None:
    house = world.house
    anna = await person(house, totp=True)
    actor, other = await anna.session(), await anna.session()
    linked = await world.link(actor)
    late = await granted(house, actor)
    house.clock.advance(GRANT_SECONDS)
    used = await granted(house, actor)
    await house.application.grants.spend(actor, used, CLIENT)
    before, own = stored(house), house.application.security
    for grant in (*NO_FLOWS, late, used, await granted(house, other)):
        with pytest.raises(ReauthenticationRequired):
            await own.ask_for_two(actor, grant, CLIENT, enabled=True)
        with pytest.raises(ReauthenticationRequired):
            await own.unlink(actor, linked.id, grant, CLIENT)
    assert stored(house) == before


async def test_whoever_was_thrown_out_meanwhile_changes_nothing(world: Abroad) -> None:
    house, own = world.house, world.house.application.security
    anna = await person(house, totp=True)
    actor = await anna.session()
    linked, grants = await world.link(actor), [await granted(house, actor) for _ in range(2)]
    await house.application.account_access.end_sessions("Anna")
    before = stored(house)
    for step in (
        own.ask_for_two(actor, grants[0], CLIENT, enabled=True),
        own.unlink(actor, linked.id, grants[1], CLIENT),
        own.speak(actor, Language.CHINESE),
    ):
        with pytest.raises(TokenExpired):
            await step
    assert stored(house) == before


async def test_while_short_lived_state_is_away_nothing_is_half_done(world: Abroad) -> None:
    house, own = world.house, world.house.application.security
    actor = await (await person(house, totp=True)).session()

    async def asking() -> Step:
        grant = await granted(house, actor)
        return lambda: own.ask_for_two(actor, grant, CLIENT, enabled=True)

    async def unlinking() -> Step:
        linked, grant = await world.link(actor), await granted(house, actor)
        return lambda: own.unlink(actor, linked.id, grant, CLIENT)

    await all_or_nothing(house, asking)
    await all_or_nothing(house, unlinking)


# ---------------------------------------------------------------- language


async def test_a_language_is_chosen_and_given_up(house: House, anna: Person) -> None:
    actor = await anna.session()
    for language in (Language.CHINESE, None, Language.ENGLISH):
        account = await house.application.security.speak(actor, language)
        assert account.language == language
        assert anna.account == account


async def test_choosing_the_same_language_changes_nothing(house: House, anna: Person) -> None:
    actor = await anna.session()
    first = await house.application.security.speak(actor, Language.ENGLISH)
    assert await house.application.security.speak(actor, Language.ENGLISH) == first


# ---------------------------------------------------------------- what was done


async def activity(
    house: House, actor: AccountActor, before: AuditId | None = None, limit: int = 200
) -> list[AuditEntry]:
    """One page of what was done."""
    return list(await house.application.security.activity(actor, before, limit))


async def test_one_sees_what_was_done_to_one_and_by_one_newest_first(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    await wrong_passwords(house, "Anna", 2)
    await wrong_passwords(house, "Bob", 1)
    await wrong_passwords(house, "nobody", 1)
    actor = await anna.session()
    await bob.session()
    await house.application.accounts.set_role("Bob", bob.account.role)
    seen = await activity(house, actor)
    assert [one.action for one in seen] == [
        Action.SIGNED_IN,
        Action.SIGN_IN_FAILED,
        Action.SIGN_IN_FAILED,
        Action.ACCOUNT_CREATED,
    ]
    assert all(anna.id in (one.target.id, one.actor.id) for one in seen)


async def test_what_was_done_is_paged_without_gap_or_overlap(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    actor = await anna.session()
    for _ in range(4):
        await ask(house, actor, enabled=True)
        await bob.session()
        await ask(house, actor, enabled=False)
    everything = await activity(house, actor)
    pages, before = [], None
    while page := await activity(house, actor, before, 3):
        pages += page
        before = page[-1].id
    assert pages == everything
    assert len(everything) == 10


@pytest.mark.parametrize("limit", [-1, 0, 201, 10**9])
async def test_a_page_has_its_bounds(house: House, anna: Person, limit: int) -> None:
    assert await refused(activity(house, await anna.session(), limit=limit)) == {"limit"}


async def test_nobodys_place_is_a_place_all_the_same(house: House, anna: Person) -> None:
    actor = await anna.session()
    bob = await person(house, "Bob")
    theirs = [one.id for one in entries(house) if one.target.id == bob.id][-1]
    assert all(one.target.id == anna.id for one in await activity(house, actor, theirs))


async def test_an_account_that_is_gone_has_nothing_to_show(house: House, anna: Person) -> None:
    actor = await anna.session()
    async with house.transactions.write() as tx:
        await tx.accounts.remove(anna.id)
    with pytest.raises(NotFound):
        await house.application.security.of(actor)
    with pytest.raises(TokenExpired):
        await house.application.security.speak(actor, None)
