"""Signing in with an identity that another server vouches for (OAuth2, OpenID Connect), and linking one to an account.

The browser is sent away with a `state`, comes back to the callback with a code, and the page exchanges the result. All
three have to be the same browser's, which holds a secret in a cookie meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest

from synctv.application.accounts.client import Client
from synctv.application.accounts.flows import Content, FlowKind, Flows
from synctv.application.accounts.grants import Grant, Grants
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.notices import Notices
from synctv.application.accounts.proofs import Proven
from synctv.application.accounts.sessions import SignedIn, session_ended
from synctv.application.accounts.sign_in import MfaChallenge, SignIn
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.oauth import AuthorizationAnswer, AuthorizationFlow, OAuth
from synctv.application.ports.sealing import CannotOpen, Sealer
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.domain.accounts.account import USERNAME_LENGTH, username_key, valid_username
from synctv.domain.accounts.email import valid_email
from synctv.domain.accounts.factors import Factor
from synctv.domain.accounts.identities import MAX_IDENTITIES, ExternalIdentity, IdentityProvider, LinkedIdentity
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.audit.entry import Action
from synctv.domain.errors import (
    AlreadyExists,
    Denied,
    FlowOver,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unauthenticated,
    Unavailable,
)
from synctv.domain.ids import AccountId, IdentityId, Micros
from synctv.domain.rooms.actor import AccountActor

_SHOWN_LENGTH = 120


class Purpose(StrEnum):
    """Why somebody is sent to a provider."""

    SIGN_IN = "signIn"
    LINK = "link"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the secret that it holds until it is back."""

    url: str
    browser: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom a provider vouches for and whom nobody here knows. `email` is verified, and nobody's here.

    `realm` is the provider's: the identity is worth nothing in another one.
    """

    identity: ExternalIdentity
    realm: str
    shown: str
    username: str
    email: str | None
    review: bool


Arrival = SignedIn | MfaChallenge | LinkedIdentity | Grant | Newcomer


@dataclass(frozen=True, slots=True)
class ExternalSignIn:
    """Sends people to providers, and takes them back."""

    transactions: Transactions
    oauth: OAuth
    sealer: Sealer
    sign_in: SignIn
    grants: Grants
    flows: Flows
    journal: Journal
    notices: Notices
    clock: Clock
    ids: Ids

    async def offered(self) -> Sequence[IdentityProvider]:
        """The providers that people can be sent to, by slug."""
        async with self.transactions.read() as tx:
            return [provider for provider in await tx.identity_providers.all() if provider.enabled]

    async def depart(
        self,
        slug: str,
        purpose: Purpose,
        actor: AccountActor | None,
        redirect_uri: str,
        client: Client,
        *,
        grant: str = "",
    ) -> Departure:
        """Begins. `actor` is who links an identity, which takes a `grant`, or proves who they are; whoever signs in is
        nobody yet.

        Raises `NotFound` for a provider that isn't there or is switched off, `UpstreamFailed`, `Unauthenticated`
        without the actor that is needed, and `ReauthenticationRequired`.
        """
        if actor is None and purpose is not Purpose.SIGN_IN:
            raise Unauthenticated
        async with self.transactions.read() as tx:
            provider = await self._provider(tx, slug)
            if purpose is Purpose.GRANT and actor is not None:
                linked = await tx.identities.of_account(actor.id)
                if not any(identity.provider == slug for identity in linked):
                    raise NotFound("linked identity")
        browser, nonce, verifier = self.ids.secret(), self.ids.secret(), self.ids.secret()
        content = {
            "provider": slug,
            "realm": provider.realm,
            "purpose": purpose.value,
            "nonce": nonce,
            "verifier": verifier,
            "redirect_uri": redirect_uri,
            "browser": _digest(browser),
            "account": actor.id if actor else None,
            "session": actor.session_id if actor else None,
            # A grant is for who is there now, not for whoever sits at a browser that is signed in over there.
            "fresh_since": str(self.clock.now()) if purpose is Purpose.GRANT else None,
        }
        state = await self.flows.begin(FlowKind.OAUTH, client, content)
        flow = _flow(state, content)
        url = await self.oauth.authorization_url(provider, flow)
        if actor is not None and purpose is Purpose.LINK:
            # Last of all, so that a provider that is down costs nobody a grant.
            await self.grants.spend(actor, grant, client)
        return Departure(url, browser)

    async def came_back(self, slug: str, state: str, answer: AuthorizationAnswer, browser: str, client: Client) -> str:
        """Asks the provider at whose callback the browser is who that was. The result, for `arrive`.

        Raises `FlowOver` for a state that this browser did not leave with, or for another provider;
        `InvalidCredentials` for a code that the provider does not know, and for an answer of another issuer; and
        `UpstreamFailed`.
        """
        content = await self._back(slug, state, browser, client)
        async with self.transactions.read() as tx:
            provider = await self._same_provider(tx, content)
        identity = await self.oauth.identity(provider, self._secret(provider), _flow(state, content), answer)
        result = {
            **{name: content[name] for name in ("provider", "realm", "purpose", "browser", "account", "session")},
            "subject": identity.subject,
            "username": identity.username,
            "email": identity.email,
            "verified": "yes" if identity.email_verified else None,
        }
        return await self.flows.begin(FlowKind.OAUTH_RESULT, client, result)

    async def left_alone(self, slug: str, state: str, browser: str, client: Client) -> None:
        """The provider sent the browser back without a code: the flow is over. Raises `FlowOver` as `came_back`."""
        await self._back(slug, state, browser, client)

    async def arrive(self, result: str, browser: str, actor: AccountActor | None, client: Client) -> Arrival:
        """What the way there was for.

        Raises `FlowOver`, `NotFound` for a provider that was switched off meanwhile, `Denied` for a stranger who may
        not sign up, `AlreadyExists` for an identity that belongs to somebody else, and `QuotaExceeded`.
        """
        content = await self.flows.take(FlowKind.OAUTH_RESULT, client, result)
        _must_be_same(content, browser)
        purpose = Purpose(content["purpose"] or "")
        if purpose is Purpose.SIGN_IN:
            return await self._sign_in(content, client)
        if actor is None or (actor.id, actor.session_id) != (content["account"], content["session"]):
            raise FlowOver
        if purpose is Purpose.LINK:
            return await self._link(actor, content, client)
        return await self._grant(actor, content, client)

    async def _back(self, slug: str, state: str, browser: str, client: Client) -> Content:
        content = await self.flows.take(FlowKind.OAUTH, client, state)
        _must_be_same(content, browser)
        if content["provider"] != slug:
            # A provider passes on what another one gave out, in the hope that it is asked about it (RFC 9700, 4.4).
            raise FlowOver("This sign-in was begun with another provider. Start again.")
        return content

    async def _sign_in(self, content: Content, client: Client) -> SignedIn | MfaChallenge | Newcomer:
        async with self.transactions.write() as tx:
            provider = await self._same_provider(tx, content)
            identity = await tx.identities.find(provider.slug, content["subject"] or "")
            if identity is None:
                return await self._newcomer(tx, provider, content)
            if await tx.accounts.get(identity.account_id) is None:
                # It is closed, and its identity is kept for whoever restores it: it can sign nobody else up meanwhile.
                raise _nobody_linked(provider)
            await tx.identities.update(replace(identity, used_at=self.clock.now()))
        return await self.sign_in.conclude(Proven(identity.account_id, Factor.OAUTH), client)

    async def _newcomer(self, tx: Transaction, provider: IdentityProvider, content: Content) -> Newcomer:
        if not provider.sign_up:
            raise _nobody_linked(provider)
        identity = ExternalIdentity(
            provider.slug, content["subject"] or "", content["username"], content["email"], bool(content["verified"])
        )
        policy = (await tx.policies.accounts()).policy
        email = _usable_email(identity, policy) if provider.trusts_email else None
        if email is not None and await tx.accounts.by_email(email, even_closed=True) is not None:
            email = None
        must_have_email(policy, email)
        username = await _suggestion(tx, identity, policy.reserved_usernames)
        return Newcomer(identity, provider.realm, _shown(content), username, email, provider.review)

    async def _link(self, actor: AccountActor, content: Content, client: Client) -> LinkedIdentity:
        provider, subject = content["provider"] or "", content["subject"] or ""
        async with self.transactions.write() as tx:
            account = await tx.accounts.get(actor.id, lock=True)
            if account is None or account.session_generation != actor.generation:
                raise session_ended()
            # Locked, so that it stays at its issuer until the link is there.
            await self._same_provider(tx, content, lock=True)
            known = await tx.identities.find(provider, subject)
            if known is not None and known.account_id == actor.id:
                return known
            if known is not None:
                raise AlreadyExists("identity")
            if len(await tx.identities.of_account(actor.id)) >= MAX_IDENTITIES:
                raise QuotaExceeded("linked identities", MAX_IDENTITIES)
            identity_id = IdentityId(self.ids.new("idn"))
            shown, now = _shown(content), self.clock.now()
            identity = LinkedIdentity(identity_id, actor.id, provider, subject, shown, now, None)
            await tx.identities.add(identity)
            await self.journal.note(
                tx, Action.IDENTITY_LINKED, account, client, session=actor.session_id, detail={"provider": provider}
            )
            await self.notices.factor_changed(tx, account, client, Action.IDENTITY_LINKED)
        return identity

    async def _grant(self, actor: AccountActor, content: Content, client: Client) -> Grant:
        async with self.transactions.read() as tx:
            await self._same_provider(tx, content)
            identity = await tx.identities.find(content["provider"] or "", content["subject"] or "")
        if identity is None or identity.account_id != AccountId(actor.id):
            raise Denied("This is not the identity that is linked to your account. Choose the right one there.")
        return await self.grants.given(actor, Factor.OAUTH, client)

    async def _provider(self, tx: Transaction, slug: str, *, lock: bool = False) -> IdentityProvider:
        provider = await tx.identity_providers.get(slug, lock=lock)
        if provider is None or not provider.enabled:
            raise NotFound("way to sign in")
        return provider

    async def _same_provider(self, tx: Transaction, content: Content, *, lock: bool = False) -> IdentityProvider:
        """The provider that the way began at. Raises `FlowOver` where another one stands in its place by now."""
        provider = await self._provider(tx, content["provider"] or "", lock=lock)
        if provider.realm != content["realm"]:
            raise FlowOver
        return provider

    def _secret(self, provider: IdentityProvider) -> str | None:
        if provider.sealed_secret is None:
            return None
        try:
            return self.sealer.open(provider.sealed_secret, provider_place(provider.slug)).decode()
        except CannotOpen as error:
            # Its key is gone. Only the operator can help, by setting the provider up again.
            raise Unavailable(f"sign-in with {provider.name}") from error


def _flow(state: str, content: Content) -> AuthorizationFlow:
    since = content["fresh_since"]
    return AuthorizationFlow(
        state,
        content["nonce"] or "",
        content["verifier"] or "",
        content["redirect_uri"] or "",
        Micros(int(since)) if since else None,
    )


def provider_place(slug: str) -> str:
    """Where a provider's client secret is sealed for."""
    return f"identity-provider:{slug}"


def must_have_email(policy: AccountPolicy, email: str | None) -> None:
    """Raises `Denied` for a newcomer of a provider without an address, where everybody has to have one."""
    if policy.email_required and email is None:
        raise Denied(
            "This server needs an address of everybody who signs up, and got none from there that it can take. Sign up "
            "in another way, or ask the operator."
        )


def _nobody_linked(provider: IdentityProvider) -> Denied:
    return Denied(
        f"Nobody here is linked to this {provider.name} account. Sign in another way and link it in your account's "
        "settings, or ask the operator."
    )


def _must_be_same(content: Content, browser: str) -> None:
    if not compare_digest(content["browser"] or "", _digest(browser)):
        raise FlowOver("This sign-in was begun in another browser. Start again here.")


def _shown(content: Content) -> str:
    return (content["email"] or content["username"] or content["subject"] or "")[:_SHOWN_LENGTH]


def _usable_email(identity: ExternalIdentity, policy: AccountPolicy) -> str | None:
    if identity.email is None or not identity.email_verified:
        return None
    try:
        address = valid_email(identity.email)
        policy.email_rules.check(address)
    except Invalid:
        return None
    return address


async def _suggestion(tx: Transaction, identity: ExternalIdentity, reserved: frozenset[str]) -> str:
    """A username that is free, as near to the provider's as can be; the person may change it."""
    wanted = identity.username or (identity.email or "").partition("@")[0]
    plain = "".join(character for character in wanted if character.isalnum() or character in "_-.").strip("_-.")
    low, high = USERNAME_LENGTH
    stem = plain[: high - 2].rstrip("_-.") if len(plain) >= low else "guest"
    for ending in ("", *(str(number) for number in range(2, 100))):
        name = stem + ending
        if username_key(name) not in reserved and await tx.accounts.by_username(name, even_closed=True) is None:
            return _valid_or(name)
    return ""


def _valid_or(name: str) -> str:
    try:
        return valid_username(name)
    except Invalid:
        return ""


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
