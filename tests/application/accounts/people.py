"""People with accounts, and what they carry to prove it: passwords, phones, passkeys and mailboxes."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pyotp

from synctv.application.accounts.authenticator import recovery_digest, totp_place
from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import CodeSent
from synctv.application.accounts.passkey_proofs import PasskeyStarted
from synctv.application.accounts.proofs import (
    EmailProof,
    Known,
    Named,
    OpaqueProof,
    PasskeyProof,
    PasswordProof,
    Subject,
    TotpProof,
)
from synctv.application.accounts.sessions import SignedIn
from synctv.application.accounts.sign_in import MfaChallenge
from synctv.application.ports.letters import Letter
from synctv.application.ports.opaque import Opaque, OpaqueLogin
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.account import Account, PasswordRecords
from synctv.domain.accounts.factors import Factor, Passkey, TotpSecret
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.audit.entry import Action, AuditEntry
from synctv.domain.ids import MICROS, AccountId
from synctv.domain.rooms.actor import AccountActor
from tests.application.house import House
from tests.applications import CLIENT, PASSWORD, SITE
from tests.authenticator import Authenticator

with suppress(ImportError):  # it has no build for Windows
    import opaque_ke_py

STEP = 30
"""Seconds for which an authenticator app shows a code."""
ELSEWHERE = Client("another browser", "198.51.100.7")
"""A client that has nothing in common with the usual one."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account. What they can prove depends on how they were made."""

    house: House
    id: AccountId
    name: str
    secret: bytes = b""
    authenticator: Authenticator = field(default_factory=Authenticator)

    @property
    def account(self) -> Account:
        """The account as it is stored now."""
        return self.house.state.accounts[self.id]

    @property
    def subject(self) -> Known:
        """As somebody who is known to be meant."""
        return Known(self.id)

    def code(self, steps: int = 0) -> str:
        """What the app shows, some steps of 30 s from now."""
        seconds = self.house.clock.now() // MICROS + steps * STEP
        return pyotp.TOTP(b32encode(self.secret).decode()).at(seconds)

    def totp(self, steps: int = 0) -> TotpProof:
        """A proof by the app."""
        return TotpProof(self.code(steps))

    async def passkey(self, client: Client = CLIENT, site: Site = SITE) -> PasskeyProof:
        """A proof by the passkey, signed just now."""
        started = await self.house.application.prover.passkeys.start(site, client)
        return self.signed(started, site)

    def signed(self, started: PasskeyStarted, site: Site = SITE) -> PasskeyProof:
        """A proof by the passkey for a question that was asked."""
        return PasskeyProof(started.flow, self.authenticator.get(started.options), site)

    async def email(self, subject: Subject | None = None, client: Client = CLIENT) -> EmailProof:
        """A proof with the code of a letter that was just sent. By default the account is known."""
        sent = await self.house.application.prover.email.start(subject or self.subject, client)
        return EmailProof(sent.flow, last_code(self.house))

    async def opaque(self, subject: Subject | None = None, client: Client = CLIENT, password: str = PASSWORD) -> Any:
        """A proof by OPAQUE as the page makes it, or None where the page finds the password wrong."""
        page = Page(password)
        passwords = self.house.application.prover.passwords
        started = await passwords.start_opaque(subject or self.subject, page.request, client)
        finalization = page.finish(started.response)
        return None if finalization is None else OpaqueProof(started.flow, finalization)

    async def sign_in(self, client: Client = CLIENT) -> SignedIn | MfaChallenge:
        """The first step with the password."""
        return await self.house.application.sign_in.with_password(self.name, PASSWORD, client)

    async def challenge(self, client: Client = CLIENT) -> MfaChallenge:
        """The question for a second step that a right password leads to."""
        asked = await self.sign_in(client)
        assert isinstance(asked, MfaChallenge)
        return asked

    async def session(self, client: Client = CLIENT) -> AccountActor:
        """The actor of a new session that was begun with the password alone."""
        signed_in = await self.sign_in(client)
        assert isinstance(signed_in, SignedIn)
        return await actor_of(self.house, signed_in)


class Page:
    """OPAQUE's client with a password that was typed in."""

    def __init__(self, password: str = PASSWORD) -> None:
        self._password = password.encode()
        begun = opaque_ke_py.client_login_start(self._password)
        self.request: bytes = begun.get_message()
        self._state = begun.get_state()

    def finish(self, response: bytes) -> bytes | None:
        """The last message; None when the answer shows that the password is wrong."""
        try:
            return bytes(opaque_ke_py.client_login_finish(self._password, self._state, response).get_message())
        except ValueError:
            return None


async def person(
    house: House,
    name: str = "Anna",
    *,
    email: str | None = None,
    totp: bool = False,
    passkey: bool = False,
    codes: Sequence[str] = (),
    **changes: Any,
) -> Person:
    """A new account with `PASSWORD`, and what else is named. `changes` are fields of the account."""
    account = await house.application.accounts.create(name, PASSWORD)
    made = Person(house, account.id, name, secret=f"secret of {name}".ljust(20).encode() if totp else b"")
    if email is not None or changes:
        await changed(house, account.id, email=email, **changes)
    if totp:
        await give_totp(made)
    if passkey:
        await give_passkey(made)
    if codes:
        await give_codes(made, codes)
    return made


async def two_step(house: House, name: str = "Anna") -> Person:
    """Somebody with a factor of every kind and ten recovery codes, whose account asks for two steps."""
    codes = [f"{letter * 4}-{letter * 4}" for letter in "abcdefghjk"]
    email = f"{name.lower()}@example.org"
    return await person(house, name, email=email, totp=True, passkey=True, codes=codes, two_factor=True)


async def give_totp(made: Person) -> None:
    """An authenticator app."""
    sealed = made.house.container.totp_sealer().seal(made.secret, totp_place(made.id))
    async with made.house.transactions.write() as tx:
        await tx.totp_secrets.save(TotpSecret(made.id, sealed, 0, made.house.clock.now()))


async def give_passkey(made: Person, authenticator: Authenticator | None = None) -> Passkey:
    """A passkey in the person's authenticator, or in another one."""
    new = made.house.container.new_passkeys()
    ceremony = new.ceremony(made.id, made.name, (), SITE)
    credential = (authenticator or made.authenticator).create(ceremony.options)
    passkey: Passkey = new.made(made.id, ceremony.content, credential, f"{made.name}'s phone", SITE)
    async with made.house.transactions.write() as tx:
        await tx.passkeys.add(passkey)
    return passkey


async def give_codes(made: Person, codes: Sequence[str]) -> None:
    """Recovery codes instead of those that there were."""
    async with made.house.transactions.write() as tx:
        await tx.recovery_codes.replace(made.id, [recovery_digest(made.id, code) for code in codes])


async def changed(house: House, account_id: AccountId, **changes: Any) -> Account:
    """Stores the account with changes, and does nothing else that the product would do with them."""
    before = house.state.accounts[account_id]
    after = replace(before.next_version(), **changes)
    async with house.transactions.write() as tx:
        await tx.accounts.update(after, before.version)
    return after


async def ruled(house: House, **changes: Any) -> AccountPolicy:
    """Changes the operator's rules on accounts."""
    stored = house.state.account_policy
    policy = replace(stored.policy, **changes)
    async with house.transactions.write() as tx:
        await tx.policies.set_accounts(policy, stored.version)
    return policy


async def actor_of(house: House, signed_in: SignedIn) -> AccountActor:
    """Who the tokens belong to."""
    actor = await house.application.identity.of(signed_in.access_token)
    assert isinstance(actor, AccountActor)
    return actor


def last_letter(house: House) -> Letter:
    """The newest letter to anybody."""
    return house.letters()[-1]


def last_code(house: House) -> str:
    """The code in it."""
    return last_letter(house).facts["code"]


def other_code(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def entries(house: House, action: Action | None = None) -> list[AuditEntry]:
    """What the audit log says, oldest first."""
    return [entry for entry in house.state.audit.values() if action in (None, entry.action)]


def methods(house: House) -> list[frozenset[Factor]]:
    """By which factors each session was begun."""
    return [session.methods for session in house.state.sessions.values()]


async def wrong_passwords(house: House, name: str, times: int, client: Client = CLIENT) -> list[BaseException]:
    """How so many wrong passwords were answered."""
    failures: list[BaseException] = []
    for number in range(times):
        try:
            await house.application.prover.prove(Named(name), PasswordProof(f"wrong {number}"), client)
        except Exception as error:
            failures.append(error)
    return failures


async def code_sent(house: House, name: str, client: Client = CLIENT) -> CodeSent:
    """Asks for a sign-in code."""
    return await house.application.prover.email.start(Named(name), client)


_RECORDS: dict[tuple[str, str], bytes] = {}


@dataclass
class Recorded:
    """What was asked of recorded ports, in order."""

    calls: list[str] = field(default_factory=list)

    def taken(self) -> list[str]:
        """What was asked since the last time."""
        calls = list(self.calls)
        self.calls.clear()
        return calls


class RecordedHasher(PasswordHasher):
    """A hasher that notes what it is asked, and not of whom."""

    def __init__(self, real: PasswordHasher, recorded: Recorded) -> None:
        self._real = real
        self._recorded = recorded

    async def hash(self, password: str) -> str:
        """Hashes."""
        self._recorded.calls.append("hash")
        return await self._real.hash(password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Verifies."""
        self._recorded.calls.append("verify")
        return await self._real.verify(password, stored)

    def outdated(self, stored: str) -> bool:
        """As the real one says."""
        return self._real.outdated(stored)


class RecordedOpaque(Opaque):
    """OPAQUE that notes what it is asked.

    A record is made once for each password and account: in each test the same ids are given in the same order.
    """

    def __init__(self, real: Opaque, recorded: Recorded) -> None:
        self._real = real
        self._recorded = recorded

    @property
    def available(self) -> bool:
        """As the real one."""
        return self._real.available

    def answer_registration(self, request: bytes, identifier: str) -> bytes:
        """Answers."""
        return self._real.answer_registration(request, identifier)

    def record(self, upload: bytes) -> bytes:
        """Makes a record."""
        return self._real.record(upload)

    def answer_login(self, request: bytes, identifier: str, record: bytes | None) -> OpaqueLogin:
        """Answers."""
        self._recorded.calls.append("opaque answer")
        return self._real.answer_login(request, identifier, record)

    def finish_login(self, state: bytes, finalization: bytes) -> bool:
        """Finishes."""
        return self._real.finish_login(state, finalization)

    async def register(self, password: str, identifier: str) -> bytes:
        """Registers."""
        self._recorded.calls.append("opaque register")
        if (password, identifier) not in _RECORDS:
            _RECORDS[password, identifier] = await self._real.register(password, identifier)
        return _RECORDS[password, identifier]

    async def verify(self, password: str, identifier: str, record: bytes | None) -> bool:
        """Verifies."""
        self._recorded.calls.append("opaque verify")
        return await self._real.verify(password, identifier, record)


async def with_records(made: Person, *, argon2: bool, opaque: bool) -> Account:
    """Leaves the account only these records of its password."""
    records = made.account.password
    assert records is not None
    if not (argon2 or opaque):
        return await changed(made.house, made.id, password=None)
    left = PasswordRecords(records.argon2 if argon2 else None, records.opaque if opaque else None)
    return await changed(made.house, made.id, password=left)
