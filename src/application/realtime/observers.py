"""Who observes what in one room, arranged so that one value is made once and told to many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from synctv.application.realtime.connection import Observation
from synctv.application.realtime.messages import Changed, Mode, Outgoing, Query, View

_Name = tuple[str, Mode]


@dataclass(slots=True)
class Observers:
    """The observations of a room, by query and then by the name that clients gave them."""

    _by_query: dict[Query, dict[_Name, set[Observation]]] = field(default_factory=dict)

    def add(self, observation: Observation) -> None:
        """Adds one."""
        named = self._by_query.setdefault(observation.query, defaultdict(set))
        named[observation.id, observation.mode].add(observation)

    def discard(self, observation: Observation) -> None:
        """Removes one, if it is there."""
        named = self._by_query.get(observation.query, {})
        group = named.get((observation.id, observation.mode), set())
        group.discard(observation)
        if not group:
            named.pop((observation.id, observation.mode), None)
        if not named:
            self._by_query.pop(observation.query, None)

    def queries(self) -> Collection[Query]:
        """The distinct queries."""
        return list(self._by_query)

    def of(self, query: Query) -> list[Observation]:
        """The observations of a query."""
        return [observation for group in self._by_query.get(query, {}).values() for observation in group]

    def tell(self, query: Query, seq: int, view: View) -> None:
        """Pushes a value to everybody who observes the query. Those who gave it the same name get the same message."""
        for (name, mode), group in list(self._by_query.get(query, {}).items()):
            outgoing = Outgoing(Changed(name, seq, view if mode is Mode.SNAPSHOT else None))
            for observation in list(group):
                observation.push(seq, outgoing)
