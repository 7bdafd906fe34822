"""`graph.contents` as nodes and relationships of the database: see `graph.neo4j.schema`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from graph.alike import MARK, MARK_AS_SAID, marks_by_row
from graph.canonical import as_sets
from graph.contents import HELD_ROW, Book, Form, Head, Rows, form_of
from graph.folding import fold
from graph.kinds import IDENTITY, EdgeKind, NodeKind
from graph.manifest import manifest_text
from graph.merge import REMOVED
from graph.neo4j.schema import VERSION
from graph.settings import Settings
from ontology.model import Model

Forms = Mapping[str, Form]
"""What the properties of nodes or relationships hold."""

RESOURCE = "Resource"

_NODE: Forms = {
    "id": Form.TEXT,
    "_source": Form.TEXT,
    "_version": Form.NUMBER,
    "_hash": Form.NUMBER,
    "_change": Form.NUMBER,
    "_retired": Form.FLAG,
    "_search": Form.TEXTS,
    "_search_person": Form.TEXTS,
}
_EDGE: Forms = {
    "_source": Form.TEXT,
    "_version": Form.NUMBER,
    "_also": Form.TEXTS,
    "_also_versions": Form.NUMBERS,
    "_hash": Form.NUMBER,
    "_change": Form.NUMBER,
}

TYPE: Forms = {"name": Form.TEXT, "columns": Form.TEXTS}

STORE: Forms = {
    "name": Form.TEXT,
    "number": Form.NUMBER,
    "writes": Form.NUMBER,
    "last_key": Form.NUMBER,
    "last_load": Form.NUMBER,
    "last_held": Form.NUMBER,
    "schema_version": Form.NUMBER,
    "created_at": Form.NUMBER,
    "model": Form.TEXT,
    "model_hash": Form.TEXT,
    "extension": Form.TEXT,
    "secret_check": Form.TEXT,
    "derived": Form.NUMBER,
    "derived_for": Form.TEXT,
    "derivations": Form.NUMBER,
}


def store_node(model: Model, head: Head, last: Mapping[str, int]) -> dict[str, Any]:
    """The properties of `_Store`, with the `last` load's and held row's numbers; nothing is derived yet.

    Without the model's hash, so that the first opening sees to the constraints and indexes that the model asks for.
    """
    return {
        "name": "store",
        "number": head.number,
        "writes": 0,
        "last_key": head.last_key,
        **last,
        "schema_version": VERSION,
        "created_at": head.created_at,
        "model": manifest_text(model),
        "model_hash": "",
        "extension": model.extension or "",
        "secret_check": head.secret_check,
    }


def derived(number: int, settings: Settings) -> dict[str, Any]:
    """What `_Store` says when everything derived is true up to a change number."""
    return {"derived": number, "derived_for": derived_for(settings), "derivations": 1}


def derived_for(settings: Settings) -> str:
    """The settings that what is derived depends on beside the facts."""
    return orjson.dumps([settings.source_order, settings.unique_identities]).decode()


def node_forms(kind: NodeKind, stated: list[str]) -> Forms:
    """The properties of a type's nodes beside `_key`, of which `stated` are ever stated."""
    searched = {searched_as(kind)} if kind.labels else set()
    heads = {name: form for name, form in _NODE.items() if not name.startswith("_search") or name in searched}
    marked = dict.fromkeys((MARK, MARK_AS_SAID), Form.TEXT) if kind.name == IDENTITY else {}
    return heads | marked | {name: _form(kind, name) for name in stated if name not in kind.references}


def edge_forms(kind: EdgeKind, stated: list[str]) -> Forms:
    """The properties of a type's relationships; references are ids."""
    texts = {name: Form.TEXTS if each.property.many else Form.TEXT for name, each in kind.references.items()}
    return {**_EDGE, **{name: texts.get(name) or _form(kind, name) for name in stated}}


def _form(kind: NodeKind | EdgeKind, column: str) -> Form:
    return form_of(kind.properties[column.partition("@")[0]])


def node_rows(kind: NodeKind, rows: Rows) -> Rows:
    """Nodes as they lie in the database, references too."""
    made = {name: as_sets(values) for name, values in rows.items()}
    made["_retired"] = [True if hash == REMOVED else None for hash in rows["_hash"]]
    if kind.labels:
        made[searched_as(kind)] = folded_labels(kind, rows)
    return made | (marks_by_row(rows, len(rows["id"])) if kind.name == IDENTITY else {})


def edge_rows(rows: Rows) -> Rows:
    """Edges as they lie in the database."""
    stated = {name: as_sets(values) for name, values in rows.items() if name not in ("_sources", "_versions")}
    sources, versions = rows["_sources"], rows["_versions"]
    return stated | {
        "_source": [first for first, *_ in sources],
        "_version": [first for first, *_ in versions],
        "_also": [list(others) or None for _, *others in sources],
        "_also_versions": [list(others) or None for _, *others in versions],
    }


def searched_as(kind: NodeKind) -> str:
    """The property that holds the folded labels of a type's nodes."""
    return "_search_person" if kind.labels_personal else "_search"


def folded_labels(kind: NodeKind, columns: Mapping[str, Sequence[Any]]) -> list[list[str] | None]:
    """The folded labels of each row, in every language."""
    folded: list[list[str]] = [[] for _ in columns["id"]]
    for name in columns:
        if name.partition("@")[0] in kind.labels:
            for found, value in zip(folded, columns[name], strict=True):
                if value:
                    found.extend(map(fold, (value,) if isinstance(value, str) else value))
    return [sorted(set(found) - {""}) or None for found in folded]


def references(kind: NodeKind, rows: Rows) -> dict[str, Rows]:
    """The references of nodes as relationships, by property."""
    return {
        name: _pairs(rows["_key"], rows[name], each.property.many)
        for name, each in kind.references.items()
        if name in rows
    }


def _pairs(keys: list[int], values: list[Any], many: bool) -> Rows:
    pairs = zip(keys, values, strict=True)
    if many:
        told = [(key, to) for key, value in pairs for to in value or ()]
    else:
        told = [(key, to) for key, to in pairs if to is not None]
    return {"_from": [key for key, _ in told], "_to": [to for _, to in told]}


def label_of(book: Book) -> str:
    """The label of a book's nodes."""
    return f"_{book.name}"


def book_rows(book: Book, rows: Rows) -> Rows:
    """A book's rows as they are kept: what is awaited is absent where nothing is."""
    return rows | {"refers_to": [id or None for id in rows["refers_to"]]} if book is HELD_ROW else rows
