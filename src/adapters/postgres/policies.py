"""The operator's rules in PostgreSQL: one JSON document for each subject."""

from __future__ import annotations

from synctv.adapters.postgres.documents import document
from synctv.adapters.postgres.errors import CannotUseDatabase
from synctv.adapters.postgres.queries import Queries, bigint
from synctv.adapters.serialization.codec import decode
from synctv.adapters.serialization.errors import DecodeError
from synctv.application.ports.policies import Policies, StoredPolicy
from synctv.domain.accounts.policy import AccountPolicy
from synctv.domain.errors import VersionConflict

_ACCOUNTS = "accounts"
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
        row = await self._queries.row(_READ, _ACCOUNTS)
        if row is None:
            return StoredPolicy(AccountPolicy(), 0)
        try:
            return StoredPolicy(decode(AccountPolicy, row["document"]), row["version"])
        except DecodeError as error:
            raise CannotUseDatabase(
                f"The rules on accounts can't be read from the database: {error}. Mend the row '{_ACCOUNTS}' of the "
                "table policies, or delete it to return to the defaults, with which nobody can sign up."
            ) from error

    async def set_accounts(self, policy: AccountPolicy, expected_version: int) -> None:
        """Replaces them under the next version."""
        versions = bigint(expected_version), bigint(expected_version + 1)
        if await self._queries.write(_REPLACE, _ACCOUNTS, document(policy), *versions) is None:
            raise VersionConflict("account policy", await self.accounts())
