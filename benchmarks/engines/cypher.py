"""The question's Cypher twin, inside a Neo4j that holds the population."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.engines.contract import Asked, Best, Row
from benchmarks.engines.ours import number_of, raw
from graph.store import Cypher
from graph.viewer import OPERATOR
from queries.twin import ask_twin

CYPHER = "Neo4j, Cypher"


@dataclass(frozen=True, slots=True)
class Twin:
    """Answers over Bolt, without explanations."""

    store: Cypher
    name: str = CYPHER

    def ready(self, asked: Asked) -> Best:
        parameters = raw(asked)

        def best() -> Sequence[Row]:
            rows = ask_twin(self.store, OPERATOR, "role-matches", parameters).rows
            return [(number_of(row["person"]), row["ready"], row["points"]) for row in rows]

        return best
