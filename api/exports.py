"""`/v1/export/{format}`: the graph in a format that others read, as one file made for what the key may see.

The file is made beside the store by a thread of its own, since that takes as long as it takes, and loses its name
before the first byte is sent: whatever happens then, nothing of it stays.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from os import fstat
from pathlib import Path
from typing import IO, Final

import anyio
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api.auth import REALM, NeedsUnlessPublished, let_in
from api.caching import HEADERS, entity_tag, known, not_modified, viewer_facts
from api.followers import WITHOUT_BODY
from api.negotiation import accepts_gzip
from api.openapi import app_version
from api.operations import Operation, add, content, parameter
from api.problems import Problem, fault, unavailable
from api.reading import only, query_of, whole
from api.service import Service, service_of
from graph.errors import NoSuchVersion
from graph.exports import Export, Wanted, exports
from graph.feed import Position
from graph.history import REBUILT, as_it_was
from graph.place import made_place
from graph.seen import has_no_key
from graph.steady import steady
from graph.store import Store
from graph.viewer import Viewer

AT_ONCE: Final = 2  # exports that are made by one process, for those with a key
OPEN_AT_ONCE: Final = 1  # for those without: crawlers take nobody's place but each other's
RETRY_SECONDS: Final = 15
MAX_NUMBER: Final = 10**15
CHUNK: Final = 1 << 18  # bytes
STALLED_SECONDS: Final = 60.0  # for one chunk to be taken by a client that reads too slowly: the file takes room
GZIP: Final = 31  # zlib's window bits of a gzip stream
GZIP_LEVEL: Final = 1  # as fast as networks are


class NeedsToPublish(NeedsUnlessPublished):
    """A key with the scope and no other will do, or none where the deployment publishes."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.enough = frozenset({scope})


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, read."""

    export: Export
    viewer: Viewer
    at: int | None


@dataclass(frozen=True, slots=True)
class _State:
    """What an export is made of: the store's change number, and the tag of what is made of it."""

    number: int
    tag: str


_File = tuple[IO[bytes], _State]


def add_exports(app: FastAPI) -> None:
    """The one route."""
    keyed, open_to_all = threading.BoundedSemaphore(AT_ONCE), threading.BoundedSemaphore(OPEN_AT_ONCE)

    async def export(request: Request) -> Response:
        service = service_of(request)
        asked, state = await service.work(lambda: _asked(request, service))
        if known(request, state.tag):
            return not_modified(state.tag)
        if request.scope.get(WITHOUT_BODY):
            return _without_body(asked, state)
        file, state = await _made(service, asked, open_to_all if has_no_key(asked.viewer) else keyed)
        packed = accepts_gzip(request.headers.get("accept-encoding"))
        return _Sent(file, _headers(asked, state), asked.export.media_type, packed)

    add(app, "GET", "/v1/export/{format}", export, _operation(), NeedsToPublish)


def _asked(request: Request, service: Service) -> tuple[_Asked, _State]:
    """The request, and what would be exported now; raises what is wrong with the request."""
    viewer = let_in(request)
    export = _export_of(request.path_params["format"])
    at = whole(only(query_of(request), ("at",)), "at", -1, 0, MAX_NUMBER)
    number = service.number()
    if at >= 0 and has_no_key(viewer):
        detail = "how things were is told to a key with the scope publish; send one, or leave `at` out"
        raise Problem("no-key", detail, [fault("at", at, "leave it out")], {"WWW-Authenticate": REALM})
    if at > number:
        raise _no_state(at, number)
    asked = _Asked(export, viewer, at if at >= 0 else None)
    return asked, _state(service, asked, number if at < 0 else at)


def _state(service: Service, asked: _Asked, number: int) -> _State:
    """Of a change number. The same numbers are given anew when a backup was put back, with other marks."""
    rules = service.rules(number).last(service.now())  # an export says what is in force
    mark = str(service.feed.marked(Position(number)))
    made_by = (app_version(), repr(service.settings), service.store.url)
    return _State(number, entity_tag("export", asked.export.name, made_by, mark, viewer_facts(asked.viewer), rules))


def _no_state(at: int, number: int) -> Problem:
    fix = f"name a change number from 0 to {number}"
    return Problem("not-found", "the store was never at that change number", [fault("at", at, fix)])


def _export_of(name: str) -> Export:
    found = exports().get(name)
    if found is not None and found.media_type:
        return found
    names = ", ".join(_names())
    if found is not None:
        fix = f"run `skillgraph export {name}` where the store is; here there are {names}"
        raise Problem("not-found", f"{name} is only for whoever owns the store", [fault("format", name, fix)])
    raise Problem("not-found", "there is no such format", [fault("format", name, f"ask for one of {names}")])


@cache
def _names() -> tuple[str, ...]:
    return tuple(name for name, export in exports().items() if export.media_type)


def _headers(asked: _Asked, state: _State) -> dict[str, str]:
    name = f"skillgraph-{asked.export.name}{asked.export.suffix}"
    return {
        **HEADERS,
        "ETag": state.tag,
        "Vary": "Accept-Encoding, Authorization",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Skillgraph-Version": str(state.number),
    }


def _without_body(asked: _Asked, state: _State) -> Response:
    """How long the file is nobody knows before it is made."""
    answer = Response(headers=_headers(asked, state), media_type=asked.export.media_type)
    del answer.headers["Content-Length"]
    return answer


async def _made(service: Service, asked: _Asked, places: threading.BoundedSemaphore) -> _File:
    """The file, open and already without a name; 503 while as many are being made as may be."""
    if not places.acquire(blocking=False):
        raise unavailable("as many exports are being made as may be at once", retry_after=RETRY_SECONDS)
    made: Future[_File] = Future()
    made.set_running_or_notify_cancel()

    def make() -> None:
        try:
            made.set_result(_written(service, asked))
        except BaseException as error:  # noqa: BLE001 - it is raised where the file is waited for
            made.set_exception(error)
        finally:
            places.release()

    threading.Thread(target=make, name="export", daemon=True).start()  # it ends with the process
    try:
        return await asyncio.wrap_future(made)
    except asyncio.CancelledError:
        made.add_done_callback(_forget)
        raise


def _forget(made: Future[_File]) -> None:
    """Close what nobody waits for any more."""
    if made.exception() is None:
        made.result()[0].close()


def _written(service: Service, asked: _Asked) -> _File:
    """In a folder that erasure removes, should this process die before it does."""
    beside = made_place(service.store.url)
    try:
        with tempfile.TemporaryDirectory(prefix=f"{beside.name}{REBUILT}", dir=beside.parent) as folder:
            path = Path(folder) / f"export{asked.export.suffix}"
            with as_it_was(service.store, asked.at) as store:
                state = steady(store, lambda number: _rows(service, asked, store, path, number))
            return path.open("rb"), state
    except FileNotFoundError as error:
        raise unavailable("somebody was erased meanwhile; ask again") from error
    except NoSuchVersion as error:
        raise _no_state(asked.at or 0, service.number()) from error


def _rows(service: Service, asked: _Asked, store: Store, path: Path, number: int) -> _State:
    """Write the file from the store at a number, as what is in force before it is begun says."""
    state = _state(service, asked, number)
    asked.export.rows(store, path, Wanted(asked.viewer, service.settings))
    return state


class _Sent(StreamingResponse):
    """The file, a part at a time; closed, and with that gone, when the last is sent or the client takes no more."""

    def __init__(self, file: IO[bytes], headers: dict[str, str], media: str, packed: bool) -> None:
        if packed:
            headers = {**headers, "Content-Encoding": "gzip"}
        else:
            headers = {**headers, "Content-Length": str(fstat(file.fileno()).st_size)}
        super().__init__(_packed(file) if packed else _chunks(file), headers=headers, media_type=media)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            with anyio.move_on_after(STALLED_SECONDS) as patience:
                await send(message)
            if patience.cancelled_caught:
                raise ClientDisconnect

        try:
            await super().__call__(scope, receive, patient)
        finally:
            self._file.close()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _packed(file: IO[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(GZIP_LEVEL, wbits=GZIP)
    for chunk in _chunks(file):
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def _operation() -> Operation:
    text = {"type": "string"}
    kinds = sorted({export.media_type.partition(";")[0] for export in exports().values() if export.media_type})
    headers = {
        "ETag": {"description": "To ask again by.", "schema": text},
        "Skillgraph-Version": {
            "description": "The store's change number that the file is made of; /v1/changes tells what came since.",
            "schema": {"type": "integer", "minimum": 0},
        },
    }
    made = content({"type": ["object", "array"]}, *kinds, description="The file.", headers=headers)
    return Operation(
        id="export",
        tag="graph",
        summary="The graph as a file in a format that others read.",
        description="Everything that the key may see and the format can carry, which docs/formats.md tells. Without a "
        "key, where the deployment publishes: what is not personal. It takes as long as it takes to make; 503 while "
        "others are being made. `Accept-Encoding: gzip` packs it.",
        scope="publish",
        parameters=[
            parameter("format", "A format's name.", {"type": "string", "enum": list(_names())}, where="path"),
            parameter(
                "at",
                "The store as it was at this change number; for a key.",
                {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER},
            ),
            parameter("If-None-Match", "The ETag of what the caller has.", text, where="header"),
        ],
        answers={200: made, 304: {"description": "What the caller has still stands."}},
        problems=("not-found",),
    )
