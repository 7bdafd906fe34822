"""Batches of rows that came in a request: read strictly, and each row looked at by itself before it is handed on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from api.problems import Fault, Problem, fault, invalid, unreadable
from api.strict_json import parse_json
from graph.store import Store
from graph.viewer import Viewer
from loaders.errors import nearest
from ontology.model import Model, NodeType

TABLES: Final[Mapping[str, str]] = {"evidence": "Evidence", "ratings": "Rating"}
ANCHORS: Final[Mapping[str, str]] = {"Evidence": "learner", "Rating": "evidence"}
"""The column by which a row is about a person."""
MAX_ROWS: Final = 50_000
_OWN: Final = ("id", "version")


@dataclass(slots=True)
class Batch:
    """Rows by type with the numbers they have in the request, and what was refused before they were handed on."""

    rows: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def add(self, model: Model, type: str, number: int, row: Any) -> None:
        """Take a row, or refuse it when it cannot be one of its table."""
        why = _misshapen(row, model.nodes[type])
        if why is None:
            self.rows.setdefault(type, []).append((number, row))
        else:
            self.refuse(type, number, row, why)

    def refuse(self, type: str, number: int, row: Any, why: Fault) -> None:
        """Note a row that is not handed on."""
        told = {"type": type, "row": number, "id": id_of(row), "outcome": "rejected"}
        self.refused.append(told | {"field": why.field, "value": why.value, "reason": why.fix})


def id_of(row: Any) -> str:
    """A row's id as it was given; "" when it gave none."""
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else ""


def batch_of_json(body: bytes, model: Model) -> Batch:
    """A list of evidence rows, or an object with a list a table."""
    value = parse_json(body, numbers_as_text=True)
    tables = {"evidence": value} if isinstance(value, list) else value
    if not isinstance(tables, dict):
        raise unreadable("body", value, "send a list of evidence rows, or an object with `evidence` and `ratings`")
    _check_count(sum(len(rows) for rows in tables.values() if isinstance(rows, list)))
    batch = Batch()
    for name, rows in tables.items():
        if name not in TABLES:
            raise invalid(name, "", f"leave it out; known are {', '.join(TABLES)}")
        if not isinstance(rows, list):
            raise invalid(name, rows, "send a list of rows")
        for number, row in enumerate(rows, 1):
            batch.add(model, TABLES[name], number, row)
    return batch


def batch_of_lines(body: bytes, model: Model) -> Batch:
    """One evidence row a line; a line that is no JSON is refused alone."""
    _check_count(body.count(b"\n"))
    batch = Batch()
    for number, line in enumerate(body.splitlines(), 1):
        if not line.strip():
            continue
        try:
            batch.add(model, "Evidence", number, parse_json(line, f"line {number}", numbers_as_text=True))
        except Problem as problem:
            batch.refuse("Evidence", number, None, problem.faults[0])
    return batch


def keep_inside(store: Store, viewer: Viewer, batch: Batch) -> None:
    """Refuse what a key limited to org units says of others: to it they are as if absent."""
    if viewer.org_units is None:
        return
    stated = {id_of(row) for _, row in batch.rows.get("Evidence", [])}
    for type, rows in batch.rows.items():
        anchor = ANCHORS[type]
        texts = {text for _, row in rows for text in (id_of(row), str(row.get(anchor)))}
        ids = {text: id for text in texts if (id := _curie(store, text)) is not None}
        there = {id for id, kind in zip(ids.values(), store.types_of(list(ids.values())), strict=True) if kind}
        hidden = there - set(store.many(list(ids.values()), viewer))
        kept = []
        for number, row in rows:
            about, own = str(row.get(anchor)), ids.get(id_of(row))
            known = ids.get(about) in there - hidden or (type == "Rating" and about in stated)
            if known and own not in hidden:
                kept.append((number, row))
            else:
                batch.refuse(type, number, row, fault(anchor, about, "names nothing that is here for this key"))
        batch.rows[type] = kept


def _check_count(count: int) -> None:
    """Before a row is looked at: a row costs much more memory than its bytes."""
    if count > MAX_ROWS:
        fix = f"send at most {MAX_ROWS} rows at a time"
        raise Problem("too-large", f"a batch of {count} rows is too large", [fault("body", f"{count} rows", fix)])


def _misshapen(row: Any, kind: NodeType) -> Fault | None:
    """Why a JSON value can be no row of the type's table: its values are left to the load."""
    if not isinstance(row, dict):
        return fault("", row, "is not a JSON object with the columns of its table")
    for name, value in row.items():
        if name not in _OWN and name not in kind.properties:
            known = (*_OWN, *kind.properties)
            return fault(name, value, f"is no column of {kind.name}{nearest(name, known)}; it has {', '.join(known)}")
        many = name in kind.properties and kind.properties[name].many
        if isinstance(value, dict) or (isinstance(value, list) and not (many and all(map(_is_scalar, value)))):
            return fault(name, value, "holds a list or an object: write one value")
    return None


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _curie(store: Store, text: str) -> str | None:
    try:
        return store.model.prefixes.curie(text.strip())
    except ValueError:
        return None
