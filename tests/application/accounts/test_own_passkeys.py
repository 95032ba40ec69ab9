"""One's own passkeys: adding, naming and removing them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FLOW_SECONDS, GRANT_SECONDS
from synctv.application.accounts.passkey_proofs import PasskeyStarted
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.factors import MAX_PASSKEYS, Passkey
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    AlreadyExists,
    InvalidCredentials,
    NotFound,
    PreconditionFailed,
    QuotaExceeded,
    ReauthenticationRequired,
    TokenExpired,
)
from synctv.domain.ids import PasskeyId
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import (
    ELSEWHERE,
    Person,
    changed,
    entries,
    give_passkey,
    give_totp,
    last_letter,
    person,
)
from tests.application.accounts.registering import stored
from tests.application.accounts.trials import (
    NO_FLOWS,
    Step,
    all_or_nothing,
    at_once,
    granted,
    nothing_but_over,
    over,
    refused,
)
from tests.application.house import House
from tests.applications import CLIENT, SITE
from tests.authenticator import USUAL, Authenticator, Flag, base64url
from tests.builders import a_passkey

OTHER_SITE = Site("https://other.example.org", "other.example.org")


@dataclass(frozen=True)
class Making:
    """A passkey on its way, in somebody's authenticator."""

    house: House
    actor: AccountActor
    started: PasskeyStarted
    authenticator: Authenticator = field(default_factory=Authenticator)

    async def add(
        self,
        name: str = "Phone",
        *,
        flow: str | None = None,
        actor: AccountActor | None = None,
        site: Site = SITE,
        client: Client = CLIENT,
    ) -> Passkey:
        """Sends what the authenticator made."""
        given, credential = self.started.flow if flow is None else flow, self.authenticator.create(self.started.options)
        return await self.house.application.passkeys.add(actor or self.actor, given, credential, name, site, client)


async def making(house: House, actor: AccountActor) -> Making:
    """Begins, with a fresh grant."""
    started = await house.application.passkeys.start(actor, await granted(house, actor), SITE, CLIENT)
    return Making(house, actor, started)


async def remove(house: House, actor: AccountActor, passkey_id: PasskeyId) -> None:
    """Removes one, with a fresh grant."""
    await house.application.passkeys.remove(actor, passkey_id, await granted(house, actor), CLIENT)


async def full(house: House, anna: Person, count: int = MAX_PASSKEYS) -> None:
    """Gives the account so many."""
    async with house.transactions.write() as tx:
        for _ in range(count):
            await tx.passkeys.add(a_passkey(anna.account))


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email="anna@example.org")


# ---------------------------------------------------------------- adding


async def test_a_passkey_signs_in_once_it_was_added(house: House, anna: Person) -> None:
    actor = await anna.session()
    begun = await making(house, actor)
    assert begun.started.options["user"]["id"] == base64url(anna.id.encode())
    passkey = await begun.add(" My\tphone ")
    assert (passkey.account_id, passkey.name, passkey.used_at) == (anna.id, "My phone", None)
    holder = replace(anna, authenticator=begun.authenticator)
    assert (await house.application.prover.prove(anna.subject, await holder.passkey(), CLIENT)).account_id == anna.id
    (noted,) = entries(house, Action.PASSKEY_ADDED)
    assert (noted.target.id, noted.session_id, noted.detail) == (anna.id, actor.session_id, {"passkey": "My phone"})
    letter = last_letter(house)
    assert (letter.kind, letter.to, letter.facts["what"]) == (
        LetterKind.FACTOR_CHANGED,
        "anna@example.org",
        "passkey_added",
    )


async def test_an_authenticator_is_told_of_those_that_there_are(house: House, anna: Person) -> None:
    first = await give_passkey(anna)
    begun = await making(house, await anna.session())
    assert [one["id"] for one in begun.started.options["excludeCredentials"]] == [base64url(first.credential_id)]


async def test_an_account_has_at_most_twenty(house: House, anna: Person) -> None:
    await full(house, anna, MAX_PASSKEYS - 1)
    actor = await anna.session()
    begun = [await making(house, actor) for _ in range(2)]
    assert await at_once(*(one.add() for one in begun)) == ["Passkey", "QuotaExceeded"]
    grant = await granted(house, actor)
    with pytest.raises(QuotaExceeded, match="20"):
        await house.application.passkeys.start(actor, grant, SITE, CLIENT)
    await remove(house, actor, next(iter(house.state.passkeys)))
    await house.application.passkeys.start(actor, grant, SITE, CLIENT)


async def test_it_takes_a_fresh_grant_of_this_session(house: House, anna: Person) -> None:
    actor, other = await anna.session(), await anna.session()
    passkey = await give_passkey(anna)
    late = await granted(house, actor)
    house.clock.advance(GRANT_SECONDS)
    used = await granted(house, actor)
    await house.application.passkeys.start(actor, used, SITE, CLIENT)
    before = stored(house)
    for grant in (*NO_FLOWS, late, used, await granted(house, other)):
        with pytest.raises(ReauthenticationRequired):
            await house.application.passkeys.start(actor, grant, SITE, CLIENT)
        with pytest.raises(ReauthenticationRequired):
            await house.application.passkeys.remove(actor, passkey.id, grant, CLIENT)
    assert stored(house) == before


async def test_a_way_to_a_passkey_belongs_to_its_account_its_browser_and_its_site(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    actor, theirs = await anna.session(), await making(house, await bob.session())
    await nothing_but_over(
        house,
        [
            (await making(house, actor)).add(actor=theirs.actor),
            (await making(house, actor)).add(flow=theirs.started.flow),
            (await making(house, actor)).add(client=ELSEWHERE),
            (await making(house, actor)).add(site=OTHER_SITE),
            (await making(house, actor)).add(site=replace(SITE, origin=OTHER_SITE.origin)),
            *[(await making(house, actor)).add(flow=text) for text in NO_FLOWS],
        ],
    )
    late = await making(house, actor)
    house.clock.advance(FLOW_SECONDS)
    await nothing_but_over(house, [late.add()])


async def test_a_passkey_is_made_once(house: House, anna: Person) -> None:
    begun = await making(house, await anna.session())
    assert await at_once(begun.add(), begun.add()) == ["FlowOver", "Passkey"]
    await over(begun.add())


async def test_what_was_made_for_another_question_or_page_is_refused(house: House, anna: Person) -> None:
    actor = await anna.session()
    usual = Authenticator()
    for made in (
        replace(usual, origin=OTHER_SITE.origin),
        replace(usual, host=OTHER_SITE.host),
        replace(usual, flags=USUAL & ~Flag.VERIFIED),
        replace(usual, client_data={"challenge": "b3RoZXI"}),
        replace(usual, client_data={"type": "webauthn.get"}),
    ):
        assert await refused(replace(await making(house, actor), authenticator=made).add()) == {"credential"}
    first = await making(house, actor)
    answer = first.authenticator.create(first.started.options)
    second = await making(house, actor)
    add = house.application.passkeys.add
    assert await refused(add(actor, second.started.flow, answer, "Phone", SITE, CLIENT)) == {"credential"}
    for nonsense in ({}, {"id": 1}, {**answer, "rawId": "x" * 100_000}, {**answer, "response": []}):
        flow = (await making(house, actor)).started.flow
        assert await refused(add(actor, flow, nonsense, "Phone", SITE, CLIENT)) == {"credential"}
    assert not house.state.passkeys


async def test_a_passkey_belongs_to_one_account(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    await give_passkey(bob)
    begun = await making(house, await anna.session())
    taken = replace(begun.authenticator, credential_id=bob.authenticator.credential_id)
    with pytest.raises(AlreadyExists, match="passkey"):
        await replace(begun, authenticator=taken).add()
    assert [one.account_id for one in house.state.passkeys.values()] == [bob.id]


@pytest.mark.parametrize("name", ["x" * 65, " ", "\u200b\u200d", "x" * 100_000])
async def test_a_name_that_nobody_can_read_costs_nothing(house: House, anna: Person, name: str) -> None:
    begun = await making(house, await anna.session())
    assert await refused(begun.add(name)) == {"name"}
    passkey = await begun.add("")
    assert passkey.name == "Passkey"
    assert await refused(house.application.passkeys.rename(begun.actor, passkey.id, name, CLIENT)) == {"name"}


# ---------------------------------------------------------------- naming


async def test_a_passkey_is_renamed_without_a_grant(house: House, anna: Person) -> None:
    passkey, actor = await give_passkey(anna), await anna.session()
    renamed = await house.application.passkeys.rename(actor, passkey.id, "My \n key", CLIENT)
    assert renamed == replace(passkey, name="My key") == house.state.passkeys[passkey.id]
    (noted,) = entries(house, Action.PASSKEY_RENAMED)
    assert (noted.target.id, noted.detail) == (anna.id, {"passkey": "My key", "before": "Anna's phone"})
    assert await refused(house.application.passkeys.rename(actor, passkey.id, "", CLIENT)) == {"name"}


async def test_others_passkeys_are_not_there(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    theirs, actor = await give_passkey(bob), await anna.session()
    for passkey_id in (theirs.id, PasskeyId("psk_nobody"), PasskeyId(""), PasskeyId("x" * 10_000)):
        with pytest.raises(NotFound):
            await house.application.passkeys.rename(actor, passkey_id, "Mine", CLIENT)
        with pytest.raises(NotFound):
            await remove(house, actor, passkey_id)
    assert list(house.state.passkeys.values()) == [theirs]


# ---------------------------------------------------------------- removing


async def test_a_passkey_that_was_removed_signs_in_no_more(house: House, anna: Person) -> None:
    passkey, actor = await give_passkey(anna), await anna.session()
    proof = await anna.passkey()
    await remove(house, actor, passkey.id)
    assert not house.state.passkeys
    with pytest.raises(InvalidCredentials):
        await house.application.prover.prove(anna.subject, proof, CLIENT)
    (noted,) = entries(house, Action.PASSKEY_REMOVED)
    assert (noted.target.id, noted.detail) == (anna.id, {"passkey": "Anna's phone"})
    assert last_letter(house).facts["what"] == "passkey_removed"
    with pytest.raises(NotFound):
        await remove(house, actor, passkey.id)


async def test_the_only_way_to_sign_in_stays(house: House) -> None:
    anna = await person(house)
    await full(house, anna, 2)
    actor = await anna.session()
    await changed(house, anna.id, password=None)
    first, second = house.state.passkeys
    outcomes = await at_once(remove(house, actor, first), remove(house, actor, second))
    assert outcomes == ["NoneType", "PreconditionFailed"]
    (left,) = house.state.passkeys
    with pytest.raises(PreconditionFailed, match="only way to sign in"):
        await remove(house, actor, left)


async def test_two_steps_keep_two_factors(house: House) -> None:
    anna = await person(house)
    await full(house, anna, 2)
    actor = await anna.session()
    await changed(house, anna.id, two_factor=True)
    first, second = house.state.passkeys
    await remove(house, actor, first)
    with pytest.raises(PreconditionFailed, match="Two-step"):
        await remove(house, actor, second)
    await give_totp(anna)
    await remove(house, actor, second)


# ---------------------------------------------------------------- meanwhile, and outages


async def test_whoever_was_thrown_out_meanwhile_changes_nothing(house: House, anna: Person) -> None:
    passkey, actor = await give_passkey(anna), await anna.session()
    begun, grant = await making(house, actor), await granted(house, actor)
    await house.application.account_access.ban("Anna", "spam")
    before = stored(house)
    for step in (
        begun.add(),
        house.application.passkeys.rename(actor, passkey.id, "Mine", CLIENT),
        house.application.passkeys.remove(actor, passkey.id, grant, CLIENT),
    ):
        with pytest.raises(TokenExpired):
            await step
    assert stored(house) == before


async def test_short_lived_state_that_was_lost_adds_nothing(house: House, anna: Person) -> None:
    begun = await making(house, await anna.session())
    house.short_lived.lose()
    await nothing_but_over(house, [begun.add()])


async def test_while_short_lived_state_is_away_nothing_is_half_done(house: House, anna: Person) -> None:
    actor = await anna.session()

    async def starting() -> Step:
        grant = await granted(house, actor)
        return lambda: house.application.passkeys.start(actor, grant, SITE, CLIENT)

    async def adding() -> Step:
        return (await making(house, actor)).add

    async def removing() -> Step:
        passkey, grant = next(iter(house.state.passkeys)), await granted(house, actor)
        return lambda: house.application.passkeys.remove(actor, passkey, grant, CLIENT)

    for step in (starting, adding, removing):
        await all_or_nothing(house, step)
