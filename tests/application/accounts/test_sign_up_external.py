"""Signing up with an identity that a provider vouches for."""

from __future__ import annotations

from typing import Any

import pytest

from synctv.application.accounts.flows import FLOW_SECONDS
from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_up import InReview, SignUpAnswer
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import GlobalRole, Language
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.policy import SignUpWay
from synctv.domain.audit.entry import Action
from synctv.domain.errors import AlreadyExists, Denied, FlowOver
from tests.application.accounts.people import ELSEWHERE, entries, methods, person, ruled
from tests.application.accounts.registering import opened, stored
from tests.application.accounts.trials import NO_FLOWS, Step, all_or_nothing, at_once, nothing_but_over, over, refused
from tests.application.accounts.vouching import SLUG, Abroad, abroad
from tests.applications import CLIENT, PASSWORD, SITE

MAIL: dict[str, Any] = {"email": "anna@example.org", "email_verified": True}


@pytest.fixture
async def world(passwords: PasswordHasher) -> Abroad:
    return await abroad(passwords)


async def finish(world: Abroad, flow: str, username: str | None = None, **answer: object) -> SignedIn | InReview:
    given = SignUpAnswer(username=username, **answer)  # type: ignore[arg-type]
    return await world.house.application.sign_up.finish(flow, given, SITE, CLIENT)


async def test_a_newcomer_is_a_user_whose_identity_signs_in_from_now_on(world: Abroad) -> None:
    flow = await world.welcomed(username="anna", **MAIL)
    signed_in = await finish(world, flow, language=Language.CHINESE)
    assert isinstance(signed_in, SignedIn)
    account = signed_in.account
    assert (account.username, account.role, account.email, account.language) == (
        "anna",
        GlobalRole.USER,
        "anna@example.org",
        Language.CHINESE,
    )
    assert (account.password, account.pending) == (None, False)
    assert methods(world.house) == [frozenset({Factor.OAUTH})]
    (linked,) = world.house.state.identities.values()
    assert (linked.account_id, linked.provider, linked.subject) == (account.id, SLUG, "anna-there")
    assert (linked.shown, linked.linked_at) == ("anna@example.org", linked.used_at)
    assert entries(world.house, Action.SIGNED_UP)[0].detail == {"way": "oauth", "review": "false"}
    again = await world.went()
    assert isinstance(again, SignedIn)
    assert again.account.id == account.id


async def test_no_other_way_has_to_be_open_and_none_is_opened(world: Abroad) -> None:
    with pytest.raises(Denied):
        await world.house.application.sign_up.start(SignUpWay.PASSWORD, "anna", None, None, SITE, CLIENT)
    assert isinstance(await finish(world, await world.welcomed(username="anna")), SignedIn)


async def test_what_was_not_asked_for_counts_for_nothing(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    signed_in = await finish(world, flow, password=PASSWORD, upload=b"x" * 192, credential={}, code="000000")
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account.password is None


async def test_the_name_may_be_another_one(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    await person(world.house, "Bob")
    for taken in ("bob", "ROOT", "bo\uff42"):
        with pytest.raises(AlreadyExists, match="username"):
            await finish(world, flow, taken)
    for wrong in ("x", "x" * 33, "a b", "x" * 100_000):
        assert await refused(finish(world, flow, wrong)) == {"username"}
    signed_in = await finish(world, flow, "Grace")
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account.username == "Grace"


async def test_where_no_name_could_be_suggested_one_has_to_be_chosen(world: Abroad) -> None:
    flow = await world.welcomed(username="\ufdfa" * 30)
    assert await refused(finish(world, flow)) == {"username"}
    assert isinstance(await finish(world, flow, "anna"), SignedIn)


async def test_a_name_that_was_taken_meanwhile_costs_nothing_but_another_one(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    await person(world.house, "Anna")
    before = stored(world.house)
    with pytest.raises(AlreadyExists, match="username"):
        await finish(world, flow)
    assert stored(world.house) == before
    assert isinstance(await finish(world, flow, "anna2"), SignedIn)


async def test_a_reviewed_newcomer_waits(world: Abroad) -> None:
    await world.change(review=True)
    assert (await world.newcomer()).review
    result = await finish(world, await world.welcomed(username="anna"))
    assert isinstance(result, InReview)
    with pytest.raises(Denied, match="approval"):
        await world.went()
    await world.house.application.accounts.approve("anna")
    assert isinstance(await world.went(), SignedIn)


async def test_a_review_that_was_switched_on_meanwhile_holds(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    await world.change(review=True)
    assert isinstance(await finish(world, flow), InReview)


async def test_a_provider_that_was_closed_meanwhile_lets_nobody_in(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    for sign_up, enabled in ((False, True), (True, False)):
        await world.change(sign_up=sign_up, enabled=enabled)
        with pytest.raises(Denied, match="closed"):
            await finish(world, flow)
    await world.change(sign_up=True, enabled=True)
    assert isinstance(await finish(world, flow), SignedIn)


async def test_a_provider_that_was_removed_meanwhile_lets_nobody_in(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    await world.house.application.identity_providers.remove(SLUG)
    with pytest.raises(Denied, match="closed"):
        await finish(world, flow)
    await world.add(issuer="https://another.example")
    await over(finish(world, flow))
    assert not world.house.state.accounts


async def test_whoever_another_issuer_vouched_for_gets_no_account(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    await world.replaced()
    await nothing_but_over(world.house, [finish(world, flow)])


async def test_an_address_that_is_not_trusted_any_more_does_not_come_along(world: Abroad) -> None:
    flow = await world.welcomed(username="anna", **MAIL)
    bare = await world.welcomed("bob-there", username="bob")
    await world.change(trusts_email=False)
    await nothing_but_over(world.house, [finish(world, flow)])
    assert isinstance(await finish(world, bare), SignedIn)


async def test_addresses_go_by_the_rules_of_the_end(world: Abroad) -> None:
    flow = await world.welcomed(username="anna", **MAIL)
    bare = await world.welcomed("bob-there", username="bob")
    await ruled(world.house, email_rules=EmailRules(blocked=frozenset({"example.org"})))
    assert await refused(finish(world, flow)) == {"email"}
    await ruled(world.house, email_rules=EmailRules(), email_required=True)
    with pytest.raises(Denied, match="needs an address"):
        await finish(world, bare)
    assert isinstance(await finish(world, flow), SignedIn)


async def test_an_address_that_was_taken_meanwhile_makes_no_account(world: Abroad) -> None:
    flow = await world.welcomed(username="anna", **MAIL)
    await person(world.house, "Bob", email="ANNA@example.org")
    before = stored(world.house)
    with pytest.raises(AlreadyExists, match="email address"):
        await finish(world, flow)
    assert stored(world.house) == before
    assert (await world.newcomer(**MAIL)).email is None


async def test_an_identity_that_was_linked_meanwhile_makes_no_account(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    bob = await person(world.house, "Bob")
    await world.link(await bob.session())
    before = stored(world.house)
    with pytest.raises(AlreadyExists, match="identity"):
        await finish(world, flow)
    assert stored(world.house) == before
    assert world.owners() == {"anna-there": bob.id}


async def test_one_identity_makes_one_account(world: Abroad) -> None:
    first, second = await world.welcomed(username="anna"), await world.welcomed(username="anna")
    outcomes = await at_once(
        finish(world, first, "anna"), finish(world, first, "bob"), finish(world, second, "carl"), finish(world, second)
    )
    assert outcomes.count("SignedIn") == 1
    assert (len(world.house.state.accounts), len(world.house.state.sessions), len(world.owners())) == (1, 1, 1)


async def test_of_one_flow_one_account_is_made_whatever_names_it_is_finished_with(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    outcomes = await at_once(*(finish(world, flow, f"name{number}") for number in range(6)))
    assert outcomes.count("SignedIn") == 1
    assert len(world.house.state.accounts) == 1
    await nothing_but_over(world.house, [finish(world, flow, "name9")])


async def test_a_flow_is_its_browsers_and_ends_with_its_time(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    answer = SignUpAnswer()
    await nothing_but_over(
        world.house,
        [
            world.house.application.sign_up.finish(flow, answer, SITE, ELSEWHERE),
            *(finish(world, text) for text in (*NO_FLOWS, flow[:-1], flow + "x")),
        ],
    )
    world.house.clock.advance(FLOW_SECONDS)
    await nothing_but_over(world.house, [finish(world, flow)])


async def test_a_flow_of_another_way_is_none_of_a_provider(world: Abroad) -> None:
    await opened(world.house)
    begun = await world.house.application.sign_up.start(SignUpWay.PASSWORD, "anna", None, None, SITE, CLIENT)
    assert await refused(finish(world, begun.flow)) == {"password"}
    with pytest.raises(FlowOver):
        await (await world.leave()).arrive(begun.flow)
    assert not world.house.state.accounts


async def test_without_short_lived_state_nobody_gets_in(world: Abroad) -> None:
    flow = await world.welcomed(username="anna")
    world.house.short_lived.lose()
    await nothing_but_over(world.house, [finish(world, flow)])
    names = iter(range(100))

    async def finishing() -> Step:
        name = f"name{next(names)}"
        flow = await world.welcomed(name, username=name)
        return lambda: finish(world, flow)

    await all_or_nothing(world.house, finishing)
