"""One's logins at the servers of providers: kept, opened, checked, forgotten, and no way to guess somebody else's."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from synctv.adapters.crypto.keys import SigningKey
from synctv.adapters.crypto.sealing import KeySealer
from synctv.application.accounts.client import Client
from synctv.application.library import credentials as module
from synctv.application.library.credentials import FAILED_SIGN_INS, Credentials
from synctv.application.library.items import NewItem
from synctv.application.library.vault import BLOCK_BYTES, MAX_BYTES, Vault
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.providers import Login
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.errors import (
    Invalid,
    NotFound,
    QuotaExceeded,
    RateLimited,
    TokenExpired,
    Unavailable,
    UpstreamCredential,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from synctv.domain.ids import CredentialId
from synctv.domain.library.credential import MAX_CREDENTIALS, SERVER_LENGTH, Credential, CredentialState
from synctv.domain.rooms.actor import AccountActor
from tests.application.house import House, furnished
from tests.application.library.nas import PASSWORD, SERVER, Nas
from tests.applications import CLIENT

GOOD, REFUSED, UNKNOWN = CredentialState.GOOD, CredentialState.REFUSED, CredentialState.UNKNOWN
FIELDS = {"server": SERVER, "username": "anna", "password": PASSWORD}


@pytest.fixture
def nas() -> Nas:
    return Nas()


@pytest.fixture
def house(passwords: PasswordHasher, nas: Nas) -> House:
    return furnished(passwords, providers={"nas": nas})


@pytest.fixture
def credentials(house: House) -> Credentials:
    return house.application.credentials


@pytest.fixture
async def anna(house: House) -> AccountActor:
    return await house.account("anna")


async def add(credentials: Credentials, actor: AccountActor, client: Client = CLIENT, **fields: str) -> Credential:
    return await credentials.sign_in(actor, "nas", "password", {**FIELDS, **fields}, client)


def stored(house: House) -> list[Credential]:
    return list(house.state.credentials.values())


def noted(house: House) -> list[AuditEntry]:
    wanted = (Action.CREDENTIAL_ADDED, Action.CREDENTIAL_REMOVED)
    return [entry for entry in house.state.audit.values() if entry.action in wanted]


def with_lost_key(credentials: Credentials) -> Credentials:
    """The same use case after the server's key was lost."""
    sealer = KeySealer((SigningKey("ab" * 8, b"x" * 32),), "credentials")
    return replace(credentials, checks=replace(credentials.checks, vault=Vault(sealer)))


# ---------------------------------------------------------------- signing in


async def test_signing_in_keeps_what_the_server_gave(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential = await add(credentials, anna, server=" HTTP://NAS.lan:8096/media/ ")
    assert (credential.provider, credential.server, credential.label) == ("nas", SERVER, "anna")
    assert (credential.owner, credential.state) == (anna.id, GOOD)
    assert await credentials.list(anna) == [credential]
    assert await credentials.login_for(anna.id, credential.id) == Login(SERVER, {"token": "token-1"})


async def test_a_server_may_be_named_as_people_type_it(credentials: Credentials, anna: AccountActor) -> None:
    assert (await add(credentials, anna, server="nas.lan:8096/media")).server == SERVER


async def test_nothing_that_is_stored_or_written_down_shows_the_secret(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential = await credentials.sign_in(anna, "nas", "cookie", {"cookie": "SESSDATA=abc"}, CLIENT)
    (entry,) = noted(house)
    assert b"SESSDATA" not in credential.sealed
    assert "SESSDATA" not in repr(house.state)
    assert (entry.detail, entry.actor.name, entry.target.name) == ({"provider": "nas", "label": "NAS"}, "anna", "anna")
    assert (entry.address, entry.session_id) == (CLIENT.address, anna.session_id)


async def test_signing_in_again_renews_the_login_that_items_remember(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    first = await add(credentials, anna)
    nas.revoked.add("token-1")
    assert (await credentials.check(anna, first.id)).state is REFUSED
    second = await add(credentials, anna, server=f"{SERVER}/")
    assert (second.id, second.created_at, second.state, second.version) == (first.id, first.created_at, GOOD, 3)
    assert (await credentials.login_for(anna.id, first.id)).secret == {"token": "token-2"}
    assert len(stored(house)) == 1


async def test_another_server_or_name_is_another_login(credentials: Credentials, anna: AccountActor) -> None:
    await add(credentials, anna)
    await add(credentials, anna, username="bob")
    await add(credentials, anna, server="http://nas.lan")
    assert len(await credentials.list(anna)) == 3


@pytest.mark.parametrize(
    "form, fields, wrong",
    [
        ("nonsense", FIELDS, {"form"}),
        ("password", {}, {"fields.server", "fields.username", "fields.password"}),
        ("password", {**FIELDS, "username": " \n"}, {"fields.username"}),
        ("password", {**FIELDS, "extra": "x"}, {"fields.extra"}),
        ("password", {**FIELDS, "password": "x" * 1_001}, {"fields.password"}),
        ("password", {**FIELDS, "username": "nobody"}, {"fields.username"}),
        ("password", {**FIELDS, "server": f"http://{'x' * (SERVER_LENGTH - 6)}"}, {"fields.server"}),
        ("cookie", {"cookie": "x" * 20_001}, {"fields.cookie"}),
    ],
)
async def test_each_wrong_field_is_named(
    credentials: Credentials, anna: AccountActor, form: str, fields: dict[str, str], wrong: set[str]
) -> None:
    with pytest.raises(Invalid) as error:
        await credentials.sign_in(anna, "nas", form, fields, CLIENT)
    assert {one.path for one in error.value.errors} == wrong


@pytest.mark.parametrize("provider", ["", "shelf", "nonsense"])
async def test_one_signs_in_only_where_there_is_something_to_sign_in_to(
    passwords: PasswordHasher, provider: str
) -> None:
    house = furnished(passwords)
    with pytest.raises(Invalid, match="There is none"):
        await house.application.credentials.sign_in(await house.account("anna"), provider, "password", {}, CLIENT)


async def test_what_is_left_out_reaches_the_provider_empty_and_passwords_as_they_are(
    credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    with pytest.raises(UpstreamCredential):
        await add(credentials, anna, username=" anna ", password=f" {PASSWORD} ")
    assert nas.asked == [{"server": SERVER, "username": "anna", "password": f" {PASSWORD} ", "code": ""}]


async def test_a_provider_that_never_answers_is_waited_for_so_long(
    credentials: Credentials, anna: AccountActor, nas: Nas, monkeypatch: pytest.MonkeyPatch
) -> None:
    nas.stuck = True
    monkeypatch.setattr(module, "SIGN_IN_SECONDS", 0.01)
    with pytest.raises(UpstreamTimeout, match=r"nas\.lan:8096"):
        await add(credentials, anna)


async def test_an_account_has_so_many_logins_and_may_still_renew_them(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    for number in range(MAX_CREDENTIALS):
        await add(credentials, anna, username=f"anna {number}")
    with pytest.raises(QuotaExceeded):
        await add(credentials, anna, username="one too many")
    await add(credentials, anna, username="anna 7")
    assert len(stored(house)) == MAX_CREDENTIALS


async def test_whoever_was_signed_out_meanwhile_keeps_nothing(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    await house.application.sessions.end_all(anna, CLIENT, keep_this=False)
    with pytest.raises(TokenExpired):
        await add(credentials, anna)
    assert not stored(house)


async def test_a_secret_that_is_far_too_long_is_refused(credentials: Credentials) -> None:
    vault = credentials.checks.vault
    with pytest.raises(Invalid):
        vault.seal(CredentialId("cred_1"), "usr_1", "nas", {"cookie": "x" * MAX_BYTES})  # type: ignore[arg-type]


def test_the_length_of_a_password_does_not_show(house: House) -> None:
    vault = house.application.credentials.checks.vault
    sealed = [vault.seal(CredentialId("c"), "u", "nas", {"p": "x" * length}) for length in (1, 200)]  # type: ignore[arg-type]
    assert len(sealed[0]) == len(sealed[1])
    assert len(sealed[0]) > BLOCK_BYTES


# ---------------------------------------------------------------- no guessing


async def test_after_a_few_wrong_passwords_one_waits(credentials: Credentials, anna: AccountActor, nas: Nas) -> None:
    for _ in range(5):
        with pytest.raises(UpstreamCredential):
            await add(credentials, anna, password="guess")
    with pytest.raises(UpstreamCredential):
        await add(credentials, anna, password="guess")
    with pytest.raises(RateLimited):
        await add(credentials, anna, password="guess")
    assert len(nas.asked) == 6


@pytest.mark.parametrize("path", ["", "/media", "/{}"])
async def test_guesses_end_however_they_are_spread(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas, path: str
) -> None:
    """Over addresses, paths of the server, time, and successes in between at an account of one's own."""
    for number in range(4 * FAILED_SIGN_INS):
        client, server = Client("", f"192.0.2.{number}"), f"http://nas.lan{path.format(number)}"
        await guess(credentials, anna, client, server=server, password="guess", username="bob")
        await guess(credentials, anna, client, server=server)
        house.clock.advance(20)
    assert sum(fields["password"] == "guess" for fields in nas.asked) <= FAILED_SIGN_INS


async def guess(credentials: Credentials, actor: AccountActor, client: Client, **fields: str) -> None:
    """Tries, and takes any answer."""
    with suppress(UpstreamCredential, RateLimited):
        await add(credentials, actor, client, **fields)


async def test_many_guesses_at_once_are_no_way_around(credentials: Credentials, anna: AccountActor, nas: Nas) -> None:
    await asyncio.gather(*(guess(credentials, anna, CLIENT, password="guess") for _ in range(60)))
    assert len(nas.asked) <= 6


async def test_while_nothing_can_be_counted_nobody_signs_in(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    house.short_lived.down = True
    with pytest.raises(Unavailable):
        await add(credentials, anna)
    assert not nas.asked


# ---------------------------------------------------------------- using them


async def test_a_login_is_opened_for_its_owner_alone(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential, bob = await add(credentials, anna), await house.account("bob")
    for owner, id, provider in (
        (bob.id, credential.id, None),
        (anna.id, CredentialId("nonsense"), None),
        (anna.id, credential.id, "direct"),
    ):
        with pytest.raises(NotFound, match="sign-in"):
            await credentials.login_for(owner, id, provider)
    for refused in (credentials.check(bob, credential.id), credentials.remove(bob, credential.id, CLIENT)):
        with pytest.raises(NotFound, match="sign-in"):
            await refused
    assert not await credentials.list(bob)
    assert stored(house) == [credential]


async def test_a_sealed_secret_opens_at_no_other_place(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    first, second = await add(credentials, anna), await add(credentials, anna, username="bob")
    async with house.transactions.write() as tx:
        await tx.credentials.update(replace(second, sealed=first.sealed, version=2), 1)
    with pytest.raises(UpstreamCredential, match="key"):
        await credentials.login_for(anna.id, second.id)


async def test_with_a_lost_key_people_are_told_to_sign_in_again_and_nothing_is_deleted(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential = await add(credentials, anna)
    after = with_lost_key(credentials)
    for asked in (after.login_for(anna.id, credential.id), after.check(anna, credential.id)):
        with pytest.raises(UpstreamCredential, match=r"nas\.lan:8096.*key.*[Ss]ign in to it again"):
            await asked
    assert [shown.state for shown in await after.list(anna)] == [UNKNOWN]
    assert stored(house) == [credential]
    assert await after.matching(anna.id, "nas") is None
    renewed = await add(after, anna)
    assert (renewed.id, renewed.state) == (credential.id, GOOD)
    assert (await after.login_for(anna.id, credential.id)).secret == {"token": "token-2"}


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'{"token": 1}', b"[" * 100_000])
async def test_what_is_no_login_inside_is_as_good_as_unreadable(
    house: House, credentials: Credentials, anna: AccountActor, content: bytes
) -> None:
    credential = await add(credentials, anna)
    sealed = credentials.checks.vault.sealer.seal(content, f"credential:{anna.id}:nas:{credential.id}")
    async with house.transactions.write() as tx:
        assert await tx.credentials.reseal(credential.id, credential.sealed, sealed)
    with pytest.raises(UpstreamCredential):
        await credentials.login_for(anna.id, credential.id)


async def test_the_login_that_fits_is_found_by_server(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    here, there = await add(credentials, anna), await add(credentials, anna, server="https://other.lan")
    assert await found(credentials, anna, "nas", "HTTP://nas.LAN:8096/media/") == here.id
    assert await found(credentials, anna, "nas", "https://other.lan:443") == there.id
    assert await found(credentials, anna, "nas", None) in (here.id, there.id)
    for provider, server in (("nas", "http://nas.lan:8096"), ("nas", ""), ("other", SERVER)):
        assert await found(credentials, anna, provider, server) is None
    assert await found(credentials, await house.account("bob"), "nas", SERVER) is None


async def test_of_several_that_fit_one_that_works_is_taken(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    first = await add(credentials, anna)
    house.clock.advance(5)
    second = await add(credentials, anna, username="bob")
    assert await found(credentials, anna, "nas", SERVER) == second.id
    await credentials.refused(second.id)
    assert await found(credentials, anna, "nas", SERVER) == first.id
    await credentials.refused(first.id)
    assert await found(credentials, anna, "nas", SERVER) is not None


async def found(credentials: Credentials, actor: AccountActor, *wanted: Any) -> CredentialId | None:
    match = await credentials.matching(actor.id, *wanted)
    return match[0] if match else None


# ---------------------------------------------------------------- checking and forgetting


async def test_checking_tells_what_the_server_says(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    credential = await add(credentials, anna)
    house.clock.advance(60)
    checked = await credentials.check(anna, credential.id)
    assert (checked.state, checked.checked_at) == (GOOD, house.clock.now())
    nas.revoked.add("token-1")
    assert (await credentials.check(anna, credential.id)).state is REFUSED
    assert [one.state for one in await credentials.list(anna)] == [REFUSED]


async def test_a_server_that_does_not_answer_changes_nothing(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    credential = await add(credentials, anna)
    nas.failure = UpstreamUnavailable("nas.lan")
    with pytest.raises(UpstreamUnavailable):
        await credentials.check(anna, credential.id)
    assert stored(house) == [credential]


async def test_a_login_of_a_provider_that_is_gone_is_shown_and_can_be_removed(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential = await add(credentials, anna)
    without = replace(credentials, checks=replace(credentials.checks, providers={}), providers={})
    assert [one.state for one in await without.list(anna)] == [UNKNOWN]
    await without.remove(anna, credential.id, CLIENT)
    assert not stored(house)


async def test_a_removed_login_is_gone_and_written_down(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential = await add(credentials, anna)
    await credentials.remove(anna, credential.id, CLIENT)
    with pytest.raises(NotFound):
        await credentials.login_for(anna.id, credential.id)
    with pytest.raises(NotFound):
        await credentials.remove(anna, credential.id, CLIENT)
    detail = {"provider": "nas", "server": SERVER, "label": "anna"}
    assert [(entry.action, entry.detail) for entry in noted(house)] == [
        (Action.CREDENTIAL_ADDED, detail),
        (Action.CREDENTIAL_REMOVED, detail),
    ]


async def test_a_refusal_is_noted_once_and_fails_never(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential = await add(credentials, anna)
    for _ in range(2):
        await credentials.refused(credential.id)
    await credentials.refused(CredentialId("nonsense"))
    assert [(one.state, one.version) for one in stored(house)] == [(REFUSED, 2)]


async def test_what_was_learned_of_the_old_login_says_nothing_of_a_new_one(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    old = await add(credentials, anna)
    renewed = await add(credentials, anna)
    assert await credentials.checks.note(old, REFUSED) == renewed
    assert stored(house) == [renewed]


# ---------------------------------------------------------------- items


async def test_an_item_is_fetched_with_the_login_that_it_remembers(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    credential, room = await add(credentials, anna), await house.room(anna)
    source = {"server": SERVER, "title": "Film", "cover": "https://img.example/a.jpg"}
    item = await house.application.items.add(anna, room, NewItem("nas", source, credential_id=credential.id))
    assert (item.credential_id, item.cover) == (credential.id, "https://img.example/a.jpg")
    assert nas.logins == [Login(SERVER, {"token": "token-1"})]


async def test_a_cover_that_pages_can_not_show_is_left_out(
    house: House, credentials: Credentials, anna: AccountActor
) -> None:
    credential, room = await add(credentials, anna), await house.room(anna)
    new = NewItem("nas", {"cover": "javascript:alert(1)"}, credential_id=credential.id)
    assert (await house.application.items.add(anna, room, new)).cover is None


async def test_nobody_adds_with_the_login_of_somebody_else(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    credential, room = await add(credentials, anna), await house.room(anna)
    bob = await house.member("bob", room)
    for actor, id in ((bob, credential.id), (anna, CredentialId("nonsense"))):
        with pytest.raises(NotFound, match="sign-in"):
            await house.application.items.add(actor, room, NewItem("nas", {}, credential_id=id))
    assert not nas.logins


async def test_a_login_is_shown_to_no_other_server(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    credential, room = await add(credentials, anna), await house.room(anna)
    for server in ("http://evil.example", "http://nas.lan:8096", ""):
        new = NewItem("nas", {"server": server}, credential_id=credential.id)
        with pytest.raises(Invalid, match="another server"):
            await house.application.items.add(anna, room, new)
    assert not nas.logins


async def test_a_login_that_fails_while_adding_is_noted_as_refused(
    house: House, credentials: Credentials, anna: AccountActor, nas: Nas
) -> None:
    credential, room = await add(credentials, anna), await house.room(anna)
    nas.revoked.add("token-1")
    with pytest.raises(UpstreamCredential):
        await house.application.items.add(anna, room, NewItem("nas", {}, credential_id=credential.id))
    with pytest.raises(UpstreamCredential):
        await house.application.items.add(anna, room, NewItem("nas", {}))
    assert [one.state for one in stored(house)] == [REFUSED]
