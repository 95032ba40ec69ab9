"""Codes by email: six digits that prove to have read a letter."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from synctv.application.accounts.client import Client
from synctv.application.accounts.finding import Somebody, find
from synctv.application.accounts.flows import FLOW_SECONDS, Content, FlowKind, Flows
from synctv.application.accounts.proofs import Anybody, EmailProof, Known, Named, Proven, Subject, plain_code
from synctv.application.limits.origin import network, origin
from synctv.application.limits.throttle import Throttle
from synctv.application.mail.post import Post
from synctv.application.ports.ids import Ids
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.short_lived import ShortLived
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.throttle import SECOND_STEPS
from synctv.domain.errors import Denied, FlowOver, Invalid, InvalidCredentials, RateLimited
from synctv.domain.ids import AccountId

CODE_DIGITS = 6
RESEND_SECONDS = 30.0
LETTERS_PER_HOUR = 6
LETTERS_FROM_ADDRESS = 60
LETTERS_FROM_NETWORK = 180
HOUR = 3_600.0


@dataclass(frozen=True, slots=True)
class CodeSent:
    """A code is under way, or looks as if. It holds for `expires_in` seconds; another one after `resend_after`."""

    flow: str
    expires_in: float = FLOW_SECONDS
    resend_after: float = RESEND_SECONDS


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that was just made, and what is kept of it."""

    code: str
    salt: str
    digest: str


@dataclass(frozen=True, slots=True)
class EmailCodes:
    """Sends codes and takes them back: each for one use, with five tries, while the address is the account's.

    A code of the first step is none for the second, nor the other way round: the letter says what it is for.

    How many letters somebody may ask for is counted for each pair of account and address, so that no stranger can use
    up what the holder may ask for; and for each address and network over all accounts.
    """

    transactions: Transactions
    post: Post
    flows: Flows
    throttle: Throttle
    short_lived: ShortLived
    ids: Ids

    async def start(self, subject: Subject, client: Client) -> CodeSent:
        """Sends a sign-in code, when there is an account with an address; answers the same when not.

        Raises `PreconditionFailed` on a server without mail, and `RateLimited`.
        """
        kind = LetterKind.SECOND_STEP_CODE if isinstance(subject, Known) else LetterKind.SIGN_IN_CODE
        return await self.send(FlowKind.EMAIL, kind, subject, client)

    async def send(self, flow_kind: FlowKind, letter: LetterKind, subject: Subject, client: Client) -> CodeSent:
        """Sends a code to the account's own address, for a flow of this kind."""
        self.post.must_be_open()
        async with self.transactions.write() as tx:
            somebody = await self._somebody(tx, subject, letter)
            await self.pace(somebody.key, client)
            account, new = somebody.account, self.new_code()
            if account is None or account.email is None:
                await self.post.put_for_nobody(tx, FLOW_SECONDS)
            else:
                facts = {"username": account.username, **code_facts(new.code, client)}
                found = Letter(letter, account.email, client.language_for(account), facts)
                await self.post.put(tx, found, FLOW_SECONDS)
        sent_to = account.email if account else None
        content = {
            "account": account.id if account and sent_to else None,
            "email": sent_to,
            "key": f"email:{somebody.key}",
            "second": "yes" if isinstance(subject, Known) else None,
            **kept(new),
        }
        return CodeSent(await self.flows.begin(flow_kind, client, content))

    async def prove(self, subject: Subject, proof: EmailProof, client: Client) -> Proven:
        """Checks a sign-in code. Raises `FlowOver` and `InvalidCredentials`."""
        content = await self.flows.look(FlowKind.EMAIL, client, proof.flow)
        if isinstance(subject, Known) is not bool(content["second"]):
            raise FlowOver
        if isinstance(subject, Known) and content["account"] != subject.account_id:
            raise FlowOver
        account_id = await self.redeem(FlowKind.EMAIL, proof.flow, proof.code, client)
        return Proven(account_id, Factor.EMAIL, email=content["email"])

    async def redeem(self, flow_kind: FlowKind, flow: str, code: str, client: Client) -> AccountId:
        """The account that the flow's code was sent to; the flow is over with this. Raises as `prove` does."""
        content = await self.flows.look(flow_kind, client, flow)
        await self.check(flow_kind, flow, content, code, client, sent=content["account"] is not None)
        await self.flows.take(flow_kind, client, flow)
        async with self.transactions.read() as tx:
            account = await tx.accounts.get(AccountId(content["account"] or ""))
        if account is None or account.email != content["email"]:
            raise FlowOver("The address of this account was changed meanwhile. Start again.")
        return account.id

    async def check(
        self, flow_kind: FlowKind, flow: str, content: Content, code: str, client: Client, *, sent: bool
    ) -> None:
        """Counts a try at the code of a flow, which goes on. Where none was `sent`, no code is right.

        Raises `InvalidCredentials`, `FlowOver` past the last try, and `RateLimited`: else an address that is guessed at
        would only have to be asked for again.
        """
        at_most = SECOND_STEPS if content.get("second") else None
        attempt = await self.throttle.admit(content["key"] or "", client.address, at_most=at_most, by_network=True)
        await self.flows.count_try(flow_kind, flow)
        if not matches(content, code) or not sent:
            await self.throttle.failed(attempt)
            raise wrong_code()
        await self.throttle.succeeded(attempt)

    async def pace(self, key: str, client: Client) -> None:
        """Counts a letter that is asked for. Raises `RateLimited` for one too soon after the last, or too many."""
        pair = sha256(f"{key}\n{origin(client.address)}".encode()).hexdigest()[:32]
        soon, hourly = f"letter-soon:{pair}", f"letters:{pair}"
        if not await self.short_lived.add(soon, b"1", RESEND_SECONDS):
            raise RateLimited(await self.short_lived.remaining(soon))
        if await self.short_lived.count(hourly, HOUR) > LETTERS_PER_HOUR:
            raise RateLimited(await self.short_lived.remaining(hourly))
        await self._bounded("letters-from", origin(client.address), LETTERS_FROM_ADDRESS)
        await self._bounded("letters-around", network(client.address), LETTERS_FROM_NETWORK)

    async def _bounded(self, what: str, where: str, most: int) -> None:
        """Counts a letter that is asked for from somewhere: else a sign-up could write to any number of strangers."""
        counted = f"{what}:{sha256(where.encode('utf-8', 'replace')).hexdigest()[:32]}"
        if await self.short_lived.count(counted, HOUR) > most:
            raise RateLimited(await self.short_lived.remaining(counted))

    def new_code(self) -> NewCode:
        """Six random digits."""
        code = f"{self.ids.random(128) % 10**CODE_DIGITS:0{CODE_DIGITS}}"
        salt = self.ids.secret()
        return NewCode(code, salt, _digest(salt, code))

    async def _somebody(self, tx: Transaction, subject: Subject, letter: LetterKind) -> Somebody:
        match subject:
            case Named(name):
                if letter is LetterKind.SIGN_IN_CODE:
                    await must_be_a_way_in(tx)
                return await find(tx, name)
            case Known(account_id):
                return Somebody.known(account_id, await tx.accounts.get(account_id))
            case Anybody():
                raise Invalid.field("username", "Say who you are.", "required")


async def must_be_a_way_in(tx: Transaction) -> None:
    """Raises `Denied` where the operator lets nobody sign in with a code alone."""
    if not (await tx.policies.accounts()).policy.email_sign_in:
        raise Denied("This server sends no codes to sign in with. Sign in another way.")


def kept(new: NewCode) -> dict[str, str | None]:
    """What a flow remembers of a code."""
    return {"salt": new.salt, "code": new.digest}


def matches(content: Content, code: str) -> bool:
    """Whether it is the flow's code, however it was typed."""
    return compare_digest(content.get("code") or "", _digest(content.get("salt") or "", plain_code(code)))


def code_facts(code: str, client: Client) -> dict[str, str]:
    """What a letter with a code says."""
    return {"code": code, "minutes": str(int(FLOW_SECONDS // 60)), "address": client.address or "?"}


def wrong_code() -> InvalidCredentials:
    """The code is wrong; the flow may have tries left."""
    return InvalidCredentials("This code is wrong. Look at the newest letter, and type its code again.")


def _digest(salt: str, code: str) -> str:
    return sha256(f"{salt}\n{code}".encode("utf-8", "replace")).hexdigest()
