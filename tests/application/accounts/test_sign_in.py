"""The first step: who gets a session, who is asked for more, and who is told why not."""

from __future__ import annotations

import asyncio

import pytest

from synctv.adapters.crypto.passwords import Argon2Cost, Argon2PasswordHasher
from synctv.application.accounts.client import Client
from synctv.application.accounts.proofs import Anybody, Named, PasswordProof, Proven
from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_in import MfaChallenge
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.account import Ban, PasswordRecords
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.identities import LinkedIdentity
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Banned, Denied, DomainError, FlowOver, InvalidCredentials
from synctv.domain.ids import AccountId, IdentityId, seconds_after
from tests.application.accounts.people import (
    Person,
    actor_of,
    changed,
    entries,
    methods,
    person,
    two_step,
)
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD, SilentMail
from tests.builders import NOW, an_identity_provider


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house)


async def with_password(house: House, name: str = "Anna", password: str = PASSWORD) -> SignedIn | MfaChallenge:
    return await house.application.sign_in.with_password(name, password, CLIENT)


async def linked(made: Person) -> LinkedIdentity:
    """Links an identity of another server."""
    provider = an_identity_provider()
    now = made.house.clock.now()
    identity = LinkedIdentity(
        IdentityId(made.house.ports.ids.new("idn")), made.id, provider.slug, "42", made.name, now, None
    )
    async with made.house.transactions.write() as tx:
        await tx.identity_providers.save(provider)
        await tx.identities.add(identity)
    return identity


@pytest.mark.parametrize("name", ["Anna", "anna", " ANNA ", "\uff21nna"])
async def test_the_name_is_taken_in_any_case_and_width(house: House, anna: Person, name: str) -> None:
    signed_in = await with_password(house, name)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.account == anna.account
    actor = await actor_of(house, signed_in)
    assert (actor.id, actor.name, actor.generation) == (anna.id, "Anna", 1)


async def test_a_session_knows_how_and_from_where_it_was_begun(house: House, anna: Person) -> None:
    far = Client("x" * 1_000, "y" * 1_000)
    await house.application.sign_in.with_password("Anna", PASSWORD, far)
    (session,) = house.state.sessions.values()
    assert (session.account_id, session.user_agent, session.address) == (anna.id, "x" * 300, "y" * 64)
    assert session.methods == {Factor.PASSWORD}
    (noted,) = entries(house, Action.SIGNED_IN)
    assert (noted.actor, noted.target.id, noted.session_id) == (noted.target, anna.id, session.id)
    assert (noted.detail, noted.address, noted.user_agent) == ({"methods": "password"}, "y" * 64, "x" * 300)


@pytest.mark.parametrize("name, password", [("Anna", "wrong password"), ("nobody", PASSWORD), ("", ""), ("Anna", "")])
async def test_a_wrong_name_and_a_wrong_password_look_the_same(
    house: House, anna: Person, name: str, password: str
) -> None:
    with pytest.raises(InvalidCredentials) as refused:
        await with_password(house, name, password)
    assert str(refused.value) == "The username or the password is wrong."
    assert not house.state.sessions


async def refused_to_nobody_else(house: House, reason: type[DomainError], sentence: str) -> None:
    """Asserts that who proves the account hears why not, and nobody else does."""
    with pytest.raises(InvalidCredentials):
        await with_password(house, password="wrong password")
    with pytest.raises(reason, match=sentence) as refused:
        await with_password(house)
    assert type(refused.value) is reason
    assert not house.state.sessions
    assert not entries(house, Action.SIGNED_IN)


async def test_only_who_knows_the_password_learns_of_a_ban(house: House, anna: Person) -> None:
    await changed(house, anna.id, ban=Ban("spam", "operator", house.clock.now(), None))
    await refused_to_nobody_else(house, Banned, "The reason given: spam")


async def test_who_may_not_sign_in_is_asked_for_no_second_step(house: House) -> None:
    anna = await two_step(house)
    await changed(house, anna.id, ban=Ban("spam", "operator", house.clock.now(), None))
    await refused_to_nobody_else(house, Banned, "spam")
    await changed(house, anna.id, ban=None, pending=True)
    await refused_to_nobody_else(house, Denied, "waits for the operator")
    assert not [key for key in house.short_lived.remembered() if key.startswith("flow:mfa")]


async def test_a_ban_that_is_over_keeps_nobody_out(house: House, anna: Person) -> None:
    until = seconds_after(house.clock.now(), 60)
    await changed(house, anna.id, ban=Ban("spam", "operator", house.clock.now(), until))
    await refused_to_nobody_else(house, Banned, "spam")
    house.clock.advance(60)
    await with_password(house)


async def test_only_who_knows_the_password_learns_that_the_sign_up_waits(house: House, anna: Person) -> None:
    await changed(house, anna.id, pending=True)
    await refused_to_nobody_else(house, Denied, "waits for the operator")


async def test_only_who_knows_the_password_learns_that_another_one_is_wanted(house: House, anna: Person) -> None:
    await changed(house, anna.id, must_reset=True)
    await refused_to_nobody_else(house, Denied, "asks for a new password")


async def test_another_factor_still_signs_in_while_a_new_password_is_wanted(house: House) -> None:
    anna = await person(house, passkey=True, must_reset=True)
    await house.application.sign_in.first_step(Anybody(), await anna.passkey(), CLIENT)
    assert methods(house) == [{Factor.PASSKEY}]


async def test_a_hash_of_another_cost_is_renewed_once(house: House, anna: Person) -> None:
    hasher = Argon2PasswordHasher(Argon2Cost(memory_kib=16, passes=1))
    await changed(house, anna.id, password=PasswordRecords(await hasher.hash(PASSWORD), None))
    hasher.close()
    await with_password(house)
    renewed = anna.account
    assert renewed.password is not None
    assert renewed.password.argon2 is not None
    assert not house.ports.passwords.outdated(renewed.password.argon2)
    await with_password(house)
    assert anna.account == renewed


async def test_many_may_sign_in_at_once(house: House, anna: Person) -> None:
    await asyncio.gather(*(with_password(house) for _ in range(5)))
    assert len(house.state.sessions) == 5
    assert len({session.refresh_digest for session in house.state.sessions.values()}) == 5


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"ban": Ban("spam", "operator", NOW, None)}, Banned),
        ({"pending": True}, Denied),
        ({"must_reset": True}, FlowOver),
        ({"password": None}, InvalidCredentials),
        ({"password": PasswordRecords("$argon2id$other", None)}, InvalidCredentials),
    ],
)
async def test_what_happens_between_proof_and_conclusion_counts(
    house: House, anna: Person, change: dict[str, object], reason: type[DomainError]
) -> None:
    proven = await house.application.prover.prove(Named("Anna"), PasswordProof(PASSWORD), CLIENT)
    await changed(house, anna.id, **change)
    with pytest.raises(reason):
        await house.application.sign_in.conclude(proven, CLIENT)
    assert not house.state.sessions


async def test_two_steps_that_are_turned_on_between_proof_and_conclusion_are_asked_for(house: House) -> None:
    anna = await person(house, totp=True)
    proven = await house.application.prover.prove(Named("Anna"), PasswordProof(PASSWORD), CLIENT)
    await changed(house, anna.id, two_factor=True)
    assert isinstance(await house.application.sign_in.conclude(proven, CLIENT), MfaChallenge)
    assert not house.state.sessions


async def test_an_account_that_is_gone_by_then_signs_nobody_in(house: House, anna: Person) -> None:
    for factor in Factor:
        with pytest.raises(InvalidCredentials):
            await house.application.sign_in.conclude(Proven(AccountId("usr_gone"), factor), CLIENT)


async def test_one_factor_is_enough_where_no_second_is_asked_for(house: House) -> None:
    anna = await person(house, email="anna@example.org", totp=True, passkey=True)
    await anna.session()
    assert methods(house) == [{Factor.PASSWORD}]


async def test_where_two_are_asked_for_one_gives_a_question_and_no_session(house: House) -> None:
    anna = await two_step(house)
    asked = await anna.challenge()
    assert asked.methods == [Factor.PASSKEY, Factor.EMAIL, Factor.TOTP]
    assert asked.expires_in == 300
    assert not house.state.sessions
    assert not entries(house, Action.SIGNED_IN)
    first = await house.application.sign_in.first_step(Anybody(), await anna.passkey(), CLIENT)
    assert isinstance(first, MfaChallenge)
    assert first.methods == [Factor.PASSWORD, Factor.EMAIL, Factor.TOTP]


async def test_no_second_step_is_offered_that_does_not_work_now(passwords: PasswordHasher) -> None:
    house = furnished(passwords, mail=SilentMail(configured=False))
    anna = await two_step(house)
    assert (await anna.challenge()).methods == [Factor.PASSKEY, Factor.TOTP]
    await changed(house, anna.id, must_reset=True)
    first = await house.application.sign_in.first_step(Anybody(), await anna.passkey(), CLIENT)
    assert isinstance(first, MfaChallenge)
    assert first.methods == [Factor.TOTP]


async def test_without_any_second_step_that_works_nobody_gets_in(passwords: PasswordHasher) -> None:
    """As where the operator has switched mail off: then the password alone must not become enough."""
    house = furnished(passwords, mail=SilentMail(configured=False))
    await person(house, email="anna@example.org", two_factor=True)
    with pytest.raises(Denied, match="None of your second steps works"):
        await with_password(house)
    assert not house.state.sessions


async def test_whom_another_server_vouches_for_is_asked_for_no_second_step(house: House) -> None:
    anna = await two_step(house)
    await linked(anna)
    signed_in = await house.application.sign_in.conclude(Proven(anna.id, Factor.OAUTH), CLIENT)
    assert isinstance(signed_in, SignedIn)
    assert methods(house) == [{Factor.OAUTH}]
    await house.application.sessions.refresh(signed_in.refresh_token, CLIENT)


async def test_an_identity_that_is_unlinked_by_then_signs_nobody_in(house: House) -> None:
    anna = await two_step(house)
    identity = await linked(anna)
    async with house.transactions.write() as tx:
        await tx.identities.remove(anna.id, identity.id)
    with pytest.raises(FlowOver):
        await house.application.sign_in.conclude(Proven(anna.id, Factor.OAUTH), CLIENT)
    assert not house.state.sessions
