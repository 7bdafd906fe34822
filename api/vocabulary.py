"""`/ontology`, `/shapes`, `/context.jsonld`: what exists, in RDF, for everyone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response

from api.addresses.pages import HTML_HEADERS
from api.addresses.terms import ontology_page
from api.caching import entity_tag, known, not_modified
from api.formats import json_bytes
from api.negotiation import choose
from api.operations import Endpoint, Operation, add, content, parameter
from api.reading import JSON, JSON_LD
from api.service import service_of
from ontology.context import context
from ontology.extension import extension_files
from ontology.model import load_model
from ontology.reader import BUNDLED

HTML: Final = "text/html"
TURTLE: Final = "text/turtle"
NTRIPLES: Final = "application/n-triples"
RDF: Final = (TURTLE, NTRIPLES, JSON_LD)
_CACHE: Final = {"Cache-Control": "public, max-age=300", "Vary": "Accept"}
_IF_NONE_MATCH = parameter("If-None-Match", "The ETag of what the caller has.", {"type": "string"}, where="header")


def add_vocabulary(app: FastAPI) -> None:
    """Three routes, open to all."""
    classes, shapes = BUNDLED
    said = "Every class, property and edge, in RDF, and as a page."
    add(app, "GET", "/ontology", _ontology(classes), _operation("ontology", said, (*RDF, HTML)))
    add(app, "GET", "/shapes", _rdf(shapes), _operation("shapes", "The SHACL shapes that every record conforms to."))
    answer = content({"type": "object", "required": ["@context"]}, JSON_LD, JSON, description="The context.")
    described = Operation(
        id="context",
        tag="ontology",
        summary="The JSON-LD context of every JSON-LD answer.",
        scope="public",
        parameters=[_IF_NONE_MATCH],
        answers={200: answer, 304: {"description": "What the caller has still stands."}},
        problems=("not-acceptable",),
    )
    add(app, "GET", "/context.jsonld", get_context, described)


def _operation(id: str, summary: str, forms: Sequence[str] = RDF) -> Operation:
    answer = content({"type": ["object", "array"]}, *forms, description=summary)
    return Operation(
        id=id,
        tag="ontology",
        summary=summary,
        scope="public",
        parameters=[_IF_NONE_MATCH],
        answers={200: answer, 304: {"description": "What the caller has still stands."}},
        problems=("not-acceptable",),
    )


def _ontology(file: Path) -> Endpoint:
    """For people where they ask for a page, else as RDF."""
    rdf = _rdf(file)

    async def get(request: Request) -> Response:
        if choose(request.headers.get("accept"), (*RDF, HTML)) != HTML:
            return await rdf(request)
        settings = service_of(request).settings
        body = ontology_page(load_model(settings.ontology), settings)
        answer = _kept(request, body, HTML)
        answer.headers.update(HTML_HEADERS)
        return answer

    return get


def _rdf(file: Path) -> Endpoint:
    async def get(request: Request) -> Response:
        media = choose(request.headers.get("accept"), RDF)
        extension = service_of(request).settings.ontology
        return _kept(request, rdf_bytes(file, extension, media), media)

    return get


async def get_context(request: Request) -> Response:
    service = service_of(request)
    media = choose(request.headers.get("accept"), (JSON_LD, JSON))
    model = (await service.work(lambda: service.store)).model
    return _kept(request, json_bytes(context(model)), media)


@cache
def rdf_bytes(file: Path, extension: Path | None, media: str) -> bytes:
    """A bundled file with the deployment's own after it, in an RDF form."""
    files = [file, *(extension_files(extension) if extension else ())]
    turtle = "\n".join(each.read_text("utf-8") for each in files).encode()
    if media == TURTLE:
        return turtle
    from pyoxigraph import RdfFormat, parse, serialize

    form = RdfFormat.N_TRIPLES if media == NTRIPLES else RdfFormat.JSON_LD
    made = serialize((quad.triple for quad in parse(turtle, RdfFormat.TURTLE)), format=form)
    return made or b""


def _kept(request: Request, body: bytes, media: str) -> Response:
    tag = entity_tag(media, len(body), body.decode())
    return (
        not_modified(tag) if known(request, tag) else Response(body, headers={**_CACHE, "ETag": tag}, media_type=media)
    )
