"""What of a whole store a viewer may see: types and properties, for whoever reads columns.

Who has no key sees what the ontology says may be published without one (`sg:public`). Of what a viewer may not know
there is no edge and no reference either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from typing import Protocol

from graph.digest import record_types
from graph.records import Held
from graph.store import Edge
from graph.viewer import PUBLIC, Viewer
from ontology.model import EdgeType, Model, NodeType, Property


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
    """Whether a viewer may know of records of a type at all; of an edge type, those between what they may know."""
    if has_no_key(viewer):
        return is_public(model, name)
    kind = model.nodes.get(name) or model.edges.get(name)
    if kind is None or (kind.personal is not None and not viewer.may(kind.personal.visible_to)):
        return False
    return isinstance(kind, NodeType) or any(_all_known(model, pair, viewer) for pair in kind.ends)


def may_know_ends(model: Model, kind: NodeType | EdgeType, viewer: Viewer) -> bool:
    """Whether a viewer who may know of records of a type may know of whatever these join."""
    return isinstance(kind, NodeType) or all(_all_known(model, pair, viewer) for pair in kind.ends)


def _all_known(model: Model, types: Iterable[str], viewer: Viewer) -> bool:
    """Whether a viewer may know of records of each of these types."""
    return all(may_know(model, name, viewer) for name in types)


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
    """The properties of a type that the viewer may not read, of records that they may see.

    What is about a person says whose it is; anything else names nobody of whom the viewer may not know.
    """
    about = is_of_people(model, kind.name)
    return frozenset(
        name
        for name, each in kind.properties.items()
        if not may_read(each, viewer) or not (about or _all_known(model, _named(model, each), viewer))
    )


def seen_rows(store: Typed, kind: NodeType | EdgeType, columns: Held, viewer: Viewer) -> Held:
    """The columns that the viewer may read of the rows that they may see, of a type that they may know of."""
    model, unread = store.model, unreadable(store.model, kind, viewer)
    if viewer.org_units is not None:
        unread |= _naming_people(model, kind)
    seen = {name: values for name, values in columns.items() if name.partition("@")[0] not in unread}
    if may_know_ends(model, kind, viewer):
        return seen
    chosen = known_pairs(store, list(zip(columns["from"], columns["to"], strict=True)), viewer)
    return {name: list(compress(values, chosen)) for name, values in seen.items()}


def seen_edges(store: Typed, edges: Sequence[Edge], viewer: Viewer) -> list[Edge]:
    """Those edges, read by this viewer, neither of whose ends is of a type that the viewer may not know of."""
    return list(compress(edges, known_pairs(store, [(edge.start, edge.end) for edge in edges], viewer)))


def known_pairs(store: Typed, pairs: Sequence[tuple[str, ...]], viewer: Viewer) -> list[bool]:
    """Of each pair of ends, whether the viewer may know of both; of what is gone they may not."""
    ends = list({end for pair in pairs for end in pair})
    found = zip(ends, store.types_of(ends), strict=True)
    known = {end for end, name in found if name is not None and may_know(store.model, name, viewer)}
    return [known.issuperset(pair) for pair in pairs]


def _named(model: Model, each: Property) -> Iterable[str]:
    """The types of what a property refers to, or names."""
    if each.names_person:
        return [name for name, kind in model.nodes.items() if kind.person == "id"]
    return each.targets


def _naming_people(model: Model, kind: NodeType | EdgeType) -> frozenset[str]:
    """The properties that may name a person, of whom one limited to org units may not hear."""
    return frozenset(
        name
        for name, each in kind.properties.items()
        if any(model.nodes[type].person is not None for type in _named(model, each))
    )
