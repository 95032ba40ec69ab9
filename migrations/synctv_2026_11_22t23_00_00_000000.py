"""Sign-in: what accounts prove themselves with, who vouches for them, the rules on them, the audit log and the outbox.

Piccolo notes a migration as done only after its transaction, so a crash in between runs it again: each statement has to
be harmless then.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Sign-in"

ACCOUNTS = (
    """
    ALTER TABLE accounts
        ADD COLUMN IF NOT EXISTS opaque_record bytea,
        ADD COLUMN IF NOT EXISTS pending boolean NOT NULL DEFAULT false,
        ADD COLUMN IF NOT EXISTS ban jsonb,
        ADD COLUMN IF NOT EXISTS must_reset boolean NOT NULL DEFAULT false,
        ADD COLUMN IF NOT EXISTS email text,
        ADD COLUMN IF NOT EXISTS email_key text,
        ADD COLUMN IF NOT EXISTS language text,
        ADD COLUMN IF NOT EXISTS two_factor boolean NOT NULL DEFAULT false
    """,
    # Nobody wrote down why and when an account was banned, so it is noted as of now.
    """
    DO $$
    BEGIN
        IF EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = 'accounts'::regclass AND attname = 'status' AND NOT attisdropped
        ) THEN
            UPDATE accounts SET ban = jsonb_build_object(
                'reason', '', 'by', 'operator', 'at', (extract(epoch FROM now()) * 1000000)::bigint, 'until', NULL
            ) WHERE status = 'banned';
        END IF;
    END
    $$
    """,
    "ALTER TABLE accounts DROP COLUMN IF EXISTS status",
)

# Whoever was signed in until now had proven a password: there was nothing else. From now on every session says it.
SESSIONS = (
    "ALTER TABLE sign_in_sessions ADD COLUMN IF NOT EXISTS methods text[] NOT NULL DEFAULT ARRAY['password']",
    "ALTER TABLE sign_in_sessions ALTER COLUMN methods DROP DEFAULT",
    """
    ALTER TABLE sign_in_sessions
        DROP CONSTRAINT IF EXISTS sign_in_sessions_of_account,
        ADD CONSTRAINT sign_in_sessions_of_account FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE
    """,
)

TABLES = (
    """
    CREATE TABLE IF NOT EXISTS passkeys (
        id uuid PRIMARY KEY,
        account_id uuid NOT NULL CONSTRAINT passkeys_of_account REFERENCES accounts ON DELETE CASCADE,
        credential_id bytea NOT NULL CONSTRAINT passkeys_credential UNIQUE,
        public_key bytea NOT NULL,
        sign_count bigint NOT NULL,
        name text NOT NULL,
        transports text[] NOT NULL,
        synced boolean NOT NULL,
        created_at bigint NOT NULL,
        used_at bigint
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS totp_secrets (
        account_id uuid PRIMARY KEY CONSTRAINT totp_secrets_of_account REFERENCES accounts ON DELETE CASCADE,
        sealed bytea NOT NULL,
        last_step bigint NOT NULL,
        created_at bigint NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS recovery_codes (
        account_id uuid NOT NULL CONSTRAINT recovery_codes_of_account REFERENCES accounts ON DELETE CASCADE,
        digest bytea NOT NULL,
        used_at bigint,
        PRIMARY KEY (account_id, digest)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS identity_providers (
        slug text PRIMARY KEY,
        name text NOT NULL,
        kind text NOT NULL,
        client_id text NOT NULL,
        sealed_secret bytea,
        scopes text[] NOT NULL,
        issuer text,
        endpoints jsonb,
        enabled boolean NOT NULL,
        sign_up boolean NOT NULL,
        review boolean NOT NULL,
        trusts_email boolean NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS identities (
        id uuid PRIMARY KEY,
        account_id uuid NOT NULL CONSTRAINT identities_of_account REFERENCES accounts ON DELETE CASCADE,
        provider text NOT NULL CONSTRAINT identities_of_provider REFERENCES identity_providers ON DELETE CASCADE,
        subject text NOT NULL,
        shown text NOT NULL,
        linked_at bigint NOT NULL,
        used_at bigint,
        CONSTRAINT identities_subject UNIQUE (provider, subject)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS policies (
        name text PRIMARY KEY,
        document jsonb NOT NULL,
        version bigint NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS audit_log (
        id uuid PRIMARY KEY,
        at bigint NOT NULL,
        action text NOT NULL,
        actor_kind text NOT NULL,
        actor_id text NOT NULL,
        actor_name text NOT NULL,
        target_kind text NOT NULL,
        target_id text NOT NULL,
        target_name text NOT NULL,
        reason text NOT NULL,
        address text NOT NULL,
        user_agent text NOT NULL,
        session_id uuid,
        detail jsonb NOT NULL
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS outgoing_mail (
        id uuid PRIMARY KEY,
        sealed bytea NOT NULL,
        created_at bigint NOT NULL,
        expires_at bigint NOT NULL,
        attempts bigint NOT NULL,
        for_nobody boolean NOT NULL,
        due_at bigint NOT NULL,
        lease_number bigint NOT NULL,
        leased_until bigint
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS key_checks (
        name text PRIMARY KEY,
        fingerprints text[] NOT NULL,
        check_value bytea,
        recorded_at bigint NOT NULL
    )
    """,
)

INDEXES = (
    "CREATE UNIQUE INDEX IF NOT EXISTS accounts_email ON accounts (email_key)",
    "CREATE INDEX IF NOT EXISTS accounts_pending ON accounts (id) WHERE pending",
    """
    CREATE INDEX IF NOT EXISTS accounts_plain_only ON accounts (id)
    WHERE password_hash IS NOT NULL AND opaque_record IS NULL
    """,
    "CREATE INDEX IF NOT EXISTS accounts_banned ON accounts (id) WHERE ban IS NOT NULL",
    """
    CREATE INDEX IF NOT EXISTS sign_in_sessions_alive ON sign_in_sessions (account_id, refreshed_at)
    WHERE ended_at IS NULL
    """,
    "CREATE INDEX IF NOT EXISTS sign_in_sessions_over ON sign_in_sessions (LEAST(ended_at, expires_at))",
    "CREATE INDEX IF NOT EXISTS passkeys_in_order ON passkeys (account_id, created_at, id)",
    "CREATE INDEX IF NOT EXISTS identities_in_order ON identities (account_id, linked_at, id)",
    "CREATE INDEX IF NOT EXISTS audit_log_by_actor ON audit_log (actor_id, id)",
    "CREATE INDEX IF NOT EXISTS audit_log_by_target ON audit_log (target_id, id)",
    "CREATE INDEX IF NOT EXISTS audit_log_by_action ON audit_log (action, id)",
    "CREATE INDEX IF NOT EXISTS audit_log_to_prune ON audit_log (at)",
    "CREATE INDEX IF NOT EXISTS outgoing_mail_due ON outgoing_mail (due_at)",
)


class Schema(Table):
    """Only a way to run SQL."""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="synctv", description=DESCRIPTION)

    async def create() -> None:
        for statement in ACCOUNTS + SESSIONS + TABLES + INDEXES:
            await Schema.raw(statement)

    manager.add_raw(create)
    return manager
