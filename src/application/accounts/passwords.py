"""Passwords that reach the server in plain, and the records that they and the others are checked against."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from synctv.application.accounts.finding import Somebody
from synctv.application.ports.opaque import Opaque
from synctv.application.ports.passwords import PasswordHasher
from synctv.application.ports.strength import PasswordStrength
from synctv.domain.accounts.account import PasswordRecords
from synctv.domain.accounts.passwords import MAX_LENGTH, PasswordPolicy, normal_password
from synctv.domain.errors import Invalid, Unavailable
from synctv.domain.ids import AccountId

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Passwords:
    """Makes and checks records.

    A password that the server sees gets both records, so that it signs in from the page (OPAQUE) and from scripts
    (Argon2). One that was set with OPAQUE has that record only; a script that sends it in plain is checked by running
    the client's side of OPAQUE here.
    """

    hasher: PasswordHasher
    opaque: Opaque
    strength: PasswordStrength

    def must_suit(self, policy: PasswordPolicy, password: str, username: str, path: str = "password") -> str:
        """The password in the form that is hashed. Raises `Invalid`."""
        normal = policy.check(password, path)
        if policy.min_score and self.strength.score(normal, [username]) < policy.min_score:
            message = "This password is too easy to guess. Take a longer one, of words that don't belong together."
            raise Invalid.field(path, message, "strength")
        return normal

    async def records(self, account_id: AccountId, password: str) -> PasswordRecords:
        """Records of a password that suits the policy."""
        opaque = await self.opaque.register(password, account_id) if self.opaque.available else None
        return PasswordRecords(await self.hasher.hash(password), opaque)

    def uploaded(self, upload: bytes) -> PasswordRecords:
        """The record of a password that was never sent. Raises `Invalid`."""
        return PasswordRecords(None, self.opaque.record(upload))

    async def verify(self, somebody: Somebody, password: str) -> bool:
        """Whether it is the account's. A wrong one takes as long whatever records there are, and for nobody's."""
        normal = normal_password(password)
        fits = len(normal) <= MAX_LENGTH
        records = somebody.account.password if somebody.account and fits else None
        normal = normal[:MAX_LENGTH]
        if await self.hasher.verify(normal, records.argon2 if records else None):
            return True
        if not self.opaque.available:
            return False
        return await self.opaque.verify(normal, somebody.identifier, records.opaque if records else None)

    async def brought_up_to_date(
        self, account_id: AccountId, records: PasswordRecords, password: str
    ) -> PasswordRecords | None:
        """Better records for a password that was just verified; None when the present ones are as good as any.

        Also None when the server is too busy to make them: there will be another sign-in. One record is made at a time,
        so that the other one still says that the password is the same (see `same_password`).
        """
        normal = normal_password(password)
        try:
            if records.opaque is None and self.opaque.available:
                return replace(records, opaque=await self.opaque.register(normal, account_id))
            if records.argon2 is not None and self.hasher.outdated(records.argon2):
                return replace(records, argon2=await self.hasher.hash(normal))
        except Unavailable:
            log.warning("The record of a password could not be brought up to date; the next sign-in will")
        return None


def same_password(before: PasswordRecords | None, after: PasswordRecords | None) -> bool:
    """Whether both are of one password: what is brought up to date keeps a record, what is chosen anew keeps none."""
    if before is None or after is None:
        return False
    argon2 = before.argon2 is not None and before.argon2 == after.argon2
    return argon2 or (before.opaque is not None and before.opaque == after.opaque)
