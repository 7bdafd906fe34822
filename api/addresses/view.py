"""What a page says of a node: made from the model, so that a new class or property of the ontology has its page too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from api.addresses.trail import trail
from api.addresses.wording import Said, heading_of, label_of, naming, text_in, words_of
from graph.boundary import property_of, states
from graph.exports import Wanted
from graph.exports.around import Reader
from graph.seen import may_know, unreadable
from graph.settings import Settings
from graph.store import Edge, Node, Store, Value
from graph.viewer import Viewer
from ontology.model import Datatype, EdgeType, NodeType, Property
from ontology.values import MILLION

APART: Final = frozenset({"label", "description", "alt_labels", "hidden_labels", "replaced_by"})
"""Shown in places of their own; hidden labels nowhere, as their name says."""

LEVELS: Final = ("level", "rank")
"""Numbers of a scale, which are read beside the level they stand for."""

PLACES: Final = ("rank", "position")
"""Properties that say where a node stands among its like."""

WEB: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, and where it leads."""

    said: Said
    href: str = ""
    about: str = ""  # what sort of thing it leads to


@dataclass(frozen=True, slots=True)
class Fact:
    """A property with its values."""

    label: str
    definition: str
    values: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class Row:
    """The other end of an edge, and what the edge says, a cell a column."""

    end: Shown
    cells: Sequence[str]
    href: str = ""  # of the edge itself


@dataclass(frozen=True, slots=True)
class Group:
    """Edges of one type in one direction."""

    heading: str
    definition: str
    columns: Sequence[str]
    rows: Sequence[Row]
    left: int = 0  # how many more there are


@dataclass(frozen=True, slots=True)
class View:
    """A node's page."""

    title: Said
    kind: str
    kind_href: str
    id: str
    iri: str
    description: Said
    also: Sequence[Said]
    crumbs: Sequence[Shown]
    retired: bool
    successors: Sequence[Shown]
    facts: Sequence[Fact]
    groups: Sequence[Group] = field(default=())


class Viewing:
    """Makes views for one viewer in one language ("" for the deployment's own)."""

    def __init__(self, store: Store, viewer: Viewer, settings: Settings, root: str, language: str) -> None:
        self.store, self.model, self.viewer = store, store.model, viewer
        self._own, self._language, self._root = settings.language, language, root
        self._reader = Reader(store, Wanted(viewer, settings))

    def view(self, node: Node, edges: Sequence[Edge]) -> View:
        """A node with those of its edges that are on the page."""
        kind = self.model.nodes[node.type]
        others = self._others(node, edges)
        return View(
            title=self._said(label_of(node, self._language, self._own)),
            kind=kind.label,
            kind_href=self.list_href(kind.name),
            id=node.id,
            iri=self.model.prefixes.expand(node.id),
            description=self._text(node, "description"),
            also=self._also(node),
            crumbs=[self.shown(each) for each in trail(self.store, self.viewer, node)],
            retired=node.properties.get("status") == "retired",
            successors=[self.end(id, others) for id in _ids(node.properties.get("replaced_by"))],
            facts=self.facts(kind, node.properties, others),
            groups=[*self._groups(node, edges, others), *self._referring(node)],
        )

    def shown(self, node: Node) -> Shown:
        """A link to a node."""
        kind = self.model.nodes[node.type]
        return Shown(self._said(label_of(node, self._language, self._own)), self.href(node.id), kind.label)

    def href(self, id: str) -> str:
        return f"{self._root}id/{quote(id, safe=':~')}"

    def list_href(self, type: str) -> str:
        return f"{self._root}id/?type={type}"

    def facts(
        self,
        kind: NodeType | EdgeType,
        held: Mapping[str, Value],
        others: Mapping[str, Node],
        apart: Iterable[str] = APART,
    ) -> list[Fact]:
        """Stated properties in the model's order, texts in the page's language."""
        found = []
        for name, each in kind.properties.items():
            value = (
                text_in(held, name, self._language, self._own)[0] if each.datatype is Datatype.TEXT else held.get(name)
            )
            if name not in apart and value is not None and states(each, value):
                found.append(Fact(each.label, each.definition, self._values(each, value, held, others)))
        return found

    def ends(self, ids: Iterable[str]) -> dict[str, Node]:
        """Nodes by id, those that may be seen."""
        return self.store.many(list(dict.fromkeys(ids)), self.viewer)

    def _values(
        self, each: Property, value: Value, held: Mapping[str, Value], others: Mapping[str, Node]
    ) -> list[Shown]:
        if each.datatype is Datatype.REFERENCE:
            return [self.end(id, others) for id in _ids(value)]
        if each.name in LEVELS:
            return [Shown(Said(self._level(each, value, held)))]
        return [Shown(Said(text), _web_address(each, text)) for text in words_of(each, value)]

    def _level(self, each: Property, value: Value, held: Mapping[str, Value]) -> str:
        """A level as said, and the one of its scale that it stands for."""
        (text,) = words_of(each, value)
        if each.name == "rank" or not isinstance(value, int):
            return text
        bound = value if each.datatype is Datatype.DECIMAL else value * MILLION
        level = self._reader.level(bound, held.get("scale"))
        return f"{text} ({label_of(level, self._language, self._own).text})" if level else text

    def around_edge(self, kind: EdgeType, edge: Edge) -> dict[str, Node]:
        """The ends of an edge and what its properties name."""
        return self.ends([edge.start, edge.end, *_referred(kind, edge.properties)])

    def end(self, id: str, others: Mapping[str, Node]) -> Shown:
        """A link to a node of those that were read; its bare id where it may not be seen."""
        return self.shown(others[id]) if id in others else Shown(Said(id))

    def _others(self, node: Node, edges: Sequence[Edge]) -> dict[str, Node]:
        """Every node that the page names."""
        kind = self.model.nodes[node.type]
        ids = [*_referred(kind, node.properties), *(end for edge in edges for end in (edge.start, edge.end))]
        ids += [id for edge in edges for id in _referred(self.model.edges[edge.type], edge.properties)]
        return self.ends(ids)

    def _groups(self, node: Node, edges: Sequence[Edge], others: Mapping[str, Node]) -> list[Group]:
        found: dict[tuple[str, str, str], dict[str, Edge]] = defaultdict(dict)
        for edge in edges:
            leaves = edge.start == node.id
            heading = heading_of(self.model.edges[edge.type], not leaves)
            other = edge.end if leaves else edge.start
            if other in others:
                found[edge.type, heading, others[other].type].setdefault(other, edge)
        return [
            self._group(self.model.edges[type], heading, ends, others) for (type, heading, _), ends in found.items()
        ]

    def _group(self, kind: EdgeType, heading: str, ends: Mapping[str, Edge], others: Mapping[str, Node]) -> Group:
        columns = [name for name in kind.properties if any(name in edge.properties for edge in ends.values())]
        named = sorted((others[id] for id in ends), key=self._order)
        rows = []
        for other in named:
            edge = ends[other.id]
            rows.append(Row(self.shown(other), self._cells(kind, columns, edge, others), self._edge_href(kind, edge)))
        return Group(heading, kind.definition, [kind.properties[name].label for name in columns], rows)

    def _cells(self, kind: EdgeType, columns: Sequence[str], edge: Edge, others: Mapping[str, Node]) -> list[str]:
        cells = []
        for name in columns:
            each, value = kind.properties[name], edge.properties.get(name)
            stated = value is not None and states(each, value)
            shown = self._values(each, value, edge.properties, others) if stated and value is not None else []
            cells.append(", ".join(one.said.text for one in shown))
        return cells

    def _order(self, node: Node) -> tuple[int, str, str]:
        """Steps in their order, all else by label."""
        place = next((value for name in PLACES if isinstance(value := node.properties.get(name), int)), 0)
        return place, label_of(node, self._language, self._own).text.casefold(), node.id

    def _edge_href(self, kind: EdgeType, edge: Edge) -> str:
        return f"{self._root}edge/{kind.name}/{edge.start}/{edge.end}" if kind.reified else ""

    def _referring(self, node: Node) -> list[Group]:
        """Nodes that name this one in a property: the levels of a scale, the units of a unit."""
        found = []
        for kind, each in self._pointing_at(node.type):
            ids = self._referring_ids(kind, each, node)
            others = sorted(self.ends(ids[:MOST_REFERRING]).values(), key=self._order)
            rows = [Row(self.shown(other), ()) for other in others]
            if rows:
                found.append(Group(naming(kind, each), "", (), rows, max(0, len(ids) - MOST_REFERRING)))
        return found

    def _pointing_at(self, type: str) -> Iterable[tuple[NodeType, Property]]:
        """Properties of what is kept as nodes that may name a node of the type; facts about people are not listed."""
        for kind in self.model.nodes.values():
            if kind.storage == "nodes" and kind.personal is None and may_know(self.model, kind.name, self.viewer):
                unread = unreadable(self.model, kind, self.viewer)
                yield from (
                    (kind, each)
                    for each in kind.properties.values()
                    if type in each.targets and each.name not in unread
                )

    def _referring_ids(self, kind: NodeType, each: Property, node: Node) -> list[str]:
        key = self.store.keys(self.model.space(node.type), [node.id]).tolist()
        batches = self.store.scan(kind.name, ["id"], (each.name, key))
        return [id for batch in batches for id in batch.arrays["id"].tolist()]

    def _also(self, node: Node) -> list[Said]:
        value, language = text_in(node.properties, "alt_labels", self._language, self._own)
        return [self._said(Said(text, language)) for text in (value if isinstance(value, tuple) else ())]

    def _text(self, node: Node, name: str) -> Said:
        value, language = text_in(node.properties, name, self._language, self._own)
        return self._said(Said(str(value or ""), language))

    def _said(self, said: Said) -> Said:
        """Without the language where it is the page's."""
        return Said(said.text) if said.language == PAGE_LANGUAGE else said


PAGE_LANGUAGE: Final = "en"  # of headings, which are the ontology's
MOST_REFERRING: Final = 1_000


def _referred(kind: NodeType | EdgeType, held: Mapping[str, Value]) -> list[str]:
    return [
        id
        for name, value in held.items()
        if property_of(kind, name).datatype is Datatype.REFERENCE
        for id in _ids(value)
    ]


def _ids(value: Value | None) -> Sequence[str]:
    return value if isinstance(value, tuple) else (str(value),) if value else ()


def _web_address(each: Property, text: str) -> str:
    """Only addresses of the web become links: what a source wrote may be any scheme."""
    return text if each.datatype is Datatype.IRI and text.lower().startswith(WEB) else ""
