"""The operator's rules in PostgreSQL: one JSON document for each subject."""

from __future__ import annotations

from typing import TypeVar

from synctv.adapters.postgres.documents import document
from synctv.adapters.postgres.errors import CannotUseDatabase
from synctv.adapters.postgres.queries import Queries, bigint
from synctv.adapters.serialization.codec import decode
from synctv.adapters.serialization.errors import DecodeError
from synctv.application.ports.policies import Policies, StoredEgress, StoredPolicy
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.delivery.egress import EgressRules
from synctv.domain.errors import VersionConflict

_T = TypeVar("_T", AccountPolicy, EgressRules)

_ACCOUNTS = "accounts"
_EGRESS = "egress"
_IN_WORDS = {
    _ACCOUNTS: ("The rules on accounts", "with which nobody can sign up"),
    _EGRESS: ("The rules on calls to private servers", "with which none is called"),
}
_READ = "SELECT document, version FROM policies WHERE name = $1"
_REPLACE = """
    INSERT INTO policies (name, document, version)
    SELECT $1, $2::jsonb, $4::bigint
    WHERE $3::bigint = 0 OR EXISTS (SELECT FROM policies WHERE name = $1)
    ON CONFLICT (name) DO UPDATE SET document = $2, version = $4 WHERE policies.version = $3
    RETURNING version
"""


class PostgresPolicies(Policies):
    """Rules. What only a newer version knows of them is ignored, and gone when this one replaces them."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def accounts(self) -> StoredPolicy:
        """The rules on accounts. Raises `CannotUseDatabase` for what is not even of another version."""
        return StoredPolicy(*await self._stored(_ACCOUNTS, AccountPolicy))

    async def set_accounts(self, policy: AccountPolicy, expected_version: int) -> None:
        """Replaces them under the next version."""
        if not await self._replaced(_ACCOUNTS, policy, expected_version):
            raise VersionConflict("account policy", await self.accounts())

    async def egress(self) -> StoredEgress:
        """The rules on calls to private servers. Raises as `accounts` does."""
        return StoredEgress(*await self._stored(_EGRESS, EgressRules))

    async def set_egress(self, rules: EgressRules, expected_version: int) -> None:
        """Replaces them under the next version."""
        if not await self._replaced(_EGRESS, rules, expected_version):
            raise VersionConflict("egress policy", await self.egress())

    async def _stored(self, name: str, kind: type[_T]) -> tuple[_T, int]:
        row = await self._queries.row(_READ, name)
        if row is None:
            return kind(), 0
        try:
            return decode(kind, row["document"]), row["version"]
        except DecodeError as error:
            what, consequence = _IN_WORDS[name]
            raise CannotUseDatabase(
                f"{what} can't be read from the database: {error}. Mend the row '{name}' of the table policies, or "
                f"delete it to return to the defaults, {consequence}."
            ) from error

    async def _replaced(self, name: str, rules: AccountPolicy | EgressRules, expected_version: int) -> bool:
        versions = bigint(expected_version), bigint(expected_version + 1)
        return await self._queries.write(_REPLACE, name, document(rules), *versions) is not None
