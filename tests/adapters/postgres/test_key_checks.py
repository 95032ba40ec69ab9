"""What the database remembers of the server's keys."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.key_checks import DeadRecords, KeyCheck, KeyChecks
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.application.accounts.finding import factors_of
from synctv.domain.accounts.account import PasswordRecords
from synctv.domain.accounts.factors import Factor
from tests.builders import NOW, an_account, at

pytestmark = pytest.mark.postgres

TOKENS = KeyCheck("tokens", ("b", "a"), None, NOW)
MAIL = KeyCheck("mail", ("c",), bytes(range(256)), NOW)


async def test_nothing_is_known_of_a_new_database(database: Database) -> None:
    assert await KeyChecks(database).all() == {}
    assert await KeyChecks(database).first([]) == {}


async def test_a_check_comes_back_as_it_was_recorded(database: Database) -> None:
    checks = KeyChecks(database)
    await checks.record(TOKENS)
    await checks.record(MAIL)
    assert await checks.all() == {"tokens": TOKENS, "mail": MAIL}


async def test_recording_again_replaces(database: Database) -> None:
    checks = KeyChecks(database)
    await checks.record(MAIL)
    later = KeyCheck("mail", (), None, at(5))
    await checks.record(later)
    assert await checks.all() == {"mail": later}


async def test_only_what_is_not_known_yet_is_recorded_at_a_start(database: Database) -> None:
    checks = KeyChecks(database)
    await checks.record(TOKENS)
    await checks.record(replace(MAIL, name="of another feature"))
    assert await checks.first([MAIL, replace(TOKENS, fingerprints=("x",))]) == {"tokens": TOKENS, "mail": MAIL}
    assert (await checks.all())["tokens"] == TOKENS


async def test_starters_with_different_keys_are_told_the_same(database: Database) -> None:
    checks = KeyChecks(database)
    names = ["jwt", "mail", "opaque", "totp"]

    async def start(number: int) -> object:
        mine = [KeyCheck(name, (f"key {number}",), b"%d" % number, at(number)) for name in names]
        return await checks.first(mine if number % 2 else mine[::-1])

    told = await asyncio.gather(*(start(number) for number in range(6)))
    assert all(answer == told[0] for answer in told)
    assert told[0] == await checks.all()


async def test_a_new_opaque_setup_takes_records_from_those_who_have_another_one(database: Database) -> None:
    transactions = PostgresTransactions(database, lambda _events: None)
    both, only_opaque, only_argon2, none = (
        an_account(password=password)
        for password in (
            PasswordRecords("$argon2id$both", b"dead"),
            PasswordRecords(None, b"dead"),
            PasswordRecords("$argon2id$only", None),
            None,
        )
    )
    async with transactions.write() as tx:
        for account in (both, only_opaque, only_argon2, none):
            await tx.accounts.add(account)
    check = KeyCheck("opaque", ("new",), None, NOW)
    assert await KeyChecks(database).record_opaque(check) == DeadRecords(replaceable=1, lost=1)
    assert await KeyChecks(database).all() == {"opaque": check}
    async with transactions.read() as tx:
        assert await tx.accounts.get(both.id) == replace(
            both, password=PasswordRecords("$argon2id$both", None), version=both.version + 1
        )
        left = await tx.accounts.get(only_opaque.id)
        assert left == replace(only_opaque, password=None, version=only_opaque.version + 1)
        assert Factor.PASSWORD not in (await factors_of(tx, left, mail=True)).local
        for account in (only_argon2, none):
            assert await tx.accounts.get(account.id) == account
