"""Signing in: one proof, and a second of another kind where the account asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synctv.application.accounts.client import Client
from synctv.application.accounts.email_codes import must_be_a_way_in
from synctv.application.accounts.finding import factors_of
from synctv.application.accounts.flows import MFA_SECONDS, FlowKind, Flows
from synctv.application.accounts.passwords import same_password
from synctv.application.accounts.proofs import Known, Named, PasswordProof, Proof, Proven, Subject, factor_of
from synctv.application.accounts.prover import Prover
from synctv.application.accounts.sessions import Sessions, SignedIn
from synctv.application.mail.post import Post
from synctv.application.ports.clock import Clock
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import Account
from synctv.domain.accounts.factors import Factor, Factors, FactorSet, second_factors
from synctv.domain.errors import Denied, FlowOver, Invalid, InvalidCredentials
from synctv.domain.ids import AccountId


@dataclass(frozen=True, slots=True)
class MfaChallenge:
    """The first step is done. One of `methods` has to follow within `expires_in` seconds, naming `id`."""

    id: str
    methods: Sequence[Factor]
    expires_in: float


@dataclass(frozen=True, slots=True)
class SignIn:
    """Turns proofs of who somebody is into a session."""

    transactions: Transactions
    prover: Prover
    sessions: Sessions
    flows: Flows
    post: Post
    clock: Clock

    async def with_password(self, username: str, password: str, client: Client) -> SignedIn | MfaChallenge:
        """Signs in with a name and a password in plain."""
        return await self.first_step(Named(username), PasswordProof(password), client)

    async def first_step(self, subject: Subject, proof: Proof, client: Client) -> SignedIn | MfaChallenge:
        """Takes the first proof. Raises what `Prover.prove` does; and, only to who has proven the account, `Banned`
        and `Denied` (a new password is demanded, or the sign-up waits for approval)."""
        return await self.conclude(await self.prover.prove(subject, proof, client), client)

    async def conclude(self, proven: Proven, client: Client) -> SignedIn | MfaChallenge:
        """A session for who has proven an account, or the question for a second proof."""
        async with self.transactions.write() as tx:
            account = await self._proven(tx, proven)
            account.must_be_active(self.clock.now())
            if proven.factor is Factor.EMAIL:
                await must_be_a_way_in(tx)
            have = await factors_of(tx, account, mail=self.post.open)
            _must_still_have(account, have, proven.factor, proven.email)
            seconds = second_factors(have, proven.factor) if account.two_factor else frozenset()
            if account.two_factor and proven.factor.local and not seconds:
                raise Denied("None of your second steps works on this server now. Ask its operator.")
            if not seconds:
                return await self.sessions.begin(tx, account, client, frozenset({proven.factor}))
        return await self._challenge(account, proven, seconds, client)

    async def second_step(self, mfa: str, proof: Proof, client: Client) -> SignedIn:
        """Takes the second proof. Raises what `Prover.prove` does, `FlowOver` when the challenge is over, and `Invalid`
        for a proof of the same kind as the first, which is not looked at."""
        content = await self.flows.look(FlowKind.MFA, client, mfa)
        if factor_of(proof) not in (content["methods"] or "").split():
            raise Invalid.field("proof.kind", "The second step has to be of another kind than the first.", "choice")
        await self.flows.count_try(FlowKind.MFA, mfa)
        account_id, first = AccountId(content["account"] or ""), Factor(content["factor"] or "")
        proven = await self.prover.prove(Known(account_id), proof, client)
        await self.flows.take(FlowKind.MFA, client, mfa)
        async with self.transactions.write() as tx:
            account = await self._proven(tx, proven)
            if str(account.session_generation) != content["generation"]:
                raise FlowOver
            have = await factors_of(tx, account, mail=self.post.open)
            _must_still_have(account, have, first, content["email"])
            _must_still_have(account, have, proven.factor, proven.email)
            return await self.sessions.begin(tx, account, client, frozenset({first, proven.factor}))

    async def asked(self, mfa: str, client: Client) -> AccountId:
        """Whose second step a challenge asks for. Raises `FlowOver`."""
        content = await self.flows.look(FlowKind.MFA, client, mfa)
        return AccountId(content["account"] or "")

    async def _challenge(self, account: Account, first: Proven, seconds: Factors, client: Client) -> MfaChallenge:
        methods = [factor for factor in Factor if factor in seconds]
        content = {
            "account": account.id,
            "factor": first.factor.value,
            "email": first.email,
            "methods": " ".join(methods),
            "generation": str(account.session_generation),
        }
        flow = await self.flows.begin(FlowKind.MFA, client, content, MFA_SECONDS)
        return MfaChallenge(flow, methods, MFA_SECONDS)

    async def _proven(self, tx: Transaction, proven: Proven) -> Account:
        """The account as it is now, with the better records that the proof brought."""
        account = await tx.accounts.get(proven.account_id, lock=True)
        if account is None:
            raise InvalidCredentials
        if proven.factor is Factor.PASSWORD and not same_password(proven.password, account.password):
            raise InvalidCredentials
        if proven.better is None or account.password != proven.password:
            return account
        improved = replace(account, password=proven.better).next_version()
        await tx.accounts.update(improved, account.version)
        return improved


def _must_still_have(account: Account, have: FactorSet, factor: Factor, email: str | None) -> None:
    """Raises `FlowOver` where what was proven is the account's no more. `email` is where a code went."""
    there = factor in have.local if factor.local else have.linked > 0
    if not there or (factor is Factor.EMAIL and account.email != email):
        raise FlowOver("The ways to sign in to this account were changed meanwhile. Start again.")
