"""The routes of the addresses, and what the OpenAPI says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from anyio import Semaphore
from fastapi import FastAPI

from api.addresses import dataset, lists, sitemap
from api.addresses.answering import endpoint, in_turn, node_turn
from api.addresses.dataset import Counting, dataset_at, get_void
from api.addresses.forms import FORMS, HTML
from api.addresses.lists import list_at
from api.addresses.memory import Memory
from api.addresses.nodes import MOST_PAGES, edge_at, node_at
from api.addresses.sitemap import Parts, get_part, get_robots, get_sitemap
from api.auth import NeedsUnlessPublished
from api.operations import Operation, add, content, parameter

SCOPE: Final = "publish"
KEY: Final = (
    "Needs no key where the deployment publishes (`SKILLGRAPH_PUBLISH`), else one of scope `publish` or `graph`."
)
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 2000}
_ROLE: Final = "demo-role:cloud-engineer"
_TAGGED: Final = {"headers": {"ETag": {"description": "To ask again by.", "schema": {"type": "string"}}}}
_UNCHANGED: Final = {"description": "What the caller has still stands."}
_IF_NONE_MATCH: Final = parameter(
    "If-None-Match", "The ETag of what the caller has.", {"type": "string"}, where="header"
)


@dataclass(frozen=True, slots=True)
class PageOperation(Operation):
    """An operation that tells people on a page of their own that nothing is here."""

    def document(self) -> dict[str, Any]:
        made = Operation.document(self)
        answer = made["responses"]["404"]
        answer["content"] = {HTML: {"schema": {"type": "string"}}, **answer["content"]}
        return made


def add_addresses(app: FastAPI) -> None:
    """What leads to nodes, and nodes themselves."""
    app.state.addresses, app.state.sitemap, app.state.counting = Memory(), Parts(), Counting()
    node, whole = node_turn(app.state.service.url), Semaphore(1)
    of_node = in_turn(endpoint(node_at, ("page",)), node)
    of_all = in_turn(endpoint(dataset_at, (), dataset.FORMS), whole)
    add(app, "GET", "/id/", endpoint(list_at, lists.PARAMETERS, lists.FORMS), _LIST, NeedsUnlessPublished)
    add(app, "GET", "/id/{id:path}", of_node, _NODE, NeedsUnlessPublished)
    add(app, "GET", "/edge/{type}/{start}/{end}", in_turn(endpoint(edge_at), node), _EDGE, NeedsUnlessPublished)
    add(app, "GET", "/dataset", of_all, _DATASET, NeedsUnlessPublished)
    add(app, "GET", "/.well-known/void", get_void, _VOID)
    add(app, "GET", "/sitemap.xml", in_turn(get_sitemap, whole), _SITEMAP)
    add(app, "GET", "/sitemap-{part}.xml", in_turn(get_part, whole), _PART)
    add(app, "GET", "/robots.txt", get_robots, _ROBOTS)


def _operation(
    id: str, summary: str, forms: Sequence[str], parameters: Sequence[Mapping[str, Any]], what: str = ""
) -> Operation:
    format = parameter("format", "The form, in place of `Accept`.", {"type": "string", "enum": list(forms)})
    answer = content(
        {"type": "object", "required": ["@context"]}, *(FORMS[each] for each in forms), description=summary
    )
    return PageOperation(
        id=id,
        tag="addresses",
        summary=summary,
        description=f"{what or summary} {KEY}",
        scope=SCOPE,
        parameters=[*parameters, format, _IF_NONE_MATCH],
        answers={200: answer | _TAGGED, 304: _UNCHANGED},
        problems=("not-found", "not-acceptable"),
    )


def _open(id: str, summary: str, media: str, parameters: Sequence[Mapping[str, Any]] = ()) -> Operation:
    answer = {"description": summary, "content": {media: {"schema": {"type": "string"}}}}
    return Operation(
        id=id,
        tag="addresses",
        summary=summary,
        scope="public",
        parameters=[*parameters, _IF_NONE_MATCH],
        answers={200: answer, 304: _UNCHANGED},
        problems=("not-found",),
    )


_LIST = _operation(
    "addresses",
    "What there is: the types with counts, or the nodes of one.",
    lists.FORMS,
    [
        parameter("type", "Only nodes of this class, in the order of ids.", _TEXT, example="Role"),
        parameter("after", "The id after which the list goes on, as the link to the next page has it.", _TEXT),
    ],
)
_NODE = _operation(
    "address",
    "A node at its own address.",
    tuple(FORMS),
    [
        parameter("id", "A CURIE, or an IRI.", _TEXT, where="path", example=_ROLE),
        parameter(
            "page",
            "Which page of its edges, where they are many.",
            {"type": "integer", "minimum": 1, "maximum": MOST_PAGES, "default": 1},
        ),
    ],
    "A node with its edges: a page for people, or statements. What may not be seen looks like what is not there.",
)
_EDGE = _operation(
    "edge_address",
    "An edge with properties at its own address.",
    tuple(FORMS),
    [
        parameter("type", "The edge type.", _TEXT, where="path", example="REQUIRES"),
        parameter("start", "The id of where it begins.", _TEXT, where="path", example=_ROLE),
        parameter("end", "The id of where it leads.", _TEXT, where="path", example="ats-skill:k8s"),
    ],
)
_DATASET = _operation("dataset", "The description of what is published, in DCAT and VoID.", dataset.FORMS, [])
_VOID = Operation(
    id="void",
    tag="addresses",
    summary="Leads to the description of the data set.",
    scope="public",
    answers={302: {"description": "It is at `/dataset`.", "headers": {"Location": {"schema": {"type": "string"}}}}},
)
_SITEMAP = _open("sitemap", "Where all that is published is listed, for crawlers.", sitemap.XML)
_PART = _open(
    "sitemap_part",
    "At most 50,000 addresses of what is published.",
    sitemap.XML,
    [parameter("part", "Its place, from 1.", {"type": "string", "pattern": "^[0-9]{1,8}$"}, where="path")],
)
_ROBOTS = _open("robots", "What crawlers may read.", sitemap.TEXT)
