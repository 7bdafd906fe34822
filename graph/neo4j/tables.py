"""What a statement returns of the nodes or relationships it matched, and the arrays made of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graph.columns import Array, Maker, integers, maker, objects
from graph.kinds import EdgeKind, NodeKind
from graph.neo4j.cypher import quoted
from ontology.model import Property

Lists = Sequence[list[Any] | None]
"""One record of columns; None for one without a value."""

KeysOf = Callable[[list[str | None]], Array]
"""Keys of ids, 0 for none."""

_EDGE_HEADS = {"source": "x._source", "version": "x._version", "_change": "x._change"}
_NODE_HEADS = {"id": "x.id", **_EDGE_HEADS}
_TEXTS = ("id", "source")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its value as an expression on a row `x`, or what is collected beside the rows, where `nothing` stands
    for what is absent; `{0}` in them is a number of the column's own."""

    make: Maker
    value: str = ""
    nothing: Any = None
    collected: str = ""
    match: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


class Table:
    """Columns of what a pattern matched as `row`; those by which rows are `ordered` come first and are always read."""

    def __init__(self, row: str, ordered: Mapping[str, str], columns: Mapping[str, Column]) -> None:
        self._order = list(ordered)
        heads = {name: Column(integers, collected=key) for name, key in ordered.items()}
        self._columns = heads | {name: column for name, column in columns.items() if name not in heads}
        self.given = {
            name.format(place): value
            for place, column in enumerate(self._columns.values())
            for name, value in column.given.items()
        }
        self.body = _body(row, list(self._columns.values()))

    def arrays(self, lists: Lists) -> dict[str, Array]:
        """The columns, the rows in the order of their keys."""
        rows = len(lists[0] or ())
        filled = (
            [column.nothing] * rows if values is None else values
            for column, values in zip(self._columns.values(), lists, strict=True)
        )
        made = zip(self._columns.items(), filled, strict=True)
        return self.sorted({name: column.make(values) for (name, column), values in made})

    def sorted(self, arrays: dict[str, Array]) -> dict[str, Array]:
        """The same rows in the order of their keys."""
        order = np.lexsort([arrays[name] for name in reversed(self._order)])
        if bool((order[1:] > order[:-1]).all()):
            return arrays
        return {name: array[order] for name, array in arrays.items()}


def _body(row: str, columns: Sequence[Column]) -> str:
    """The clauses after the pattern."""
    numbered = list(enumerate(columns))
    matches = [column.match.format(place) for place, column in numbered if column.match]
    collected = [
        f"collect({column.collected.format(place)}) AS c{place}" for place, column in numbered if column.collected
    ]
    returned = [_returned(place, column) for place, column in numbered]
    return " ".join(
        [*matches, f"WITH {', '.join([f'collect({row}) AS rows', *collected])} RETURN", ", ".join(returned)]
    )


def _returned(place: int, column: Column) -> str:
    """The list; what no row has is not worth its way."""
    if not column.collected:
        value = column.value.format(place)
        return f"CASE WHEN any(x IN rows WHERE {value} IS NOT NULL) THEN [x IN rows | {value}] END AS c{place}"
    if column.nothing is None:
        return f"c{place}"
    return f"CASE WHEN any(x IN c{place} WHERE x <> {column.nothing}) THEN c{place} END AS c{place}"


def node_table(kind: NodeKind, columns: Sequence[str]) -> Table:
    """Of nodes `n` of one type."""
    return Table("n", {"key": "n._key"}, {name: _of_node(kind, name) for name in columns})


def edge_table(kind: EdgeKind, columns: Sequence[str], keys_of: KeysOf) -> Table:
    """Of relationships `r` from `a` to `b`."""
    return Table("r", {"from": "a._key", "to": "b._key"}, {name: _of_edge(kind, name, keys_of) for name in columns})


def _of_node(kind: NodeKind, name: str) -> Column:
    each = kind.properties.get(name)
    if each is None:
        return _head(_NODE_HEADS, name) or _in_language(name)
    if name not in kind.references:
        return Column(maker(each) if kind.columnar and not each.many else _held(each), value=f"x.{_plain(name)}")
    if kind.columnar and not each.many:
        target = f"OPTIONAL MATCH (n)-[:{_plain(name)}]->(t{{0}})"
        return Column(integers, collected="coalesce(t{0}._key, 0)", match=target, nothing=0)
    return Column(_several if each.many else _single, collected=f"[(n)-[:{_plain(name)}]->(to) | to.id]")


def _of_edge(kind: EdgeKind, name: str, keys_of: KeysOf) -> Column:
    each = kind.properties.get(name)
    if each is None:
        return _head(_EDGE_HEADS, name) or _in_language(name)
    if name in kind.references and not each.many:
        return Column(keys_of, value=f"x.{_plain(name)}")
    return Column(_held(each) if each.many else maker(each), value=f"x.{_plain(name)}")


def _head(heads: Mapping[str, str], name: str) -> Column | None:
    return Column(objects if name in _TEXTS else integers, value=heads[name]) if name in heads else None


def _in_language(name: str) -> Column:
    """`label@de`: what follows the at sign comes from users."""
    return Column(_tuples, value="x[$language{0}]", given={"language{0}": name})


def _plain(name: str) -> str:
    """A name that stands in a template."""
    return quoted(name).replace("{", "{{").replace("}", "}}")


def _held(each: Property) -> Maker:
    return _tuples if each.many else objects


def _tuples(values: list[Any]) -> Array:
    return objects([tuple(value) if isinstance(value, list) else value for value in values])


def _single(ids: list[Any]) -> Array:
    return objects([each[0] if each else None for each in ids])


def _several(ids: list[Any]) -> Array:
    return objects([tuple(sorted(each)) if each else None for each in ids])
