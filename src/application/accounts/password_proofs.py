"""Proving a password: in plain over TLS, or with OPAQUE."""

from __future__ import annotations

from dataclasses import dataclass, field

from synctv.application.accounts.client import Client
from synctv.application.accounts.finding import Somebody, find_username
from synctv.application.accounts.flows import Content, FlowKind, Flows, bytes_of, text_of
from synctv.application.accounts.journal import UNKNOWN, Journal
from synctv.application.accounts.passwords import Passwords
from synctv.application.accounts.proofs import Anybody, Known, Named, OpaqueProof, PasswordProof, Proven, Subject
from synctv.application.limits.throttle import Attempt, Throttle
from synctv.application.limits.turnstile import Turnstile
from synctv.application.ports.accounts import AccountFilter
from synctv.application.ports.transaction import Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.throttle import AT_ACCOUNT
from synctv.domain.audit.entry import Action
from synctv.domain.errors import Denied, FlowOver, Invalid, InvalidCredentials
from synctv.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class OpaqueStarted:
    """The flow of an OPAQUE sign-in, and the server's message."""

    flow: str
    response: bytes


@dataclass(frozen=True, slots=True)
class PasswordProofs:
    """Checks passwords. Whoever guesses waits longer each time.

    Where many sign in at the same moment each gets a turn of the loop: all at once would hold it up for everybody.
    """

    transactions: Transactions
    passwords: Passwords
    throttle: Throttle
    flows: Flows
    journal: Journal
    turnstile: Turnstile = field(default_factory=lambda: Turnstile("sign-in"))

    async def plain(self, subject: Subject, proof: PasswordProof, client: Client) -> Proven:
        """Checks a password in plain, and brings its records up to date.

        Raises `InvalidCredentials` for a wrong password and for a name that nobody has, which takes as long; and
        `Denied` for a right one that the operator wants replaced.
        """
        await self.turnstile.turn()
        somebody = await self._somebody(subject)
        attempt = await self.throttle.admit(somebody.key, client.address)
        account = somebody.account
        if not await self.passwords.verify(somebody, proof.password) or account is None or account.password is None:
            await self.throttle.failed(attempt)
            raise InvalidCredentials
        await self.throttle.succeeded(attempt)
        _must_still_do(account)
        better = await self.passwords.brought_up_to_date(account.id, account.password, proof.password)
        return Proven(account.id, Factor.PASSWORD, account.password, better)

    async def some_only_in_plain(self) -> bool:
        """Whether somebody's password can be checked only when it is sent: it was set before there was OPAQUE here.

        It is said of the server as a whole, never of a name.
        """
        if not self.passwords.opaque.available:
            return True
        async with self.transactions.read() as tx:
            return await tx.accounts.count(AccountFilter(plain_only=True)) > 0

    async def start_opaque(self, subject: Subject, request: bytes, client: Client) -> OpaqueStarted:
        """Answers the first message, for a name that nobody has as for any other.

        A client knows from the answer whether its password is right, and one that guessed wrong says nothing more. So
        this is the guess that is counted; and each that had to wait is noted, with how many before it came to nothing.
        """
        await self.turnstile.turn()
        somebody = await self._somebody(subject)
        attempt = await self.throttle.admit(somebody.key, client.address)
        account = somebody.account
        record = account.password.opaque if account and account.password else None
        # Once more: of many that asked the same server for their counts the answers come at once.
        await self.turnstile.turn()
        login = self.passwords.opaque.answer_login(request, somebody.identifier, record)
        await self.throttle.failed(attempt)
        if AT_ACCOUNT.delay(attempt.at_account):
            await self._note_guessing(account, attempt, client)
        content = {
            "account": account.id if account else None,
            "state": text_of(login.state),
            "record": text_of(record or b""),
            **_kept(attempt),
        }
        return OpaqueStarted(await self.flows.begin(FlowKind.OPAQUE, client, content), login.response)

    async def opaque(self, subject: Subject, proof: OpaqueProof, client: Client) -> Proven:
        """Checks the last message. Raises `FlowOver`, `InvalidCredentials`, and `Denied` as `plain` does."""
        await self.turnstile.turn()
        content = await self.flows.take(FlowKind.OPAQUE, client, proof.flow)
        account_id = content["account"]
        if isinstance(subject, Known) and account_id != subject.account_id:
            raise FlowOver
        right = self.passwords.opaque.finish_login(bytes_of(content["state"]), proof.finalization)
        if not right or account_id is None:
            raise InvalidCredentials
        async with self.transactions.read() as tx:
            account = await tx.accounts.get(AccountId(account_id))
        records = account.password if account else None
        if account is None or records is None or records.opaque != bytes_of(content["record"]):
            raise InvalidCredentials
        await self.throttle.succeeded(_attempt(content))
        _must_still_do(account)
        return Proven(account.id, Factor.PASSWORD, records)

    async def _somebody(self, subject: Subject) -> Somebody:
        async with self.transactions.read() as tx:
            match subject:
                case Named(name):
                    return await find_username(tx, name)
                case Known(account_id):
                    return Somebody.known(account_id, await tx.accounts.get(account_id))
                case Anybody():
                    raise Invalid.field("proof.username", "Say whose password it is.", "required")

    async def _note_guessing(self, account: Account | None, attempt: Attempt, client: Client) -> None:
        detail = {"proof": "password", "unfinished": str(attempt.at_account - 1)}
        async with self.transactions.write() as tx:
            await self.journal.note(tx, Action.SIGN_IN_FAILED, account or UNKNOWN, client, detail=detail)


def _must_still_do(account: Account) -> None:
    """Raises `Denied`, to who knows the password, where the operator wants another one."""
    if account.must_reset:
        raise Denied("The operator asks for a new password. Use the link you were given, or reset it.")


def _kept(attempt: Attempt) -> dict[str, str]:
    return {
        "at": attempt.account,
        "origin": attempt.origin,
        "network": attempt.network,
        "at_account": str(attempt.at_account),
        "at_address": str(attempt.at_address),
        "at_network": str(attempt.at_network),
    }


def _attempt(content: Content) -> Attempt:
    counts = (int(content[name] or 0) for name in ("at_account", "at_address", "at_network"))
    return Attempt(content["at"] or "", content["origin"] or "", content["network"] or "", *counts)
