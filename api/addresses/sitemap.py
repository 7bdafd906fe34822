"""`/sitemap.xml`, its parts, and `/robots.txt`: what crawlers are told, by the sitemaps.org protocol 0.9.

Without the dates of changes: a page says what leads to its node too, and when that changed is not known cheaply.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from numpy.typing import NDArray

from api.addresses.answering import FRESH_SECONDS
from api.caching import known
from api.problems import not_found
from api.service import Service, service_of
from graph.seen import is_public
from graph.store import Store

MOST: Final = 50_000  # addresses of a part: the protocol's limit; of 50 MB too, far above what so many ids take
AT_ONCE: Final = 5_000  # addresses that are written together
XML: Final = "application/xml"
TEXT: Final = "text/plain"
_SPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Part:
    """Keys of what is published, at most `MOST`, of one key space."""

    space: str
    keys: NDArray[np.int64]


class Parts:
    """The parts at one change number, worked out once a number."""

    def __init__(self) -> None:
        self._number = -1
        self._parts: Sequence[Part] = ()
        self._lock = threading.Lock()

    def at(self, store: Store, number: int) -> Sequence[Part]:
        """Those of a state no older than this number."""
        with self._lock:
            if number != self._number:
                self._parts, self._number = _parts(store), number
            return self._parts


def _parts(store: Store) -> list[Part]:
    """What is new comes last, so that crawlers find what they know where it was."""
    spaces: dict[str, list[NDArray[np.int64]]] = {}
    for kind in store.model.nodes.values():
        if is_public(store.model, kind.name):
            own = spaces.setdefault(store.model.space(kind.name), [])
            own += [batch.arrays["key"] for batch in store.scan(kind.name, ["key"])]
    return [
        Part(space, keys[start : start + MOST])
        for space, found in spaces.items()
        for keys in [np.sort(np.concatenate(found))]
        for start in range(0, len(keys), MOST)
    ]


async def get_sitemap(request: Request) -> Response:
    """The index of the parts."""
    service = _publishing(request)
    number = await service.work(service.number)
    tag = f'"sitemap-{number}"'
    if known(request, tag):
        return _unchanged(tag)
    parts = await service.work(lambda: _parts_of(request.app).at(service.store, number))
    base = escape(service.settings.base_iri)
    each = "".join(f"<sitemap><loc>{base}sitemap-{place}.xml</loc></sitemap>\n" for place in range(1, len(parts) + 1))
    body = f'{_HEAD}<sitemapindex xmlns="{_SPACE}">\n{each}</sitemapindex>\n'
    return Response(body, headers=_headers(tag), media_type=XML)


async def get_part(request: Request) -> Response:
    """One part, streamed; 404 for one that is not there."""
    service = _publishing(request)
    given: str = request.path_params["part"]
    number = await service.work(service.number)
    parts = await service.work(lambda: _parts_of(request.app).at(service.store, number))
    place = int(given) if given.isascii() and given.isdigit() and len(given) < _DIGITS else 0
    if not 1 <= place <= len(parts):
        raise not_found("part", given)
    tag = f'"sitemap-{number}-{place}"'
    if known(request, tag):
        return _unchanged(tag)
    return StreamingResponse(_written(service, parts[place - 1]), headers=_headers(tag), media_type=XML)


async def _written(service: Service, part: Part) -> AsyncIterator[str]:
    base = service.settings.base_iri
    yield f'{_HEAD}<urlset xmlns="{_SPACE}">\n'
    for start in range(0, len(part.keys), AT_ONCE):
        keys = part.keys[start : start + AT_ONCE].tolist()
        ids = await service.work(partial(service.store.ids, part.space, keys))
        yield "".join(f"<url><loc>{escape(f'{base}id/{id}')}</loc></url>\n" for id in ids if id)
    yield "</urlset>\n"


async def get_robots(request: Request) -> Response:
    """What crawlers may read: what is published, and nothing where nothing is."""
    settings = service_of(request).settings
    if settings.publish:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _NOT_FOR_CRAWLERS), "Allow: /"]
        lines += ["", f"Sitemap: {settings.base_iri}sitemap.xml"]
    else:
        lines = ["User-agent: *", "Disallow: /"]
    headers = {"Cache-Control": f"public, max-age={FRESH_SECONDS}"}
    return Response("\n".join(lines) + "\n", headers=headers, media_type=TEXT)


def _publishing(request: Request) -> Service:
    service = service_of(request)
    if not service.settings.publish:
        raise not_found("path", request.scope["path"])
    return service


def _parts_of(app: FastAPI) -> Parts:
    parts: Parts = app.state.sitemap
    return parts


def _headers(tag: str) -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={FRESH_SECONDS}", "ETag": tag}


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers=_headers(tag))


_NOT_FOR_CRAWLERS: Final = ("/v1/", "/xapi/", "/metrics")
_DIGITS: Final = 9
