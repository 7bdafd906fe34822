"""The HTTP app: every route with its scope, problems for every error, and the bounds no request may pass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from errno import EDQUOT, ENOSPC
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Match

from api.addresses.routes import add_addresses
from api.case import add_case
from api.changes import add_changes, cannot_follow
from api.credentials import add_credentials
from api.envelope import Envelope
from api.evidence import add_evidence
from api.exports import add_exports
from api.followers import STOPPING
from api.guard import BodyGuard
from api.health import add_health
from api.loads import add_loads
from api.logs import log_failure
from api.nodes import add_nodes
from api.openapi import add_openapi
from api.problems import Problem, fault, respond, unavailable
from api.questions import add_questions
from api.search import add_search
from api.service import Limits, Service, started
from api.vocabulary import add_vocabulary
from api.well_known import add_well_known
from api.words import add_words
from api.xapi import add_xapi
from graph.errors import StoreError
from graph.feed import CannotFollow
from graph.loops import Loops, plain
from graph.settings import Settings
from graph.store import Busy, Store
from ontology.model import load_model
from queries.question import Forbidden, QuestionError, UnknownId


def create_app(
    store: Store | str,
    settings: Settings | None = None,
    limits: Limits | None = None,
    loops: Loops = plain,
    *,
    freeze: bool = False,
) -> FastAPI:
    """The app over a store, or over the store at an address, which is then opened when the app starts.

    `loops` go over its index: `graph.loops.compiled` in a process that answers many. `freeze` takes the warmed-up heap
    out of the garbage collector's rounds; for a process that does nothing else.
    """
    chosen = settings or Settings()
    service = Service(store, chosen, limits, loops)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        with started(service, freeze=freeze):
            yield {STOPPING: service.followers.begin()}

    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        middleware=[
            Middleware(Envelope, metrics=service.metrics),
            Middleware(BodyGuard, limit_of=lambda path: _limit(service.limits, path)),
        ],
        exception_handlers={
            Problem: _problem,
            HTTPException: _http,
            QuestionError: _question,
            Forbidden: _forbidden,
            CannotFollow: cannot_follow,
            StoreError: _store,
            Busy: _store,
            OSError: _disk,
        },
    )
    app.state.service = service
    _add_routes(app, chosen)
    return app


def _add_routes(app: FastAPI, settings: Settings) -> None:
    model = load_model(settings.ontology)
    add_addresses(app)  # first: crawlers ask for these more than anybody asks anything
    add_questions(app)
    add_nodes(app)
    add_search(app, list(model.nodes))
    add_changes(app)
    add_evidence(app)
    add_loads(app)
    add_xapi(app)
    add_words(app)
    add_case(app)
    add_credentials(app)
    add_well_known(app)
    add_exports(app)
    add_vocabulary(app)
    add_health(app)
    add_openapi(app, model)


def _limit(limits: Limits, path: str) -> int:
    return limits.upload if path == "/v1/loads" else limits.body


def _answer(request: Request, problem: Problem) -> Response:
    return respond(problem, request.scope.get("request_id", ""))


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _answer(request, error)


async def _http(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: unknown addresses, other methods, forms that are none."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    if error.status_code == 405:
        methods = ", ".join(sorted(_methods(request)))
        detail = f"this address answers {methods}"
        faults = [fault("method", request.method, f"use {methods}")]
        return _answer(request, Problem("method-not-allowed", detail, faults, {"Allow": methods}))
    if error.status_code == 404:
        fix = "the addresses are listed at /docs"
        return _answer(request, Problem("not-found", "no such address", [fault("path", path, fix)]))
    fix = "send what /docs says of this address"
    return _answer(request, Problem("unreadable", str(error.detail), [fault("body", "", fix)]))


def _methods(request: Request) -> set[str]:
    """The methods of every route that has the request's address."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods
    return found | ({"HEAD"} if "GET" in found else set())


async def _question(request: Request, error: Exception) -> Response:
    assert isinstance(error, QuestionError)
    kind = "not-found" if isinstance(error, UnknownId) else "bad-cursor" if error.field == "cursor" else "invalid"
    return _answer(request, Problem(kind, str(error), [fault(error.field, error.value, error.fix)]))


async def _forbidden(request: Request, error: Exception) -> Response:
    return _answer(request, Problem("wrong-scope", str(error)))


async def _store(request: Request, error: Exception) -> Response:
    """The store cannot answer now: nothing is wrong with the request, and its place is not told."""
    transient = isinstance(error, Busy) or getattr(error, "transient", False)
    if not transient:
        log_failure("store-refused", error)
    return _answer(request, unavailable("the store cannot answer now", retry_after=1 if transient else 30))


async def _disk(request: Request, error: Exception) -> Response:
    """A full disk is nobody's request's fault; any other failure of the system is a failure."""
    if getattr(error, "errno", None) not in (ENOSPC, EDQUOT):
        raise error
    return _answer(request, unavailable("there is no room left to take this", retry_after=60))
