"""`/issuer` and `/.well-known/jwks.json`: who signs credentials, and the keys by which that can be checked.

Keys are made when something is first signed: until then there are none to show. Old ones stay after they are rotated.
"""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.caching import entity_tag, known
from api.formats import json_bytes
from api.negotiation import choose
from api.operations import Operation, add, parameter
from api.problems import not_found
from api.reading import JSON, JSON_LD, only, query_of
from api.service import Service, service_of
from graph.exports.openbadges.terms import Issuer
from graph.signing import SigningKey, signing_keys

JWK: Final = "application/jwk+json"
JWK_SET: Final = "application/jwk-set+json"
_CACHE: Final = {"Cache-Control": "public, max-age=300", "Vary": "Accept"}
_IF_NONE_MATCH = parameter("If-None-Match", "The ETag of what the caller has.", {"type": "string"}, where="header")


def add_well_known(app: FastAPI) -> None:
    """Three routes, open to all."""
    add(app, "GET", "/issuer", get_issuer, _operation("issuer", "Who issues credentials.", "id", JSON_LD, JSON))
    add(app, "GET", "/.well-known/jwks.json", get_keys, _operation("jwks", "The public keys.", "keys", JSON, JWK_SET))
    one = _operation("jwk", "One public key, as the header of a token names it.", "kty", JSON, JWK, by_id=True)
    add(app, "GET", "/issuer/keys/{id}", get_key, one)


def _operation(id: str, summary: str, required: str, *media: str, by_id: bool = False) -> Operation:
    schema = {"type": "object", "required": [required]}
    answer = {"description": summary, "content": {each: {"schema": schema} for each in media}}
    name = {"type": "string", "minLength": 1, "maxLength": 100}
    return Operation(
        id=id,
        tag="credentials",
        summary=summary,
        scope="public",
        parameters=[*([parameter("id", "The key's thumbprint.", name, where="path")] if by_id else []), _IF_NONE_MATCH],
        answers={200: answer, 304: {"description": "What the caller has still stands."}},
        problems=("not-acceptable", *(("not-found",) if by_id else ())),
    )


async def get_issuer(request: Request) -> Response:
    issuer, keys = await _all(request)
    return _kept(request, issuer.document(keys), (JSON_LD, JSON))


async def get_keys(request: Request) -> Response:
    issuer, keys = await _all(request)
    return _kept(request, issuer.key_set(keys), (JSON, JWK_SET))


async def get_key(request: Request) -> Response:
    issuer, keys = await _all(request)
    name: str = request.path_params["id"]
    for key in keys:
        if key.name == name:
            return _kept(request, key.jwk(issuer.kid(name)), (JSON, JWK))
    raise not_found("id", name)


async def _all(request: Request) -> tuple[Issuer, list[SigningKey]]:
    only(query_of(request), ())
    service = service_of(request)
    return await service.work(lambda: _read(service))


def _read(service: Service) -> tuple[Issuer, list[SigningKey]]:
    store = service.store
    return Issuer.of(store.model.prefixes.base, service.settings), signing_keys(store.url, service.settings)


def _kept(request: Request, document: dict[str, Any], forms: tuple[str, ...]) -> Response:
    media = choose(request.headers.get("accept"), forms)
    body = json_bytes(document)
    headers = {**_CACHE, "ETag": entity_tag(media, body.decode())}
    if known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media)
