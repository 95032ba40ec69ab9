"""References to actors in columns. A guest is in no table, so these refer to none."""

from __future__ import annotations

from typing import Any

from synctv.adapters.postgres.queries import Row
from synctv.domain.rooms.actor import ActorKind, ActorRef


def actor_columns(prefix: str, actor: ActorRef | None) -> dict[str, Any]:
    """The three columns of an actor, such as `added_by_id`; all None for nobody."""
    return {
        f"{prefix}_id": actor.id if actor else None,
        f"{prefix}_name": actor.name if actor else None,
        f"{prefix}_kind": actor.kind.value if actor else None,
    }


def actor(prefix: str, row: Row) -> ActorRef:
    """The actor of a row."""
    return ActorRef(row[f"{prefix}_id"], row[f"{prefix}_name"], ActorKind(row[f"{prefix}_kind"]))


def optional_actor(prefix: str, row: Row) -> ActorRef | None:
    """The actor of a row that may have none."""
    return None if row[f"{prefix}_id"] is None else actor(prefix, row)
