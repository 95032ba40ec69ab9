"""What every storage promises about the operator's rules."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.application.ports.policies import StoredEgress, StoredPolicy
from synctv.domain.accounts.email import EmailRules
from synctv.domain.accounts.passwords import PasswordPolicy
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay, WaySwitch
from synctv.domain.delivery.egress import EgressRules
from synctv.domain.errors import VersionConflict
from tests.contracts.storage import Storage

DEFAULTS = StoredPolicy(AccountPolicy(), 0)
OWN = AccountPolicy(
    sign_up={SignUpWay.EMAIL: WaySwitch(enabled=True, review=False), SignUpWay.PASSKEY: WaySwitch(enabled=True)},
    email_required=True,
    email_rules=EmailRules(allowed=frozenset({"example.org", "bücher.example"}), blocked=frozenset({"spam.example"})),
    email_sign_in=False,
    password=PasswordPolicy(min_length=12, min_classes=3, max_repeats=2, min_score=4),
    reserved_usernames=frozenset(),
)


async def test_the_defaults_hold_until_somebody_sets_others(storage: Storage) -> None:
    async with storage.transactions.read() as tx:
        assert await tx.policies.accounts() == DEFAULTS


async def test_rules_come_back_as_they_were_set(storage: Storage) -> None:
    async with storage.transactions.write() as tx:
        await tx.policies.set_accounts(OWN, 0)
        assert await tx.policies.accounts() == StoredPolicy(OWN, 1)
    async with storage.transactions.write() as tx:
        await tx.policies.set_accounts(DEFAULTS.policy, 1)
    async with storage.transactions.read() as tx:
        assert await tx.policies.accounts() == StoredPolicy(DEFAULTS.policy, 2)


@pytest.mark.parametrize("stale", [-1, 1, 2, 10**30])
async def test_nobody_replaces_defaults_that_they_have_not_seen(storage: Storage, stale: int) -> None:
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict, match="account policy") as error:
            await tx.policies.set_accounts(OWN, stale)
        assert error.value.current == DEFAULTS
    async with storage.transactions.read() as tx:
        assert await tx.policies.accounts() == DEFAULTS


@pytest.mark.parametrize("stale", [-1, 0, 2, 10**30])
async def test_nobody_replaces_rules_that_they_have_not_seen(storage: Storage, stale: int) -> None:
    async with storage.transactions.write() as tx:
        await tx.policies.set_accounts(OWN, 0)
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict) as error:
            await tx.policies.set_accounts(AccountPolicy(), stale)
        assert error.value.current == StoredPolicy(OWN, 1)
        assert await tx.policies.accounts() == StoredPolicy(OWN, 1)


@pytest.mark.parametrize("version", [0, 1], ids=["the defaults", "rules"])
async def test_of_those_who_replace_rules_at_once_one_does(storage: Storage, version: int) -> None:
    for number in range(version):
        async with storage.transactions.write() as tx:
            await tx.policies.set_accounts(OWN, number)

    async def demand(length: int) -> int:
        async with storage.transactions.write() as tx:
            await tx.policies.set_accounts(replace(OWN, password=PasswordPolicy(min_length=length)), version)
            await asyncio.sleep(0)
        return length

    results = await asyncio.gather(*(demand(8 + number) for number in range(5)), return_exceptions=True)
    (done,) = [result for result in results if isinstance(result, int)]
    assert [type(result) for result in results if result != done] == [VersionConflict] * 4
    async with storage.transactions.read() as tx:
        stored = await tx.policies.accounts()
    assert (stored.policy.password.min_length, stored.version) == (done, version + 1)


async def test_a_reader_keeps_the_rules_that_it_began_with(storage: Storage) -> None:
    async with storage.transactions.read() as reader:
        assert await reader.policies.accounts() == DEFAULTS
        async with storage.transactions.write() as tx:
            await tx.policies.set_accounts(OWN, 0)
        assert await reader.policies.accounts() == DEFAULTS


HOME = EgressRules(frozenset({"192.168.0.0/16", "nas.lan:8096", "*.home"}))


async def test_no_private_server_is_called_until_somebody_allows_it(storage: Storage) -> None:
    async with storage.transactions.read() as tx:
        assert await tx.policies.egress() == StoredEgress(EgressRules(), 0)


async def test_rules_on_egress_come_back_as_they_were_stored_and_leave_others_alone(storage: Storage) -> None:
    async with storage.transactions.write() as tx:
        await tx.policies.set_egress(HOME, 0)
        await tx.policies.set_egress(EgressRules(), 1)
        await tx.policies.set_egress(HOME, 2)
    async with storage.transactions.read() as tx:
        assert await tx.policies.egress() == StoredEgress(HOME, 3)
        assert await tx.policies.accounts() == DEFAULTS


@pytest.mark.parametrize("stale", [-1, 0, 2, 10**30])
async def test_nobody_replaces_rules_on_egress_that_they_have_not_seen(storage: Storage, stale: int) -> None:
    async with storage.transactions.write() as tx:
        await tx.policies.set_egress(HOME, 0)
    async with storage.transactions.write() as tx:
        with pytest.raises(VersionConflict, match="egress policy") as error:
            await tx.policies.set_egress(EgressRules(), stale)
        assert error.value.current == StoredEgress(HOME, 1)
    async with storage.transactions.read() as tx:
        assert await tx.policies.egress() == StoredEgress(HOME, 1)
