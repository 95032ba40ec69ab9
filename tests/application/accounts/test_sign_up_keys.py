"""Signing up with what never leaves the browser: a password by OPAQUE, or a passkey."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synctv.application.accounts.flows import FLOW_SECONDS
from synctv.application.accounts.proofs import Named, OpaqueProof
from synctv.application.accounts.sessions import SignedIn
from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.policy import SignUpWay
from synctv.domain.errors import AlreadyExists, Invalid, InvalidCredentials, Unavailable
from synctv.domain.ids import AccountId
from tests.application.accounts.people import ELSEWHERE, Page, Person, give_passkey, person
from tests.application.accounts.registering import ADDRESS, Registration, begin, opened, stored
from tests.application.accounts.trials import Step, all_or_nothing, at_once, over, refused
from tests.application.house import House
from tests.applications import CLIENT, PASSWORD, SITE
from tests.authenticator import USUAL, Flag

OTHER_SITE = Site("https://other.example.org", "other.example.org")


@pytest.fixture
async def house(house: House) -> House:
    """A product where every way is open, and that does not do OPAQUE."""
    await opened(house)
    return house


@pytest.fixture
async def open_house(opaque_house: House) -> House:
    """One that does."""
    await opened(opaque_house)
    return opaque_house


async def opens(house: House, name: str, password: str = PASSWORD) -> bool:
    """Whether the page signs in with this password by OPAQUE."""
    page, subject = Page(password), Named(name)
    passwords = house.application.prover.passwords
    started = await passwords.start_opaque(subject, page.request, CLIENT)
    finalization = page.finish(started.response)
    if finalization is None:
        return False
    await house.application.prover.prove(subject, OpaqueProof(started.flow, finalization), CLIENT)
    return True


# ---------------------------------------------------------------- OPAQUE


async def test_a_password_that_is_not_sent_signs_in_from_the_page_and_from_scripts(open_house: House) -> None:
    page = Registration()
    begun = await begin(open_house, request=page.request)
    signed_in = await begun.finish(password=None, upload=page.upload(begun.started.opaque))
    assert isinstance(signed_in, SignedIn)
    records = signed_in.account.password
    assert records is not None
    assert (records.argon2, len(records.opaque or b"")) == (None, 192)
    assert await opens(open_house, "Anna")
    assert not await opens(open_house, "Anna", "wrong password")
    await open_house.sign_in("Anna")


async def test_a_record_that_was_made_in_another_sign_up_opens_nothing(open_house: House) -> None:
    mine, theirs = Registration(), Registration("another password")
    anna = await begin(open_house, request=mine.request)
    bob = await begin(open_house, username="Bob", request=theirs.request)
    await anna.finish(password=None, upload=theirs.upload(bob.started.opaque))
    await bob.finish(password=None, upload=mine.upload(anna.started.opaque))
    for name in ("Anna", "Bob"):
        for password in (PASSWORD, "another password"):
            assert not await opens(open_house, name, password)


@pytest.mark.parametrize("size", [0, 31, 33, 32_000])
async def test_a_first_message_that_is_none_sends_no_letter(open_house: House, size: int) -> None:
    assert await refused(begin(open_house, email=ADDRESS, request=b"x" * size)) == {"message"}
    assert not open_house.state.outbox
    assert "put" not in open_house.short_lived.called


@pytest.mark.parametrize("size", [0, 191, 193, 192_000])
async def test_a_last_message_that_is_none_makes_no_account(open_house: House, size: int) -> None:
    page = Registration()
    begun = await begin(open_house, request=page.request)
    assert await refused(begun.finish(password=None, upload=b"\xff" * size)) == {"message"}
    assert await refused(begun.finish(password=None, upload=page.upload(begun.started.opaque)[:-1])) == {"message"}
    assert not open_house.state.accounts
    assert isinstance(await begun.finish(password=None, upload=page.upload(begun.started.opaque)), SignedIn)


async def test_a_last_message_without_a_first_one_is_no_password(open_house: House) -> None:
    page = Registration()
    other = await begin(open_house, username="Bob", request=page.request)
    upload = page.upload(other.started.opaque)
    for way in (SignUpWay.PASSWORD, SignUpWay.PASSKEY):
        begun = await begin(open_house, way)
        with pytest.raises(Invalid):
            await begun.finish(password=None, credential=None, upload=upload)
    assert not open_house.state.accounts


async def test_where_there_is_no_opaque_the_page_is_told_and_nothing_begins(house: House) -> None:
    with pytest.raises(Unavailable):
        await begin(house, request=b"x" * 32, email=ADDRESS)
    assert not house.state.outbox


async def test_of_two_last_messages_at_once_one_makes_the_account(open_house: House) -> None:
    pages = (Registration(), Registration("another password"))
    begun = await begin(open_house, request=pages[0].request)
    second = open_house.application.prover.passwords.passwords.opaque.answer_registration(
        pages[1].request, AccountId("usr_x")
    )
    uploads = (pages[0].upload(begun.started.opaque), pages[1].upload(second))
    outcomes = await at_once(*(begun.finish(password=None, upload=upload) for upload in uploads))
    assert outcomes.count("SignedIn") == 1
    assert len(open_house.state.accounts) == 1
    await over(begun.finish(password=None, upload=uploads[0]))


# ---------------------------------------------------------------- passkeys


async def test_a_passkey_is_bound_to_the_new_account_and_signs_it_in(house: House) -> None:
    begun = await begin(house, SignUpWay.PASSKEY)
    asked = begun.started.passkey
    assert asked is not None
    assert (asked["rp"]["id"], asked["user"]["name"], asked["excludeCredentials"]) == (SITE.host, "Anna", [])
    signed_in = await begun.finish(passkey_name=" My\tphone ")
    assert isinstance(signed_in, SignedIn)
    (passkey,) = house.state.passkeys.values()
    assert (passkey.account_id, passkey.name) == (signed_in.account.id, "My phone")
    anna = Person(house, signed_in.account.id, "Anna", authenticator=begun.authenticator)
    assert (await house.application.prover.prove(anna.subject, await anna.passkey(), CLIENT)).account_id == anna.id


@pytest.mark.parametrize("name, shown", [(None, "Passkey"), ("", "Passkey"), ("x" * 64, "x" * 64)])
async def test_a_passkey_has_a_name(house: House, name: str | None, shown: str) -> None:
    await (await begin(house, SignUpWay.PASSKEY)).finish(passkey_name=name)
    (passkey,) = house.state.passkeys.values()
    assert passkey.name == shown


@pytest.mark.parametrize("name", ["x" * 65, " ", "\u200b", "\u202e", "x" * 100_000])
async def test_a_name_that_nobody_can_read_is_refused_and_costs_nothing(house: House, name: str) -> None:
    begun = await begin(house, SignUpWay.PASSKEY, email=ADDRESS)
    for _ in range(6):
        assert await refused(begun.finish(passkey_name=name)) == {"name"}
    assert not house.state.accounts
    assert isinstance(await begun.finish(), SignedIn)


async def test_a_passkey_of_another_site_makes_no_account(house: House) -> None:
    begun = await begin(house, SignUpWay.PASSKEY)
    await over(begun.finish(site=OTHER_SITE))
    await over(begun.finish(site=replace(SITE, origin=OTHER_SITE.origin)))
    mine = begun.authenticator
    for fooled in (replace(mine, origin=OTHER_SITE.origin), replace(mine, host=OTHER_SITE.host)):
        assert await refused(replace(begun, authenticator=fooled).finish()) == {"credential"}
    assert not house.state.accounts
    assert isinstance(await begun.finish(), SignedIn)


async def test_a_passkey_without_a_verified_user_makes_no_account(house: House) -> None:
    begun = await begin(house, SignUpWay.PASSKEY)
    for flags in (Flag(0), Flag.PRESENT, Flag.VERIFIED, USUAL & ~Flag.VERIFIED):
        assert await refused(replace(begun, authenticator=replace(begun.authenticator, flags=flags)).finish())
    assert not house.state.accounts


async def test_an_answer_to_another_sign_up_makes_no_account(house: House) -> None:
    mine, theirs = await begin(house, SignUpWay.PASSKEY), await begin(house, SignUpWay.PASSKEY, "Bob")
    assert await refused(theirs.finish(credential=mine.answer().credential)) == {"credential"}
    house.clock.advance(FLOW_SECONDS - 1)
    later = await begin(house, SignUpWay.PASSKEY)
    assert await refused(later.finish(credential=mine.answer().credential)) == {"credential"}
    assert not house.state.accounts


async def test_what_is_no_passkey_makes_no_account(house: House) -> None:
    begun = await begin(house, SignUpWay.PASSKEY)
    right = begun.answer().credential
    assert right is not None
    response = dict(right["response"])
    nonsense: list[object] = [
        None,
        {},
        {"id": 5},
        {**right, "id": "other"},
        {**right, "rawId": "x" * 100_000},
        {**right, "response": None},
        {**right, "response": {**response, "attestationObject": response["attestationObject"][:-8]}},
        {**right, "response": {**response, "clientDataJSON": "AAAA"}},
        {**right, "response": {**response, "attestationObject": "A" * 100_000}},
        begun.authenticator.get({"challenge": begun.started.passkey["challenge"]}) if begun.started.passkey else {},
    ]
    for credential in nonsense:
        assert await refused(begun.finish(credential=credential)) == {"credential"}
    assert not house.state.accounts
    assert isinstance(await begun.finish(credential=right), SignedIn)


async def test_a_passkey_belongs_to_one_account(house: House) -> None:
    anna = await person(house)
    await give_passkey(anna)
    begun = await begin(house, SignUpWay.PASSKEY, "Bob")
    taken = replace(begun.authenticator, credential_id=anna.authenticator.credential_id)
    before = stored(house)
    with pytest.raises(AlreadyExists, match="passkey"):
        await replace(begun, authenticator=taken).finish()
    assert stored(house) == before
    assert isinstance(await begun.finish(), SignedIn)
    with pytest.raises(InvalidCredentials):
        await house.application.prover.prove(
            anna.subject, await Person(house, anna.id, "Anna", authenticator=begun.authenticator).passkey(), CLIENT
        )


async def test_the_code_is_needed_beside_the_passkey(house: House) -> None:
    begun = await begin(house, SignUpWay.PASSKEY, email=ADDRESS)
    with pytest.raises(InvalidCredentials):
        await begun.finish(code="000000")
    await over(begun.finish(client=ELSEWHERE))
    assert not house.state.passkeys
    assert isinstance(await begun.finish(), SignedIn)


async def test_while_short_lived_state_is_away_no_key_is_stored(open_house: House) -> None:
    names = iter(range(1_000))

    async def uploading() -> Step:
        page = Registration()
        begun = await begin(open_house, username=f"name{next(names)}", request=page.request)
        upload = page.upload(begun.started.opaque)
        return lambda: begun.finish(password=None, upload=upload)

    await all_or_nothing(open_house, uploading)
