"""`/v1/words`: free skill names of sources, what they mean, and what a person decides of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.auth import key_of
from api.formats import json_bytes
from api.operations import add
from api.problems import Problem, invalid, not_found
from api.reading import JSON, body_of, media_type, only, query_of, whole
from api.service import Service, service_of
from api.strict_json import parse_json
from api.word_docs import DECIDE, FORGET, LIST, MAX_ROWS, MAX_SKIP, VERDICTS
from graph.keyring import Key
from graph.words.decide import BadDecision, NoSuchWord, accept, forget, reject, source_of
from graph.words.listing import Wanted, list_words, word_row

PATIENCE: Final = 1.5
"""Seconds that a decision waits for who matches words: shorter than a request, which would be told that it failed while
its thread waits on, and writes after all."""


def add_words(app: FastAPI) -> None:
    """Three routes."""
    add(app, "GET", "/v1/words", get_words, LIST)
    add(app, "PUT", "/v1/words/{id}/decision", put_decision, DECIDE)
    add(app, "DELETE", "/v1/words/{id}/decision", delete_decision, FORGET)


async def get_words(request: Request) -> Response:
    service, key = service_of(request), key_of(request)
    _check_reach(key)
    wanted = _wanted(only(query_of(request), ("open", "source", "limit", "skip")), key)

    def call() -> bytes:
        found = list_words(service.store, service.settings, wanted)
        return json_bytes({"total": found.total, "words": [asdict(row) for row in found.rows]})

    return Response(await service.work(call), media_type=JSON)


async def put_decision(request: Request) -> Response:
    service, key, word = service_of(request), key_of(request), request.path_params["id"]
    _check_reach(key)
    only(query_of(request), ())
    media_type(request, (JSON,))
    verdict, skill = _decided(parse_json(await body_of(request, service.limits.body)))

    def act() -> None:
        if verdict == "accepted":
            accept(service.store, service.settings, word, str(skill), patience=PATIENCE)
        else:
            reject(service.store, service.settings, word, skill, patience=PATIENCE)

    return await service.work(lambda: _done(service, key, word, act), writing=True)


async def delete_decision(request: Request) -> Response:
    service, key, word = service_of(request), key_of(request), request.path_params["id"]
    _check_reach(key)
    only(query_of(request), ())

    def act() -> None:
        forget(service.store, service.settings, word, patience=PATIENCE)

    return await service.work(lambda: _done(service, key, word, act), writing=True)


def _check_reach(key: Key) -> None:
    """How often a word is spoken of tells about everyone, and what it means changes everyone's answers."""
    if key.org_units is not None:
        detail = "a key limited to org units cannot see or decide words: they are about everyone; use one without limit"
        raise Problem("wrong-scope", detail)


def _wanted(given: dict[str, str], key: Key) -> Wanted:
    """Which words; a key with a source name sees those of that source."""
    if given.get("open", "false") not in ("true", "false"):
        raise invalid("open", given["open"], "give true or false")
    source = given.get("source", key.source)
    if key.source not in (None, source):
        raise Problem("wrong-scope", f"this key sees words of {key.source}, not of {source}; leave the source out")
    limit, skip = whole(given, "limit", 20, 1, MAX_ROWS), whole(given, "skip", 0, 0, MAX_SKIP)
    return Wanted(given.get("open") == "true", source, limit, skip)


def _decided(body: Any) -> tuple[str, str | None]:
    """The verdict and its skill."""
    if not isinstance(body, dict):
        raise invalid("body", body, 'send an object like {"verdict": "accepted", "skill": "…"}')
    for name in body.keys() - {"verdict", "skill"}:
        raise invalid(name, body[name], "leave it out; known are verdict, skill")
    verdict, skill = body.get("verdict"), body.get("skill")
    if verdict not in VERDICTS:
        raise invalid("verdict", verdict, f"give one of {', '.join(VERDICTS)}")
    if verdict == "no_skill":
        if "skill" in body:
            raise invalid("skill", skill, "leave it out: the word means none")
        return verdict, None
    if not isinstance(skill, str):
        raise invalid("skill", skill, "give the id of a skill")
    return verdict, skill


def _done(service: Service, key: Key, word: str, act: Callable[[], None]) -> Response:
    """Act on a word that the key may see, and say what it means now."""
    try:
        if key.source not in (None, source_of(service.store, word)):
            raise not_found("id", word)
        act()
        row = word_row(service.store, service.settings, word)
    except NoSuchWord:
        raise not_found("id", word) from None
    except BadDecision as error:
        raise invalid("id" if error.field == "word" else error.field, error.value, error.fix) from None
    return Response(status_code=204) if row is None else Response(json_bytes(asdict(row)), media_type=JSON)
