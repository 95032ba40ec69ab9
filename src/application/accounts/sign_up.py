"""Signing up, in the ways that the operator has opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from synctv.application.accounts.client import Client
from synctv.application.accounts.closing import Closing
from synctv.application.accounts.email_codes import CodeSent, EmailCodes, code_facts, kept
from synctv.application.accounts.external import Newcomer, must_have_email
from synctv.application.accounts.flows import FLOW_SECONDS, Content, FlowKind, Flows
from synctv.application.accounts.journal import Journal
from synctv.application.accounts.new_passkeys import NewPasskeys
from synctv.application.accounts.passwords import Passwords
from synctv.application.accounts.sessions import Sessions, SignedIn
from synctv.application.mail.post import Post
from synctv.application.ports.clock import Clock
from synctv.application.ports.ids import Ids
from synctv.application.ports.letters import Letter, LetterKind
from synctv.application.ports.transaction import Transaction, Transactions
from synctv.application.ports.webauthn import Site
from synctv.domain.accounts.account import Account, GlobalRole, Language, PasswordRecords, username_key, valid_username
from synctv.domain.accounts.email import email_key, valid_email
from synctv.domain.accounts.factors import Factor, Passkey
from synctv.domain.accounts.identities import LinkedIdentity
from synctv.domain.accounts.policy import AccountPolicy, SignUpWay, WaySwitch, closed_way
from synctv.domain.audit.entry import Action
from synctv.domain.errors import AlreadyExists, FlowOver, Invalid, PreconditionFailed
from synctv.domain.ids import AccountId, IdentityId

OAUTH_WAY = "oauth"
_EMAIL_NEEDED = "An email address is needed to sign up here. Start again with yours."
_PROVES: Mapping[str, Factor] = {
    SignUpWay.PASSWORD: Factor.PASSWORD,
    SignUpWay.EMAIL: Factor.EMAIL,
    SignUpWay.PASSKEY: Factor.PASSKEY,
    OAUTH_WAY: Factor.OAUTH,
}


@dataclass(frozen=True, slots=True)
class SignUpStarted:
    """What has to be answered: a code that was sent, OPAQUE's message, or options for a passkey."""

    flow: str
    code: CodeSent | None
    opaque: bytes | None
    passkey: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class SignUpAnswer:
    """What a newcomer sends to finish. Which of it is needed follows from how they began."""

    code: str | None = None
    password: str | None = None
    upload: bytes | None = None
    credential: Mapping[str, Any] | None = None
    passkey_name: str | None = None
    username: str | None = None
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class InReview:
    """The account is made, and waits for an operator."""

    account: Account


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What the newcomer will sign in with. `plain` is a password that no record was made of yet."""

    plain: str | None = None
    password: PasswordRecords | None = None
    passkey: Passkey | None = None


@dataclass(frozen=True, slots=True)
class SignUp:
    """Makes accounts for newcomers."""

    transactions: Transactions
    passwords: Passwords
    passkeys: NewPasskeys
    email: EmailCodes
    post: Post
    sessions: Sessions
    flows: Flows
    journal: Journal
    clock: Clock
    ids: Ids
    closing: Closing

    async def start(
        self, way: SignUpWay, username: str, email: str | None, request: bytes | None, site: Site, client: Client
    ) -> SignUpStarted:
        """Begins. `request` is OPAQUE's first message, for a password that is not to be sent.

        Raises `Denied` when the way is closed, `Invalid`, `AlreadyExists` for a username that is taken (usernames are
        seen by everybody here), and `RateLimited`. That an address belongs to somebody is told to nobody but in a
        letter to that address.
        """
        account_id = AccountId(self.ids.new("usr"))
        opaque = passkey = None
        if request is not None and way is SignUpWay.PASSWORD:
            opaque = self.passwords.opaque.answer_registration(request, account_id)
        async with self.transactions.write() as tx:
            policy = await self._policy(tx)
            _must_take(policy, way)
            name = _allowed_name(policy, username)
            if await tx.accounts.by_username(name, even_closed=True) is not None:
                raise AlreadyExists("username")
            address = self._address(policy, way, email)
            content = {"way": way.value, "account": account_id, "username": name, "email": address}
            content["opaque"] = None if opaque is None else "yes"
            if way is SignUpWay.PASSKEY:
                ceremony = self.passkeys.ceremony(account_id, name, (), site)
                passkey, content = ceremony.options, content | ceremony.content
            if address is not None:
                content |= await self._send_code(tx, name, address, client)
            # Inside, so that no letter goes out with a code that nothing takes.
            flow = await self.flows.begin(FlowKind.SIGN_UP, client, content)
        return SignUpStarted(flow, CodeSent(flow) if address else None, opaque, passkey)

    async def welcome(self, newcomer: Newcomer, client: Client) -> str:
        """The flow of somebody whom a provider vouches for and who is new here; `finish` takes it."""
        content = {
            "way": OAUTH_WAY,
            "account": self.ids.new("usr"),
            "username": newcomer.username,
            "email": newcomer.email,
            "provider": newcomer.identity.provider,
            "realm": newcomer.realm,
            "subject": newcomer.identity.subject,
            "shown": newcomer.shown,
        }
        return await self.flows.begin(FlowKind.SIGN_UP, client, content)

    async def finish(self, flow: str, answer: SignUpAnswer, site: Site, client: Client) -> SignedIn | InReview:
        """Makes the account.

        Raises `FlowOver`, `Invalid`, `InvalidCredentials` for a wrong code, `AlreadyExists` for what was taken
        meanwhile, and `Denied` for a way that was closed meanwhile. Everything but the code is looked at first, so that
        a password that does not suit costs none of its tries.
        """
        content = await self.flows.look(FlowKind.SIGN_UP, client, flow)
        async with self.transactions.read() as tx:
            policy = await self._policy(tx)
        name = _allowed_name(policy, answer.username or content["username"] or "")
        if content["way"] != OAUTH_WAY and username_key(name) != username_key(content["username"] or ""):
            raise Invalid.field("username", "The name was chosen when you began. Start again to change it.", "changed")
        credentials = self._credentials(policy, content, answer, site)
        if "code" in content:
            # Whoever has the address already was sent no code, so theirs is never right.
            sent = content["known"] is None
            await self.email.check(FlowKind.SIGN_UP, flow, content, answer.code or "", client, sent=sent)
        if credentials.plain is not None:
            records = await self.passwords.records(AccountId(content["account"] or ""), credentials.plain)
            credentials = replace(credentials, password=records)
        async with self.transactions.write() as tx:
            account, signed_in = await self._create(tx, content, name, credentials, answer.language, client)
            # Inside, so that of two who finish at once one makes the account.
            await self.flows.take(FlowKind.SIGN_UP, client, flow)
        return signed_in or InReview(account)

    async def _create(
        self,
        tx: Transaction,
        content: Content,
        name: str,
        credentials: _Credentials,
        language: Language | None,
        client: Client,
    ) -> tuple[Account, SignedIn | None]:
        review = await self._review(tx, content)
        account = Account(
            id=AccountId(content["account"] or ""),
            username=name,
            role=GlobalRole.USER,
            created_at=self.clock.now(),
            pending=review,
            password=credentials.password,
            email=content["email"],
            language=language or client.language,
        )
        await tx.accounts.add(account)
        if credentials.passkey is not None:
            await tx.passkeys.add(credentials.passkey)
        if content["way"] == OAUTH_WAY:
            await tx.identities.add(self._linked(content, account))
        detail = {"way": content["way"] or "", "review": str(review).lower()}
        await self.journal.note(tx, Action.SIGNED_UP, account, client, detail=detail)
        if review:
            return account, None
        methods = frozenset({_PROVES[content["way"] or ""]})
        return account, await self.sessions.begin(tx, account, client, methods)

    async def _review(self, tx: Transaction, content: Content) -> bool:
        """Whether the newcomer waits for approval, by the rules as they are now. Raises `Denied` where they let nobody
        in this way any more, `Invalid` for an address that is not taken any more, and `FlowOver`."""
        policy, address = await self._policy(tx), content["email"]
        if address is not None:
            policy.email_rules.check(address)
        if content["way"] == OAUTH_WAY:
            must_have_email(policy, address)
            return await self._provider_review(tx, content)
        if policy.email_required and address is None:
            raise Invalid.field("email", _EMAIL_NEEDED, "required")
        return _must_take(policy, SignUpWay(content["way"] or "")).review

    async def _provider_review(self, tx: Transaction, content: Content) -> bool:
        # Locked, so that it stays at its issuer until the link is there.
        provider = await tx.identity_providers.get(content["provider"] or "", lock=True)
        if provider is None or not (provider.enabled and provider.sign_up):
            raise closed_way()
        if provider.realm != content["realm"] or (content["email"] is not None and not provider.trusts_email):
            raise FlowOver
        return provider.review

    def _credentials(self, policy: AccountPolicy, content: Content, answer: SignUpAnswer, site: Site) -> _Credentials:
        match content["way"]:
            case SignUpWay.PASSWORD if content["opaque"] and answer.upload is not None:
                return _Credentials(password=self.passwords.uploaded(answer.upload))
            case SignUpWay.PASSWORD:
                secret = self.passwords.must_suit(policy.password, answer.password or "", content["username"] or "")
                return _Credentials(plain=secret)
            case SignUpWay.PASSKEY:
                account_id = AccountId(content["account"] or "")
                made = self.passkeys.made(account_id, content, answer.credential or {}, answer.passkey_name, site)
                return _Credentials(passkey=made)
            case _:
                return _Credentials()

    async def _policy(self, tx: Transaction) -> AccountPolicy:
        return (await tx.policies.accounts()).policy

    def _address(self, policy: AccountPolicy, way: SignUpWay, email: str | None) -> str | None:
        if not email:
            if policy.email_required or way is SignUpWay.EMAIL:
                raise Invalid.field("email", _EMAIL_NEEDED, "required")
            return None
        if not self.post.open:
            if way is SignUpWay.EMAIL or policy.email_required:
                raise PreconditionFailed("This server has no mail, so nobody can sign up with an address now.")
            return None
        address = valid_email(email)
        policy.email_rules.check(address)
        return address

    async def _send_code(self, tx: Transaction, name: str, address: str, client: Client) -> dict[str, str | None]:
        key = f"sign-up:{email_key(address)}"
        await self.email.pace(key, client)
        known = await tx.accounts.by_email(address, even_closed=True)
        new = self.email.new_code()
        if known is not None and known.closed_at is not None:
            letter = self.closing.letter(known, address, client)
        elif known is None:
            facts = {"username": name, **code_facts(new.code, client)}
            letter = Letter(LetterKind.SIGN_UP_CODE, address, client.language_for(None), facts)
        else:
            facts = {"username": known.username, "address": client.address or "?"}
            letter = Letter(LetterKind.SIGN_UP_KNOWN, address, client.language_for(known), facts)
        await self.post.put(tx, letter, FLOW_SECONDS)
        return {**kept(new), "key": f"email:{key}", "known": known.id if known else None}

    def _linked(self, content: Content, account: Account) -> LinkedIdentity:
        now = self.clock.now()
        identity_id = IdentityId(self.ids.new("idn"))
        provider, subject = content["provider"] or "", content["subject"] or ""
        return LinkedIdentity(identity_id, account.id, provider, subject, content["shown"] or subject, now, now)


def _must_take(policy: AccountPolicy, way: SignUpWay) -> WaySwitch:
    """The switch of a way that is open. One by email is closed, too, where nobody could sign in with it afterwards."""
    if way is SignUpWay.EMAIL and not policy.email_sign_in:
        raise closed_way()
    return policy.must_take(way)


def _allowed_name(policy: AccountPolicy, username: str) -> str:
    name = valid_username(username)
    if username_key(name) in policy.reserved_usernames:
        raise AlreadyExists("username")
    return name
