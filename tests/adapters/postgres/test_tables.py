"""The tables that queries are written for are the ones that the migrations make."""

from __future__ import annotations

from collections import defaultdict

import pytest

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.tables import TABLES

pytestmark = pytest.mark.postgres

OF_PICCOLO = {"migration"}
SOMEBODY = "'01234567-89ab-7cde-8f01-23456789abcd'"


async def test_tables_and_migrations_agree(database: Database) -> None:
    made: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
    async with database.rows() as queries:
        for row in await queries.rows(
            "SELECT relname, attname, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS empty "
            "FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
            "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped"
        ):
            made[row["relname"]][row["attname"]] = (row["type"], row["empty"])
    written = {
        table._meta.tablename: {
            column._meta.db_column_name: (column.column_type.lower(), column._meta.null)
            for column in table._meta.columns
        }
        for table in TABLES
    }
    assert {name: columns for name, columns in made.items() if name not in OF_PICCOLO} == written


async def test_what_is_asked_for_all_the_time_has_an_index(database: Database) -> None:
    questions = {
        "SELECT * FROM rooms WHERE status = 'active' AND visibility = 'public' ORDER BY id DESC": "rooms_listed",
        "SELECT * FROM room_events WHERE NOT published AND at < 5 ORDER BY place LIMIT 50": "room_events_unpublished",
        "SELECT * FROM room_events WHERE published AND at < 5 ORDER BY at LIMIT 50": "room_events_to_prune",
        "SELECT * FROM media_items WHERE room_id = gen_random_uuid() AND folder_id IS NULL AND deleted = false "
        "ORDER BY rank, id": "media_items_in_order",
        "SELECT * FROM folders WHERE room_id = gen_random_uuid() AND NOT deleted ORDER BY rank, id": "folders_in_order",
        "SELECT * FROM chat_messages WHERE room_id = gen_random_uuid() AND seq < 9 ORDER BY seq DESC LIMIT 50": (
            "chat_messages_in_order"
        ),
        "SELECT * FROM accounts WHERE email_key = 'anna@example.org'": "accounts_email",
        "SELECT * FROM accounts WHERE pending ORDER BY id LIMIT 50": "accounts_pending",
        "SELECT * FROM accounts WHERE ban IS NOT NULL ORDER BY id LIMIT 50": "accounts_banned",
        f"SELECT * FROM sign_in_sessions WHERE account_id = {SOMEBODY} AND ended_at IS NULL "
        "ORDER BY refreshed_at DESC": "sign_in_sessions_alive",
        "SELECT * FROM sign_in_sessions WHERE LEAST(ended_at, expires_at) < 5": "sign_in_sessions_over",
        "SELECT * FROM passkeys WHERE credential_id = 'x'": "passkeys_credential",
        f"SELECT * FROM passkeys WHERE account_id = {SOMEBODY} ORDER BY created_at, id": "passkeys_in_order",
        "SELECT * FROM identities WHERE provider = 'x' AND subject = 'y'": "identities_subject",
        f"SELECT * FROM identities WHERE account_id = {SOMEBODY} ORDER BY linked_at, id": "identities_in_order",
        f"SELECT * FROM credentials WHERE account_id = {SOMEBODY} ORDER BY created_at, id": "credentials_in_order",
        f"SELECT * FROM credentials WHERE id > {SOMEBODY} ORDER BY id LIMIT 50": "credentials_pkey",
        "SELECT * FROM audit_log WHERE actor_id = 'x' ORDER BY id DESC LIMIT 50": "audit_log_by_actor",
        "SELECT * FROM audit_log WHERE target_id = 'x' ORDER BY id DESC LIMIT 50": "audit_log_by_target",
        "SELECT * FROM audit_log WHERE action = 'x' ORDER BY id DESC LIMIT 50": "audit_log_by_action",
        "SELECT * FROM audit_log WHERE at < 5 ORDER BY at LIMIT 50": "audit_log_to_prune",
        "SELECT * FROM outgoing_mail WHERE due_at <= 5": "outgoing_mail_due",
    }
    async with database.transaction(writable=True) as queries:
        await queries.rows("SET LOCAL enable_seqscan = off")
        for question, index in questions.items():
            plan = "\n".join(row["QUERY PLAN"] for row in await queries.rows(f"EXPLAIN {question}"))
            assert index in plan, plan
