"""One's own password: what a new one ends and keeps, what it takes, and when the last one may go."""

from __future__ import annotations

from typing import Any

import pytest

from synctv.application.accounts.flows import FLOW_SECONDS, GRANT_SECONDS
from synctv.application.accounts.own_password import PasswordUpload
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.letters import LetterKind
from synctv.application.ports.passwords import PasswordHasher
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    Denied,
    InvalidCredentials,
    NotFound,
    PreconditionFailed,
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
    give_passkey,
    give_totp,
    last_letter,
    person,
    ruled,
    two_step,
)
from tests.application.accounts.registering import Registration, stored
from tests.application.accounts.trials import (
    NO_FLOWS,
    Step,
    all_or_nothing,
    at_once,
    granted,
    heard,
    nothing_but_over,
    over,
    refused,
)
from tests.application.accounts.vouching import abroad
from tests.application.house import House
from tests.applications import CLIENT, PASSWORD

NEW = "another horse battery"
THIRD = "a third horse battery"


@pytest.fixture
async def anna(house: House) -> Person:
    return await person(house, email="anna@example.org")


async def change(house: House, actor: AccountActor, new: Any = NEW, grant: str | None = None) -> SignedIn:
    """Sets a password, with a fresh grant if none is given."""
    given = await granted(house, actor) if grant is None else grant
    return await house.application.password.change(actor, new, given, CLIENT)


async def remove(house: House, actor: AccountActor) -> None:
    """Removes the password, with a fresh grant."""
    await house.application.password.remove(actor, await granted(house, actor), CLIENT)


async def signs_in(house: House, password: str, name: str = "Anna") -> bool:
    """Whether this password does."""
    try:
        await house.application.sign_in.with_password(name, password, ELSEWHERE)
    except (InvalidCredentials, Denied):
        return False
    return True


# ---------------------------------------------------------------- a new one


async def test_this_session_goes_on_with_new_tokens_and_every_other_one_ends(house: House, anna: Person) -> None:
    mine, other = [await anna.sign_in() for _ in range(2)]
    assert isinstance(mine, SignedIn)
    assert isinstance(other, SignedIn)
    actor = await actor_of(house, mine)
    async with heard(house) as told:
        renewed = await change(house, actor)
    (revoked,) = told
    assert (revoked.account_id, revoked.session_id, revoked.kept) == (anna.id, None, actor.session_id)
    assert revoked.generation == anna.account.session_generation
    assert (await actor_of(house, renewed)).session_id == actor.session_id
    await house.application.sessions.refresh(renewed.refresh_token, CLIENT)
    for tokens in (mine, other):
        with pytest.raises(TokenExpired):
            await house.application.identity.of(tokens.access_token)
    with pytest.raises(TokenExpired):
        await house.application.sessions.refresh(other.refresh_token, CLIENT)
    assert (await signs_in(house, NEW), await signs_in(house, PASSWORD)) == (True, False)


async def test_a_new_password_is_noted_and_told(house: House, anna: Person) -> None:
    actor = await anna.session()
    await change(house, actor)
    (noted,) = entries(house, Action.PASSWORD_CHANGED)
    assert (noted.target.id, noted.session_id, noted.address) == (anna.id, actor.session_id, CLIENT.address)
    assert (last_letter(house).kind, last_letter(house).to) == (LetterKind.PASSWORD_CHANGED, "anna@example.org")


async def test_somebody_without_a_password_gets_one(house: House) -> None:
    anna = await two_step(house)
    await changed(house, anna.id, two_factor=False)
    actor = await anna.session()
    await changed(house, anna.id, password=None)
    await change(house, actor)
    assert await signs_in(house, NEW)


# ---------------------------------------------------------------- grants


async def test_a_password_is_changed_by_a_fresh_grant_of_this_session_alone(house: House, anna: Person) -> None:
    bob = await person(house, "Bob")
    actor, other = await anna.session(), await anna.session()
    late = await granted(house, actor)
    house.clock.advance(GRANT_SECONDS)
    theirs, elsewhere = await granted(house, await bob.session()), await granted(house, other)
    before = stored(house)
    for grant in (*NO_FLOWS, late, theirs, elsewhere):
        with pytest.raises(ReauthenticationRequired):
            await change(house, actor, grant=grant)
        with pytest.raises(ReauthenticationRequired):
            await house.application.password.remove(actor, grant, CLIENT)
    grant = await granted(house, actor)
    with pytest.raises(ReauthenticationRequired):
        await house.application.password.change(actor, NEW, grant, ELSEWHERE)
    assert stored(house) == before


async def test_a_grant_is_spent_once(house: House, anna: Person) -> None:
    actor = await anna.session()
    grant = await granted(house, actor)
    outcomes = await at_once(change(house, actor, NEW, grant), change(house, actor, THIRD, grant))
    assert outcomes == ["ReauthenticationRequired", "SignedIn"]


async def test_a_password_that_does_not_suit_costs_no_grant(house: House, anna: Person) -> None:
    await ruled(house, password=PasswordPolicy(min_length=12, min_classes=2))
    actor = await anna.session()
    grant = await granted(house, actor)
    for wrong in ("", "short", "x" * 12, "x" * 257, "x" * 1_000_000):
        assert await refused(change(house, actor, wrong, grant)) == {"password"}
    assert not entries(house, Action.PASSWORD_CHANGED)
    await change(house, actor, "Another horse", grant)


# ---------------------------------------------------------------- at once, and meanwhile


async def test_of_two_sessions_that_change_it_at_once_one_goes_on(house: House, anna: Person) -> None:
    actors = [await anna.session() for _ in range(2)]
    grants = [await granted(house, actor) for actor in actors]
    outcomes = await at_once(
        *(change(house, actor, new, grant) for actor, new, grant in zip(actors, (NEW, THIRD), grants, strict=True))
    )
    assert outcomes == ["SignedIn", "TokenExpired"]
    generation = anna.account.session_generation
    assert len([one for one in house.state.sessions.values() if one.generation == generation]) == 1


async def test_whoever_was_thrown_out_meanwhile_changes_nothing(house: House, anna: Person) -> None:
    access = house.application.account_access
    for end in (
        lambda actor: house.application.sessions.sign_out(actor, CLIENT),
        lambda actor: access.end_sessions("Anna"),
        lambda actor: access.require_reset("Anna"),
        lambda actor: access.ban("Anna", "spam"),
    ):
        await changed(house, anna.id, must_reset=False, ban=None)
        actor = await anna.session()
        grants = [await granted(house, actor) for _ in range(2)]
        await end(actor)
        before = stored(house)
        with pytest.raises(TokenExpired):
            await change(house, actor, NEW, grants[0])
        with pytest.raises(TokenExpired):
            await house.application.password.remove(actor, grants[1], CLIENT)
        assert stored(house) == before


# ---------------------------------------------------------------- OPAQUE


async def uploaded(house: House, actor: AccountActor, password: str = NEW) -> PasswordUpload:
    """What the page sends of a password that it does not send."""
    page = Registration(password)
    started = await house.application.password.answer_registration(actor, page.request, CLIENT)
    return PasswordUpload(started.flow, page.upload(started.response))


async def test_a_password_that_is_not_sent_takes_the_place_of_both_records(opaque_house: House) -> None:
    anna = await person(opaque_house)
    actor = await anna.session()
    renewed = await change(opaque_house, actor, await uploaded(opaque_house, actor))
    records = anna.account.password
    assert records is not None
    assert (records.argon2, len(records.opaque or b"")) == (None, 192)
    assert await anna.opaque(password=NEW) is not None
    assert await anna.opaque(password=PASSWORD) is None
    assert (await signs_in(opaque_house, NEW), await signs_in(opaque_house, PASSWORD)) == (True, False)
    await actor_of(opaque_house, renewed)


async def test_an_upload_is_for_the_account_and_the_browser_that_began_once_and_in_time(opaque_house: House) -> None:
    anna, bob = await person(opaque_house), await person(opaque_house, "Bob")
    actor = await anna.session()
    upload = await uploaded(opaque_house, actor)
    theirs = await uploaded(opaque_house, await bob.session())
    grant = await granted(opaque_house, actor)
    wrong = [PasswordUpload(text, upload.message) for text in (*NO_FLOWS, upload.flow[:-1], theirs.flow)]
    await nothing_but_over(opaque_house, [change(opaque_house, actor, one, grant) for one in wrong])
    await over(opaque_house.application.password.change(actor, upload, grant, ELSEWHERE))
    actor = await actor_of(opaque_house, await change(opaque_house, actor, upload, grant))
    await over(change(opaque_house, actor, upload))
    late = await uploaded(opaque_house, actor)
    opaque_house.clock.advance(FLOW_SECONDS)
    await over(change(opaque_house, actor, late))
    assert await signs_in(opaque_house, NEW)


async def test_a_message_that_is_none_costs_neither_the_flow_nor_the_grant(opaque_house: House) -> None:
    actor = await (await person(opaque_house)).session()
    begin = opaque_house.application.password.answer_registration
    for request in (b"", b"x" * 31, b"x" * 33, b"x" * 100_000):
        assert await refused(begin(actor, request, CLIENT)) == {"message"}
    upload, grant = await uploaded(opaque_house, actor), await granted(opaque_house, actor)
    for message in (b"", upload.message[:-1], b"\xff" * 192, b"x" * 100_000):
        assert await refused(change(opaque_house, actor, PasswordUpload(upload.flow, message), grant)) == {"message"}
    with pytest.raises(ReauthenticationRequired):
        await change(opaque_house, actor, upload, "guessed")
    await change(opaque_house, actor, upload, grant)


async def test_an_upload_that_was_answered_for_another_account_opens_nothing(opaque_house: House) -> None:
    anna, bob = await person(opaque_house), await person(opaque_house, "Bob")
    actor, page = await anna.session(), Registration(NEW)
    begin = opaque_house.application.password.answer_registration
    mine = await begin(actor, Registration(NEW).request, CLIENT)
    theirs = await begin(await bob.session(), page.request, CLIENT)
    await change(opaque_house, actor, PasswordUpload(mine.flow, page.upload(theirs.response)))
    assert not await signs_in(opaque_house, NEW)
    assert not await signs_in(opaque_house, PASSWORD)
    assert await signs_in(opaque_house, PASSWORD, "Bob")


async def test_one_upload_sets_one_password_however_many_grants_there_are(opaque_house: House) -> None:
    anna = await person(opaque_house)
    actor = await anna.session()
    upload = await uploaded(opaque_house, actor)
    grants = [await granted(opaque_house, actor) for _ in range(2)]
    assert await at_once(*(change(opaque_house, actor, upload, grant) for grant in grants)) == ["FlowOver", "SignedIn"]


async def test_where_there_is_no_opaque_it_is_said(house: House, anna: Person) -> None:
    actor = await anna.session()
    with pytest.raises(Unavailable):
        await house.application.password.answer_registration(actor, b"x" * 32, CLIENT)


# ---------------------------------------------------------------- without one


async def test_a_password_goes_where_another_way_is_left(house: House, anna: Person) -> None:
    actor = await anna.session()
    await remove(house, actor)
    assert anna.account.password is None
    assert not await signs_in(house, PASSWORD)
    (noted,) = entries(house, Action.PASSWORD_REMOVED)
    assert (noted.target.id, noted.session_id) == (anna.id, actor.session_id)
    letter = last_letter(house)
    assert (letter.kind, letter.facts["what"]) == (LetterKind.FACTOR_CHANGED, "password_removed")
    with pytest.raises(NotFound):
        await remove(house, actor)


async def test_the_only_way_to_sign_in_stays(house: House) -> None:
    anna = await person(house)
    actor = await anna.session()
    await give_totp(anna)
    for email, email_sign_in in ((None, True), ("anna@example.org", False)):
        await changed(house, anna.id, email=email)
        await ruled(house, email_sign_in=email_sign_in)
        with pytest.raises(PreconditionFailed, match="only way to sign in"):
            await remove(house, actor)
    await give_passkey(anna)
    await remove(house, actor)


async def test_a_provider_that_is_switched_off_is_no_way_that_is_left(passwords: PasswordHasher) -> None:
    world = await abroad(passwords)
    anna = await person(world.house)
    actor = await anna.session()
    await world.link(actor)
    await world.change(enabled=False)
    with pytest.raises(PreconditionFailed, match="only way to sign in"):
        await remove(world.house, actor)
    await world.change(enabled=True)
    await remove(world.house, actor)
    assert isinstance(await world.went(), SignedIn)


async def test_two_steps_keep_two_factors(house: House) -> None:
    anna = await person(house, totp=True)
    actor = await anna.session()
    await changed(house, anna.id, two_factor=True)
    with pytest.raises(PreconditionFailed, match="Two-step"):
        await remove(house, actor)
    await give_passkey(anna)
    await remove(house, actor)
    have = (await house.application.security.of(actor)).have
    assert have.local == {Factor.PASSKEY, Factor.TOTP}


# ---------------------------------------------------------------- outages


async def test_while_short_lived_state_is_away_nothing_is_half_done(opaque_house: House) -> None:
    anna = await person(opaque_house, email="anna@example.org")
    await give_passkey(anna)
    passkey = iter(range(1_000))

    async def changing() -> Step:
        actor = await signed_in_again()
        grant = await granted(opaque_house, actor)
        return lambda: change(opaque_house, actor, f"{NEW} {next(passkey)}", grant)

    async def uploading() -> Step:
        actor = await signed_in_again()
        upload, grant = await uploaded(opaque_house, actor), await granted(opaque_house, actor)
        return lambda: change(opaque_house, actor, upload, grant)

    async def removing() -> Step:
        actor = await signed_in_again()
        grant = await granted(opaque_house, actor)
        return lambda: opaque_house.application.password.remove(actor, grant, CLIENT)

    async def signed_in_again() -> AccountActor:
        signed_in = await opaque_house.application.sign_in.first_step(anna.subject, await anna.passkey(), CLIENT)
        assert isinstance(signed_in, SignedIn)
        return await actor_of(opaque_house, signed_in)

    for step in (changing, uploading, removing):
        await all_or_nothing(opaque_house, step)


async def test_short_lived_state_that_was_lost_costs_the_grant_and_the_upload(opaque_house: House) -> None:
    actor = await (await person(opaque_house)).session()
    upload, grant = await uploaded(opaque_house, actor), await granted(opaque_house, actor)
    opaque_house.short_lived.lose()
    with pytest.raises(ReauthenticationRequired):
        await change(opaque_house, actor, NEW, grant)
    await over(change(opaque_house, actor, upload))
    assert await signs_in(opaque_house, PASSWORD)
