"""Everything that is held on one person: for the person, and to be read back by `load tables`.

Rows about others that name the person (who rated, who managed) stand apart under `mentions`: they say something of
others too, so whoever hands the answer over may have to leave them out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from graph.boundary import json_value, property_of, states
from graph.exports.tables import make_folder, table_file, table_header, write_cells
from graph.ledger import HeldRow
from graph.person import Person, find_person
from graph.settings import Settings
from graph.steady import steady
from graph.store import Edge, Node, Store, Value
from graph.viewer import OPERATOR
from ontology.lists import join_list
from ontology.model import EdgeType, Model, NodeType

Row = dict[str, Any]
Tables = dict[str, list[Row]]
MENTIONS = "mentions"


def access(store: Store, person: str, settings: Settings) -> dict[str, Any] | None:
    """JSON-ready: `tables` and `mentions` (type -> rows as native tables write them), `superseded` versions, and
    `held_rows` that loads put aside; None when no record has that id."""
    return steady(store, lambda number: _held(store, number, person, settings))


def _held(store: Store, number: int, person: str, settings: Settings) -> dict[str, Any] | None:
    found = find_person(store, person, settings)
    if found is None:
        return None
    facts = list(_facts(store, found))
    return {
        "person": found.ids[0],
        "records": list(found.ids),
        "version": number,
        "tables": _tables(store.model, [*found.records, *facts], _edges(store, found)),
        MENTIONS: _tables(store.model, list(_mentions(store, found, facts)), []),
        "superseded": [
            {
                "type": old.node.type,
                "since": old.since,
                "until": old.until,
                **_node_row(store.model, old.node),
            }
            for old in store.superseded(found.ids)
        ],
        "held_rows": [_held_row(row) for row in _put_aside(store, found, facts)],
    }


def write_tables(held: Mapping[str, Any], out: Path) -> list[Path]:
    """Native tables of an answer of `access` into a folder, `mentions` into another beside it; the files written."""
    beside = out.with_name(f"{out.name}-{MENTIONS}")
    written = [_write(name, rows, out) for name, rows in held["tables"].items()]
    return written + [_write(name, rows, beside) for name, rows in held[MENTIONS].items()]


def _write(name: str, rows: Sequence[Row], out: Path) -> Path:
    make_folder(out)
    header = list(dict.fromkeys(column for row in rows for column in row))
    cells = [[_cell(row.get(column)) for row in rows] for column in header]
    path = table_file(out, name)
    write_cells(path, header, [cells])
    return path


def _facts(store: Store, person: Person) -> Iterator[Node]:
    """Facts about the person; those of facts (a rating of an evidence) after what they belong to."""
    known: dict[str, list[str]] = {record: list(person.ids) for record in {each.type for each in person.records}}
    waiting = [kind for kind in store.model.nodes.values() if kind.person not in (None, "id")]
    while waiting:
        ready = [kind for kind in waiting if set(_led_through(kind)) <= known.keys()]
        for kind in ready:
            asked = [id for target in _led_through(kind) for id in known[target]]
            nodes = _about(store, kind, asked)
            known[kind.name] = [node.id for node in nodes]
            yield from nodes
        waiting = [kind for kind in waiting if kind not in ready]


def _led_through(kind: NodeType) -> tuple[str, ...]:
    """The types that the property to the person leads to."""
    return kind.properties[str(kind.person)].targets


def _about(store: Store, kind: NodeType, ids: list[str]) -> list[Node]:
    if not ids:
        return []
    if kind.storage == "columns":
        return store.facts(kind.name, {str(kind.person): ids}, OPERATOR)
    space = store.model.space(_led_through(kind)[0])
    keys = [key for key in store.keys(space, ids).tolist() if key]
    batches = store.scan(kind.name, ["id"], (str(kind.person), keys))
    own = [id for batch in batches for id in batch.arrays["id"].tolist()]
    return list(store.many(own, OPERATOR).values())


def _edges(store: Store, person: Person) -> list[Edge]:
    outgoing = store.expand(person.ids, OPERATOR)
    incoming = [edge for edge in store.expand(person.ids, OPERATOR, incoming=True) if edge.start not in person.ids]
    return [*outgoing, *incoming]


def _mentions(store: Store, person: Person, facts: Sequence[Node]) -> Iterator[Node]:
    """Facts about others in which a text names the person."""
    own = {fact.id for fact in facts}
    names = list(person.names(store.model))
    for kind in store.model.nodes.values():
        for each in kind.properties.values():
            if each.names_person and kind.storage == "columns" and not each.many:
                found = store.facts(kind.name, {each.name: names}, OPERATOR)
                yield from (node for node in found if node.id not in own)


def _tables(model: Model, nodes: Sequence[Node], edges: Sequence[Edge]) -> Tables:
    tables: Tables = defaultdict(list)
    for node in nodes:
        tables[node.type].append(_node_row(model, node))
    for edge in edges:
        kind = model.edges[edge.type]
        tables[edge.type].append({"from": edge.start, "to": edge.end, **_stated(kind, edge.properties)})
    return {name: _in_header_order(model, name, rows) for name, rows in tables.items()}


def _node_row(model: Model, node: Node) -> Row:
    return {"id": node.id, **_stated(model.nodes[node.type], node.properties), "version": node.version}


def _stated(kind: NodeType | EdgeType, properties: Mapping[str, Value]) -> Row:
    described = ((name, property_of(kind, name), value) for name, value in properties.items())
    return {name: json_value(each, value) for name, each, value in described if states(each, value)}


def _in_header_order(model: Model, name: str, rows: list[Row]) -> list[Row]:
    header = table_header(model.type(name), {column for row in rows for column in row})
    return [{column: row[column] for column in header if column in row} for row in rows]


def _put_aside(store: Store, person: Person, facts: Sequence[Node]) -> list[HeldRow]:
    return store.ledger.naming(person.ids, person.names(store.model), [fact.id for fact in facts])


def _held_row(row: HeldRow) -> Row:
    return {
        "load": row.load, "file": row.file, "row": row.row, "kind": row.kind, "field": row.field,
        "reason": row.reason, "raw": dict(row.raw),
    }  # fmt: skip


def _cell(value: Any) -> str:
    """A JSON value as a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return format(Decimal(repr(value)), "f")
        case list():
            return join_list(map(_cell, value))
        case _:
            return str(value)
