"""`/id/`: what there is, by type with counts, and every type as a list, page by page: so that all of it is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request

from api.addresses.answering import Asked, made_of
from api.addresses.forms import HTML
from api.addresses.memory import Made
from api.addresses.pages import page
from api.addresses.view import Viewing
from api.formats import json_bytes
from api.problems import not_found
from graph.seen import may_know
from graph.store import Node
from ontology.ids import is_curie
from ontology.model import NodeType

PAGE: Final = 500  # nodes of a list
FORMS: Final = ("html", "jsonld", "json")
PARAMETERS: Final = ("type", "after")


@dataclass(frozen=True, slots=True)
class Counted:
    """A type with how many of it there are; nobody is told how many people there are."""

    name: str
    label: str
    definition: str
    href: str
    count: int | None


def list_at(_: Request, asked: Asked) -> Made:
    """The types, or the nodes of one of them in the order of ids; 404 for a type that may not be known of."""
    name = asked.given.get("type")
    if name is None:
        if "after" in asked.given:
            raise not_found("after", asked.given["after"])  # the types are one page
        return _types(asked)
    kind = next((each for each in _listed(asked) if each.name == name), None)
    if kind is None:
        raise not_found("type", name)
    return _nodes(asked, kind, asked.given.get("after", ""))


def _listed(asked: Asked) -> Iterator[NodeType]:
    model = asked.store.model
    return (kind for kind in model.nodes.values() if not kind.system and may_know(model, kind.name, asked.viewer))


def _types(asked: Asked) -> Made:
    counted = [_counted(asked, kind) for kind in _listed(asked)]
    address = f"{asked.service.settings.base_iri}id/"
    if asked.media == HTML:
        values: dict[str, Any] = {"kind": None, "kinds": [each for each in counted if each.count != 0]}
        return made_of(_html(asked, asked.service.settings.title, address, **values))
    classes = [
        {"id": asked.store.model.nodes[each.name].iri, "label": each.label, "entities": each.count, "list": each.href}
        for each in counted
    ]
    return made_of(json_bytes({"@context": _COUNTS, "@graph": classes}))


def _counted(asked: Asked, kind: NodeType) -> Counted:
    count = None
    if kind.person is None:
        count = sum(len(batch.arrays["key"]) for batch in asked.store.scan(kind.name, ["key"]))
    return Counted(kind.name, kind.label, kind.definition, f"{asked.root}id/?type={kind.name}", count)


def _nodes(asked: Asked, kind: NodeType, after: str) -> Made:
    nodes = asked.store.page(kind.name, asked.viewer, after, PAGE)
    address = f"{asked.service.settings.base_iri}id/?{urlencode(_query(kind, after))}"
    following = _query(kind, nodes[-1].id) if len(nodes) == PAGE else None
    links = [f'<{address}>; rel="canonical"']
    if following:
        links.append(f'<{asked.service.settings.base_iri}id/?{urlencode(following)}>; rel="next"')
    body = _page_of(asked, kind, nodes, after, following) if asked.media == HTML else _graph(asked, nodes)
    return made_of(body, [("Link", ", ".join(links))])


def _query(kind: NodeType, after: str) -> dict[str, str]:
    return {"type": kind.name} | ({"after": after} if is_curie(after) else {})


def _graph(asked: Asked, nodes: Sequence[Node]) -> bytes:
    linked = [asked.service.linker.linked(node, ()) for node in nodes]
    context = f"{asked.service.settings.base_iri}context.jsonld"
    own = [{name: each[name] for name in ("id", "@type", "label") if name in each} for each in linked]
    return json_bytes({"@context": context, "@graph": own})


def _page_of(
    asked: Asked, kind: NodeType, nodes: Sequence[Node], after: str, following: dict[str, str] | None
) -> bytes:
    viewing = Viewing(asked.store, asked.viewer, asked.service.settings, asked.root, asked.language)
    here = f"{asked.root}id/"
    address = f"{asked.service.settings.base_iri}id/?{urlencode(_query(kind, after))}"
    return _html(
        asked,
        kind.label,
        address,
        kind=kind,
        rows=[viewing.shown(node) for node in nodes],
        after=after,
        first_href=f"{here}?{urlencode(_query(kind, ''))}",
        next_href=f"{here}?{urlencode(following)}" if following else "",
    )


def _html(asked: Asked, title: str, address: str, **values: Any) -> bytes:
    query = urlencode([*asked.given.items(), ("format", "jsonld")])
    return page("list.html", asked.site, title=title, canonical=address, json_href=f"{asked.root}id/?{query}", **values)


_COUNTS: Final = {
    "id": "@id",
    "label": "http://www.w3.org/2000/01/rdf-schema#label",
    "entities": "http://rdfs.org/ns/void#entities",
    "list": {"@id": "http://www.w3.org/2000/01/rdf-schema#seeAlso", "@type": "@id"},
}
