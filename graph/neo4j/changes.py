"""Change records, as the writer left them: keys become ids when they are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from graph.keys import Ints, unpack_keys
from graph.kinds import EdgeKind
from graph.neo4j.cypher import Layout
from graph.neo4j.names import names_ever
from graph.neo4j.states import Reading, States
from graph.store import Change, ChangeItem

_CHANGES = (
    "MATCH (c:_Change) WHERE c.number > $since WITH c ORDER BY c.number LIMIT $limit "
    "RETURN collect([c.number, c.at, c.source, c.load])"
)
_ITEMS = (
    "MATCH (i:_ChangeItem) WHERE $first <= i.change AND i.change <= $last "
    "RETURN collect(i.change), collect(i.type), collect(i.operation), collect(i.keys)"
)
_OPERATIONS = ("added", "changed", "removed", "erased")
_SOME = 50  # changes whose ids are looked up together


def read_changes(states: States, layout: Layout, since: int, limit: int) -> list[Change]:
    """Change records after a number, in order."""
    return states.steadily(lambda reading: list(_changes(reading, layout, since, limit)))


def read_heads(states: States, since: int, limit: int) -> list[Change]:
    """The same without their items."""
    rows = states.steadily(lambda reading: reading.rows(_CHANGES, since=since, limit=max(limit, 0))[0][0])
    return [Change(number, at, source, load, ()) for number, at, source, load in rows]


def _changes(reading: Reading, layout: Layout, since: int, limit: int) -> Iterator[Change]:
    rows = reading.rows(_CHANGES, since=since, limit=max(limit, 0))[0][0]
    for start in range(0, len(rows), _SOME):
        some = rows[start : start + _SOME]
        items = _items(reading, layout, some[0][0], some[-1][0])
        for number, at, source, load in some:
            yield Change(number, at, source, load, tuple(items.get(number, ())))


def _items(reading: Reading, layout: Layout, first: int, last: int) -> dict[int, list[ChangeItem]]:
    """The items of some changes, by type and operation."""
    found = zip(*reading.fetch(_ITEMS, first=first, last=last)[0], strict=True)
    order = {name: kind.number for name, kind in (*layout.nodes.items(), *layout.edges.items())}
    rows = sorted(found, key=lambda row: (row[0], order[row[1]], _OPERATIONS.index(row[2])))
    keys = [unpack_keys(blob, isinstance(layout.kind(name), EdgeKind)) for _, name, _, blob in rows]
    distinct = np.unique(np.concatenate([each.reshape(-1) for each in keys])).tolist() if keys else []
    names = names_ever(reading, layout, distinct)
    items: dict[int, list[ChangeItem]] = defaultdict(list)
    for (number, name, operation, _), own in zip(rows, keys, strict=True):
        items[number].append(ChangeItem(name, operation, tuple(_ids(names, own))))
    return items


def _ids(names: dict[int, str], keys: Ints) -> Iterator[str]:
    """Those that are not erased; of edges both ends in one text."""
    if keys.ndim == 1:
        yield from (names[key] for key in keys.tolist() if key in names)
    else:
        yield from (f"{names[start]} {names[end]}" for start, end in keys.tolist() if start in names and end in names)
