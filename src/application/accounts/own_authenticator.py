"""Setting up and removing one's own authenticator app and its recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synctv.application.accounts.authenticator import Authenticator, recovery_digest, totp_place
from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import FlowKind, Flows, bytes_of, text_of
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.own import Own
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.factors import Factor, TotpSecret
from synctv.domain.audit.entry import Action
from synctv.domain.errors import FlowOver, InvalidCredentials, NotFound
from synctv.domain.ids import AccountId
from synctv.domain.rooms.actor import AccountActor


@dataclass(frozen=True, slots=True)
class TotpStarted:
    """A new secret, for the app: in base 32 to be typed, and as an address for a QR code."""

    flow: str
    secret: str
    uri: str


@dataclass(frozen=True, slots=True)
class OwnAuthenticator:
    """The secret counts when the app has given a right code for it. Its recovery codes are shown once."""

    transactions: Transactions
    own: Own
    authenticator: Authenticator
    notices: Notices
    flows: Flows
    journal: Journal
    issuer: str

    async def start(self, actor: AccountActor, grant: str, client: Client) -> TotpStarted:
        """Makes a secret; an app that is in use goes on until `confirm`. Raises `ReauthenticationRequired`."""
        await self.own.confirmed(actor, grant, client)
        totp, sealer = self.authenticator.totp, self.authenticator.sealer
        secret = totp.new_secret()
        sealed = sealer.seal(secret, totp_place(actor.id))
        content = {"account": actor.id, "sealed": text_of(sealed)}
        flow = await self.flows.begin(FlowKind.NEW_TOTP, client, content)
        return TotpStarted(flow, totp.base32(secret), totp.uri(secret, actor.name, self.issuer))

    async def confirm(self, actor: AccountActor, flow: str, code: str, client: Client) -> Sequence[str]:
        """Takes the app's first code; the account's recovery codes, which replace all older ones.

        Raises `InvalidCredentials` and `FlowOver`.
        """
        content = await self.flows.look(FlowKind.NEW_TOTP, client, flow)
        if content["account"] != actor.id:
            raise FlowOver
        await self.flows.count_try(FlowKind.NEW_TOTP, flow)
        sealed = bytes_of(content["sealed"])
        step = self.authenticator.step_of(actor.id, sealed, code)
        if step is None:
            raise InvalidCredentials("This code is wrong. Check the clock of your phone, and type the app's next one.")
        await self.flows.take(FlowKind.NEW_TOTP, client, flow)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            now = self.authenticator.clock.now()
            await tx.totp_secrets.save(TotpSecret(actor.id, sealed, step, now))
            codes = await self._replace_codes(tx, actor.id)
            session = await tx.sessions.get(actor.session_id, lock=True)
            if session is not None:
                await tx.sessions.update(session.proven(Factor.TOTP))
            await self.journal.note(tx, Action.TOTP_ENABLED, account, client, session=actor.session_id)
            await self.notices.factor_changed(tx, account, client, Action.TOTP_ENABLED)
        return codes

    async def new_codes(self, actor: AccountActor, grant: str, client: Client) -> Sequence[str]:
        """Recovery codes that replace all older ones. Raises `ReauthenticationRequired`, and `NotFound` without app."""
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            if await tx.totp_secrets.get(actor.id) is None:
                raise NotFound("authenticator app")
            codes = await self._replace_codes(tx, actor.id)
            await self.journal.note(tx, Action.RECOVERY_CODES_REPLACED, account, client, session=actor.session_id)
            await self.notices.factor_changed(tx, account, client, Action.RECOVERY_CODES_REPLACED)
        return codes

    async def remove(self, actor: AccountActor, grant: str, client: Client) -> None:
        """Removes the app and its recovery codes. Raises as `OwnPassword.remove`."""
        await self.own.confirmed(actor, grant, client)
        async with self.transactions.write() as tx:
            account = await self.own.account(tx, actor)
            if await tx.totp_secrets.get(actor.id) is None:
                raise NotFound("authenticator app")
            await self.own.must_allow_removal(tx, account, Factor.TOTP)
            await tx.totp_secrets.remove(actor.id)
            await tx.recovery_codes.replace(actor.id, ())
            await self.journal.note(tx, Action.TOTP_REMOVED, account, client, session=actor.session_id)
            await self.notices.factor_changed(tx, account, client, Action.TOTP_REMOVED)

    async def _replace_codes(self, tx: Transaction, account_id: AccountId) -> Sequence[str]:
        codes = self.authenticator.new_recovery_codes()
        await tx.recovery_codes.replace(account_id, [recovery_digest(account_id, code) for code in codes])
        return codes
