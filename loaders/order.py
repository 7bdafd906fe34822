"""The order in which types are written: what is referred to before what refers, nodes before edges."""

from __future__ import annotations

from ontology.model import Model, NodeType


def node_order(model: Model) -> list[str]:
    """Node types, each after the types its references point at; types that point at each other stand as declared."""
    left = dict(model.nodes)
    order: list[str] = []
    while left:
        free = [name for name, kind in left.items() if not _targets(kind) & (left.keys() - {name})]
        for name in free or list(left)[:1]:
            order.append(name)
            del left[name]
    return order


def _targets(kind: NodeType) -> set[str]:
    return {target for prop in kind.properties.values() for target in prop.targets}


def write_order(model: Model) -> list[str]:
    """Every type: nodes, then edges."""
    return [*node_order(model), *model.edges]
