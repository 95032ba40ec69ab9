"""One's own authenticator app: it counts from its first right code on, and its recovery codes come and go with it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FLOW_SECONDS, GRANT_SECONDS
from synctv.application.accounts.own_authenticator import TotpStarted
from synctv.application.accounts.proofs import RecoveryProof, TotpProof
from synctv.application.ports.letters import LetterKind
from synctv.domain.accounts.factors import RECOVERY_CODES, Factor
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    InvalidCredentials,
    NotFound,
    PreconditionFailed,
    ReauthenticationRequired,
    TokenExpired,
)
from synctv.domain.ids import MICROS
from synctv.domain.rooms.actor import AccountActor
from tests.application.accounts.people import (
    ELSEWHERE,
    STEP,
    Person,
    changed,
    entries,
    give_passkey,
    last_letter,
    other_code,
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
)
from tests.application.house import House
from tests.applications import CLIENT


@dataclass(frozen=True)
class App:
    """An app that has read the new secret, and its way to be confirmed."""

    house: House
    actor: AccountActor
    started: TotpStarted

    def code(self, steps: int = 0) -> str:
        """What it shows, some steps of 30 s from now."""
        return pyotp.TOTP(self.started.secret).at(self.house.clock.now() // MICROS + steps * STEP)

    async def confirm(
        self,
        code: str | None = None,
        *,
        flow: str | None = None,
        actor: AccountActor | None = None,
        client: Client = CLIENT,
    ) -> list[str]:
        """Types its code in: the recovery codes."""
        given, typed = self.started.flow if flow is None else flow, self.code() if code is None else code
        return list(await self.house.application.authenticator.confirm(actor or self.actor, given, typed, client))

    async def proves(self, steps: int = 0) -> bool:
        """Whether its code does."""
        return await proves(self.house, self.actor, TotpProof(self.code(steps)))


async def proves(house: House, actor: AccountActor, proof: TotpProof | RecoveryProof) -> bool:
    """Whether a second proof does."""
    try:
        await house.application.grants.give(actor, proof, CLIENT)
    except InvalidCredentials:
        return False
    return True


async def begin(house: House, actor: AccountActor) -> App:
    """Begins, with a fresh grant."""
    grant = await granted(house, actor)
    return App(house, actor, await house.application.authenticator.start(actor, grant, CLIENT))


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email="anna@example.org")


# ---------------------------------------------------------------- setting up


async def test_an_app_counts_from_its_first_right_code_on(house: House, anna: Person) -> None:
    actor = await anna.session()
    app = await begin(house, actor)
    assert not house.state.totp_secrets
    assert not await app.proves()
    codes = await app.confirm()
    assert len(set(codes)) == RECOVERY_CODES
    assert not await app.proves()  # the code that confirmed it is used
    house.clock.advance(STEP)
    assert await app.proves()
    assert [await proves(house, actor, RecoveryProof(code)) for code in (codes[0], codes[0], codes[9])] == [
        True,
        False,
        True,
    ]
    assert Factor.TOTP in house.state.sessions[actor.session_id].methods


async def test_the_address_for_the_app_names_server_and_account(house: House, anna: Person) -> None:
    app = await begin(house, await anna.session())
    where = urlsplit(app.started.uri)
    assert (where.scheme, where.netloc, unquote(where.path)) == ("otpauth", "totp", "/SyncTV:Anna")
    assert parse_qs(where.query) == {"secret": [app.started.secret], "issuer": ["SyncTV"]}


async def test_neither_the_secret_nor_a_recovery_code_stands_anywhere(house: House, anna: Person) -> None:
    app = await begin(house, await anna.session())
    codes = await app.confirm()
    written = repr(house.state) + str(house.letters())
    assert app.started.secret not in written
    assert not any(code in written or code.replace("-", "") in written for code in codes)
    (secret,) = house.state.totp_secrets.values()
    assert pyotp.TOTP(app.started.secret).byte_secret() not in secret.sealed


async def test_a_new_app_is_noted_and_told(house: House, anna: Person) -> None:
    actor = await anna.session()
    await (await begin(house, actor)).confirm()
    (noted,) = entries(house, Action.TOTP_ENABLED)
    assert (noted.target.id, noted.session_id) == (anna.id, actor.session_id)
    letter = last_letter(house)
    assert (letter.kind, letter.to, letter.facts["what"]) == (
        LetterKind.FACTOR_CHANGED,
        "anna@example.org",
        "totp_enabled",
    )


async def test_an_old_app_works_until_the_new_one_is_confirmed(house: House, anna: Person) -> None:
    actor = await anna.session()
    old = await begin(house, actor)
    before = await old.confirm()
    new = await begin(house, actor)
    house.clock.advance(STEP)
    assert await old.proves()
    with pytest.raises(InvalidCredentials):
        await new.confirm(old.code(1))
    after = await new.confirm()
    house.clock.advance(STEP)
    assert (await old.proves(), await new.proves()) == (False, True)
    assert not set(before) & set(after)
    assert [await proves(house, actor, RecoveryProof(code)) for code in (before[1], after[1])] == [False, True]


async def test_a_code_has_five_tries(house: House, anna: Person) -> None:
    app = await begin(house, await anna.session())
    for code in (other_code(app.code()), "", "x" * 100_000, "\ud800", app.code()[:-1]):
        with pytest.raises(InvalidCredentials, match="clock of your phone"):
            await app.confirm(code)
    await over(app.confirm())
    app = await begin(house, app.actor)
    for _ in range(4):
        with pytest.raises(InvalidCredentials):
            await app.confirm(other_code(app.code()))
    await app.confirm(f" {app.code()[:3]} {app.code()[3:]} ")


@pytest.mark.parametrize("steps, right", [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_clocks_may_be_one_step_apart(house: House, anna: Person, steps: int, right: bool) -> None:
    app = await begin(house, await anna.session())
    if right:
        await app.confirm(app.code(steps))
    else:
        with pytest.raises(InvalidCredentials):
            await app.confirm(app.code(steps))
    assert bool(house.state.totp_secrets) is right


async def test_a_way_to_an_app_belongs_to_its_account_and_its_browser(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    mine, theirs = await begin(house, await anna.session()), await begin(house, await bob.session())
    await nothing_but_over(
        house,
        [
            mine.confirm(actor=theirs.actor),
            mine.confirm(flow=theirs.started.flow),
            mine.confirm(client=ELSEWHERE),
            *(mine.confirm(flow=text) for text in (*NO_FLOWS, mine.started.flow[:-1])),
        ],
    )
    with pytest.raises(InvalidCredentials):
        await mine.confirm(theirs.code())
    house.clock.advance(FLOW_SECONDS)
    await nothing_but_over(house, [mine.confirm()])


async def test_an_app_is_confirmed_once(house: House, anna: Person) -> None:
    app = await begin(house, await anna.session())
    assert await at_once(app.confirm(), app.confirm()) == ["FlowOver", "list"]
    await over(app.confirm())
    assert len(entries(house, Action.TOTP_ENABLED)) == 1


async def test_it_takes_a_fresh_grant_of_this_session(house: House, anna: Person) -> None:
    actor, other = await anna.session(), await anna.session()
    await (await begin(house, actor)).confirm()
    late = await granted(house, actor)
    house.clock.advance(GRANT_SECONDS)
    used, before = await granted(house, actor), stored(house)
    own = house.application.authenticator
    await own.start(actor, used, CLIENT)
    for grant in (*NO_FLOWS, late, used, await granted(house, other)):
        for step in (own.start, own.new_codes, own.remove):
            with pytest.raises(ReauthenticationRequired):
                await step(actor, grant, CLIENT)
    assert stored(house) == before


# ---------------------------------------------------------------- recovery codes


async def test_new_recovery_codes_replace_the_old_ones(house: House, anna: Person) -> None:
    actor = await anna.session()
    old = await (await begin(house, actor)).confirm()
    new = await house.application.authenticator.new_codes(actor, await granted(house, actor), CLIENT)
    assert (len(set(new)), len(set(new) & set(old))) == (RECOVERY_CODES, 0)
    assert last_letter(house).facts["what"] == "recovery_codes_replaced"
    assert [await proves(house, actor, RecoveryProof(code)) for code in (old[0], new[0])] == [False, True]
    assert len(entries(house, Action.RECOVERY_CODES_REPLACED)) == 1


async def test_of_two_who_replace_them_at_once_the_last_ones_count(house: House, anna: Person) -> None:
    actor = await anna.session()
    await (await begin(house, actor)).confirm()
    own, grants = house.application.authenticator, [await granted(house, actor) for _ in range(2)]
    await at_once(*(own.new_codes(actor, grant, CLIENT) for grant in grants))
    assert [len(codes) for codes in house.state.unused_codes.values()] == [RECOVERY_CODES]


async def test_without_an_app_there_are_no_recovery_codes(house: House, anna: Person) -> None:
    actor, own = await anna.session(), house.application.authenticator
    for step in (own.new_codes, own.remove):
        with pytest.raises(NotFound):
            await step(actor, await granted(house, actor), CLIENT)


# ---------------------------------------------------------------- removing


async def test_an_app_goes_with_its_recovery_codes(house: House, anna: Person) -> None:
    actor = await anna.session()
    app = await begin(house, actor)
    codes = await app.confirm()
    await house.application.authenticator.remove(actor, await granted(house, actor), CLIENT)
    house.clock.advance(STEP)
    assert not await app.proves()
    assert not await proves(house, actor, RecoveryProof(codes[0]))
    assert (await house.application.security.of(actor)).recovery_codes == 0
    assert len(entries(house, Action.TOTP_REMOVED)) == 1
    assert last_letter(house).facts["what"] == "totp_removed"


async def test_two_steps_keep_two_factors(house: House) -> None:
    anna = await person(house)
    actor = await anna.session()
    await (await begin(house, actor)).confirm()
    await changed(house, anna.id, two_factor=True)
    own = house.application.authenticator
    with pytest.raises(PreconditionFailed, match="Two-step"):
        await own.remove(actor, await granted(house, actor), CLIENT)
    assert house.state.totp_secrets
    await give_passkey(anna)
    await own.remove(actor, await granted(house, actor), CLIENT)


# ---------------------------------------------------------------- meanwhile, and outages


async def test_whoever_was_thrown_out_meanwhile_changes_nothing(house: House, anna: Person) -> None:
    actor, own = await anna.session(), house.application.authenticator
    await (await begin(house, actor)).confirm()
    app, grants = await begin(house, actor), [await granted(house, actor) for _ in range(2)]
    await house.application.account_access.end_sessions("Anna")
    before = stored(house)
    for step in (app.confirm(), own.new_codes(actor, grants[0], CLIENT), own.remove(actor, grants[1], CLIENT)):
        with pytest.raises(TokenExpired):
            await step
    assert stored(house) == before


async def test_short_lived_state_that_was_lost_confirms_nothing(house: House, anna: Person) -> None:
    app = await begin(house, await anna.session())
    house.short_lived.lose()
    await nothing_but_over(house, [app.confirm()])


async def test_while_short_lived_state_is_away_nothing_is_half_done(house: House, anna: Person) -> None:
    actor, own = await anna.session(), house.application.authenticator

    async def starting() -> Step:
        grant = await granted(house, actor)
        return lambda: own.start(actor, grant, CLIENT)

    async def confirming() -> Step:
        return (await begin(house, actor)).confirm

    async def replacing() -> Step:
        grant = await granted(house, actor)
        return lambda: own.new_codes(actor, grant, CLIENT)

    async def removing() -> Step:
        grant = await granted(house, actor)
        return lambda: own.remove(actor, grant, CLIENT)

    for step in (starting, confirming, replacing, removing):
        await all_or_nothing(house, step)
