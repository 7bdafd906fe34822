"""`/v1/loads`: files sent in, loaded behind the request, and what became of each of their rows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request, Response

from api.archives import checked_members, is_archive, unpack
from api.auth import key_of, viewer_of
from api.formats import CSV, csv_bytes, json_bytes, ndjson_bytes
from api.jobs import ID, Job, Keep, Work
from api.load_docs import FETCH, NAMES, REJECTS, SEND
from api.negotiation import choose
from api.operations import add
from api.problems import Problem, invalid, not_found, unavailable
from api.reading import JSON, NDJSON, only, query_of, whole
from api.service import Service, service_of
from api.uploads import Options, Upload, form_of, store_files, upload_of
from graph.errors import StoreError
from graph.keyring import Key
from graph.ledger import HeldRow, LoadRecord
from graph.store import Busy
from graph.viewer import Viewer
from loaders.errors import LoadError
from ontology.values import format_instant

if TYPE_CHECKING:
    from loaders.load import LoadRequest

PROGRESS_SECONDS: Final = 1.0
MAX_REJECTS: Final = 10_000
KINDS: Final = ("rejected", "waiting", "conflict")


def add_loads(app: FastAPI) -> None:
    """Three routes."""
    add(app, "POST", "/v1/loads", send, SEND)
    add(app, "GET", "/v1/loads/{id}", fetch, FETCH)
    add(app, "GET", "/v1/loads/{id}/rejects", rejects, REJECTS)


async def send(request: Request) -> Response:
    service, key = service_of(request), key_of(request)
    _check_reach(key)
    if service.jobs.full():
        raise unavailable("enough loads are waiting", retry_after=30)
    form = await form_of(request, service.limits)
    try:
        upload = upload_of(form)
        job = await service.work(lambda: _accepted(service, key, upload), writing=True)
    finally:
        await form.close()
    body = json_bytes(_job_document(service, job))
    return Response(body, 202, {"Location": f"/v1/loads/{job.id}", "Retry-After": "1"}, JSON)


def _accepted(service: Service, key: Key, upload: Upload) -> Job:
    """The queued job of an upload."""
    options = _bound(upload.options, key)
    job = service.jobs.create(options.name or options.source, options.source, key.id)
    try:
        store_files(upload, service.jobs.files(job), service.limits)
        taken = service.jobs.submit(job, _work(service, options))
    except BaseException:
        service.jobs.discard(job)
        raise
    if not taken:
        service.jobs.discard(job)
        raise unavailable("enough loads are waiting", retry_after=30)
    return replace(job, state="queued")


def _check_reach(key: Key) -> None:
    """A file states facts about anyone, so a key that sees some people only cannot send one."""
    if key.org_units is not None:
        detail = "a key limited to org units cannot load files: they may state anything; use a key without that limit"
        raise Problem("wrong-scope", detail)


def _bound(options: Options, key: Key) -> Options:
    """The options under the key's source name; raises 422 for a source that is not there, 403 for another's name."""
    from loaders.registry import sources

    known = sources()
    if options.source not in known:
        raise invalid("source", options.source, f"known are {', '.join(sorted(known))}")
    if key.source is not None and (options.name or key.source) != key.source:
        detail = f"this key states as {key.source}, not as {options.name}; leave the name out"
        raise Problem("wrong-scope", detail)
    return replace(options, name=options.name or key.source)


def _work(service: Service, options: Options) -> Work:
    from loaders.load import load

    def work(job: Job, keep: Keep) -> Job:
        files = service.jobs.files(job)
        last = 0.0

        def progress(phase: str, done: int, total: int | None) -> None:
            nonlocal last
            if time.monotonic() - last > PROGRESS_SECONDS:
                last = time.monotonic()
                keep(replace(job, phase=phase, done=done, total=total))

        try:
            paths = _paths(files, service)
            record = load(service.store, _request(options, paths, files), progress, settings=service.settings)
        except Problem as problem:
            return replace(job, state="failed", message=problem.detail)
        except (LoadError, StoreError, Busy) as error:
            return replace(job, state="failed", message=str(error), load=_noted(service, job))
        count_rows(service, record)
        return replace(job, state="done", load=record.id)

    return work


def _noted(service: Service, job: Job) -> int | None:
    """The number of the load that failed, when it came far enough to have one."""
    last = service.store.ledger.loads(job.name, 10)
    return next((each.id for each in last if each.source == job.source and each.started_at >= job.created_at), None)


def _paths(files: Path, service: Service) -> tuple[Path, ...]:
    """What to load: the folder of all files, archives unpacked into it; a lone file is itself."""
    data = files / "data"
    for archive in sorted((files / "packed").iterdir()):
        unpack(archive, data, service.limits, archive.name)
        archive.unlink()
    found = [each for each in sorted(data.rglob("*")) if each.is_file()]
    for each in found:
        if is_archive(each):
            checked_members(each, service.limits, each.name)
    return (found[0],) if len(found) == 1 else (data,)


def _request(options: Options, paths: tuple[Path, ...], files: Path) -> LoadRequest:
    from loaders.load import LoadRequest

    mapping = files / "map.toml"
    return LoadRequest(
        source=options.source,
        paths=paths,
        map=mapping if mapping.exists() else None,
        name=options.name,
        partial=options.partial,
        snapshot_at=options.snapshot_at,
        max_rejects=options.max_rejects,
        allow_shrink=options.allow_shrink,
    )


def count_rows(service: Service, record: LoadRecord) -> None:
    """Measure what became of a load's rows."""
    for outcome in ("written", "unchanged", "skipped", "waiting", "rejected"):
        service.metrics.load_rows.labels(outcome).inc(getattr(record, outcome))


async def fetch(request: Request) -> Response:
    service, key = service_of(request), key_of(request)
    only(query_of(request), ())
    id: str = request.path_params["id"]
    return Response(json_bytes(await service.work(lambda: _document(service, key, id))), media_type=JSON)


def _document(service: Service, key: Key, id: str) -> dict[str, Any]:
    job = service.jobs.find(id) if ID.fullmatch(id) else None
    if job is not None and _may_see(key, job.name):
        return _job_document(service, job)
    return _record_document(_record(service, key, id))


def _record(service: Service, key: Key, id: str) -> LoadRecord:
    """The load of an id; 404 when there is none, or it is another source's."""
    job = service.jobs.find(id) if ID.fullmatch(id) else None
    number = job.load if job is not None else int(id) if id.isascii() and id.isdigit() and len(id) <= 18 else None
    record = service.store.ledger.load(number) if number else None
    if record is None or not _may_see(key, record.name):
        raise not_found("id", id)
    return record


def _may_see(key: Key, name: str) -> bool:
    """A key that is bound to a source name sees its own loads; one without org units and a name sees all."""
    return key.source == name or (key.source is None and key.org_units is None)


def _job_document(service: Service, job: Job) -> dict[str, Any]:
    record = service.store.ledger.load(job.load) if job.load else None
    if record is not None:
        return _record_document(record) | {"id": job.id}
    return {
        "id": job.id,
        "load": None,
        "state": job.state if job.lives else "interrupted",
        "name": job.name,
        "source": job.source,
        "started_at": format_instant(job.created_at),
        "message": job.message,
        "progress": {"phase": job.phase, "done": job.done, "total": job.total},
    }


def _record_document(record: LoadRecord) -> dict[str, Any]:
    made = {name: value for name, value in asdict(record).items() if value is not None and name != "id"}
    for name in ("started_at", "finished_at", "snapshot_at"):
        if name in made:
            made[name] = format_instant(made[name])
    rate = round((record.read / record.seconds), 1) if record.seconds else 0.0
    return {"id": str(record.id), "load": record.id, **made, "rows_per_second": rate}


async def rejects(request: Request) -> Response:
    service, key, viewer = service_of(request), key_of(request), viewer_of(request)
    media = choose(request.headers.get("accept"), (JSON, CSV, NDJSON))
    given = only(query_of(request), ("kind", "offset", "limit"))
    offset, limit = whole(given, "offset", 0, 0, 10**9), whole(given, "limit", 1_000, 1, MAX_REJECTS)
    kind = given.get("kind")
    if kind is not None and kind not in KINDS:
        raise invalid("kind", kind, f"give one of {', '.join(KINDS)}")
    id: str = request.path_params["id"]

    def call() -> Response:
        record = _record(service, key, id)
        seen = _seen(service, key, viewer, service.store.ledger.held_rows(load=record.id, kind=kind))
        rows = list(islice(seen, offset, offset + limit + 1))
        more = len(rows) > limit
        return _rejects_response(rows[:limit], offset + limit if more else None, media, request)

    return await service.work(call)


def _seen(service: Service, key: Key, viewer: Viewer, rows: Iterator[HeldRow]) -> Iterator[dict[str, Any]]:
    """Rows as the key may see them: none of people outside its org units, no values without the right to names."""
    from loaders.report import OWN

    whole_rows = viewer.names or key.source is not None
    for row in rows:
        if viewer.org_units is not None and set(row.people) - set(service.store.many(list(row.people), viewer)):
            continue
        made = {name: getattr(row, name) for name in NAMES}
        made["raw"] = {name: value for name, value in row.raw.items() if not name.startswith(OWN)}
        if not whole_rows:
            made |= {"value": "", "reason": "needs a key with the scope people to be read", "raw": {}, "refers_to": ""}
        yield made


def _rejects_response(rows: list[dict[str, Any]], after: int | None, media: str, request: Request) -> Response:
    link = {}
    if after is not None:
        link["Link"] = f'<{request.url.path}?offset={after}>; rel="next"'
    if media == JSON:
        return Response(json_bytes({"rows": rows, "next": after}), headers=link, media_type=media)
    body = csv_bytes(rows, NAMES) if media == CSV else ndjson_bytes(rows)
    return Response(body, headers=link, media_type=media)
