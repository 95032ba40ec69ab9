"""What every store of sealed things promises to who seals them anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from synctv.adapters.crypto.keys import signing_keys
from synctv.adapters.crypto.sealing import KeySealer, mark_of
from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.sealed_rows import COLUMNS, PostgresSealedRows
from synctv.adapters.postgres.transaction import PostgresTransactions
from synctv.application.accounts.authenticator import totp_place
from synctv.application.accounts.external import provider_place
from synctv.application.library.vault import place_of as login_place
from synctv.application.mail.packing import place_of
from synctv.application.operation.resealing import Resealed, reseal
from synctv.application.ports.sealed_rows import SealedRows
from tests.builders import a_credential, a_mail, a_totp_secret, an_account, an_identity_provider
from tests.contracts.storage import migrated
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres

OLD, NEW, GONE = signing_keys(
    ("Zq8vT2mN5xR9wB3kJ7hF4dL6pY1cG0sA", "a4D9f2K7j1L6z8X3c5V0b-N_mQwErTyU", "Pm3sX8cV1nB6kD4gH9jL2qW5eR7tY0uZ"),
    "keys.totp",
)
COUNT = 5


@dataclass(frozen=True)
class Stored:
    """A store with `COUNT` contents, how to seal some of it, and how to read all of it."""

    rows: SealedRows
    transactions: PostgresTransactions

    def sealer(self, *keys: object) -> KeySealer:
        return KeySealer(keys, self.rows.purpose)  # type: ignore[arg-type]

    async def fill(self, sealer: KeySealer) -> None:
        """Adds what is sealed by this one."""
        async with self.transactions.write() as tx:
            for number in range(COUNT):
                if self.rows.purpose == "totp":
                    account = an_account()
                    await tx.accounts.add(account)
                    sealed = sealer.seal(b"content", totp_place(account.id))
                    await tx.totp_secrets.save(a_totp_secret(account, sealed=sealed))
                elif self.rows.what == "sign-ins at media servers":
                    account = an_account()
                    await tx.accounts.add(account)
                    credential = a_credential(account)
                    place = login_place(credential.id, account.id, credential.provider)
                    await tx.credentials.add(replace(credential, sealed=sealer.seal(b"content", place)))
                elif self.rows.purpose == "credentials":
                    slug = f"provider{number}"
                    sealed = sealer.seal(b"content", provider_place(slug))
                    await tx.identity_providers.save(an_identity_provider(slug=slug, sealed_secret=sealed))
                else:
                    mail = a_mail()
                    await tx.outbox.add(replace(mail, sealed=sealer.seal(b"content", place_of(mail.id))))

    async def unsealed(self, sealer: KeySealer) -> list[bytes]:
        """Everything, by the keys of this one."""
        found: list[bytes] = []

        def look(sealed: bytes, place: str) -> None:
            found.append(sealer.open(sealed, place))

        await self.rows.reseal(b"none begins so", look, after=None, limit=1_000)
        return found


@pytest.fixture(params=COLUMNS, ids=lambda column: column.table)
async def stored(request: pytest.FixtureRequest, postgres_server: PostgresServer) -> AsyncIterator[Stored]:
    async with postgres_server.fresh_database(migrated) as url, Database.open(url) as database:
        transactions = PostgresTransactions(database, lambda _: None)
        yield Stored(PostgresSealedRows(database, request.param), transactions)


async def test_all_of_it_is_sealed_anew_once_and_the_old_key_can_go(stored: Stored) -> None:
    await stored.fill(stored.sealer(OLD))
    assert await stored.rows.count_but([mark_of(OLD)]) == 0
    assert await stored.rows.count_but([mark_of(NEW)]) == COUNT
    both, mark = stored.sealer(NEW, OLD), mark_of(NEW)
    what, purpose = stored.rows.what, stored.rows.purpose
    assert await reseal(stored.rows, both, mark, batch=2) == Resealed(what, purpose, COUNT, 0)
    assert await stored.rows.count_but([mark]) == 0
    assert await stored.unsealed(stored.sealer(NEW)) == [b"content"] * COUNT
    assert await reseal(stored.rows, both, mark, batch=2) == Resealed(what, purpose, 0, 0)


async def test_what_nothing_opens_stays_and_is_counted(stored: Stored) -> None:
    await stored.fill(stored.sealer(GONE))
    done = await reseal(stored.rows, stored.sealer(NEW, OLD), mark_of(NEW), batch=2)
    assert (done.resealed, done.unreadable) == (0, COUNT)
    assert await stored.rows.count_but([mark_of(NEW), mark_of(OLD)]) == COUNT
    assert await stored.unsealed(stored.sealer(GONE)) == [b"content"] * COUNT


async def test_a_batch_that_fails_changes_nothing(stored: Stored) -> None:
    await stored.fill(stored.sealer(OLD))
    tries = iter((b"other", None))

    def again(sealed: bytes, place: str) -> bytes | None:
        content = next(tries)
        if content is None:
            raise RuntimeError("the server is stopped")
        return content

    with pytest.raises(RuntimeError):
        await stored.rows.reseal(mark_of(NEW), again, after=None, limit=COUNT)
    assert await stored.unsealed(stored.sealer(OLD)) == [b"content"] * COUNT


async def test_where_nothing_is_stored_nothing_is_sealed(stored: Stored) -> None:
    assert await stored.rows.count_but([mark_of(NEW)]) == 0
    done = await reseal(stored.rows, stored.sealer(NEW), mark_of(NEW))
    assert (done.resealed, done.unreadable) == (0, 0)
