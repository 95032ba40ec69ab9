"""The tables that queries are written for are the ones that the migrations make."""

from __future__ import annotations

from collections import defaultdict

import pytest

from synctv.adapters.postgres.database import Database
from synctv.adapters.postgres.tables import TABLES

pytestmark = pytest.mark.postgres

OF_PICCOLO = {"migration"}


async def test_tables_and_migrations_agree(database: Database) -> None:
    made: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
    async with database.rows() as queries:
        for row in await queries.rows(
            "SELECT table_name, column_name, data_type, is_nullable = 'YES' AS empty "
            "FROM information_schema.columns WHERE table_schema = 'public'"
        ):
            made[row["table_name"]][row["column_name"]] = (row["data_type"], row["empty"])
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
        "SELECT * FROM chat_messages WHERE room_id = gen_random_uuid() AND seq < 9 ORDER BY seq DESC LIMIT 50": (
            "chat_messages_in_order"
        ),
    }
    async with database.transaction(writable=True) as queries:
        await queries.rows("SET LOCAL enable_seqscan = off")
        for question, index in questions.items():
            plan = "\n".join(row["QUERY PLAN"] for row in await queries.rows(f"EXPLAIN {question}"))
            assert index in plan, plan
