"""What a deployment's own terms that are sg:acyclic lead round in: no law of the shapes tells of these."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

import numpy as np
from pyoxigraph import NamedNode

from ontology.cycles import knots, law_of
from ontology.model import EdgeType, Model, Property
from ontology.shacl.scales import stated_of
from ontology.shacl.table import Numbers, Table


def circles(table: Table, model: Model) -> Iterator[tuple[EdgeType | Property, str, Numbers]]:
    """Each such term, its law by the name that loads have for it, and the nodes from which it leads back to them."""
    properties = {prop.iri: prop for kind in model.nodes.values() for prop in kind.properties.values()}
    terms: list[EdgeType | Property] = [*model.edges.values(), *properties.values()]
    for each in terms:
        law = law_of(each.name)
        if each.acyclic and law not in model.laws:
            within = np.array(list(chain(*knots(*_ends(table, each)))), np.int64)
            if len(within):
                yield each, law, within


def _ends(table: Table, term: EdgeType | Property) -> tuple[Numbers, Numbers]:
    """Where each edge begins, and where it ends."""
    if not isinstance(term, EdgeType) or not term.reified:
        pairs = table.pairs(term.iri)
        return pairs.subjects, pairs.objects
    edges = np.flatnonzero(table.instances_stated(NamedNode(term.iri)))
    starts, ends = (stated_of(table, name, edges) for name in ("from", "to"))
    found = [pair for edge in starts.keys() & ends.keys() for pair in product(starts[edge], ends[edge])]
    both = np.array(found, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
