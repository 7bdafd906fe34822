"""`/v1/nodes/{id}`: any node with its edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.auth import viewer_of
from api.caching import entity_tag, known, not_modified, tagged
from api.formats import json_bytes
from api.negotiation import choose
from api.operations import Operation, add, content, parameter
from api.problems import not_found
from api.reading import JSON, JSON_LD, only, query_of
from api.service import Service, service_of
from graph.boundary import json_value, property_of, states
from graph.store import Edge, Node, Value
from ontology.model import EdgeType, Model, NodeType

MAX_EDGES: Final = 1_000

NODE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "type", "properties", "source", "version", "edges", "edges_total"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string"},
        "type": {"type": "string", "description": "A class of the ontology."},
        "properties": {"type": "object", "description": "As the ontology names them; personal ones for scope people."},
        "source": {"type": "string", "description": "The source that owns it."},
        "version": {"type": "integer"},
        "edges": {"type": "array", "maxItems": MAX_EDGES, "items": {"$ref": "#/components/schemas/Edge"}},
        "edges_total": {
            "type": "integer",
            "minimum": 0,
            "description": f"All edges; the first {MAX_EDGES} are listed.",
        },
    },
}
EDGE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "from", "to", "properties", "sources"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string"},
        "from": {"type": "string"},
        "to": {"type": "string"},
        "properties": {"type": "object"},
        "sources": {"type": "array", "items": {"type": "string"}},
    },
}
COMPONENTS: Final = {"Node": NODE_SCHEMA, "Edge": EDGE_SCHEMA}

OPERATION = Operation(
    id="node",
    tag="graph",
    summary="Any node with its edges.",
    description="Any node with its edges, by its CURIE or its percent-encoded IRI. A node that the key may not see "
    "looks like one that is not there.",
    scope="graph",
    parameters=[
        parameter("id", "A CURIE, or an IRI.", {"type": "string", "minLength": 1, "maxLength": 2000}, where="path"),
        parameter("If-None-Match", "The ETag of an answer the caller has.", {"type": "string"}, where="header"),
    ],
    answers={
        200: content({"$ref": "#/components/schemas/Node"}, JSON, JSON_LD, description="The node.")
        | {"headers": {"ETag": {"description": "To ask again by.", "schema": {"type": "string"}}}},
        304: {"description": "What the caller has still stands."},
    },
    problems=("not-found", "not-acceptable"),
)
OPERATION.answers[200]["content"][JSON_LD]["schema"] = {"type": "object", "required": ["@context", "id", "@type"]}


def add_nodes(app: FastAPI) -> None:
    """The one route."""
    add(app, "GET", "/v1/nodes/{id:path}", get_node, OPERATION)


async def get_node(request: Request) -> Response:
    service, viewer = service_of(request), viewer_of(request)
    only(query_of(request), ())
    media = choose(request.headers.get("accept"), (JSON, JSON_LD))
    given: str = request.path_params["id"]

    def call() -> bytes:
        id = curie(service, given)
        node = service.store.get(id, viewer) if id is not None else None
        if node is None:
            raise not_found("id", given)
        return json_bytes(
            service.linker.linked(node, node.edges[:MAX_EDGES])
            if media == JSON_LD
            else described(node, service.store.model)
        )

    body = await service.work(call)
    tag = entity_tag(media, body.hex() if len(body) < 64 else body.decode())
    return not_modified(tag) if known(request, tag) else tagged(body, media, tag)


def curie(service: Service, text: str) -> str | None:
    """The id that a CURIE or an IRI says; None for text that can be no id."""
    try:
        return service.store.model.prefixes.curie(text.strip())
    except ValueError:
        return None


def described(node: Node, model: Model) -> dict[str, Any]:
    """A node as JSON."""
    kind = model.nodes[node.type]
    return {
        "id": node.id,
        "type": node.type,
        "properties": boundary_values(kind, node.properties),
        "source": node.source,
        "version": node.version,
        "edges": [_edge(edge, model) for edge in node.edges[:MAX_EDGES]],
        "edges_total": len(node.edges),
    }


def boundary_values(kind: NodeType | EdgeType, held: Mapping[str, Value]) -> dict[str, Any]:
    """Held properties as JSON shows them."""
    stated = ((name, property_of(kind, name), value) for name, value in held.items())
    return {name: json_value(each, value) for name, each, value in stated if states(each, value)}


def _edge(edge: Edge, model: Model) -> dict[str, Any]:
    return {
        "type": edge.type,
        "from": edge.start,
        "to": edge.end,
        "properties": boundary_values(model.edges[edge.type], edge.properties),
        "sources": list(edge.sources),
    }
