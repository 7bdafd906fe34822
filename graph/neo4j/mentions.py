"""Rows about others that name an erased person, in the database; see `graph.mentions`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from graph.kinds import EdgeKind, Kind, NodeKind
from graph.mentions import Blanking, described, naming_properties
from graph.neo4j.cypher import any_of, quoted
from graph.neo4j.write import Writing
from graph.rows import props_text, read_props

_REFERRING = (
    "UNWIND $keys AS key MATCH (:Resource {{_key: key}})<-[r:{0}]-(n:{1}) WHERE NOT n._key IN $keys "
    "WITH type(r) AS name, count(DISTINCT n) AS number RETURN collect([name, number])"
)
_COLUMNS = "MATCH (t:_Type {name: $type}) RETURN t.columns"
_NODE = "(x:{0})"
_EDGE = "()-[x:{0}]->()"
_NAMING = "MATCH {0} WHERE {1} RETURN collect(elementId(x)), collect(x.{2})"
_ONE = "x.{0} IN $texts"
_ANY = "any(text IN x.{0} WHERE text IN $texts)"
_SET = "UNWIND $rows AS row MATCH {0} WHERE elementId(x) = row[0] SET x.{1} = row[1]"
_VERSIONS = (
    "MATCH (x:_History) WHERE x.type IN $types AND any(text IN $texts WHERE x.props CONTAINS text) "
    "RETURN collect([elementId(x), x.type, x.props])"
)


class Mentions:
    """What names the person in rows that stay."""

    def __init__(self, job: Writing, blanking: Blanking) -> None:
        self._job = job
        self._layout = job.layout
        self._blanking = blanking
        self._texts = blanking.texts

    def references(self, keys: Sequence[int]) -> Counter[str]:
        """Rows that stay and refer to what goes, by `Type.property`; the references go with it."""
        found: Counter[str] = Counter()
        for kind in self._layout.nodes.values():
            names = [each.name for each in naming_properties(kind, self._layout.model) if each.targets]
            if names:
                query = _REFERRING.format(any_of(names), quoted(kind.name))
                found.update({f"{kind.name}.{name}": number for name, number in self._job.run(query, keys=keys)[0][0]})
        return found

    def texts(self) -> Counter[str]:
        """Take the person out of texts, in what stands and in superseded versions; rows changed, by `Type.property`."""
        found: Counter[str] = Counter()
        for kind in self._layout.kinds():
            for column in self._columns(kind):
                found[f"{kind.name}.{column}"] += self._live(kind, column)
        return found + self._superseded()

    def _columns(self, kind: Kind) -> list[str]:
        """The columns of texts that may name a person; references are no texts, but for those of edges."""
        naming = naming_properties(kind, self._layout.model)
        own = [each.name for each in naming if not each.targets or isinstance(kind, EdgeKind)]
        if not own:
            return []
        stated = self._job.run(_COLUMNS, type=kind.name)
        languages = stated[0][0] or [] if stated else []
        return [*own, *(name for name in languages if name.partition("@")[0] in own)]

    def _live(self, kind: Kind, column: str) -> int:
        rows = (_NODE if isinstance(kind, NodeKind) else _EDGE).format(quoted(kind.name))
        each = described(kind, column)
        naming = (_ANY if each.many else _ONE).format(quoted(column))
        ((ids, values),) = self._job.run(_NAMING.format(rows, naming, quoted(column)), texts=self._texts)
        cleaned = [self._blanking.value(each, tuple(value) if each.many else value) for value in values]
        plain = [sorted(value) if isinstance(value, tuple) else value for value in cleaned]
        self._job.run(_SET.format(rows, quoted(column)), rows=list(zip(ids, plain, strict=True)))
        return len(ids)

    def _superseded(self) -> Counter[str]:
        found: Counter[str] = Counter()
        kinds = {kind.name: kind for kind in self._layout.kinds() if naming_properties(kind, self._layout.model)}
        written = [orjson.dumps(text).decode()[1:-1] for text in self._texts]
        rows: list[list[Any]] = []
        for id, name, text in self._job.run(_VERSIONS, types=list(kinds), texts=written)[0][0]:
            before = read_props(text)
            after = self._blanking.without(kinds[name], before)
            if after != before:
                rows.append([id, props_text(after)])
                found.update(f"{name}.{column}" for column in before if after.get(column) != before[column])
        self._job.run(_SET.format(_NODE.format("_History"), "props"), rows=rows)
        return found
