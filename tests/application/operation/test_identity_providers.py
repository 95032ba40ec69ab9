"""Identity providers as the operator sets them up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from synctv.application.accounts.external import Purpose, provider_place
from synctv.application.operation.identity_providers import ProviderEdit
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow, OAuth
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.sealing import CannotOpen
from synctv.domain.accounts.identities import Endpoints, ExternalIdentity, IdentityProvider, ProviderKind
from synctv.domain.audit.entry import Action
from synctv.domain.errors import AlreadyExists, Conflict, Invalid, NotFound, PreconditionFailed, UpstreamFailed
from tests.application.house import House, furnished
from tests.applications import CLIENT, PASSWORD
from tests.builders import an_identity, an_identity_provider

ENDPOINTS = Endpoints("https://code.example/authorize", "https://code.example/token", "https://api.code.example/user")
SECRET = "hunter2-hunter2"


class Providers(OAuth):
    """Every provider can be reached, but those whose slug is in `away`; remembers how it was asked."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.asked: list[AuthorizationFlow] = []

    async def authorization_url(self, provider: IdentityProvider, flow: AuthorizationFlow) -> str:
        """An address that tells who asks."""
        if provider.slug in self.away:
            raise UpstreamFailed(provider.slug, "there is no such server.")
        self.asked.append(flow)
        return f"https://provider.example/?client_id={provider.client_id}"

    async def identity(
        self, provider: IdentityProvider, secret: str | None, flow: AuthorizationFlow, answer: AuthorizationAnswer
    ) -> ExternalIdentity:
        """Somebody who is called like the secret that they came with."""
        return ExternalIdentity(provider.slug, secret or "public", None, None, email_verified=False)


@pytest.fixture
def oauth() -> Providers:
    return Providers()


@pytest.fixture
def open_house(passwords: PasswordHasher, oauth: Providers) -> House:
    return furnished(passwords, oauth=oauth)


def oidc(slug: str = "google", **changes: Any) -> IdentityProvider:
    """A provider before it is set up."""
    return an_identity_provider(slug=slug, sealed_secret=None, sign_up=False, **changes)


def secret_of(house: House, slug: str) -> str:
    """The client secret as it is opened again."""
    sealed = house.state.identity_providers[slug].sealed_secret
    assert sealed is not None
    return house.container.credentials_sealer().open(sealed, provider_place(slug)).decode()


async def test_a_provider_is_set_up_and_people_can_leave_for_it_at_once(open_house: House) -> None:
    providers = open_house.application.identity_providers
    added = await providers.add(oidc(name=" My\tprovider "), SECRET)
    assert (added.provider.name, added.linked) == ("My provider", 0)
    assert await providers.get("google") == added
    assert list(await providers.list()) == [added]
    departure = await open_house.application.external.depart("google", Purpose.SIGN_IN, None, "https://x/", CLIENT)
    assert departure.url.startswith("https://provider.example/")


async def test_the_secret_is_sealed_for_its_provider_and_stands_nowhere(house: House) -> None:
    providers = house.application.identity_providers
    await providers.add(oidc(), SECRET)
    await providers.add(oidc("other"), SECRET)
    assert secret_of(house, "google") == SECRET
    stored = repr(house.state.identity_providers) + repr(house.state.audit)
    assert SECRET not in stored
    moved = house.state.identity_providers["google"].sealed_secret
    assert moved is not None
    with pytest.raises(CannotOpen):
        house.container.credentials_sealer().open(moved, provider_place("other"))


async def test_a_short_name_is_given_once(house: House) -> None:
    providers = house.application.identity_providers
    await providers.add(oidc(name="First"), SECRET)
    with pytest.raises(AlreadyExists):
        await providers.add(oidc(name="Second"), None)
    assert (await providers.get("google")).provider.name == "First"


async def test_a_change_changes_what_it_names_and_keeps_the_secret(house: House) -> None:
    providers = house.application.identity_providers
    before = (await providers.add(oidc(), SECRET)).provider
    changed = await providers.change("google", ProviderEdit(name="New", sign_up=True, review=False))
    assert changed.provider == replace(before, name="New", sign_up=True, review=False)
    assert secret_of(house, "google") == SECRET
    await providers.change("google", ProviderEdit(), "another secret")
    assert secret_of(house, "google") == "another secret"
    await providers.change("google", ProviderEdit(enabled=False))
    with pytest.raises(NotFound):
        await house.application.external.depart("google", Purpose.SIGN_IN, None, "https://x/", CLIENT)


async def test_changes_that_are_made_at_once_all_hold(house: House) -> None:
    providers = house.application.identity_providers
    await providers.add(oidc(), None)
    edits = [ProviderEdit(name="New"), ProviderEdit(sign_up=True), ProviderEdit(client_id="other")]
    await asyncio.gather(*(providers.change("google", edit) for edit in edits))
    provider = (await providers.get("google")).provider
    assert (provider.name, provider.sign_up, provider.client_id) == ("New", True, "other")


async def test_a_provider_stays_of_its_kind(house: House) -> None:
    providers = house.application.identity_providers
    await providers.add(oidc(), None)
    await providers.add(oidc("github", kind=ProviderKind.OAUTH2, issuer=None, endpoints=ENDPOINTS), None)
    with pytest.raises(Invalid) as caught:
        await providers.change("google", ProviderEdit(endpoints=ENDPOINTS))
    assert [error.path for error in caught.value.errors] == ["endpoints"]
    with pytest.raises(Invalid) as caught:
        await providers.change("github", ProviderEdit(issuer="https://github.example"))
    assert [error.path for error in caught.value.errors] == ["issuer"]
    other = replace(ENDPOINTS, token="https://code.example/other")
    assert (await providers.change("github", ProviderEdit(endpoints=other))).provider.endpoints == other


MOVED = [
    {"authorization": "https://evil.example/authorize"},
    {"token": "https://evil.example/token"},
    {"userinfo": "https://evil.example/user"},
    {"subject": "login"},
]


async def test_a_provider_with_links_stays_at_its_issuer(house: House) -> None:
    providers = house.application.identity_providers
    google = (await providers.add(oidc(), SECRET)).provider
    github = oidc("github", kind=ProviderKind.OAUTH2, issuer=None, endpoints=ENDPOINTS)
    github = (await providers.add(github, SECRET)).provider
    account = await house.application.accounts.create("ada", PASSWORD)
    async with house.transactions.write() as tx:
        for provider in (google, github):
            await tx.identities.add(an_identity(account, provider))
    before = house.state.identity_providers
    with pytest.raises(Conflict, match="Add another provider instead"):
        await providers.change("google", ProviderEdit(name="New", issuer="https://evil.example"), "another secret")
    for moved in MOVED:
        with pytest.raises(Conflict, match="Add another provider instead"):
            await providers.change("github", ProviderEdit(endpoints=replace(ENDPOINTS, **moved)))
    assert house.state.identity_providers == before
    assert secret_of(house, "google") == SECRET


async def test_what_says_nothing_of_who_somebody_is_changes_with_links_too(house: House) -> None:
    providers = house.application.identity_providers
    github = oidc("github", kind=ProviderKind.OAUTH2, issuer=None, endpoints=ENDPOINTS)
    github = (await providers.add(github, SECRET)).provider
    account = await house.application.accounts.create("ada", PASSWORD)
    async with house.transactions.write() as tx:
        await tx.identities.add(an_identity(account, github))
    named = replace(ENDPOINTS, username="login", email="mail", email_verified="verified")
    edit = ProviderEdit(endpoints=named, client_id="other", scopes=("read:user",), enabled=False)
    assert (await providers.change("github", edit, "another secret")).provider.endpoints == named


async def test_a_provider_without_links_may_move(house: House) -> None:
    providers = house.application.identity_providers
    google = (await providers.add(oidc(), SECRET)).provider
    account = await house.application.accounts.create("ada", PASSWORD)
    identity = an_identity(account, google)
    async with house.transactions.write() as tx:
        await tx.identities.add(identity)
        await tx.identities.remove(account.id, identity.id)
    moved = await providers.change("google", ProviderEdit(issuer="https://new.example"))
    assert moved.provider.issuer == "https://new.example"


@pytest.mark.parametrize(
    "changes, paths",
    [
        ({"slug": "No"}, ["slug"]),
        ({"slug": ""}, ["slug"]),
        ({"slug": "../x"}, ["slug"]),
        ({"name": " \u202e "}, ["name"]),
        ({"name": "x" * 61, "client_id": "a b"}, ["name", "clientId"]),
        ({"client_id": ""}, ["clientId"]),
        ({"client_id": "x" * 256}, ["clientId"]),
        ({"scopes": ("openid email",)}, ["scopes"]),
        ({"scopes": tuple(f"scope{number}" for number in range(21))}, ["scopes"]),
        ({"issuer": "accounts.example"}, ["issuer"]),
        ({"issuer": "javascript:alert(1)"}, ["issuer"]),
        ({"issuer": "https://x/" + "y" * 2_048}, ["issuer"]),
        (
            {"kind": ProviderKind.OAUTH2, "issuer": None, "endpoints": Endpoints("https://x", "", "ftp://x", "a b")},
            ["endpoints.token", "endpoints.userinfo", "endpoints.subject"],
        ),
    ],
)
async def test_what_can_not_work_is_refused_by_name(house: House, changes: dict[str, Any], paths: list[str]) -> None:
    provider = replace(oidc(), **changes)
    with pytest.raises(Invalid) as caught:
        await house.application.identity_providers.add(provider, None)
    assert [error.path for error in caught.value.errors] == paths
    assert not house.state.identity_providers


@pytest.mark.parametrize("secret", ["", "x" * 4_097], ids=["empty", "too long"])
async def test_a_secret_has_its_bounds(house: House, secret: str) -> None:
    providers = house.application.identity_providers
    with pytest.raises(Invalid):
        await providers.add(oidc(), secret)
    await providers.add(oidc(), SECRET)
    with pytest.raises(Invalid):
        await providers.change("google", ProviderEdit(), secret)
    assert secret_of(house, "google") == SECRET


async def test_a_removed_provider_takes_its_links_and_says_how_many(house: House) -> None:
    providers = house.application.identity_providers
    provider = (await providers.add(oidc(), None)).provider
    other = (await providers.add(oidc("other"), None)).provider
    people = [await house.application.accounts.create(name, PASSWORD) for name in ("ada", "bob")]
    async with house.transactions.write() as tx:
        for account in people:
            await tx.identities.add(an_identity(account, provider))
        await tx.identities.add(an_identity(people[0], other))
    assert [operated.linked for operated in await providers.list()] == [2, 1]
    assert await providers.remove("google") == 2
    assert (await house.application.accounts.get("ada")).have.linked == 1
    (noted,) = [one for one in house.state.audit.values() if one.action is Action.PROVIDER_REMOVED]
    assert (noted.target.id, noted.detail) == ("google", {"linked": "2"})


async def test_of_two_who_remove_it_at_once_one_does(house: House) -> None:
    providers = house.application.identity_providers
    await providers.add(oidc(), None)
    results = await asyncio.gather(providers.remove("google"), providers.remove("google"), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NotFound", "int"]


async def test_a_provider_that_is_not_there_is_not_found(house: House) -> None:
    providers = house.application.identity_providers
    for call in (
        providers.get("google"),
        providers.change("google", ProviderEdit(name="New"), SECRET),
        providers.remove("google"),
        providers.check("google"),
    ):
        with pytest.raises(NotFound):
            await call
    assert not house.state.audit


async def test_a_check_says_whether_people_can_be_sent_there(open_house: House, oauth: Providers) -> None:
    providers = open_house.application.identity_providers
    await providers.add(oidc(), SECRET)
    await providers.check("google")
    assert [flow.redirect_uri for flow in oauth.asked] == [providers.callback_url("google")]
    oauth.away.add("google")
    with pytest.raises(UpstreamFailed, match="no such server"):
        await providers.check("google")


async def test_a_check_finds_a_secret_whose_key_is_gone(open_house: House) -> None:
    providers = open_house.application.identity_providers
    provider = (await providers.add(oidc(), SECRET)).provider
    async with open_house.transactions.write() as tx:
        await tx.identity_providers.save(replace(provider, sealed_secret=b"sealed with another key"))
    with pytest.raises(PreconditionFailed, match="Give it again"):
        await providers.check("google")


async def test_each_redirect_address_lies_below_the_page(house: House) -> None:
    page = house.application.accounts.page_url()
    assert house.application.identity_providers.callback_url("google") == f"{page}/api/v1/auth/oauth/callback/google"
