"""Grants: a fresh proof for each sensitive operation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from synctv.application.accounts.flows import GRANT_SECONDS
from synctv.application.accounts.proofs import PasswordProof, Proof, RecoveryProof, TotpProof
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.factors import Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    Denied,
    FlowOver,
    InvalidCredentials,
    RateLimited,
    ReauthenticationRequired,
    TokenExpired,
    Unavailable,
)
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import (
    ELSEWHERE,
    Person,
    actor_of,
    changed,
    entries,
    methods,
    other_code,
    person,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD

RIGHT = PasswordProof(PASSWORD)


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email="anna@example.org", totp=True, passkey=True, codes=["aaaa-aaaa"])


@pytest.fixture
async def actor(anna: Person) -> AccountActor:
    return await anna.session()


async def granted(house: House, actor: AccountActor, proof: Proof = RIGHT) -> str:
    return (await house.application.grants.give(actor, proof, CLIENT)).text


async def refused(house: House, actor: AccountActor, grant: str) -> None:
    with pytest.raises(ReauthenticationRequired):
        await house.application.grants.spend(actor, grant, CLIENT)


async def test_a_grant_is_good_for_one_operation(house: House, actor: AccountActor) -> None:
    given = await house.application.grants.give(actor, RIGHT, CLIENT)
    assert given.expires_in == GRANT_SECONDS == 300
    await house.application.grants.spend(actor, given.text, CLIENT)
    await refused(house, actor, given.text)


async def test_of_many_operations_at_once_one_may(house: House, actor: AccountActor) -> None:
    grant = await granted(house, actor)
    spending = (house.application.grants.spend(actor, grant, CLIENT) for _ in range(10))
    results = await asyncio.gather(*spending, return_exceptions=True)
    assert results.count(None) == 1
    assert [type(result) for result in results].count(ReauthenticationRequired) == 9


async def test_any_factor_gives_a_grant_and_counts_for_the_session_from_then_on(
    house: House, anna: Person, actor: AccountActor
) -> None:
    proofs: list[Proof] = [RIGHT, await anna.passkey(), await anna.email(), anna.totp(), RecoveryProof("aaaa-aaaa")]
    for proof in proofs:
        await house.application.grants.spend(actor, await granted(house, actor, proof), CLIENT)
    assert methods(house) == [{Factor.PASSWORD, Factor.PASSKEY, Factor.EMAIL, Factor.TOTP}]


async def test_opaque_gives_a_grant(opaque_house: House) -> None:
    anna = await person(opaque_house)
    actor = await anna.session()
    await opaque_house.application.grants.spend(actor, await granted(opaque_house, actor, await anna.opaque()), CLIENT)


async def test_a_grant_is_over_after_five_minutes(house: House, actor: AccountActor) -> None:
    grant = await granted(house, actor)
    house.clock.advance(GRANT_SECONDS)
    await refused(house, actor, grant)


async def test_a_grant_belongs_to_its_session_and_account(house: House, anna: Person, actor: AccountActor) -> None:
    eve = await (await person(house, "Eve")).session()
    other = await anna.session()
    for somebody in (eve, other):
        grant = await granted(house, actor)
        await refused(house, somebody, grant)
        await refused(house, actor, grant)


async def test_a_grant_belongs_to_its_client(house: House, actor: AccountActor) -> None:
    grant = await granted(house, actor)
    with pytest.raises(ReauthenticationRequired):
        await house.application.grants.spend(actor, grant, ELSEWHERE)


@pytest.mark.parametrize("spoil", [lambda g: "", lambda g: g[:-1], lambda g: g * 10_000, lambda g: "\ud800"])
async def test_what_is_no_grant_is_refused(house: House, actor: AccountActor, spoil: Callable[[str], str]) -> None:
    grant = await granted(house, actor)
    await refused(house, actor, spoil(grant))
    await house.application.grants.spend(actor, grant, CLIENT)


async def test_a_flow_of_another_kind_is_no_grant(house: House, anna: Person, actor: AccountActor) -> None:
    await refused(house, actor, (await anna.passkey()).flow)
    await refused(house, actor, (await anna.email()).flow)


async def test_what_proves_another_account_gives_no_grant(house: House, anna: Person, actor: AccountActor) -> None:
    eve = await person(house, "Eve", email="eve@example.org", totp=True, passkey=True)
    for proof, error in (
        (await eve.passkey(), InvalidCredentials),
        (eve.totp(), InvalidCredentials),
        (await eve.email(), FlowOver),
    ):
        with pytest.raises(error):
            await granted(house, actor, proof)
    assert methods(house) == [{Factor.PASSWORD}]


async def test_a_wrong_proof_gives_none_and_is_noted(house: House, anna: Person, actor: AccountActor) -> None:
    for proof in (PasswordProof("wrong"), TotpProof(other_code(anna.code())), RecoveryProof("wrong")):
        with pytest.raises(InvalidCredentials):
            await granted(house, actor, proof)
    assert [entry.target.id for entry in entries(house, Action.SIGN_IN_FAILED)] == [anna.id] * 3
    assert methods(house) == [{Factor.PASSWORD}]


async def test_guessing_in_a_stolen_session_has_to_wait(house: House, actor: AccountActor) -> None:
    for _ in range(6):
        with pytest.raises(InvalidCredentials):
            await granted(house, actor, PasswordProof("wrong"))
    with pytest.raises(RateLimited):
        await granted(house, actor)


async def test_a_proof_gives_one_grant(house: House, anna: Person, actor: AccountActor) -> None:
    totp = anna.totp()
    await granted(house, actor, totp)
    with pytest.raises(InvalidCredentials):
        await granted(house, actor, totp)
    passkey = await anna.passkey()
    await granted(house, actor, passkey)
    with pytest.raises(FlowOver):
        await granted(house, actor, passkey)


async def test_a_password_that_the_operator_wants_replaced_gives_none(
    house: House, anna: Person, actor: AccountActor
) -> None:
    await changed(house, anna.id, must_reset=True)
    with pytest.raises(Denied, match="asks for a new password"):
        await granted(house, actor)
    await granted(house, actor, anna.totp())


async def test_a_session_that_has_ended_gets_no_grant_and_no_method(
    house: House, anna: Person, actor: AccountActor
) -> None:
    other = await anna.session()
    await house.application.sessions.end(other, actor.session_id, CLIENT)
    with pytest.raises(TokenExpired):
        await granted(house, actor, anna.totp())
    await house.application.sessions.end_all(other, CLIENT, keep_this=False)
    with pytest.raises(TokenExpired):
        await granted(house, other, await anna.passkey())
    assert methods(house) == [{Factor.PASSWORD}] * 2


async def test_a_session_that_proved_a_second_kind_is_one_of_two_steps(house: House, anna: Person) -> None:
    signed_in = await house.sign_in("Anna")
    actor = await actor_of(house, signed_in)
    await granted(house, actor, anna.totp())
    await changed(house, anna.id, two_factor=True)
    await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_grants_that_are_lost_are_over(house: House, actor: AccountActor) -> None:
    grant = await granted(house, actor)
    house.short_lived.lose()
    await refused(house, actor, grant)


async def test_while_grants_can_not_be_kept_none_are_given_or_taken(passwords: PasswordHasher) -> None:
    cut = 0
    while True:
        house = furnished(passwords)
        actor = await (await person(house)).session()
        house.short_lived.up_for = cut
        try:
            await house.application.grants.spend(actor, await granted(house, actor), CLIENT)
        except Unavailable:
            cut += 1
            continue
        break
    assert cut >= 8
