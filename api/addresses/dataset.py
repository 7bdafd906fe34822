"""`/dataset`: what is published, described for people and for catalogues; `/.well-known/void` leads there."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from api.addresses.answering import Asked, made_of
from api.addresses.forms import HTML
from api.addresses.memory import Made
from api.addresses.pages import embedded_json, page
from api.formats import json_bytes
from api.reading import JSON, JSON_LD
from api.service import service_of
from graph.exports import Export, Wanted, exports
from graph.exports.dcat import Counts, as_turtle, counts, described
from graph.viewer import PUBLIC

FORMS: Final = ("html", "jsonld", "json", "turtle")
COUNTED_SECONDS: Final = 600  # that counts stand, whatever changed: they take a pass over everything


class Counting:
    """The counts of what is public, at most one pass at a time."""

    def __init__(self) -> None:
        self._counts: Counts | None = None
        self._until = 0.0
        self._lock = threading.Lock()

    def current(self, asked: Asked) -> Counts:
        """Those of now, or of a few minutes ago."""
        with self._lock:
            if self._counts is None or (time.monotonic() > self._until and self._counts.number != asked.store.number()):
                self._counts = counts(asked.store, Wanted(PUBLIC, asked.service.settings))
                self._until = time.monotonic() + COUNTED_SECONDS
            return self._counts


def dataset_at(request: Request, asked: Asked) -> Made:
    """The description of what is public, whoever asks."""
    counted = counting_of(request.app).current(asked)
    document = described(asked.store, asked.service.settings, counted)
    if asked.media in (JSON_LD, JSON):
        return made_of(json_bytes(document))
    return made_of(_page(asked, counted) if asked.media == HTML else as_turtle(document))


def counting_of(app: FastAPI) -> Counting:
    """The one of a process."""
    counting: Counting = app.state.counting
    return counting


async def get_void(request: Request) -> Response:
    """RFC 5785 and VoID 7.2: the description is found here; it is at an address of its own."""
    return Response(status_code=302, headers={"Location": f"{service_of(request).settings.base_iri}dataset"})


def _page(asked: Asked, counted: Counts) -> bytes:
    settings, model = asked.service.settings, asked.store.model
    kinds = [(model.nodes[name], count) for name, count in counted.entities.items()]
    served = [_download(asked, export) for export in exports().values() if export.media_type]
    return page(
        "dataset.html",
        asked.site,
        title=settings.title,
        settings=settings,
        triples=counted.triples,
        kinds=kinds,
        served=served,
        schema=embedded_json(_schema(asked, served)),
    )


def _download(asked: Asked, export: Export) -> dict[str, str]:
    return {
        "name": export.name,
        "description": export.description,
        "standard": export.standard,
        "media": export.media_type,
        "href": f"{asked.root}v1/export/{export.name}",
        "address": f"{asked.service.settings.base_iri}v1/export/{export.name}",
    }


def _schema(asked: Asked, served: list[dict[str, str]]) -> dict[str, Any]:
    """For search engines of data sets: https://schema.org/Dataset."""
    settings = asked.service.settings
    made: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": settings.title,
        "url": f"{settings.base_iri}dataset",
        "creator": {"@type": "Organization", "name": settings.issuer_name},
        "distribution": [
            {"@type": "DataDownload", "encodingFormat": each["media"], "contentUrl": each["address"]} for each in served
        ],
    }
    return made | ({"license": settings.licence} if settings.licence else {})
