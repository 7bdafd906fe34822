"""Rows about others that name an erased person, in the database; see `graph.mentions`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from graph.keys import unpack_keys
from graph.kinds import EdgeKind, Kind, NodeKind
from graph.mentions import Blanking, described, naming_properties
from graph.neo4j.cypher import Layout, any_of, quoted
from graph.neo4j.referrers import Ask
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
_VERSIONS = "MATCH (x:_History) WHERE x.type IN $types AND {0} RETURN collect(elementId(x))"
_LATER = (
    "UNWIND $keys AS key MATCH (x:_History {{start: key, type: $type}}) WHERE x.until > $after AND {0} "
    "RETURN collect(elementId(x))"
)
_SAYS = "any(text IN $texts WHERE x.props CONTAINS text)"
_ITEMS = (
    "MATCH (i:_ChangeItem) WHERE i.change > $after AND i.type IN $types AND i.operation <> 'added' "
    "RETURN i.type, i.keys"
)
_READ = "UNWIND $ids AS id MATCH (x:_History) WHERE elementId(x) = id RETURN collect([id, x.type, x.props])"


@dataclass(frozen=True, slots=True)
class Versions:
    """The superseded versions that say one of the texts, as far as they were looked at."""

    texts: tuple[str, ...]  # what was looked for
    ids: frozenset[str]  # the database's own
    number: int  # of the last change whose versions were looked at


NO_VERSIONS = Versions((), frozenset(), 0)


def find_versions(ask: Ask, layout: Layout, texts: Sequence[str], number: int, seen: Versions) -> Versions:
    """Versions that say one of the texts, looked for in all that changes put aside since some were seen, if the same
    was looked for; else everywhere. `number` is the store's when it is asked, or earlier."""
    given: dict[str, Any] = {"texts": [orjson.dumps(text).decode()[1:-1] for text in texts]}
    if tuple(texts) == seen.texts:
        later = _put_aside(ask, layout, seen.number)
        found = (ask(_LATER.format(_SAYS), type=name, keys=keys, after=seen.number, **given) for name, keys in later)
        ids = seen.ids.union(*(rows[0][0] for rows in found))
    else:
        ids = frozenset(ask(_VERSIONS.format(_SAYS), types=list(_naming_kinds(layout)), **given)[0][0])
    return Versions(tuple(texts), ids, number)


def _put_aside(ask: Ask, layout: Layout, after: int) -> Iterator[tuple[str, list[int]]]:
    """(type, keys of nodes or of edges' starts) of naming types that were changed or removed."""
    for name, packed in ask(_ITEMS, after=after, types=list(_naming_kinds(layout))):
        edges = name in layout.edges
        keys = unpack_keys(packed, edges)
        yield name, np.unique(keys[:, 0] if edges else keys).tolist()


def _naming_kinds(layout: Layout) -> dict[str, Kind]:
    return {kind.name: kind for kind in layout.kinds() if naming_properties(kind, layout.model)}


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

    def texts(self, versions: Iterable[str]) -> Counter[str]:
        """Take the person out of texts, in what stands and in superseded versions, of which the database's ids are
        given; rows changed, by `Type.property`."""
        found: Counter[str] = Counter()
        for kind in self._layout.kinds():
            for column in self._columns(kind):
                found[f"{kind.name}.{column}"] += self._live(kind, column)
        return found + self._superseded(versions)

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

    def _superseded(self, versions: Iterable[str]) -> Counter[str]:
        found: Counter[str] = Counter()
        kinds = _naming_kinds(self._layout)
        rows: list[list[Any]] = []
        for id, name, text in self._job.run(_READ, ids=sorted(versions))[0][0]:
            before = read_props(text)
            after = self._blanking.without(kinds[name], before)
            if after != before:
                rows.append([id, props_text(after)])
                found.update(f"{name}.{column}" for column in before if after.get(column) != before[column])
        self._job.run(_SET.format(_NODE.format("_History"), "props"), rows=rows)
        return found
