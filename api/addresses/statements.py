"""A node or an edge as RDF statements: what the whole graph's export says of it, and of the edges at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.rdf.terms import Statements, full_notation, statements
from graph.records import Held
from graph.store import Edge, Node
from ontology.context import VERSION
from ontology.model import EdgeType, Model, NodeType

Triple = tuple[str, str, str]
"""Three terms as N-Triples writes them."""


def node_triples(model: Model, node: Node, edges: Sequence[Edge], language: str) -> Iterator[Triple]:
    """The node's own statements, then those of each edge; `language` is that of texts without a tag."""
    yield from _triples(model, model.nodes[node.type], {"id": [node.id]} | _columns(node), language)
    for edge in edges:
        yield from edge_triples(model, edge, language)


def edge_triples(model: Model, edge: Edge, language: str) -> Iterator[Triple]:
    """The one statement of an edge, or those of the node that it is."""
    yield from _triples(
        model, model.edges[edge.type], {"from": [edge.start], "to": [edge.end]} | _columns(edge), language
    )


def ntriples(triples: Iterator[Triple]) -> bytes:
    """One statement a line."""
    return "".join(f"{subject} {predicate} {value} .\n" for subject, predicate, value in triples).encode()


def _columns(held: Node | Edge) -> Held:
    return {name: [value] for name, value in held.properties.items()} | {"version": [0], "source": [""]}


def _triples(model: Model, kind: NodeType | EdgeType, held: Held, language: str) -> Iterator[Triple]:
    """Without the version, which is the store's matter."""
    notation = full_notation(model.prefixes)
    found: Statements = statements(model, kind, held, language, notation)
    for predicate, objects in found.columns:
        if predicate == notation.iri(VERSION):
            continue
        for subject, said in zip(found.subjects, objects, strict=True):
            for value in said if isinstance(said, tuple) else (said,):
                if value:
                    yield subject, predicate, value
