"""`/id/{id}` and `/edge/{type}/{from}/{to}`: what is said of a node, or of an edge that has an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from fastapi import Request

from api.addresses.answering import Asked, made_of
from api.addresses.forms import FORMS, HTML, LABELS
from api.addresses.memory import Made
from api.addresses.pages import embedded_json, page
from api.addresses.statements import Triple, edge_triples, node_triples, ntriples
from api.addresses.view import APART, Viewing
from api.formats import json_bytes
from api.nodes import MAX_EDGES, curie
from api.problems import not_found
from api.reading import JSON, JSON_LD, whole
from api.vocabulary import NTRIPLES, TURTLE
from graph.exports import Wanted
from graph.exports.schemaorg import described
from graph.seen import has_no_key, is_public, seen_edges
from graph.store import Edge, Node, Store
from graph.viewer import Viewer
from ontology.ids import is_curie
from ontology.model import EdgeType, Model

MOST_PAGES: Final = 1_000_000
"""Of a node's edges, `MAX_EDGES` each."""


def node_at(request: Request, asked: Asked) -> Made:
    """A node with a page of its edges; 404 for what is not there, and for what may not be seen."""
    given: str = request.path_params["id"]
    id = curie(asked.service, given)
    node = seen_node(asked.store, id, asked.viewer) if id is not None else None
    number = whole(asked.given, "page", 1, 1, MOST_PAGES)
    first = (number - 1) * MAX_EDGES
    if node is None or (first and first >= len(node.edges)):
        raise not_found("id", given)
    edges = node.edges[first : first + MAX_EDGES]
    return made_of(_NODE_FORMS[asked.media](asked, node, edges, first), _node_links(asked, node, number))


def edge_at(request: Request, asked: Asked) -> Made:
    """An edge that has properties by its type and ends; 404 as for a node."""
    type, start, end = (request.path_params[name] for name in ("type", "start", "end"))
    kind = asked.store.model.edges.get(type)
    edge = _edge(asked, kind, start, end) if kind is not None and kind.reified else None
    if kind is None or edge is None:
        raise not_found("edge", f"{type}/{start}/{end}")
    return made_of(_EDGE_FORMS[asked.media](asked, kind, edge), _edge_links(asked, edge))


def _edge(asked: Asked, kind: EdgeType, start: str, end: str) -> Edge | None:
    if not (is_curie(start) and is_curie(end)):
        return None
    found = [edge for edge in asked.store.expand([start], asked.viewer, [kind.name]) if edge.end == end]
    return next(iter(seen_edges(asked.store, found, asked.viewer)), None)


def seen_node(store: Store, id: str, viewer: Viewer) -> Node | None:
    """A node with the edges that the viewer may see; who has no key sees none that leads to what is not public."""
    node = store.get(id, viewer)
    if node is None or not has_no_key(viewer):
        return node
    public = {type for type in {edge.type for edge in node.edges} if _is_all_public(store.model, type)}
    doubtful = [edge for edge in node.edges if edge.type not in public]
    if not doubtful:
        return node
    seen = set(map(_ends, seen_edges(store, doubtful, viewer)))
    return replace(node, edges=tuple(edge for edge in node.edges if edge.type in public or _ends(edge) in seen))


def _is_all_public(model: Model, type: str) -> bool:
    """Whether whatever an edge of the type joins is public."""
    return all(is_public(model, end) for pair in model.edges[type].ends for end in pair)


def _ends(edge: Edge) -> tuple[str, str, str]:
    return edge.type, edge.start, edge.end


def _node_json(asked: Asked, node: Node, edges: Sequence[Edge], _: int) -> bytes:
    return json_bytes(asked.service.linker.linked(node, edges))


def _node_ntriples(asked: Asked, node: Node, edges: Sequence[Edge], _: int) -> bytes:
    return ntriples(_node_triples(asked, node, edges))


def _node_turtle(asked: Asked, node: Node, edges: Sequence[Edge], _: int) -> bytes:
    return turtle(asked, _node_triples(asked, node, edges))


def _node_triples(asked: Asked, node: Node, edges: Sequence[Edge]) -> Iterator[Triple]:
    return node_triples(asked.store.model, node, edges, asked.service.settings.language)


def turtle(asked: Asked, triples: Iterator[Triple]) -> bytes:
    """The same statements as Turtle, with the model's prefixes as far as they are used."""
    from pyoxigraph import RdfFormat, parse, serialize

    lines = ntriples(triples)
    spaces = {name: iri for name, iri in asked.store.model.prefixes.namespaces.items() if iri and iri.encode() in lines}
    return serialize(parse(lines, RdfFormat.N_TRIPLES), format=RdfFormat.TURTLE, prefixes=spaces) or b""


def _node_page(asked: Asked, node: Node, edges: Sequence[Edge], first: int) -> bytes:
    service, total = asked.service, len(node.edges)
    viewing = Viewing(asked.store, asked.viewer, service.settings, asked.root, asked.language)
    number, last = first // MAX_EDGES + 1, first + len(edges)
    schema = described(asked.store, node, Wanted(asked.viewer, service.settings)) if first == 0 else None
    address = viewing.href(node.id)
    return page(
        "node.html",
        asked.site,
        view=viewing.view(node, edges),
        canonical=_address(asked, node),
        forms=forms(address, number),
        schema=embedded_json(schema) if schema else "",
        total=total,
        first=first + 1,
        shown_to=last,
        previous_href=_paged(address, number - 1) if first else "",
        next_href=_paged(address, number + 1) if last < total else "",
    )


def _edge_json(asked: Asked, _: EdgeType, edge: Edge) -> bytes:
    return json_bytes(asked.service.linker.edge(edge))


def _edge_ntriples(asked: Asked, _: EdgeType, edge: Edge) -> bytes:
    return ntriples(edge_triples(asked.store.model, edge, asked.service.settings.language))


def _edge_turtle(asked: Asked, _: EdgeType, edge: Edge) -> bytes:
    return turtle(asked, edge_triples(asked.store.model, edge, asked.service.settings.language))


def _edge_page(asked: Asked, kind: EdgeType, edge: Edge) -> bytes:
    viewing = Viewing(asked.store, asked.viewer, asked.service.settings, asked.root, asked.language)
    iri = _edge_address(asked, edge)
    address = f"{asked.root}{iri.removeprefix(asked.service.settings.base_iri)}"
    others = viewing.around_edge(kind, edge)
    return page(
        "edge.html",
        asked.site,
        start=viewing.end(edge.start, others),
        end=viewing.end(edge.end, others),
        heading=kind.label,
        definition=kind.definition,
        stated=viewing.facts(kind, edge.properties, others, APART),
        iri=iri,
        canonical=iri,
        forms=forms(address, 1),
    )


def forms(address: str, number: int) -> list[dict[str, str]]:
    """What a page says of the other forms of itself."""
    return [
        {"label": label, "media": FORMS[name], "href": _paged(address, number, format=name)}
        for name, label in LABELS.items()
    ]


def _paged(address: str, number: int, **more: str) -> str:
    query = [*more.items(), *([("page", str(number))] if number > 1 else [])]
    return f"{address}?{'&'.join(map('='.join, query))}" if query else address


def _address(asked: Asked, node: Node) -> str:
    return f"{asked.service.settings.base_iri}id/{node.id}"


def _edge_address(asked: Asked, edge: Edge) -> str:
    return asked.store.model.prefixes.edge_iri(edge.type, edge.start, edge.end)


def _node_links(asked: Asked, node: Node, number: int) -> Sequence[tuple[str, str]]:
    address, iri = _address(asked, node), asked.store.model.prefixes.expand(node.id)
    links = _links(asked, address, iri, number)
    if number * MAX_EDGES < len(node.edges):
        links.append(f'<{_paged(address, number + 1)}>; rel="next"')
    if number > 1:
        links.append(f'<{_paged(address, number - 1)}>; rel="prev"')
    replaced = node.properties.get("replaced_by", ())
    base = asked.service.settings.base_iri
    links += [f'<{base}id/{id}>; rel="successor-version"' for id in (replaced if isinstance(replaced, tuple) else ())]
    return [("Link", ", ".join(links[:_MOST_LINKS]))]


def _edge_links(asked: Asked, edge: Edge) -> Sequence[tuple[str, str]]:
    address = _edge_address(asked, edge)
    return [("Link", ", ".join(_links(asked, address, address, 1)))]


def _links(asked: Asked, address: str, iri: str, number: int) -> list[str]:
    """RFC 8288: the address itself, what it is about, its other forms, and what describes the data set."""
    others = {"html": HTML, **{name: FORMS[name] for name in LABELS}}
    return [
        f'<{_paged(address, number)}>; rel="canonical"',
        *([f'<{quote(iri, safe=_IN_IRIS)}>; rel="describes"'] if iri != address else []),
        f'<{asked.service.settings.base_iri}dataset>; rel="describedby"',
        *(
            f'<{_paged(address, number, format=name)}>; rel="alternate"; type="{media}"'
            for name, media in others.items()
            if media != asked.media
        ),
    ]


_MOST_LINKS: Final = 20
_IN_IRIS: Final = "%:/?#[]@!$&'()*+,;="
"""What stands for itself in an address (RFC 3986); a header has no other letters than those of ASCII."""

_NODE_FORMS: Final[Mapping[str, Callable[[Asked, Node, Sequence[Edge], int], bytes]]] = {
    HTML: _node_page,
    JSON_LD: _node_json,
    JSON: _node_json,
    TURTLE: _node_turtle,
    NTRIPLES: _node_ntriples,
}
_EDGE_FORMS: Final[Mapping[str, Callable[[Asked, EdgeType, Edge], bytes]]] = {
    HTML: _edge_page,
    JSON_LD: _edge_json,
    JSON: _edge_json,
    TURTLE: _edge_turtle,
    NTRIPLES: _edge_ntriples,
}
