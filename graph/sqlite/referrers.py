"""Who refers to nodes: what keeps a removed node in the store."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from graph.kinds import NODES
from graph.sqlite.layout import EdgeKind, Layout, NodeKind
from graph.sqlite.schema import is_indexed, quoted


def referred(db: sqlite3.Connection, layout: Layout, kind: NodeKind, keys: Iterable[int]) -> set[int]:
    """Which nodes of one type, about to be removed together, must stay since others still refer to them.

    References among those that go do not count, unless the one that refers must stay itself.
    """
    going = set(keys)
    if not going:
        return set()
    text = json.dumps(sorted(going))
    staying = _ends(db, layout, kind, text) | _by_others(db, layout, kind, text)
    own: dict[int, set[int]] = defaultdict(set)  # referrer -> what it refers to, within the type
    for target, start in _by_own(db, kind, text):
        own[start].add(target)
    for start in own.keys() - going:
        staying |= own[start]
    waiting = list(staying)
    while waiting:
        more = own.get(waiting.pop(), set()) - staying
        staying |= more
        waiting.extend(more)
    return staying & going


def _ends(db: sqlite3.Connection, layout: Layout, kind: NodeKind, keys: str) -> set[int]:
    """Nodes at either end of an edge."""
    starts = [each.number for each in layout.edges.values() if each.start_space == kind.space]
    ends = [each.number for each in layout.edges.values() if each.end_space == kind.space]
    found: set[int] = set()
    for side, types in (("start", starts), ("end", ends)):
        query = (
            f"SELECT j.value FROM json_each(?1) j WHERE EXISTS (SELECT 1 FROM edge e WHERE e.{side} = j.value "
            "AND e.type IN (SELECT value FROM json_each(?2)))"
        )
        found.update(key for (key,) in db.execute(query, (keys, json.dumps(types))))
    return found


def _by_others(db: sqlite3.Connection, layout: Layout, kind: NodeKind, keys: str) -> set[int]:
    """Nodes that nodes of other types, facts or edges' properties refer to."""
    found = set()
    query = (
        "SELECT DISTINCT r.target, r.type, r.property FROM json_each(?1) j "
        "CROSS JOIN reference r ON r.target = j.value WHERE NOT (r.type = ?2 AND r.end = 0)"
    )
    for target, number, name in db.execute(query, (keys, kind.number)):
        if _space(layout.numbered(number), name) == kind.space:
            found.add(target)
    for fact, name in layout.referring(kind.space):
        if fact.name != kind.name:
            found.update(_in_column(db, layout, fact, name, keys))
    return found


def _space(kind: NodeKind | EdgeKind, name: str) -> str:
    return kind.references[name].space


def _in_column(db: sqlite3.Connection, layout: Layout, fact: NodeKind, name: str, keys: str) -> Iterable[int]:
    """An indexed column is asked key by key, another is read through once."""
    column = quoted(name)
    if is_indexed(layout.model.nodes[fact.name], fact.properties[name], layout.model):
        query = f"SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM {fact.table} WHERE {column} = value)"
    else:
        query = f"SELECT DISTINCT {column} FROM {fact.table} WHERE {column} IN (SELECT value FROM json_each(?))"
    return (key for (key,) in db.execute(query, (keys,)))


def _by_own(db: sqlite3.Connection, kind: NodeKind, keys: str) -> list[tuple[int, int]]:
    """(target, referrer) among nodes of the type itself."""
    found: list[tuple[int, int]] = []
    if kind.space == NODES or kind.in_json:
        query = (
            "SELECT r.target, r.start FROM json_each(?1) j CROSS JOIN reference r ON r.target = j.value "
            "WHERE r.type = ?2 AND r.end = 0 AND r.property IN (SELECT value FROM json_each(?3))"
        )
        names = [name for name, each in kind.in_json.items() if each.space == kind.space]
        found += db.execute(query, (keys, kind.number, json.dumps(names)))
    for name, each in kind.in_columns.items():
        if each.space == kind.space:
            column = quoted(name)
            query = f"SELECT {column}, _key FROM {kind.table} WHERE {column} IN (SELECT value FROM json_each(?))"
            found += db.execute(query, (keys,))
    return found
