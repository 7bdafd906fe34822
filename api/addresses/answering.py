"""What every address has in common: who asks for which form, what was made before, tags and headers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
from urllib.parse import urlsplit

from anyio import Semaphore, move_on_after
from fastapi import FastAPI, Request, Response

from api.addresses.forms import FORMS, HTML, form_of
from api.addresses.memory import Made, Memory
from api.addresses.pages import HTML_HEADERS, Site, not_found_page
from api.auth import let_in
from api.caching import known
from api.negotiation import language_of
from api.operations import Endpoint
from api.problems import Problem, unavailable
from api.reading import only, query_of
from api.service import DISTANT_READERS, EMBEDDED, WORK_SECONDS, Service, service_of
from graph.seen import has_no_key
from graph.steady import steady
from graph.store import Store
from graph.viewer import Viewer

FRESH_SECONDS: Final = 300  # that what is published may be shown without asking again


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read."""

    service: Service
    viewer: Viewer
    given: Mapping[str, str]
    media: str
    language: str  # of labels, "" for the deployment's own

    @property
    def store(self) -> Store:
        return self.service.store

    @property
    def root(self) -> str:
        """The path below which everything lies, for links that stay on this host."""
        return urlsplit(self.service.settings.base_iri).path or "/"

    @property
    def site(self) -> Site:
        return Site(self.service.settings.title, self.root)


Make = Callable[[Request, Asked], Made]


def endpoint(make: Make, parameters: Sequence[str] = (), offered: Sequence[str] = tuple(FORMS)) -> Endpoint:
    """What answers an address: `make` says what, in the form asked for; its path parameters are in the key."""

    async def get(request: Request) -> Response:
        def call() -> Response:
            """Of one state, the key too: each state that is looked at apart costs as much as finding a node."""
            return steady(service_of(request).store, lambda number: _answer(request, make, parameters, offered, number))

        return await service_of(request).work(call)

    return get


def in_turn(one: Endpoint, turn: Semaphore) -> Endpoint:
    """The same, as many requests at a time as the turn lets in; 503 for one that waits too long.

    Two threads that pass the interpreter to each other at every statement of an embedded store need a third more of
    the processor than one after the other; and what takes a pass over everything holds up one thread at most.
    """

    async def get(request: Request) -> Response:
        with move_on_after(WORK_SECONDS):
            async with turn:
                return await one(request)
        raise unavailable("others are being answered", retry_after=5)

    return get


def node_turn(url: str) -> Semaphore:
    """One at a time from a store in this process; one on the network is waited for by as many as it has threads."""
    return Semaphore(1 if url.startswith(EMBEDDED) else DISTANT_READERS)


def _answer(request: Request, make: Make, parameters: Sequence[str], offered: Sequence[str], number: int) -> Response:
    asked = _asked(request, parameters, offered)
    try:
        made = _made(request, asked, make, number)
    except Problem as problem:
        if problem.kind != "not-found" or asked.media != HTML:
            raise
        return _no_page(asked, problem)
    headers = {**_common(asked), "ETag": made.tag}
    if known(request, made.tag):
        return Response(status_code=304, headers=headers)
    return Response(made.body, headers=headers | dict(made.headers), media_type=asked.media)


def _asked(request: Request, parameters: Sequence[str], offered: Sequence[str]) -> Asked:
    viewer, service = let_in(request), service_of(request)
    given = only(query_of(request), ("format", *parameters))
    media = form_of(given, request.headers.get("accept"), offered)
    language = language_of(request.headers.get("accept-language"), service.settings.language)
    return Asked(service, viewer, given, media, language if media == HTML else "")


def _made(request: Request, asked: Asked, make: Make, number: int) -> Made:
    """What is made of the state of a number, or was made of it before.

    Who is limited to org units sees what changes by the hour: nothing is remembered for them.
    """
    if asked.viewer.org_units is not None:
        return make(request, asked)
    memory = memory_of(request.app)
    key: Hashable = (
        request.scope["path"], tuple(asked.given.items()), asked.viewer.scopes, asked.media, asked.language,
    )  # fmt: skip
    made = memory.find(number, key)
    if made is None:
        made = make(request, asked)
        memory.keep(number, key, made)
    return made


def made_of(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> Made:
    """A body with its tag."""
    return Made(body, f'"{blake2b(body, digest_size=16).hexdigest()}"', tuple(headers))


def memory_of(app: FastAPI) -> Memory:
    """The one memory of a process."""
    memory: Memory = app.state.addresses
    return memory


def _common(asked: Asked) -> dict[str, str]:
    """What is published may lie in caches; what a key shows may not."""
    vary = "Accept, Accept-Language, Authorization" if asked.media == HTML else "Accept, Authorization"
    fresh = f"public, max-age={FRESH_SECONDS}" if has_no_key(asked.viewer) else "private, no-cache"
    return {"Cache-Control": fresh, "Vary": vary, **(HTML_HEADERS if asked.media == HTML else {})}


def _no_page(asked: Asked, problem: Problem) -> Response:
    body = not_found_page(asked.site, problem)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Authorization", **HTML_HEADERS}
    return Response(body, problem.status, headers, HTML)
