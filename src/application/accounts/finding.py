"""Finding whom somebody means, without telling whether there is such a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from synctv.application.ports.transaction import Transaction
from synctv.domain.accounts.account import Account, username_key
from synctv.domain.accounts.email import email_key
from synctv.domain.accounts.factors import Factor, FactorSet
from synctv.domain.accounts.identities import LinkedIdentity
from synctv.domain.ids import AccountId

MAX_NAME_LENGTH = 320


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whom a name means.

    `key` is what tries and letters are counted under. It is the same at every asking, whether there is an account or
    not; and one account's username and address have different ones, or else what is counted would tell that they belong
    together. `identifier` is what OPAQUE binds the password's record to.
    """

    key: str
    identifier: str
    account: Account | None

    @classmethod
    def known(cls, account_id: AccountId, account: Account | None) -> Somebody:
        """The holder of an account that is known to be meant."""
        return cls(account_id, account_id, account)


async def find(tx: Transaction, name: str, *, even_closed: bool = False) -> Somebody:
    """The account with this username or, where there is an @ in it, this address. One that is closed is nobody, unless
    `even_closed` ones are looked for."""
    if "@" not in name:
        return await find_username(tx, name, even_closed=even_closed)
    text = name[:MAX_NAME_LENGTH]
    return _somebody(email_key(text), await tx.accounts.by_email(text, even_closed=even_closed))


async def find_username(tx: Transaction, name: str, *, even_closed: bool = False) -> Somebody:
    """The account with this username, as `find` does; an address is nobody's.

    For passwords: OPAQUE's answer to one and the same first message is the same for all names of an account, so taking
    addresses, too, would tell which address belongs to which name.
    """
    text = name[:MAX_NAME_LENGTH]
    return _somebody(username_key(text), await tx.accounts.by_username(text, even_closed=even_closed))


def _somebody(known_as: str, account: Account | None) -> Somebody:
    key = "name_" + sha256(known_as.encode("utf-8", "replace")).hexdigest()[:26]
    return Somebody(key, account.id if account else key, account)


async def factors_of(tx: Transaction, account: Account, *, mail: bool) -> FactorSet:
    """What the account can prove itself with now. Email counts only where the server has `mail`, an identity only while
    its provider is switched on."""
    passkeys = await tx.passkeys.of_account(account.id)
    totp = await tx.totp_secrets.get(account.id)
    linked = await signing_in(tx, await tx.identities.of_account(account.id))
    usable = {
        Factor.PASSWORD: account.password is not None and not account.must_reset,
        Factor.PASSKEY: bool(passkeys),
        Factor.EMAIL: account.email is not None and mail,
        Factor.TOTP: totp is not None,
    }
    return FactorSet(frozenset(factor for factor, is_usable in usable.items() if is_usable), len(linked))


async def signing_in(tx: Transaction, linked: Sequence[LinkedIdentity]) -> Sequence[LinkedIdentity]:
    """Those of the identities whose provider is switched on."""
    if not linked:
        return ()
    on = {provider.slug for provider in await tx.identity_providers.all() if provider.enabled}
    return [identity for identity in linked if identity.provider in on]
