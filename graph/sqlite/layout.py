"""The model as this engine keeps it: numbers of types, key spaces, tables, references. Made once a store is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from graph.sqlite import schema
from ontology.model import Datatype, EdgeType, Model, NodeType, Property

LABELS = {"label": 1, "alt_labels": 2, "hidden_labels": 3}  # searched properties and their number in `label.kind`
RETIRED = "retired"
_TYPES = 1 << 12  # more types than a model has


@dataclass(frozen=True)
class Reference:
    """A property that refers to nodes: `targets` are the type numbers that may stand there."""

    property: Property
    space: str
    targets: frozenset[int]

    @cached_property
    def allows(self) -> NDArray[np.bool_]:
        """Whether a node of each type number may stand there."""
        return np.isin(np.arange(_TYPES), list(self.targets))


class Kind:
    """What node and edge types share."""

    def __init__(self, kind: NodeType | EdgeType, model: Model, numbers: Mapping[str, int]) -> None:
        self.name = kind.name
        self.number = numbers[kind.name]
        self.properties = kind.properties
        self.history = kind.history
        self.references = {
            each.name: Reference(each, schema.target_space(each, model), frozenset(numbers[to] for to in each.targets))
            for each in kind.properties.values()
            if each.datatype is Datatype.REFERENCE
        }

    @property
    def in_json(self) -> Mapping[str, Reference]:
        """References that are kept as text and so in the `reference` table too."""
        return self.references


class NodeKind(Kind):
    """A node type. `table` is quoted; `p` begins the names of key, id, source, version, hash and change in it."""

    def __init__(self, kind: NodeType, model: Model, numbers: Mapping[str, int]) -> None:
        super().__init__(kind, model, numbers)
        self.person = kind.person
        self.space = model.space(kind.name)
        self.columnar = kind.storage == "columns"
        self.table = schema.fact_table(kind.name) if self.columnar else "node"
        self.p = "_" if self.columnar else ""
        self.columns = [each for each in kind.properties.values() if schema.has_column(each)] if self.columnar else []

    @cached_property
    def own(self) -> str:
        """The WHERE condition that picks the type's rows of its table."""
        return "1" if self.columnar else f"type = {self.number}"

    @cached_property
    def retires(self) -> bool:
        """Whether a removed node can say so in its status."""
        status = self.properties.get("status")
        return status is not None and (not status.values or RETIRED in status.values)

    @cached_property
    def labels(self) -> dict[str, int]:
        """Searched properties."""
        if self.columnar:
            return {}
        texts = {name for name, each in self.properties.items() if each.datatype in (Datatype.TEXT, Datatype.STRING)}
        return {name: number for name, number in LABELS.items() if name in texts}

    @cached_property
    def labels_table(self) -> str:
        """Labels that are personal data are kept apart."""
        return "person_label" if any(self.properties[name].personal for name in self.labels) else "label"

    @cached_property
    def in_columns(self) -> dict[str, Reference]:
        """References that are integer columns of the type's own table."""
        return {name: each for name, each in self.references.items() if self.columnar and not each.property.many}

    @cached_property
    def in_json(self) -> Mapping[str, Reference]:
        return {name: each for name, each in self.references.items() if name not in self.in_columns}


class EdgeKind(Kind):
    """An edge type; `joins` are the allowed (from, to) type numbers."""

    def __init__(self, kind: EdgeType, model: Model, numbers: Mapping[str, int]) -> None:
        super().__init__(kind, model, numbers)
        self.start_space, self.end_space = (model.space(name) for name in kind.ends[0])
        self.joins = frozenset((numbers[start], numbers[end]) for start, end in kind.ends)

    def ends_of(self, incoming: bool) -> set[int]:
        """The type numbers that it may begin at, or with `incoming` end at."""
        return {pair[incoming] for pair in self.joins}


class Layout:
    """Everything of the model that reads and writes need, by name and by number."""

    def __init__(self, model: Model, db: sqlite3.Connection) -> None:
        self.model = model
        self.numbers: dict[str, int] = dict(db.execute("SELECT name, number FROM type"))
        self.names = {number: name for name, number in self.numbers.items()}
        self.nodes = {name: NodeKind(kind, model, self.numbers) for name, kind in model.nodes.items()}
        self.edges = {name: EdgeKind(kind, model, self.numbers) for name, kind in model.edges.items()}
        self.facts = [kind for kind in self.nodes.values() if kind.columnar]
        self.spaces = [schema.NODES, *(kind.space for kind in self.facts)]

    def kind(self, name: str) -> NodeKind | EdgeKind:
        """The type of that name; raises `UnknownType`."""
        found = self.nodes.get(name) or self.edges.get(name)
        if found is None:
            self.model.type(name)
            raise KeyError(name)
        return found

    def kinds(self) -> Iterator[NodeKind | EdgeKind]:
        """Every type, nodes first."""
        yield from self.nodes.values()
        yield from self.edges.values()

    def numbered(self, number: int) -> NodeKind | EdgeKind:
        """The type of a number."""
        return self.kind(self.names[number])

    def node_kind(self, name: str) -> NodeKind:
        """The node type of that name; raises `UnknownType`, or `ValueError` for an edge type."""
        found = self.kind(name)
        if not isinstance(found, NodeKind):
            raise ValueError(f"{name!r} is a type of edges: name a type of nodes")
        return found

    def table_of(self, space: str) -> tuple[str, str]:
        """(table, prefix of its own columns) of a key space."""
        if space == schema.NODES:
            return "node", ""
        kind = self.node_kind(space)
        return kind.table, kind.p

    @cached_property
    def people(self) -> frozenset[int]:
        """Type numbers of what is a person's record: Learner."""
        return frozenset(kind.number for kind in self.nodes.values() if kind.person == "id")

    def person_of(self, kind: NodeKind, row: str) -> str | None:
        """An SQL expression for the key of the Learner that a row (an alias of the type's table) is about."""
        if kind.person is None or kind.person == "id":
            return kind.person and f"{row}.{kind.p}key"
        column = schema.quoted(kind.person)
        if not kind.columnar:
            path = f"$.{column}".replace("'", "''")
            return f"(SELECT key FROM node WHERE id = json_extract({row}.props, '{path}'))"
        reference = kind.in_columns[kind.person]
        if reference.space == schema.NODES:
            return f"{row}.{column}"
        through, inner = self.node_kind(reference.space), f"{row}_"
        person = self.person_of(through, inner)
        return f"(SELECT {person} FROM {through.table} {inner} WHERE {inner}._key = {row}.{column})"

    def person_end(self, kind: EdgeKind) -> str | None:
        """The end of an edge that is a person's record: "start", "end" or None."""
        for side, incoming in (("start", False), ("end", True)):
            if kind.ends_of(incoming) <= self.people:
                return side
        return None

    def referring(self, space: str) -> Iterator[tuple[NodeKind, str]]:
        """The integer columns of every table that may refer into a key space."""
        for kind in self.facts:
            for name, reference in kind.in_columns.items():
                if reference.space == space:
                    yield kind, name
