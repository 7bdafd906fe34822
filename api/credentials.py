"""`/v1/credentials/{id}`: what one person holds, as credentials of Open Badges 3.0 that the deployment signs.

Whoever asks takes what is known of a person out of the house, in a form that others can check: that needs the scope
`publish`, and sight of the person, which is `match` and, for a key of org units, one of its units. Only a key that may
see names (`people`) gets the hash of the person's address into the credentials.
"""

from __future__ import annotations

from typing import Any, Final, cast, get_args

from fastapi import FastAPI, Request, Response

from api.auth import NeedsAtWork, NeedsUnlessPublished, let_in
from api.caching import entity_tag, known, not_modified, tagged
from api.formats import json_bytes
from api.negotiation import choose
from api.operations import Operation, add, content, parameter
from api.problems import invalid, not_found
from api.reading import JSON, JSON_LD, only, query_of
from api.service import Service, service_of
from graph.exports import Wanted
from graph.exports.openbadges.achievements import Achievements
from graph.exports.openbadges.held import held_by
from graph.exports.openbadges.issue import Issuing, signer
from graph.exports.openbadges.people import Naming
from graph.exports.openbadges.terms import CONTEXTS, Issuer
from graph.index import Index
from graph.seen import may_know
from graph.signing import key_to_sign
from graph.viewer import Viewer
from ontology.values import OPEN, parse_instant
from queries.ask import of_one_state
from queries.fields import INSTANT_PATTERN
from queries.lookup import person_of
from queries.question import Asking, UnknownId

_COMPACT: Final = "^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]*[.][A-Za-z0-9_-]+$"
_TEXT: Final = {"type": "string"}
_ID: Final[dict[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 2000}
_IF_NONE_MATCH: Final = parameter("If-None-Match", "The ETag of an answer the caller has.", _TEXT, where="header")
_TAG: Final = {"headers": {"ETag": {"description": "To ask again by.", "schema": _TEXT}}}
_STANDS: Final = {"description": "What the caller has still stands."}

COMPONENTS: Final[dict[str, Any]] = {
    "Credentials": {
        "type": "object",
        "description": "As the Open Badges API answers (GetOpenBadgeCredentialsResponse).",
        "required": ["compactJwsString"],
        "additionalProperties": False,
        "properties": {"compactJwsString": {"type": "array", "items": {"type": "string", "pattern": _COMPACT}}},
    }
}
CREDENTIALS = Operation(
    id="credentials",
    tag="credentials",
    summary="What a person holds, as signed Open Badges 3.0.",
    description="One token (VC-JWT) for every skill and credential that the person holds; what is unverified or only "
    "claimed is not attested. A person whom the key may not see looks like one that is not there.",
    scope="publish",
    parameters=[
        parameter("id", "The person: any of their record ids.", _ID, where="path"),
        parameter("achievement", "Only this skill or credential.", _ID),
        parameter("as_of", "What is held then; now without it.", {"type": "string", "pattern": INSTANT_PATTERN}),
        parameter(
            "naming",
            "How the person's e-mail address stands in the credentials, for keys with the scope people.",
            {"enum": list(get_args(Naming)), "default": "hashed"},
        ),
        _IF_NONE_MATCH,
    ],
    answers={
        200: content({"$ref": "#/components/schemas/Credentials"}, JSON, description="Compact tokens.") | _TAG,
        304: _STANDS,
    },
    problems=("not-found", "not-acceptable"),
)
ACHIEVEMENT = Operation(
    id="achievement",
    tag="credentials",
    summary="What holding a skill means in the deployment's credentials.",
    scope="publish",
    parameters=[parameter("id", "A skill.", _ID, where="path"), _IF_NONE_MATCH],
    answers={
        200: content({"type": "object", "required": ["id", "name"]}, JSON, JSON_LD, description="The achievement.")
        | _TAG,
        304: _STANDS,
    },
    problems=("not-found", "not-acceptable"),
)


def add_credentials(app: FastAPI) -> None:
    """Two routes."""
    add(app, "GET", "/v1/credentials/{id:path}", get_credentials, CREDENTIALS, needs=NeedsAtWork)
    add(app, "GET", "/achievements/{id:path}", get_achievement, ACHIEVEMENT, needs=NeedsUnlessPublished)


async def get_credentials(request: Request) -> Response:
    choose(request.headers.get("accept"), (JSON,))

    def call() -> Response:
        service, viewer = service_of(request), let_in(request)
        given = only(query_of(request), ("achievement", "as_of", "naming"))
        at, naming = _instant(given.get("as_of"), service.now()), _naming(given.get("naming", "hashed"))
        wanted = _curie(service, "achievement", given["achievement"]) if "achievement" in given else None
        id: str = request.path_params["id"]
        if not (may_know(service.store.model, "Learner", viewer) and may_know(service.store.model, "Evidence", viewer)):
            raise not_found("id", id)

        def give(index: Index) -> list[str]:
            return _tokens(service, index, viewer, id, wanted, at, naming)

        tokens = of_one_state(service.store, service.keeper, give)
        return _answered(request, {"compactJwsString": tokens}, JSON)

    return await service_of(request).work(call)


def _tokens(  # noqa: PLR0917 - all that one request says
    service: Service, index: Index, viewer: Viewer, id: str, wanted: str | None, at: int, naming: Naming
) -> list[str]:
    try:
        person = person_of(Asking(service.store, index, viewer, service.now()), "person", id)
    except UnknownId:
        raise not_found("id", id) from None
    held = [each for each in held_by(service.store, index, person, at) if wanted in (None, each.id)]
    if wanted is not None and not held:
        raise not_found("achievement", wanted)
    issuing = Issuing(service.store, index, Wanted(viewer, service.settings), naming)
    sign = signer(key_to_sign(service.store.url, service.settings), issuing.issuer)
    return [sign(each) for _, credentials in issuing.credentials([(person, held)]) for each in credentials]


async def get_achievement(request: Request) -> Response:
    media = choose(request.headers.get("accept"), (JSON, JSON_LD))

    def call() -> Response:
        service, viewer = service_of(request), let_in(request)
        only(query_of(request), ())
        given: str = request.path_params["id"]
        id = _curie(service, "id", given)

        def give(index: Index) -> dict[str, Any] | None:
            issuer = Issuer.of(service.store.model.prefixes.base, service.settings)
            known = Achievements(service.store, index, viewer, issuer)
            known.read([id])
            found = known.of(id)
            return found.achievement if found and found.achievement["id"] == issuer.achievement(id) else None

        achievement = of_one_state(service.store, service.keeper, give)
        if achievement is None:
            raise not_found("id", given)
        return _answered(request, {"@context": list(CONTEXTS), **achievement}, media)

    return await service_of(request).work(call)


def _answered(request: Request, document: dict[str, Any], media: str) -> Response:
    body = json_bytes(document)
    tag = entity_tag(media, body.decode())
    return not_modified(tag) if known(request, tag) else tagged(body, media, tag)


def _curie(service: Service, field: str, text: str) -> str:
    try:
        return service.store.model.prefixes.curie(text.strip())
    except ValueError:
        raise not_found(field, text) from None


def _instant(text: str | None, now: int) -> int:
    try:
        at = now if text is None else parse_instant(text)[0]
    except ValueError as error:
        raise invalid("as_of", text, str(error)) from None
    if at >= OPEN:
        raise invalid("as_of", text, "give an instant from 1970 to 2105, or leave it out to ask about now")
    return at


def _naming(text: str) -> Naming:
    if text not in get_args(Naming):
        raise invalid("naming", text, f"give one of {', '.join(get_args(Naming))}")
    return cast(Naming, text)
