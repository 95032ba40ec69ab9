"""What every storage promises about passkeys, authenticator apps and recovery codes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from synctv.domain.errors import AlreadyExists, NotFound
from synctv.domain.ids import AccountId, PasskeyId
from tests.builders import a_passkey, a_totp_secret, an_account, an_account_id, at
from tests.contracts.storage import Storage

EVERY_BYTE = bytes(range(256))


async def test_a_passkey_comes_back_as_it_was_stored(storage: Storage) -> None:
    account = await storage.add_account()
    passkey = a_passkey(
        account,
        credential_id=EVERY_BYTE * 4,
        public_key=EVERY_BYTE[::-1],
        sign_count=(1 << 32) - 1,
        name="Anna's 🔑 {}",
        transports=(),
        synced=False,
        used_at=at(3),
    )
    async with storage.transactions.write() as tx:
        await tx.passkeys.add(passkey)
        assert await tx.passkeys.by_credential(passkey.credential_id, lock=True) == passkey
    async with storage.transactions.read() as tx:
        assert await tx.passkeys.by_credential(passkey.credential_id) == passkey
        assert list(await tx.passkeys.of_account(account.id)) == [passkey]


async def test_a_passkey_that_is_not_there_is_none(storage: Storage) -> None:
    passkey = a_passkey(await storage.add_account())
    async with storage.transactions.write() as tx:
        await tx.passkeys.add(passkey)
    async with storage.transactions.read() as tx:
        for wrong in (b"", passkey.credential_id[:-1], passkey.credential_id + b"\0"):
            assert await tx.passkeys.by_credential(wrong) is None
        assert not await tx.passkeys.of_account(an_account_id())
        assert not await tx.passkeys.of_account(AccountId("nonsense"))


async def test_the_passkeys_of_an_account_are_told_oldest_first(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    second, first, third = (a_passkey(account, created_at=at(seconds)) for seconds in (5, 1, 5))
    async with storage.transactions.write() as tx:
        for passkey in (third, second, a_passkey(other), first):
            await tx.passkeys.add(passkey)
    async with storage.transactions.read() as tx:
        assert list(await tx.passkeys.of_account(account.id)) == [first, second, third]


async def test_a_credential_belongs_to_one_account_for_ever(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    passkey = a_passkey(account)
    async with storage.transactions.write() as tx:
        await tx.passkeys.add(passkey)
        for again in (
            passkey,
            a_passkey(account, credential_id=passkey.credential_id),
            a_passkey(other, credential_id=passkey.credential_id),
        ):
            with pytest.raises(AlreadyExists) as error:
                await tx.passkeys.add(again)
            assert error.value.what == "passkey"
    async with storage.transactions.read() as tx:
        assert await tx.passkeys.by_credential(passkey.credential_id) == passkey


async def test_of_those_who_add_a_credential_at_once_one_does(storage: Storage) -> None:
    account = await storage.add_account()

    async def add() -> None:
        async with storage.transactions.write() as tx:
            await tx.passkeys.add(a_passkey(account, credential_id=b"the same"))

    results = await asyncio.gather(*(add() for _ in range(4)), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == [*["AlreadyExists"] * 3, "NoneType"]


async def test_factors_belong_to_an_account(storage: Storage) -> None:
    nobody = an_account()
    with pytest.raises(NotFound, match="account"):
        async with storage.transactions.write() as tx:
            await tx.passkeys.add(a_passkey(nobody))
    with pytest.raises(NotFound, match="account"):
        async with storage.transactions.write() as tx:
            await tx.totp_secrets.save(a_totp_secret(nobody))
    with pytest.raises(NotFound, match="account"):
        async with storage.transactions.write() as tx:
            await tx.recovery_codes.replace(nobody.id, [b"code"])


async def test_an_update_replaces_what_may_change_of_a_passkey(storage: Storage) -> None:
    passkey = a_passkey(await storage.add_account())
    changed = replace(passkey.used(7, at(9)), name="Laptop", transports=("usb",), synced=False)
    async with storage.transactions.write() as tx:
        await tx.passkeys.add(passkey)
        await tx.passkeys.update(replace(changed, public_key=b"another", credential_id=b"another", created_at=at(99)))
    async with storage.transactions.read() as tx:
        assert await tx.passkeys.by_credential(passkey.credential_id) == changed
        assert await tx.passkeys.by_credential(b"another") is None


async def test_the_passkey_of_another_account_is_out_of_reach(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    passkey = a_passkey(account)
    async with storage.transactions.write() as tx:
        await tx.passkeys.add(passkey)
        with pytest.raises(NotFound, match="passkey"):
            await tx.passkeys.update(replace(passkey, account_id=other.id, name="Stolen"))
        with pytest.raises(NotFound, match="passkey"):
            await tx.passkeys.update(a_passkey(account))
        assert not await tx.passkeys.remove(other.id, passkey.id)
        assert not await tx.passkeys.remove(account.id, a_passkey(account).id)
        assert not await tx.passkeys.remove(account.id, PasskeyId("nonsense"))
    async with storage.transactions.read() as tx:
        assert await tx.passkeys.by_credential(passkey.credential_id) == passkey


async def test_a_removed_passkey_is_gone(storage: Storage) -> None:
    account = await storage.add_account()
    passkey, kept = a_passkey(account), a_passkey(account)
    async with storage.transactions.write() as tx:
        await tx.passkeys.add(passkey)
        await tx.passkeys.add(kept)
        assert await tx.passkeys.remove(account.id, passkey.id)
        assert not await tx.passkeys.remove(account.id, passkey.id)
        with pytest.raises(NotFound):
            await tx.passkeys.update(passkey)
    async with storage.transactions.read() as tx:
        assert await tx.passkeys.by_credential(passkey.credential_id) is None
        assert list(await tx.passkeys.of_account(account.id)) == [kept]


async def test_using_a_passkey_with_a_lock_happens_one_after_the_other(storage: Storage) -> None:
    passkey = a_passkey(await storage.add_account())
    async with storage.transactions.write() as tx:
        await tx.passkeys.add(passkey)

    async def use() -> None:
        async with storage.transactions.write() as tx:
            found = await tx.passkeys.by_credential(passkey.credential_id, lock=True)
            assert found is not None
            await asyncio.sleep(0)
            await tx.passkeys.update(found.used(found.sign_count + 1, at(1)))

    await asyncio.gather(*(use() for _ in range(8)))
    async with storage.transactions.read() as tx:
        assert await tx.passkeys.by_credential(passkey.credential_id) == passkey.used(8, at(1))


async def test_an_authenticator_app_is_saved_replaced_and_removed(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    first = a_totp_secret(account, sealed=EVERY_BYTE)
    second, of_other = replace(first, sealed=b"", last_step=58_000_000, created_at=at(5)), a_totp_secret(other)
    async with storage.transactions.write() as tx:
        assert await tx.totp_secrets.get(account.id, lock=True) is None
        assert not await tx.totp_secrets.remove(account.id)
        await tx.totp_secrets.save(first)
        await tx.totp_secrets.save(of_other)
        assert await tx.totp_secrets.get(account.id) == first
        await tx.totp_secrets.save(second)
    async with storage.transactions.write() as tx:
        assert await tx.totp_secrets.get(account.id, lock=True) == second
        assert await tx.totp_secrets.remove(account.id)
        assert not await tx.totp_secrets.remove(account.id)
    async with storage.transactions.read() as tx:
        assert await tx.totp_secrets.get(account.id) is None
        assert await tx.totp_secrets.get(AccountId("nonsense")) is None
        assert await tx.totp_secrets.get(other.id) == of_other


async def test_of_those_who_use_a_step_at_once_one_does(storage: Storage) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.totp_secrets.save(a_totp_secret(account, last_step=1))

    async def use(step: int) -> bool:
        async with storage.transactions.write() as tx:
            found = await tx.totp_secrets.get(account.id, lock=True)
            assert found is not None
            await asyncio.sleep(0.02)  # long enough for the others to have read it too, if they could
            if step <= found.last_step:
                return False
            await tx.totp_secrets.save(replace(found, last_step=step))
            return True

    assert sorted(await asyncio.gather(*(use(2) for _ in range(6)))) == [False] * 5 + [True]


async def test_a_recovery_code_works_once(storage: Storage) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.recovery_codes.replace(account.id, [b"one", b"two", b"two", EVERY_BYTE])
        assert await tx.recovery_codes.left(account.id) == 3
    async with storage.transactions.write() as tx:
        assert await tx.recovery_codes.use(account.id, EVERY_BYTE, at(1))
        assert not await tx.recovery_codes.use(account.id, EVERY_BYTE, at(2))
        assert not await tx.recovery_codes.use(account.id, b"three", at(2))
    async with storage.transactions.read() as tx:
        assert await tx.recovery_codes.left(account.id) == 2


async def test_a_recovery_code_of_one_account_is_none_of_another(storage: Storage) -> None:
    account, other = await storage.add_account(), await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.recovery_codes.replace(account.id, [b"one", b"two"])
        await tx.recovery_codes.replace(other.id, [b"two"])
        for id in (an_account_id(), AccountId("nonsense")):
            assert not await tx.recovery_codes.use(id, b"one", at(1))
            assert await tx.recovery_codes.left(id) == 0
        assert not await tx.recovery_codes.use(other.id, b"one", at(1))
        assert await tx.recovery_codes.use(other.id, b"two", at(1))
        assert await tx.recovery_codes.left(account.id) == 2
        assert await tx.recovery_codes.use(account.id, b"two", at(1))


async def test_of_those_who_use_a_recovery_code_at_once_one_does(storage: Storage) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.recovery_codes.replace(account.id, [b"one", b"two"])

    async def use() -> bool:
        async with storage.transactions.write() as tx:
            used = await tx.recovery_codes.use(account.id, b"one", at(1))
            await asyncio.sleep(0)
            return used

    assert sorted(await asyncio.gather(*(use() for _ in range(6)))) == [False] * 5 + [True]
    async with storage.transactions.read() as tx:
        assert await tx.recovery_codes.left(account.id) == 1


async def test_a_code_that_was_used_in_a_transaction_that_rolled_back_still_works(storage: Storage) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.recovery_codes.replace(account.id, [b"one"])

    async def use_and_fail() -> None:
        async with storage.transactions.write() as tx:
            assert await tx.recovery_codes.use(account.id, b"one", at(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await use_and_fail()
    async with storage.transactions.write() as tx:
        assert await tx.recovery_codes.use(account.id, b"one", at(1))


async def test_a_new_set_of_recovery_codes_replaces_the_old_one(storage: Storage) -> None:
    account = await storage.add_account()
    async with storage.transactions.write() as tx:
        await tx.recovery_codes.replace(account.id, [b"old", b"used"])
        assert await tx.recovery_codes.use(account.id, b"used", at(1))
        await tx.recovery_codes.replace(account.id, {b"new", b"used"})
        assert await tx.recovery_codes.left(account.id) == 2
        assert not await tx.recovery_codes.use(account.id, b"old", at(2))
        assert await tx.recovery_codes.use(account.id, b"used", at(2))
        await tx.recovery_codes.replace(account.id, [])
        assert await tx.recovery_codes.left(account.id) == 0


async def test_of_sets_that_replace_the_old_one_at_once_one_is_left(storage: Storage) -> None:
    account = await storage.add_account()

    async def renew(number: int) -> None:
        async with storage.transactions.write() as tx:
            await tx.recovery_codes.replace(account.id, [b"%d %d" % (number, code) for code in range(3)])
            await asyncio.sleep(0)

    await asyncio.gather(*(renew(number) for number in range(6)))
    async with storage.transactions.read() as tx:
        assert await tx.recovery_codes.left(account.id) == 3
