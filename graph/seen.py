"""What of a whole store a viewer may see: types and properties, for whoever reads columns.

Who has no key sees what the ontology says may be published without one (`sg:public`), what joins two such nodes, and
no reference to any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Protocol

from graph.digest import record_types
from graph.records import Held
from graph.store import Edge
from graph.viewer import PUBLIC, Viewer
from ontology.model import Datatype, EdgeType, Model, NodeType, Property


class Typed(Protocol):
    """What tells of what type nodes are: see `graph.store.Store`."""

    @property
    def model(self) -> Model: ...

    def types_of(self, ids: Sequence[str], /) -> list[str | None]: ...


def has_no_key(viewer: Viewer) -> bool:
    """Whether the viewer is anyone at all."""
    return viewer.scopes <= PUBLIC.scopes


def is_public(model: Model, name: str) -> bool:
    """Whether records of a type may be published without a key; of an edge type, those between such nodes."""
    if name in model.nodes:
        kind = model.nodes[name]
        return kind.public and kind.personal is None and kind.person is None
    edge = model.edges.get(name)
    return edge is not None and edge.personal is None and any(_joins_public(model, pair) for pair in edge.ends)


def _joins_public(model: Model, pair: tuple[str, str]) -> bool:
    return all(is_public(model, end) for end in pair)


def is_of_people(model: Model, name: str) -> bool:
    """Whether rows of a node or edge type are about a person."""
    if name in model.nodes:
        return model.nodes[name].person is not None
    pairs = model.edges[name].ends if name in model.edges else ()
    return any(model.nodes[end].person is not None for pair in pairs for end in pair)


def may_know(model: Model, name: str, viewer: Viewer) -> bool:
    """Whether a viewer may know of records of a type at all."""
    if has_no_key(viewer) and not is_public(model, name):
        return False
    kind = model.nodes.get(name) or model.edges.get(name)
    return kind is not None and (kind.personal is None or viewer.may(kind.personal.visible_to))


def may_read(each: Property, viewer: Viewer) -> bool:
    """Whether a viewer may read a property of records that they may see."""
    if each.protected and not viewer.may("audit"):
        return False
    return each.personal is None or viewer.may(each.personal.visible_to)


def seen_types(model: Model, viewer: Viewer) -> Iterator[NodeType | EdgeType]:
    """The types of which a viewer may see every record; of people none, for one limited to org units."""
    for kind in record_types(model):
        limited = viewer.org_units is not None and is_of_people(model, kind.name)
        if not limited and may_know(model, kind.name, viewer):
            yield kind


def unreadable(model: Model, kind: NodeType | EdgeType, viewer: Viewer) -> frozenset[str]:
    """The properties of a type that the viewer may not read."""
    no_key = has_no_key(viewer)
    return frozenset(
        name
        for name, each in kind.properties.items()
        if not may_read(each, viewer) or (no_key and not _leads_to_public(model, each))
    )


def seen_columns(kind: NodeType | EdgeType, columns: Held, viewer: Viewer) -> Held:
    """The columns without properties that the viewer may not read; see `seen_rows` for one who may have no key."""
    unread = {name for name, each in kind.properties.items() if not may_read(each, viewer)}
    return {name: values for name, values in columns.items() if name.partition("@")[0] not in unread}


def seen_rows(store: Typed, kind: NodeType | EdgeType, columns: Held, viewer: Viewer) -> Held:
    """The columns that the viewer may read of the rows that they may see, of a type that they may know of."""
    model, unread = store.model, unreadable(store.model, kind, viewer)
    seen = {name: values for name, values in columns.items() if name.partition("@")[0] not in unread}
    if not has_no_key(viewer) or isinstance(kind, NodeType) or all(_joins_public(model, pair) for pair in kind.ends):
        return seen
    ends = (store.types_of(columns[name]) for name in ("from", "to"))
    chosen = [all(end is not None and is_public(model, end) for end in pair) for pair in zip(*ends, strict=True)]
    return {name: list(compress(values, chosen)) for name, values in seen.items()}


def seen_edges(store: Typed, edges: Sequence[Edge], viewer: Viewer) -> list[Edge]:
    """Those edges, read by this viewer, neither of whose ends is of a type that the viewer may not know of."""
    if not has_no_key(viewer):
        return list(edges)
    ends = list({end for edge in edges for end in (edge.start, edge.end)})
    found = zip(ends, store.types_of(ends), strict=True)
    public = {end for end, name in found if name is not None and is_public(store.model, name)}
    return [edge for edge in edges if edge.start in public and edge.end in public]


def _leads_to_public(model: Model, each: Property) -> bool:
    """Whether all that the property may refer to is public, if it refers to anything."""
    return each.datatype is not Datatype.REFERENCE or all(is_public(model, target) for target in each.targets)
