"""What every storage promises about linked identities and their providers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.accounts.identities import Endpoints, IdentityProvider, ProviderKind
from synctv.domain.errors import AlreadyExists, NotFound
from synctv.domain.ids import AccountId, IdentityId
from tests.builders import an_account, an_account_id, an_identity, an_identity_provider, at
from tests.contracts.storage import Storage

GITHUB_LIKE = Endpoints(
    authorization="https://code.example/login/oauth/authorize",
    token="https://code.example/login/oauth/access_token",
    userinfo="https://api.code.example/user?q={}",
    subject="id",
    username="login",
    email="mail",
    email_verified="verified",
)


async def add_provider(storage: Storage, provider: IdentityProvider | None = None) -> IdentityProvider:
    """Stores a provider."""
    provider = provider or an_identity_provider()
    async with storage.transactions.write() as tx:
        await tx.identity_providers.save(provider)
    return provider


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kind": ProviderKind.OAUTH2, "issuer": None, "endpoints": GITHUB_LIKE, "scopes": ("read:user", "user:email")},
        {"sealed_secret": None, "scopes": (), "enabled": False, "sign_up": False, "name": "Café 🎬"},
        {"sealed_secret": bytes(range(256)), "review": False, "trusts_email": True},
    ],
    ids=["oidc", "oauth2", "public and off", "trusted"],
)
async def test_a_provider_comes_back_as_it_was_stored(storage: Storage, changes: dict[str, object]) -> None:
    provider = await add_provider(storage, an_identity_provider(**changes))
    async with storage.transactions.read() as tx:
        assert await tx.identity_providers.get(provider.slug) == provider
        assert list(await tx.identity_providers.all()) == [provider]


async def test_providers_are_told_by_slug(storage: Storage) -> None:
    async with storage.transactions.read() as tx:
        assert list(await tx.identity_providers.all()) == []
        assert await tx.identity_providers.get("github") is None
    for slug in ("b", "a-b", "ab", "a", "a1"):
        await add_provider(storage, an_identity_provider(slug=slug))
    async with storage.transactions.read() as tx:
        assert [provider.slug for provider in await tx.identity_providers.all()] == ["a", "a-b", "a1", "ab", "b"]


async def test_saving_a_provider_again_replaces_it_and_keeps_its_identities(storage: Storage) -> None:
    account, provider = await storage.add_account(), await add_provider(storage)
    identity = an_identity(account, provider)
    async with storage.transactions.write() as tx:
        await tx.identities.add(identity)
    changed = replace(
        provider,
        name="Another",
        kind=ProviderKind.OAUTH2,
        client_id="other",
        sealed_secret=b"other",
        scopes=("one",),
        issuer=None,
        endpoints=GITHUB_LIKE,
        enabled=False,
        sign_up=False,
        review=False,
        trusts_email=True,
    )
    await add_provider(storage, changed)
    async with storage.transactions.read() as tx:
        assert list(await tx.identity_providers.all()) == [changed]
        assert await tx.identities.find(provider.slug, identity.subject) == identity


async def test_a_removed_provider_takes_its_identities_with_it(storage: Storage) -> None:
    account, provider, other = await storage.add_account(), await add_provider(storage), await add_provider(storage)
    gone, kept = an_identity(account, provider), an_identity(account, other)
    async with storage.transactions.write() as tx:
        await tx.identities.add(gone)
        await tx.identities.add(kept)
    async with storage.transactions.write() as tx:
        assert await tx.identity_providers.remove(provider.slug)
        assert not await tx.identity_providers.remove(provider.slug)
        assert not await tx.identity_providers.remove("")
    async with storage.transactions.read() as tx:
        assert await tx.identity_providers.get(provider.slug) is None
        assert await tx.identities.find(provider.slug, gone.subject) is None
        assert list(await tx.identities.of_account(account.id)) == [kept]


async def test_changing_a_provider_with_a_lock_happens_one_after_the_other(storage: Storage) -> None:
    provider = await add_provider(storage, an_identity_provider(name="x"))

    async def lengthen() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.identity_providers.get(provider.slug, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            await tx.identity_providers.save(replace(found, name=found.name + "x"))

    await asyncio.gather(*(lengthen() for _ in range(8)))
    async with storage.transactions.read() as tx:
        found = await tx.identity_providers.get(provider.slug)
        assert found is not None
        assert found.name == "x" * 9


async def test_the_identities_of_a_provider_are_counted(storage: Storage) -> None:
    provider, other = await add_provider(storage), await add_provider(storage)
    async with storage.transactions.write() as tx:
        assert await tx.identities.count(provider.slug) == 0
    for _ in range(3):
        account = await storage.add_account()
        async with storage.transactions.write() as tx:
            await tx.identities.add(an_identity(account, provider))
    async with storage.transactions.write() as tx:
        await tx.identities.add(an_identity(account, other))
    async with storage.transactions.read() as tx:
        counted = [await tx.identities.count(slug) for slug in (provider.slug, other.slug, "", "no such", "\ud800")]
        assert counted == [3, 1, 0, 0, 0]


async def test_an_identity_comes_back_as_it_was_stored(storage: Storage) -> None:
    account, provider = await storage.add_account(), await add_provider(storage)
    identity = an_identity(account, provider, subject="Ünal|123 ", shown="🎬 Ünal", used_at=at(4))
    async with storage.transactions.write() as tx:
        await tx.identities.add(identity)
    async with storage.transactions.read() as tx:
        assert await tx.identities.find(provider.slug, "Ünal|123 ") == identity
        assert list(await tx.identities.of_account(account.id)) == [identity]


async def test_a_subject_is_compared_to_the_letter_and_only_at_its_provider(storage: Storage) -> None:
    account, provider, other = await storage.add_account(), await add_provider(storage), await add_provider(storage)
    one = an_identity(account, provider, subject="Anna")
    same_elsewhere = an_identity(account, other, subject="Anna")
    other_case = an_identity(account, provider, subject="anna")
    async with storage.transactions.write() as tx:
        for identity in (one, same_elsewhere, other_case):
            await tx.identities.add(identity)
    async with storage.transactions.read() as tx:
        assert await tx.identities.find(provider.slug, "Anna") == one
        assert await tx.identities.find(other.slug, "Anna") == same_elsewhere
        assert await tx.identities.find(provider.slug, "anna") == other_case
        for slug, subject in ((provider.slug, "Anna "), (provider.slug, ""), (other.slug, "anna"), ("", "Anna")):
            assert await tx.identities.find(slug, subject) is None


async def test_a_subject_signs_in_to_one_account(storage: Storage) -> None:
    account, other, provider = await storage.add_account(), await storage.add_account(), await add_provider(storage)
    identity = an_identity(account, provider)
    async with storage.transactions.write() as tx:
        await tx.identities.add(identity)
        for again in (identity, an_identity(other, provider, subject=identity.subject)):
            with pytest.raises(AlreadyExists) as error:
                await tx.identities.add(again)
            assert error.value.what == "identity"
    async with storage.transactions.read() as tx:
        assert await tx.identities.find(provider.slug, identity.subject) == identity


async def test_of_those_who_link_a_subject_at_once_one_does(storage: Storage) -> None:
    accounts, provider = [await storage.add_account() for _ in range(4)], await add_provider(storage)

    async def link(identity_number: int) -> None:
        async with storage.transactions.write() as tx:
            await tx.identities.add(an_identity(accounts[identity_number], provider, subject="wanted"))

    results = await asyncio.gather(*(link(number) for number in range(4)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == [*["AlreadyExists"] * 3, "NoneType"]


async def test_an_identity_belongs_to_an_account_and_a_provider(storage: Storage) -> None:
    account, provider = await storage.add_account(), await add_provider(storage)
    with pytest.raises(NotFound, match="account"):
        async with storage.transactions.write() as tx:
            await tx.identities.add(an_identity(an_account(), provider))
    with pytest.raises(NotFound, match="identity provider"):
        async with storage.transactions.write() as tx:
            await tx.identities.add(an_identity(account, an_identity_provider()))


async def test_the_identities_of_an_account_are_told_oldest_first(storage: Storage) -> None:
    account, other, provider = await storage.add_account(), await storage.add_account(), await add_provider(storage)
    second, first, third = (an_identity(account, provider, linked_at=at(seconds)) for seconds in (5, 1, 5))
    async with storage.transactions.write() as tx:
        for identity in (third, second, an_identity(other, provider), first):
            await tx.identities.add(identity)
    async with storage.transactions.read() as tx:
        assert list(await tx.identities.of_account(account.id)) == [first, second, third]
        assert not await tx.identities.of_account(an_account_id())
        assert not await tx.identities.of_account(AccountId("nonsense"))


async def test_an_update_replaces_what_may_change_of_an_identity(storage: Storage) -> None:
    account, provider, other = await storage.add_account(), await add_provider(storage), await add_provider(storage)
    identity = an_identity(account, provider)
    changed = replace(identity, shown="new name", used_at=at(7))
    async with storage.transactions.write() as tx:
        await tx.identities.add(identity)
        await tx.identities.update(replace(changed, provider=other.slug, subject="another", linked_at=at(99)))
    async with storage.transactions.read() as tx:
        assert await tx.identities.find(provider.slug, identity.subject) == changed
        assert await tx.identities.find(other.slug, "another") is None


async def test_the_identity_of_another_account_is_out_of_reach(storage: Storage) -> None:
    account, other, provider = await storage.add_account(), await storage.add_account(), await add_provider(storage)
    identity = an_identity(account, provider)
    async with storage.transactions.write() as tx:
        await tx.identities.add(identity)
        with pytest.raises(NotFound, match="identity"):
            await tx.identities.update(replace(identity, account_id=other.id, shown="stolen"))
        with pytest.raises(NotFound, match="identity"):
            await tx.identities.update(an_identity(account, provider))
        assert not await tx.identities.remove(other.id, identity.id)
        assert not await tx.identities.remove(account.id, IdentityId("nonsense"))
    async with storage.transactions.read() as tx:
        assert await tx.identities.find(provider.slug, identity.subject) == identity


async def test_an_unlinked_identity_may_be_linked_elsewhere(storage: Storage) -> None:
    account, other, provider = await storage.add_account(), await storage.add_account(), await add_provider(storage)
    identity = an_identity(account, provider)
    elsewhere = an_identity(other, provider, subject=identity.subject)
    async with storage.transactions.write() as tx:
        await tx.identities.add(identity)
    async with storage.transactions.write() as tx:
        assert await tx.identities.remove(account.id, identity.id)
        assert not await tx.identities.remove(account.id, identity.id)
        await tx.identities.add(elsewhere)
    async with storage.transactions.read() as tx:
        assert await tx.identities.find(provider.slug, identity.subject) == elsewhere
        assert not await tx.identities.of_account(account.id)
