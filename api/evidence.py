"""`/v1/evidence`: a batch of evidence, idempotent by id and version, each row told what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response

from api.auth import key_of, viewer_of
from api.batches import TABLES, Batch, batch_of_json, batch_of_lines, id_of, keep_inside
from api.evidence_docs import operation
from api.formats import json_bytes
from api.loads import count_rows
from api.operations import add
from api.problems import Problem, fault
from api.reading import JSON, NDJSON, body_of, media_type, only, query_of
from api.service import Service, service_of
from graph.keyring import Key
from graph.ledger import HeldRow, LoadRecord
from loaders.errors import LoadError
from ontology.model import NodeType


def add_evidence(app: FastAPI) -> None:
    """The one route."""
    add(app, "POST", "/v1/evidence", post_evidence, operation(TABLES))


async def post_evidence(request: Request) -> Response:
    service, key, viewer = service_of(request), key_of(request), viewer_of(request)
    only(query_of(request), ())
    name = _source_name(key)
    media = media_type(request, (JSON, NDJSON))
    body = await body_of(request, service.limits.body)

    def call() -> bytes:
        read = batch_of_lines if media == NDJSON else batch_of_json
        batch = read(body, service.store.model)
        keep_inside(service.store, viewer, batch)
        return json_bytes(_written(service, name, batch))

    return Response(await service.work(call, writing=True), media_type=JSON)


def _source_name(key: Key) -> str:
    if key.source is None:
        detail = "evidence is stated by the key's source name, and this key has none; make one with --source NAME"
        raise Problem("wrong-scope", detail)
    return key.source


def _written(service: Service, name: str, batch: Batch) -> dict[str, Any]:
    tables = {type: _table(service.store.model.nodes[type], rows) for type, rows in batch.rows.items() if rows}
    record: LoadRecord | None = None
    held: dict[tuple[str, int], HeldRow] = {}
    if tables:
        record = _loaded(service, name, tables)
        held = {(row.file, row.row): row for row in service.store.ledger.held_rows(load=record.id)}
        count_rows(service, record)
    outcomes = sorted([*batch.refused, *_outcomes(batch, held)], key=lambda row: (row["type"], row["row"]))
    return {
        "load": record.id if record else None,
        "source": name,
        "version": service.store.number(),
        **_counts(record, len(batch.refused)),
        "rows": outcomes,
    }


def _table(kind: NodeType, rows: Sequence[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The rows, with every column that must be there: that a row leaves it empty is then the row's fault alone."""
    needed = dict.fromkeys(("id", *(name for name, each in kind.properties.items() if each.required)))
    first, *others = [row for _, row in rows]
    return [{**needed, **first}, *others]


def _loaded(service: Service, name: str, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> LoadRecord:
    from loaders.load import load_rows

    try:
        return load_rows(service.store, name, tables, settings=service.settings)
    except LoadError as error:
        raise Problem("invalid", str(error), [fault(error.file or "body", error.value, error.reason)]) from None


def _outcomes(batch: Batch, held: Mapping[tuple[str, int], HeldRow]) -> Iterator[dict[str, Any]]:
    for type, rows in batch.rows.items():
        for position, (number, row) in enumerate(rows, 1):
            fact = held.get((type, position))
            told: dict[str, Any] = {"type": type, "row": number, "id": id_of(row), "outcome": "accepted"}
            if fact is not None:
                told |= {"outcome": fact.kind, "field": fact.field, "value": fact.value, "reason": fact.reason}
            yield told


def _counts(record: LoadRecord | None, refused: int) -> dict[str, int]:
    names = ("read", "written", "unchanged", "skipped", "waiting", "rejected")
    counts = {name: getattr(record, name) if record else 0 for name in names}
    return counts | {"read": counts["read"] + refused, "rejected": counts["rejected"] + refused}
