"""The model as this engine keeps it: tables, and the columns in them. Made once a store is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from graph import kinds
from graph.kinds import NODES, Reference
from graph.sqlite import schema
from ontology.model import EdgeType, Model, NodeType


class NodeKind(kinds.NodeKind):
    """A node type. `table` is quoted; `p` begins the names of key, id, source, version, hash and change in it."""

    def __init__(self, kind: NodeType, model: Model, numbers: Mapping[str, int]) -> None:
        super().__init__(kind, model, numbers)
        self.table = schema.fact_table(kind.name) if self.columnar else "node"
        self.p = "_" if self.columnar else ""
        self.columns = [each for each in kind.properties.values() if schema.has_column(each)] if self.columnar else []

    @cached_property
    def own(self) -> str:
        """The WHERE condition that picks the type's rows of its table."""
        return "1" if self.columnar else f"type = {self.number}"

    @cached_property
    def labels_table(self) -> str:
        """Labels that are personal data are kept apart."""
        return "person_label" if self.labels_personal else "label"

    @cached_property
    def in_columns(self) -> dict[str, Reference]:
        """References that are integer columns of the type's own table."""
        return {name: each for name, each in self.references.items() if self.columnar and not each.property.many}

    @cached_property
    def in_json(self) -> Mapping[str, Reference]:
        """References that are kept as text and so in the `reference` table too."""
        return {name: each for name, each in self.references.items() if name not in self.in_columns}


class EdgeKind(kinds.EdgeKind):
    """An edge type."""

    def __init__(self, kind: EdgeType, model: Model, numbers: Mapping[str, int]) -> None:
        super().__init__(kind, model, numbers)
        self.in_json = self.references


Kind = NodeKind | EdgeKind


class Layout(kinds.Kinds[NodeKind, EdgeKind]):
    """Everything of the model that reads and writes need, by name and by number."""

    def __init__(self, model: Model, db: sqlite3.Connection) -> None:
        numbers: dict[str, int] = dict(db.execute("SELECT name, number FROM type"))
        super().__init__(model, numbers, NodeKind, EdgeKind)

    def table_of(self, space: str) -> tuple[str, str]:
        """(table, prefix of its own columns) of a key space."""
        if space == NODES:
            return "node", ""
        kind = self.node_kind(space)
        return kind.table, kind.p

    def person_of(self, kind: NodeKind, row: str) -> str | None:
        """An SQL expression for the key of the Learner that a row (an alias of the type's table) is about."""
        if kind.person is None or kind.person == "id":
            return kind.person and f"{row}.{kind.p}key"
        column = schema.quoted(kind.person)
        if not kind.columnar:
            path = f"$.{column}".replace("'", "''")
            return f"(SELECT key FROM node WHERE id = json_extract({row}.props, '{path}'))"
        reference = kind.in_columns[kind.person]
        if reference.space == NODES:
            return f"{row}.{column}"
        through, inner = self.node_kind(reference.space), f"{row}_"
        person = self.person_of(through, inner)
        return f"(SELECT {person} FROM {through.table} {inner} WHERE {inner}._key = {row}.{column})"

    def referring(self, space: str) -> Iterator[tuple[NodeKind, str]]:
        """The integer columns of every table that may refer into a key space."""
        for kind in self.facts:
            for name, reference in kind.in_columns.items():
                if reference.space == space:
                    yield kind, name

    @cached_property
    def edges_at(self) -> Mapping[tuple[int, bool], Mapping[str, str]]:
        """By the number of a node type, and whether edges that lead to it are meant: the numbers of the edge types that
        may be there, with commas between, by the key space of that end."""
        pairs = ((number, incoming) for number in self.names for incoming in (False, True))
        return {
            (number, incoming): self.by_space(
                (kind for kind in self.edges.values() if number in kind.ends_of(incoming)), incoming
            )
            for number, incoming in pairs
        }

    @staticmethod
    def by_space(edges: Iterable[EdgeKind], incoming: bool) -> Mapping[str, str]:
        """The numbers of edge types, with commas between, by the key space in which they begin, or end."""
        found: dict[str, list[str]] = {}
        for kind in edges:
            found.setdefault(kind.end_space if incoming else kind.start_space, []).append(str(kind.number))
        return {space: ", ".join(numbers) for space, numbers in found.items()}
