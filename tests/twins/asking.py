"""Asking the index and the twin the same, and holding them to the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from graph.index import IndexKeeper
from graph.store import Cypher, Store
from graph.viewer import OPERATOR, Viewer
from ontology.values import parse_instant
from queries.ask import ask
from queries.question import Answer, Forbidden, QuestionError
from queries.twin import ask_twin

NOW = parse_instant("2025-01-01")[0]


@dataclass(frozen=True)
class Both:
    """A store's index, and a Neo4j store that was told the same; they may be one store."""

    indexed: Store
    keeper: IndexKeeper
    server: Cypher

    def alike(
        self,
        question: str,
        raw: Mapping[str, Any],
        viewer: Viewer = OPERATOR,
        now: int = NOW,
        language: str = "",
    ) -> Answer | None:
        """The answer of both, to the bit: rows with the order of their fields, totals, ties and notes; None: refused.

        Only the index gives cursors.
        """
        asked: dict[str, Any] = {"now": now, "text": False, "language": language}
        index = outcome(lambda: ask(self.indexed, self.keeper, viewer, question, raw, **asked))
        twin = outcome(lambda: ask_twin(self.server, viewer, question, raw, **asked))
        assert written(question, twin) == written(question, index), (question, raw, viewer, now, language)
        return index if isinstance(index, Answer) else None


def outcome(asked: Callable[[], Answer]) -> Answer | Exception:
    """The answer, or why there is none."""
    try:
        return asked()
    except (QuestionError, Forbidden) as error:
        return error


def written(question: str, found: Answer | Exception) -> str:
    """As it is sent, less the cursor."""
    if isinstance(found, Answer):
        document = replace(found, next=None).document(question, {})
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    return f"{type(found).__name__}: {found}"
