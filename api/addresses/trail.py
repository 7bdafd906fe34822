"""Breadcrumbs: from a node up to the top of what it is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from graph.store import Node, Store
from graph.viewer import Viewer

UP_EDGES: Final = ("BROADER", "IN_FAMILY")
"""Lead to what is above."""

DOWN_EDGES: Final = ("HAS_CRITERION", "HAS_LEVEL")
"""Lead to what is below."""

UP_REFERENCES: Final[Mapping[str, str]] = {"OrgUnit": "part_of", "Level": "scale", "Cohort": "program"}
"""Properties that name what is above, by type."""

DEEPEST: Final = 20


def trail(store: Store, viewer: Viewer, node: Node) -> list[Node]:
    """What is above the node, the topmost first, the node left out; of several parents the first by id."""
    found: list[Node] = []
    seen = {node.id}
    while len(found) < DEEPEST:
        above = store.many(_above(store, viewer, found[0] if found else node), viewer)
        parent = next((each for each in above.values() if each.id not in seen), None)
        if parent is None:
            break
        found.insert(0, parent)
        seen.add(parent.id)
    return found


def _above(store: Store, viewer: Viewer, node: Node) -> Sequence[str]:
    referred = node.properties.get(UP_REFERENCES.get(node.type, ""))
    ups, downs = _types(store, node.type, UP_EDGES, 0), _types(store, node.type, DOWN_EDGES, 1)
    ids = [edge.end for edge in store.expand([node.id], viewer, ups)] if ups else []
    ids += [edge.start for edge in store.expand([node.id], viewer, downs, incoming=True)] if downs else []
    return [str(referred)] if referred else sorted(ids)


def _types(store: Store, type: str, names: Sequence[str], side: int) -> list[str]:
    """The edge types of these names that a node of the type may be at this side of."""
    kinds = (store.model.edges[name] for name in names if name in store.model.edges)
    return [kind.name for kind in kinds if any(pair[side] == type for pair in kind.ends)]
