"""Signing in with identities that others vouch for: the way there, the way back, and what it was for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.accounts.external import Newcomer, Purpose
from synctv.application.accounts.flows import FLOW_SECONDS, GRANT_SECONDS
from synctv.application.accounts.grants import Grant
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Ban
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.identities import MAX_IDENTITIES, LinkedIdentity
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    AlreadyExists,
    Banned,
    Denied,
    FlowOver,
    InvalidCredentials,
    NotFound,
    ReauthenticationRequired,
    TokenExpired,
    Unauthenticated,
    Unavailable,
    UpstreamFailed,
)
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import (
    ELSEWHERE,
    actor_of,
    changed,
    entries,
    last_letter,
    methods,
    person,
    ruled,
    two_step,
)
from tests.application.accounts.registering import stored
from tests.application.accounts.trials import NO_FLOWS, Step, all_or_nothing, at_once, granted, nothing_but_over, over
from tests.application.accounts.vouching import SECRET, SLUG, Abroad, Traveller, abroad
from tests.applications import CLIENT
from tests.builders import an_identity

EVERY_PURPOSE = pytest.mark.parametrize("purpose", Purpose)


@pytest.fixture
async def world(passwords: PasswordHasher) -> Abroad:
    return await abroad(passwords)


async def traveller_for(world: Abroad, purpose: Purpose) -> tuple[Traveller, AccountActor | None]:
    """Somebody on the way, with the actor that the purpose needs."""
    if purpose is Purpose.SIGN_IN:
        return await world.leave(), None
    anna = await person(world.house)
    actor = await anna.session()
    if purpose is Purpose.GRANT:
        await world.link(actor)
    return await world.leave(purpose, actor), actor


# ---------------------------------------------------------------- there


async def test_those_are_offered_that_are_switched_on(world: Abroad) -> None:
    await world.add("alpha")
    await world.add("off", enabled=False)
    assert [provider.slug for provider in await world.house.application.external.offered()] == ["alpha", SLUG]


async def test_the_provider_is_asked_with_what_only_this_server_knows(world: Abroad) -> None:
    traveller = await world.leave()
    await traveller.came_back(issuer="https://hub.example")
    ((slug, secret, flow, answer),) = world.oauth.asked
    assert (slug, secret, flow.state) == (SLUG, SECRET, traveller.state)
    assert flow.redirect_uri.endswith("/auth/oauth/callback/hub")
    assert answer.issuer == "https://hub.example"
    secrets = {flow.state, flow.nonce, flow.verifier, traveller.browser}
    assert len(secrets) == 4
    assert all(len(secret) >= 43 for secret in secrets)


@pytest.mark.parametrize("slug", ["nobody", "", "HUB", "x" * 100_000, "\x00", "\ud800"])
async def test_nobody_leaves_for_a_provider_that_is_not_there(world: Abroad, slug: str) -> None:
    with pytest.raises(NotFound):
        await world.leave(slug=slug)
    assert "put" not in world.house.short_lived.called


async def test_linking_and_grants_are_for_who_is_known(world: Abroad) -> None:
    for purpose in (Purpose.LINK, Purpose.GRANT):
        with pytest.raises(Unauthenticated):
            await world.leave(purpose)


async def test_linking_takes_a_grant_once_the_provider_answers(world: Abroad) -> None:
    actor = await (await person(world.house)).session()
    bob = await (await person(world.house, "Bob")).session()
    for grant in (*NO_FLOWS[1:], await granted(world.house, bob)):
        with pytest.raises(ReauthenticationRequired):
            await world.leave(Purpose.LINK, actor, grant=grant)
    grant = await granted(world.house, actor)
    world.oauth.away = True
    with pytest.raises(UpstreamFailed):
        await world.leave(Purpose.LINK, actor, grant=grant)
    world.oauth.away = False
    await world.leave(Purpose.LINK, actor, grant=grant)
    with pytest.raises(ReauthenticationRequired):
        await world.leave(Purpose.LINK, actor, grant=grant)


async def test_a_grant_is_only_to_be_had_from_a_provider_that_is_linked(world: Abroad) -> None:
    await world.add("other")
    actor = await (await person(world.house)).session()
    await world.link(actor)
    await world.leave(Purpose.GRANT, actor)
    with pytest.raises(NotFound):
        await world.leave(Purpose.GRANT, actor, slug="other")


# ---------------------------------------------------------------- and back


async def test_nobody_comes_back_but_the_browser_that_left(world: Abroad) -> None:
    other = await world.leave()
    for browser in ("", "guessed", other.browser):
        with pytest.raises(FlowOver, match="begun in another browser"):
            await replace(await world.leave(), browser=browser).came_back()
    await over(replace(await world.leave(), client=ELSEWHERE).came_back())
    assert not world.oauth.asked


async def test_a_browser_comes_back_once_and_in_time(world: Abroad) -> None:
    traveller = await world.leave()
    await traveller.came_back()
    await over(traveller.came_back())
    late = await world.leave()
    world.house.clock.advance(FLOW_SECONDS)
    await over(late.came_back())


async def test_a_browser_comes_back_from_where_it_went(world: Abroad) -> None:
    await world.add("evil")
    traveller, code = await world.leave(), world.oauth.code_of("anna-there")
    with pytest.raises(FlowOver, match="another provider"):
        await replace(traveller, slug="evil").returned(code)
    assert not world.oauth.asked
    await over(traveller.returned(code))
    traveller = await world.leave()
    with pytest.raises(FlowOver, match="another provider"):
        await world.house.application.external.left_alone("evil", traveller.state, traveller.browser, CLIENT)
    await over(traveller.came_back())


async def test_whoever_declines_is_not_on_the_way_any_more(world: Abroad) -> None:
    traveller = await world.leave()
    left_alone = world.house.application.external.left_alone
    with pytest.raises(FlowOver):
        await left_alone(SLUG, "guessed", traveller.browser, CLIENT)
    await left_alone(SLUG, traveller.state, traveller.browser, CLIENT)
    await over(traveller.came_back())
    await over(left_alone(SLUG, traveller.state, traveller.browser, CLIENT))


@pytest.mark.parametrize("code", ["", "forged", "x" * 100_000])
async def test_a_code_that_the_provider_does_not_know_ends_the_way(world: Abroad, code: str) -> None:
    traveller = await world.leave()
    with pytest.raises(InvalidCredentials):
        await traveller.returned(code)
    await over(traveller.came_back())


async def test_what_is_no_state_and_what_is_no_result_lead_nowhere(world: Abroad) -> None:
    traveller = await world.leave()
    result = await traveller.came_back()
    other = await world.leave()
    states = (*NO_FLOWS, other.state[:-1], other.state + "x", result)
    await nothing_but_over(world.house, [replace(other, state=state).came_back() for state in states])
    results = (*NO_FLOWS, result[:-1], other.state)
    await nothing_but_over(world.house, [traveller.arrive(text) for text in results])
    assert isinstance(await traveller.arrive(result), Newcomer)


async def test_of_two_who_come_back_at_once_one_does(world: Abroad) -> None:
    traveller = await world.leave()
    assert await at_once(traveller.came_back(), traveller.came_back()) == ["FlowOver", "str"]


async def test_a_provider_that_was_switched_off_or_replaced_meanwhile_is_not_asked(world: Abroad) -> None:
    traveller = await world.leave()
    await world.change(enabled=False)
    with pytest.raises(NotFound):
        await traveller.came_back()
    await world.change(enabled=True)
    traveller = await world.leave()
    await world.replaced()
    await over(traveller.came_back())
    assert not world.oauth.asked


async def test_a_secret_whose_key_is_gone_is_the_operators_to_mend(world: Abroad) -> None:
    traveller = await world.leave()
    await world.change(sealed_secret=world.secret_lost())
    with pytest.raises(Unavailable):
        await traveller.came_back()
    await world.change(sealed_secret=None)
    await (await world.leave()).came_back()
    assert [secret for _, secret, _, _ in world.oauth.asked] == [None]


# ---------------------------------------------------------------- signing in


async def test_a_linked_identity_signs_in_without_a_second_step(world: Abroad) -> None:
    anna = await two_step(world.house)
    proven = await world.house.application.sign_in.second_step((await anna.challenge()).id, anna.totp(), CLIENT)
    linked = await world.link(await actor_of(world.house, proven))
    world.house.clock.advance(60)
    signed_in = await world.went()
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account.id == anna.id
    assert methods(world.house)[-1] == {Factor.OAUTH}
    used = world.house.state.identities[linked.id].used_at
    assert used == world.house.clock.now()


async def test_a_banned_account_is_told_to_who_holds_the_identity(world: Abroad) -> None:
    anna = await person(world.house)
    await world.link(await anna.session())
    traveller = await world.leave()
    result = await traveller.came_back()
    await changed(world.house, anna.id, ban=Ban("spam", "operator", world.house.clock.now(), None))
    with pytest.raises(Banned, match="spam"):
        await traveller.arrive(result)
    await changed(world.house, anna.id, ban=None, pending=True)
    with pytest.raises(Denied, match="approval"):
        await world.went()


async def test_a_result_is_its_browsers_works_once_and_ends_with_its_time(world: Abroad) -> None:
    await world.link(await (await person(world.house)).session())
    other = await world.leave()
    for browser, client in (("", CLIENT), ("guessed", CLIENT), (other.browser, CLIENT), (None, ELSEWHERE)):
        traveller = await world.leave()
        result = await traveller.came_back()
        thief = replace(traveller, browser=traveller.browser if browser is None else browser, client=client)
        await nothing_but_over(world.house, [thief.arrive(result), traveller.arrive(result)])
    traveller = await world.leave()
    result = await traveller.came_back()
    assert await at_once(traveller.arrive(result), traveller.arrive(result)) == ["FlowOver", "SignedIn"]
    result = await (traveller := await world.leave()).came_back()
    world.house.clock.advance(FLOW_SECONDS)
    await nothing_but_over(world.house, [traveller.arrive(result)])


async def test_who_was_vouched_for_by_another_issuer_is_a_stranger(world: Abroad) -> None:
    anna = await person(world.house)
    await world.link(await anna.session(), "1")
    traveller = await world.leave()
    result = await traveller.came_back("1")
    await world.replaced()
    await over(traveller.arrive(result))
    result = await (traveller := await world.leave()).came_back("1")
    await world.change(enabled=False)
    with pytest.raises(NotFound):
        await traveller.arrive(result)


async def test_an_identity_that_was_unlinked_meanwhile_signs_in_no_more(world: Abroad) -> None:
    actor = await (await person(world.house)).session()
    linked = await world.link(actor)
    result = await (traveller := await world.leave()).came_back()
    await world.house.application.security.unlink(actor, linked.id, await granted(world.house, actor), CLIENT)
    assert isinstance(await traveller.arrive(result), Newcomer)


async def test_a_stranger_is_told_to_link_first_where_newcomers_are_not_let_in(world: Abroad) -> None:
    await world.change(sign_up=False)
    with pytest.raises(Denied, match="link it in your account"):
        await world.went()
    assert not world.house.state.accounts


# ---------------------------------------------------------------- newcomers


@pytest.mark.parametrize(
    "known, suggested",
    [
        ({"username": "anna"}, "anna"),
        ({"username": "Anna Bell!"}, "AnnaBell"),
        ({"email": "anna.bell@example.org"}, "anna.bell"),
        ({"username": "taken"}, "taken2"),
        ({"username": "TAKEN"}, "TAKEN2"),
        ({"username": "root"}, "root2"),
        ({"username": "-_."}, "guest"),
        ({"username": "a"}, "guest"),
        ({}, "guest"),
        ({"username": "\u5b89\u5a1c"}, "\u5b89\u5a1c"),
        ({"username": "x" * 29 + ".yz"}, "x" * 29),
        ({"username": "x" * 5_000}, "x" * 30),
        ({"username": "\ufdfa" * 30}, ""),
        ({"username": "a\ud800b"}, "ab"),
    ],
)
async def test_a_free_name_is_suggested(world: Abroad, known: dict[str, str], suggested: str) -> None:
    await person(world.house, "taken")
    assert (await world.newcomer(**known)).username == suggested


async def test_where_a_hundred_are_called_so_nobody_is_offered_another_name(world: Abroad) -> None:
    await ruled(world.house, reserved_usernames=frozenset({"anna", *(f"anna{number}" for number in range(2, 100))}))
    assert (await world.newcomer(username="anna")).username == ""


async def test_an_address_comes_along_when_it_is_trusted_allowed_and_nobodys(world: Abroad) -> None:
    async def offered(email: str = "anna@example.org", *, verified: bool = True) -> str | None:
        return (await world.newcomer(email=email, email_verified=verified)).email

    await person(world.house, "Bob", email="bob@example.org")
    assert await offered("Anna@EXAMPLE.org") == "Anna@example.org"
    assert await offered("BOB@example.org") is None
    assert await offered("no address") is None
    assert await offered(verified=False) is None
    await ruled(world.house, email_rules=EmailRules(blocked=frozenset({"example.org"})))
    assert await offered() is None
    await ruled(world.house, email_rules=EmailRules())
    await world.change(trusts_email=False)
    assert await offered() is None


async def test_a_newcomer_without_an_address_is_turned_away_where_one_is_needed(world: Abroad) -> None:
    await ruled(world.house, email_required=True)
    for email in (None, "anna@example.org"):
        with pytest.raises(Denied, match="needs an address"):
            await world.newcomer(email=email)
    assert (await world.newcomer(email="anna@example.org", email_verified=True)).email == "anna@example.org"


# ---------------------------------------------------------------- linking


async def test_a_linked_identity_is_noted_and_told_to_the_address(world: Abroad) -> None:
    anna = await person(world.house, email="anna@example.org")
    actor = await anna.session()
    traveller = await world.leave(Purpose.LINK, actor)
    result = await traveller.came_back("1", username="anna-there", email="a@there.example")
    linked = await traveller.arrive(result, actor)
    assert isinstance(linked, LinkedIdentity)
    assert (linked.account_id, linked.provider, linked.subject) == (anna.id, SLUG, "1")
    assert (linked.shown, linked.used_at) == ("a@there.example", None)
    (noted,) = entries(world.house, Action.IDENTITY_LINKED)
    assert (noted.target.id, noted.session_id, noted.detail) == (anna.id, actor.session_id, {"provider": SLUG})
    letter = last_letter(world.house)
    assert (letter.kind, letter.to, letter.facts["what"]) == (
        LetterKind.FACTOR_CHANGED,
        "anna@example.org",
        "identity_linked",
    )


async def test_linking_again_changes_nothing(world: Abroad) -> None:
    actor = await (await person(world.house)).session()
    assert await world.link(actor) == await world.link(actor)
    assert len(entries(world.house, Action.IDENTITY_LINKED)) == 1


async def test_an_identity_belongs_to_one_account(world: Abroad) -> None:
    anna, bob = await person(world.house), await person(world.house, "Bob")
    await world.link(await anna.session())
    with pytest.raises(AlreadyExists):
        await world.link(await bob.session())
    assert world.owners() == {"anna-there": anna.id}


async def test_an_account_has_at_most_twenty(world: Abroad) -> None:
    anna = await person(world.house)
    actor = await anna.session()
    provider = world.house.state.identity_providers[SLUG]
    async with world.house.transactions.write() as tx:
        for _ in range(MAX_IDENTITIES - 1):
            await tx.identities.add(an_identity(anna.account, provider))
    arriving = []
    for subject in ("one", "another"):
        traveller = await world.leave(Purpose.LINK, actor)
        arriving.append(traveller.arrive(await traveller.came_back(subject), actor))
    assert await at_once(*arriving) == ["LinkedIdentity", "QuotaExceeded"]


async def test_of_two_accounts_that_link_it_at_once_one_gets_it(world: Abroad) -> None:
    arriving = []
    for name in ("Anna", "Bob"):
        actor = await (await person(world.house, name)).session()
        traveller = await world.leave(Purpose.LINK, actor)
        arriving.append(traveller.arrive(await traveller.came_back("shared"), actor))
    assert await at_once(*arriving) == ["AlreadyExists", "LinkedIdentity"]


@pytest.mark.parametrize("purpose", [Purpose.LINK, Purpose.GRANT])
async def test_a_result_is_for_the_session_that_left(world: Abroad, purpose: Purpose) -> None:
    anna, bob = await person(world.house), await person(world.house, "Bob")
    mine, others = await anna.session(), await bob.session()
    await world.link(mine)
    for thief in (None, others, await anna.session()):
        traveller = await world.leave(purpose, mine)
        result = await traveller.came_back("new" if purpose is Purpose.LINK else "anna-there")
        await nothing_but_over(world.house, [traveller.arrive(result, thief), traveller.arrive(result, mine)])


@pytest.mark.parametrize("purpose", [Purpose.LINK, Purpose.GRANT])
async def test_whoever_was_signed_out_on_the_way_gets_nothing(world: Abroad, purpose: Purpose) -> None:
    actor = await (await person(world.house)).session()
    await world.link(actor)
    traveller = await world.leave(purpose, actor)
    result = await traveller.came_back("new" if purpose is Purpose.LINK else "anna-there")
    await world.house.application.account_access.end_sessions("Anna")
    before = stored(world.house)
    with pytest.raises(TokenExpired):
        await traveller.arrive(result, actor)
    assert stored(world.house) == before


@pytest.mark.parametrize("purpose", [Purpose.LINK, Purpose.GRANT])
async def test_a_provider_that_changed_on_the_way_links_nobody_and_gives_no_grant(
    world: Abroad, purpose: Purpose
) -> None:
    actor = await (await person(world.house)).session()
    await world.link(actor)
    subject = "new" if purpose is Purpose.LINK else "anna-there"
    result = await (traveller := await world.leave(purpose, actor)).came_back(subject)
    await world.change(enabled=False)
    with pytest.raises(NotFound):
        await traveller.arrive(result, actor)
    await world.change(enabled=True)
    result = await (traveller := await world.leave(purpose, actor)).came_back(subject)
    await world.replaced()
    await over(traveller.arrive(result, actor))
    assert world.owners().keys() == {"anna-there"}


# ---------------------------------------------------------------- grants


async def test_an_identity_gives_its_owner_a_grant_and_counts_as_proven(world: Abroad) -> None:
    actor = await (await person(world.house)).session()
    await world.link(actor)
    traveller = await world.leave(Purpose.GRANT, actor)
    grant = await traveller.arrive(await traveller.came_back(), actor)
    assert isinstance(grant, Grant)
    assert grant.expires_in == GRANT_SECONDS
    assert world.house.state.sessions[actor.session_id].methods == {Factor.PASSWORD, Factor.OAUTH}
    await world.house.application.grants.spend(actor, grant.text, CLIENT)


async def test_another_identity_gives_no_grant(world: Abroad) -> None:
    anna, bob = await (await person(world.house)).session(), await (await person(world.house, "Bob")).session()
    await world.link(anna)
    await world.link(bob, "bob-there")
    for subject in ("bob-there", "nobody"):
        traveller = await world.leave(Purpose.GRANT, anna)
        with pytest.raises(Denied, match="not the identity that is linked"):
            await traveller.arrive(await traveller.came_back(subject), anna)


# ---------------------------------------------------------------- outages


@EVERY_PURPOSE
async def test_short_lived_state_that_was_lost_lets_nobody_in(world: Abroad, purpose: Purpose) -> None:
    traveller, actor = await traveller_for(world, purpose)
    world.house.short_lived.lose()
    await nothing_but_over(world.house, [traveller.came_back()])
    traveller = await world.leave()
    result = await traveller.came_back()
    world.house.short_lived.lose()
    await nothing_but_over(world.house, [traveller.arrive(result, actor)])


async def test_while_short_lived_state_is_away_nothing_is_half_done(world: Abroad) -> None:
    actor = await (await person(world.house)).session()
    await world.link(actor)

    async def leaving() -> Step:
        grant = await granted(world.house, actor)
        return lambda: world.leave(Purpose.LINK, actor, grant=grant)

    async def coming_back() -> Step:
        return (await world.leave()).came_back

    async def signing_in() -> Step:
        traveller = await world.leave()
        result = await traveller.came_back()
        return lambda: traveller.arrive(result)

    async def linking() -> Step:
        traveller = await world.leave(Purpose.LINK, actor)
        result = await traveller.came_back("second")
        return lambda: traveller.arrive(result, actor)

    for step in (leaving, coming_back, signing_in, linking):
        await all_or_nothing(world.house, step)


async def test_only_a_grant_asks_the_provider_for_a_fresh_proof(passwords: PasswordHasher) -> None:
    world = await abroad(passwords)
    anna = await person(world.house)
    actor = await anna.session()
    await world.link(actor)
    now = world.house.clock.now()
    await (await world.leave(Purpose.GRANT, actor)).came_back()
    await (await world.leave()).came_back()
    assert [flow.fresh_since for _, _, flow, _ in world.oauth.asked[-2:]] == [now, None]
