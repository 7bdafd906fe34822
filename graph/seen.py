"""What of a whole store a viewer may see: types and properties, for whoever reads columns."""

from __future__ import annotations

from collections.abc import Iterator

from graph.digest import record_types
from graph.records import Held
from graph.viewer import Viewer
from ontology.model import EdgeType, Model, NodeType, Property


def is_of_people(model: Model, name: str) -> bool:
    """Whether rows of a node or edge type are about a person."""
    if name in model.nodes:
        return model.nodes[name].person is not None
    pairs = model.edges[name].ends if name in model.edges else ()
    return any(model.nodes[end].person is not None for pair in pairs for end in pair)


def may_know(model: Model, name: str, viewer: Viewer) -> bool:
    """Whether a viewer may know of records of a type at all."""
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


def seen_columns(kind: NodeType | EdgeType, columns: Held, viewer: Viewer) -> Held:
    """The columns without properties that the viewer may not read."""
    hidden = {name for name, each in kind.properties.items() if not may_read(each, viewer)}
    return {name: values for name, values in columns.items() if name.partition("@")[0] not in hidden}
