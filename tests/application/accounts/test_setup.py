"""First start: one person becomes root, once."""

from __future__ import annotations

import asyncio

import pytest

from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import GlobalRole
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import SERVER, Action
from synctv.domain.errors import Conflict, Denied, DomainError, Invalid, Unavailable
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import Person, entries, methods
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD

WEEK = 7 * 86_400.0


async def invited(house: House) -> str:
    token = await house.application.setup.invite()
    assert token is not None
    return token


async def test_whoever_has_the_link_becomes_root_and_is_signed_in(house: House) -> None:
    setup = house.application.setup
    assert await setup.required()
    signed_in = await setup.complete(await invited(house), "Anna", PASSWORD, CLIENT)
    actor = await house.application.identity.of(signed_in.access_token)
    assert isinstance(actor, AccountActor)
    assert (actor.name, actor.role) == ("Anna", GlobalRole.ROOT)
    assert not await setup.required()
    assert await setup.invite() is None


async def test_a_link_works_once(house: House) -> None:
    token = await invited(house)
    await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)
    with pytest.raises(Denied, match="setup link"):
        await house.application.setup.complete(token, "Mallory", PASSWORD, CLIENT)


async def test_of_two_who_open_the_link_at_once_one_becomes_root(house: House) -> None:
    token = await invited(house)
    tries = [house.application.setup.complete(token, name, PASSWORD, CLIENT) for name in ("Anna", "Mallory")]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert len([result for result in results if isinstance(result, DomainError)]) == 1
    assert len(house.state.accounts) == 1


async def test_of_two_links_only_the_first_to_be_opened_makes_a_root(house: House) -> None:
    first, second = await invited(house), await invited(house)
    await house.application.setup.complete(second, "Anna", PASSWORD, CLIENT)
    with pytest.raises(Conflict, match="set up already"):
        await house.application.setup.complete(first, "Mallory", PASSWORD, CLIENT)
    assert [account.username for account in house.state.accounts.values()] == ["Anna"]


@pytest.mark.parametrize("token", ["", "guessed", "\ud800", "x" * 100_000])
async def test_a_wrong_link_makes_nobody_root(house: House, token: str) -> None:
    await invited(house)
    with pytest.raises(Denied, match="setup link"):
        await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)
    assert not house.state.accounts


async def test_a_link_is_good_for_a_week(house: House) -> None:
    token = await invited(house)
    house.clock.advance(WEEK)
    with pytest.raises(Denied, match="setup link"):
        await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)


async def test_a_mistyped_form_does_not_use_the_link_up(house: House) -> None:
    token = await invited(house)
    for name, password in [("a", PASSWORD), ("Anna", "short")]:
        with pytest.raises(Invalid):
            await house.application.setup.complete(token, name, password, CLIENT)
    assert (await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)).account.username == "Anna"


async def test_the_operator_may_create_root_by_settings_and_only_once(house: House) -> None:
    setup = house.application.setup
    assert await setup.create_root("root", PASSWORD)
    assert not await setup.create_root("root2", PASSWORD)
    assert [account.role for account in house.state.accounts.values()] == [GlobalRole.ROOT]
    signed_in = await house.sign_in("ROOT")
    assert signed_in.account.username == "root"


async def test_settings_that_make_no_root_are_named_by_their_path(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        await house.application.setup.create_root("root", "short")
    assert refused.value.errors[0].path == "bootstrap.root_password"
    with pytest.raises(Invalid) as refused:
        await house.application.setup.create_root("!", PASSWORD)
    assert refused.value.errors[0].path == "bootstrap.root_username"


async def test_two_servers_that_start_at_once_create_one_root(house: House) -> None:
    made = await asyncio.gather(*(house.application.setup.create_root(f"root{n}", PASSWORD) for n in range(4)))
    assert sorted(made) == [False, False, False, True]
    assert len(house.state.accounts) == 1


async def test_all_that_is_wrong_is_named_at_once(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        await house.application.setup.complete(await invited(house), "a", "x", CLIENT)
    assert [error.path for error in refused.value.errors] == ["username", "password"]


async def test_a_part_of_the_link_is_none(house: House) -> None:
    token = await invited(house)
    for cut in (token[:-1], token[1:], token + "x"):
        with pytest.raises(Denied, match="setup link"):
            await house.application.setup.complete(cut, "Anna", PASSWORD, CLIENT)
    await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)


async def test_what_happened_is_noted(house: House) -> None:
    token = await invited(house)
    signed_in = await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)
    created, signed = entries(house)
    assert (created.action, created.actor, created.detail) == (Action.ACCOUNT_CREATED, SERVER, {"role": "root"})
    assert (created.target.id, created.address, created.user_agent) == (
        signed_in.account.id, CLIENT.address, CLIENT.user_agent
    )  # fmt: skip
    assert signed.action is Action.SIGNED_IN
    assert methods(house) == [{Factor.PASSWORD}]
    assert token not in str(house.state)
    assert not [key for key in house.short_lived.remembered() if token in key]


async def test_root_gets_a_password_for_every_way_to_prove_it(opaque_house: House) -> None:
    token = await invited(opaque_house)
    signed_in = await opaque_house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)
    anna = Person(opaque_house, signed_in.account.id, "Anna")
    assert await anna.opaque() is not None
    await anna.session()


async def test_a_link_that_was_lost_makes_nobody_root_and_the_next_one_does(house: House) -> None:
    token = await invited(house)
    house.short_lived.lose()
    with pytest.raises(Denied, match="setup link"):
        await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)
    await house.application.setup.complete(await invited(house), "Anna", PASSWORD, CLIENT)


async def test_while_links_can_not_be_looked_up_nobody_becomes_root(passwords: PasswordHasher) -> None:
    house = furnished(passwords)
    token = await invited(house)
    house.short_lived.down = True
    with pytest.raises(Unavailable):
        await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)
    assert not house.state.accounts
    house.short_lived.down = False
    house.short_lived.up_for = 1
    signed_in = await house.application.setup.complete(token, "Anna", PASSWORD, CLIENT)
    assert signed_in.account.username == "Anna"
    house.short_lived.up_for = None
    with pytest.raises(Conflict):
        await house.application.setup.complete(token, "Mallory", PASSWORD, CLIENT)
