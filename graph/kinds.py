"""The model as engines work with it: types by name and number, key spaces, references, who a row is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from graph.seen import unreadable
from graph.viewer import Viewer
from ontology.model import Datatype, EdgeType, Model, NodeType, Property

NODES = "nodes"  # the key space of every type that has none of its own
LABELS = {"label": 1, "alt_labels": 2, "hidden_labels": 3}  # searched properties, the best first
IDENTITY = "Identity"  # its (system, value) joins Learner records to persons: design, section 5
RETIRED = "retired"
_TYPES = 1 << 12  # more types than a model has


def target_space(kind: Property, model: Model) -> str:
    """The key space that a reference's keys are of."""
    return model.space(kind.targets[0])


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
            each.name: Reference(each, target_space(each, model), frozenset(numbers[to] for to in each.targets))
            for each in kind.properties.values()
            if each.datatype is Datatype.REFERENCE
        }


class NodeKind(Kind):
    """A node type."""

    def __init__(self, kind: NodeType, model: Model, numbers: Mapping[str, int]) -> None:
        super().__init__(kind, model, numbers)
        self.person = kind.person
        self.space = model.space(kind.name)
        self.columnar = kind.storage == "columns"

    @cached_property
    def retires(self) -> bool:
        """Whether a removed node can say so in its status."""
        status = self.properties.get("status")
        return status is not None and (not status.values or RETIRED in status.values)

    @cached_property
    def labels(self) -> dict[str, int]:
        """Searched properties, each with its number in `LABELS`."""
        if self.columnar:
            return {}
        texts = {name for name, each in self.properties.items() if each.datatype in (Datatype.TEXT, Datatype.STRING)}
        return {name: number for name, number in LABELS.items() if name in texts}

    @cached_property
    def labels_personal(self) -> bool:
        """Whether the labels are personal data, to be kept apart from others."""
        return any(self.properties[name].personal for name in self.labels)


class EdgeKind(Kind):
    """An edge type; `joins` are the allowed (from, to) type numbers."""

    def __init__(self, kind: EdgeType, model: Model, numbers: Mapping[str, int]) -> None:
        super().__init__(kind, model, numbers)
        self.start_space, self.end_space = (model.space(name) for name in kind.ends[0])
        self.joins = frozenset((numbers[start], numbers[end]) for start, end in kind.ends)
        self._ends = tuple(frozenset(pair[side] for pair in self.joins) for side in (0, 1))

    def ends_of(self, incoming: bool) -> frozenset[int]:
        """The type numbers that it may begin at, or with `incoming` end at."""
        return self._ends[incoming]


N = TypeVar("N", bound=NodeKind)
E = TypeVar("E", bound=EdgeKind)


class Kinds(Generic[N, E]):
    """Every type of a model, by name and by number; an engine may have kinds of its own."""

    def __init__(self, model: Model, numbers: Mapping[str, int], nodes: type[N], edges: type[E]) -> None:
        self.model = model
        self.numbers = dict(numbers)
        self.names = {number: name for name, number in self.numbers.items()}
        self.nodes = {name: nodes(kind, model, self.numbers) for name, kind in model.nodes.items()}
        self.edges = {name: edges(kind, model, self.numbers) for name, kind in model.edges.items()}
        self.facts = [kind for kind in self.nodes.values() if kind.columnar]
        self.spaces = [NODES, *(kind.space for kind in self.facts)]
        self._unread: dict[tuple[frozenset[str], str], frozenset[str]] = {}

    def unread(self, name: str, viewer: Viewer) -> frozenset[str]:
        """The properties of a type that the viewer may not read; worked out once for each set of scopes."""
        found = self._unread.get((viewer.scopes, name))
        if found is None:
            found = self._unread[viewer.scopes, name] = unreadable(self.model, self.model.type(name), viewer)
        return found

    def kind(self, name: str) -> N | E:
        """The type of that name; raises `UnknownType`."""
        found = self.nodes.get(name) or self.edges.get(name)
        if found is None:
            self.model.type(name)
            raise KeyError(name)
        return found

    def kinds(self) -> Iterator[N | E]:
        """Every type, nodes first."""
        yield from self.nodes.values()
        yield from self.edges.values()

    def numbered(self, number: int) -> N | E:
        """The type of a number."""
        return self.kind(self.names[number])

    def node_kind(self, name: str) -> N:
        """The node type of that name; raises `UnknownType`, or `ValueError` for an edge type."""
        found = self.kind(name)
        if not isinstance(found, NodeKind):
            raise ValueError(f"{name!r} is a type of edges: name a type of nodes")
        return found

    @cached_property
    def people(self) -> frozenset[int]:
        """Type numbers of what is a person's record: Learner."""
        return frozenset(kind.number for kind in self.nodes.values() if kind.person == "id")

    def person_end(self, kind: EdgeKind) -> str | None:
        """The end of an edge that is a person's record: "start", "end" or None."""
        for side, incoming in (("start", False), ("end", True)):
            if kind.ends_of(incoming) <= self.people:
                return side
        return None


def numbered(model: Model) -> dict[str, int]:
    """A number for every type, from 1 in the order of the model; for engines that keep names."""
    return {name: number for number, name in enumerate([*model.nodes, *model.edges], 1)}
