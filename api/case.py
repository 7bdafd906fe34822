"""`/ims/case/v1p1` and `/ims/case/v1p0`: frameworks of skills by the REST binding of CASE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.auth import NeedsUnlessPublished, let_in
from api.caching import entity_tag, known, not_modified, tagged
from api.case_docs import fields_of, list_operation, operation
from api.case_kept import Kept, Published, things
from api.case_list import PARAMETERS, BadSort, page_of
from api.formats import json_bytes
from api.negotiation import choose
from api.operations import Endpoint, add
from api.problems import Problem, not_found
from api.reading import JSON, only, query_of
from api.service import service_of
from graph.exports.case.terms import (
    ASSOCIATIONS,
    DOCUMENTS,
    ITEM_ASSOCIATIONS,
    ITEMS,
    PACKAGES,
    RUBRICS,
    TRANSLATES,
    VERSIONS,
    Version,
    is_identifier,
)
from graph.exports.case.things import Thing, Things

Answer = Callable[[Published, Things, str], Thing]
"""Makes the body for an identifier; raises `KeyError` for one that is of nothing."""


def _document(published: Published, made: Things, identifier: str) -> Thing:
    each = published.found.by_id[published.documents[identifier]]
    return made.document(each) | {"CFPackageURI": made.package_link(each)}


def _package(published: Published, made: Things, identifier: str) -> Thing:
    return made.package(published.found.by_id[published.documents[identifier]])


def _item(published: Published, made: Things, identifier: str) -> Thing:
    id, language = published.items[identifier]
    if language and TRANSLATES in made.names.version.absent:
        raise KeyError(identifier)
    return made.item(id, language) | {"CFDocumentURI": made.document_link(published.found.of(id))}


def _association(published: Published, made: Things, identifier: str) -> Thing:
    link = published.associations[identifier]
    if link.type in made.names.version.absent:
        raise KeyError(identifier)
    return made.association(link) | {"CFDocumentURI": made.document_link(published.found.of(link.origin))}


def _item_associations(published: Published, made: Things, identifier: str) -> Thing:
    id, language = published.items[identifier]
    links = published.around.get(id, ())
    if language:  # a translation has one association, that to what it translates
        links = [link for link in links if link.edge[2] == language]
    shown = [made.association(link) for link in links if link.type not in made.names.version.absent]
    return {"CFItem": _item(published, made, identifier), ASSOCIATIONS: shown}


def _rubric(published: Published, made: Things, identifier: str) -> Thing:
    return made.rubric(published.rubrics[identifier])


ONE: Final[Mapping[str, tuple[Answer, str, tuple[str, ...]]]] = {
    DOCUMENTS: (_document, "A framework's document.", ("identifier", "title", "CFPackageURI")),
    PACKAGES: (_package, "A whole framework.", ("CFDocument",)),
    ITEMS: (_item, "A skill as an item of a framework.", ("identifier", "fullStatement", "CFDocumentURI")),
    ASSOCIATIONS: (_association, "How two items are related.", ("identifier", "associationType")),
    ITEM_ASSOCIATIONS: (_item_associations, "An item with all that relates it to others.", ("CFItem", ASSOCIATIONS)),
    RUBRICS: (_rubric, "A rubric, with its criteria and levels.", ("identifier",)),
}
"""Part of the address -> what answers for an identifier, what it is, and what is in every answer."""


def add_case(app: FastAPI) -> None:
    """Seven routes a version."""
    kept = Kept()
    for path, version in VERSIONS.items():
        base = f"/ims/case/{path}"
        listed = list_operation(f"{path}-{DOCUMENTS}-all", version)
        add(app, "GET", f"{base}/{DOCUMENTS}", _all(kept, version), listed, needs=NeedsUnlessPublished)
        for kind, (answer, summary, required) in ONE.items():
            said = operation(f"{path}-{kind}", summary, required)
            add(app, "GET", f"{base}/{kind}/{{id}}", _one(kept, version, answer), said, needs=NeedsUnlessPublished)


def _all(kept: Kept, version: Version) -> Endpoint:
    def call(request: Request) -> Response:
        service, viewer = service_of(request), let_in(request)
        given = only(query_of(request), PARAMETERS)
        published = kept.of(service, viewer)
        made = things(published, service, version)

        def answer() -> tuple[Thing, Mapping[str, str]]:
            every = [_document(published, made, identifier) for identifier in sorted(published.documents)]
            page = page_of(every, given, fields_of(version), request.url.path)
            return {DOCUMENTS: page.things}, page.headers

        return _answered(request, made, [published.mark, given], answer)

    return _endpoint(call)


def _one(kept: Kept, version: Version, answer: Answer) -> Endpoint:
    def call(request: Request) -> Response:
        service, viewer = service_of(request), let_in(request)
        only(query_of(request), ())
        given: str = request.path_params["id"]
        published = kept.of(service, viewer)
        made = things(published, service, version)
        try:
            return _answered(request, made, [published.mark], lambda: (answer(published, made, given.lower()), {}))
        except KeyError:
            raise not_found("id", given) from None

    return _endpoint(call)


def _endpoint(call: Callable[[Request], Response]) -> Endpoint:
    async def get(request: Request) -> Response:
        choose(request.headers.get("accept"), (JSON,))
        try:
            return await service_of(request).work(partial(call, request))
        except Problem as problem:
            return _told(request, problem)

    return get


def _answered(
    request: Request, made: Things, facts: list[Any], answer: Callable[[], tuple[Thing, Mapping[str, str]]]
) -> Response:
    """The answer, which is only made for who does not have it: a package may be large."""
    tag = entity_tag(request.url.path, made.names.model.prefixes.base, made.language, made.publisher, facts)
    if known(request, tag, answered=False):
        return not_modified(tag)
    thing, headers = answer()
    return not_modified(tag) if known(request, tag) else tagged(json_bytes(thing), JSON, tag, headers)


def _told(request: Request, problem: Problem) -> Response:
    """imsx_StatusInfo, for what the standard has a word for; all else is told as elsewhere."""
    if problem.kind == "not-found":
        minor = "unknownobject" if is_identifier(request.path_params["id"]) else "invalid_uuid"
        return _status(404, "sourcedId", minor, problem)
    if problem.kind in ("invalid", "unreadable"):
        minor = "invalid_sort_field" if isinstance(problem, BadSort) else "invalid_selection_field"
        return _status(400, problem.faults[0].field, minor, problem)
    raise problem


def _status(status: int, field: str, minor: str, problem: Problem) -> Response:
    name = {"imsx_codeMinorFieldName": field, "imsx_codeMinorFieldValue": minor}
    made: dict[str, Any] = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": problem.detail,
        "imsx_codeMinor": {"imsx_codeMinorField": [name]},
    }
    return Response(json_bytes(made), status, {"Cache-Control": "no-store"}, JSON)
