"""`skillgraph load`, `sources`, `loads` and `rejects`: what comes in, and what did not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.runtime import Failed, JsonOption, Misused, StoreOption, opened, print_json, print_table
from graph.ledger import HeldRow, LoadRecord
from graph.store import Busy
from ontology.values import format_instant

if TYPE_CHECKING:
    from loaders.load import LoadRequest, Progress

SHOWN_ROWS = 20


def load_command(
    source: Annotated[str, typer.Argument(help="What is loaded: `skillgraph sources` lists them.")],
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Files or folders of that source, or its API's address."),
    ],
    map: Annotated[Path | None, typer.Option("--map", help="TOML that says what other people's columns are.")] = None,
    name: Annotated[str | None, typer.Option(help="The source's name in the graph.", show_default="SOURCE")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Not a whole snapshot: remove nothing.")] = False,
    snapshot_at: Annotated[
        str | None, typer.Option(metavar="T", help="When the snapshot was taken.", show_default="now")
    ] = None,
    max_rejects: Annotated[str, typer.Option(help="Share of rejected rows above which nothing is written.")] = "10%",
    full: Annotated[bool, typer.Option("--full", help="Pull everything, not only what changed.")] = False,
    allow_shrink: Annotated[bool, typer.Option("--allow-shrink", help="Let more than 10 % of the nodes go.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Load a source system into the graph."""
    from loaders.load import LoadRequest

    address = _address(paths, full=full)
    request = LoadRequest(
        source=_source(source, map),
        paths=() if address else tuple(Path(path) for path in paths),
        address=address,
        full=full,
        map=map,
        name=name,
        partial=partial,
        snapshot_at=_instant(snapshot_at),
        max_rejects=_share(max_rejects),
        allow_shrink=allow_shrink,
        dry_run=dry_run,
    )
    _load(request, store, json)


def _address(paths: list[str], *, full: bool) -> str:
    """The one address among the paths, empty for files."""
    from loaders.pull.address import is_address

    found = [path for path in paths if is_address(path)]
    if found and len(paths) > 1:
        raise Misused("an API's address stands alone: load addresses and files one after the other")
    if full and not found:
        raise Misused("--full is for pulling from an address: files are always read whole")
    return found[0] if found else ""


def _load(request: LoadRequest, store: str | None, json: bool) -> None:
    from loaders.errors import LoadError
    from loaders.load import load

    held: list[HeldRow] = []
    told = held.extend if request.dry_run else None

    def committed(part: LoadRecord | None, state: str) -> None:
        """Of what comes in parts standard output carries the states, for the source to go on from."""
        if part is not None:
            _print_record(part, json, dry_run=request.dry_run, err=True)
        if state:
            typer.echo(state)
            sys.stdout.flush()

    with opened(store, create=True) as graph_store, _bars() as progress:
        try:
            record = load(graph_store, request, progress, told=told, committed=committed)
        except LoadError as error:
            raise Failed(str(error)) from error
        except Busy as error:
            raise Failed(f"a load of this name is running: {error}") from error
        except KeyboardInterrupt:
            raise Failed("interrupted: what was written stays whole; the same command goes on from there") from None
    if not _in_parts(request):
        _print_record(record, json, dry_run=request.dry_run)
    if held and not json:
        _print_held(held)


def _source(name: str, map: Path | None) -> str:
    """The name itself; an unknown one, or a map it can't use, is wrong usage, not failed work."""
    from loaders.errors import LoadError
    from loaders.registry import source_named

    try:
        source = source_named(name)
    except LoadError as error:
        raise Misused(str(error)) from error
    if map is not None and not source.takes_map:
        raise Misused(f"--map {map}: {source.name} says itself what its columns are; leave it out, or load `tables`")
    return source.name


def _in_parts(request: LoadRequest) -> bool:
    from loaders.registry import source_named

    return isinstance(request.source, str) and request.replay is None and source_named(request.source).parts is not None


def _print_record(record: LoadRecord, json: bool, *, dry_run: bool, err: bool = False) -> None:
    if json:
        print_json(counts(record), err=err)
        return
    shown = counts(record)
    parts = " + ".join(f"{field} {shown[field]:,}" for field in PARTS)
    would = "would have: " if dry_run else ""
    typer.echo(
        f"{record.name}: {would}read {shown['read']:,} = {parts}; removed {shown['removed']:,} "
        f"({record.seconds:.1f} s, {shown['rows_per_second']:,} rows/s)",
        err=err,
    )
    for what, found in (("skipped by", record.skips), ("read, but unusual:", record.flags)):
        for rule, rows in sorted((found or {}).items()):
            typer.echo(f"{what} {rule}: {rows:,}", err=True)
    if record.rejected or record.waiting:
        typer.echo(f"see them: skillgraph rejects {record.id}", err=True)


PARTS = ("written", "unchanged", "skipped", "waiting", "rejected")  # of the rows read
COUNTS = ("read", *PARTS, "removed")


def counts(record: LoadRecord) -> dict[str, Any]:
    """What `load --json` promises."""
    rate = round(record.read / record.seconds) if record.seconds else 0
    return (
        {"name": record.name, "source": record.source}
        | {field: getattr(record, field) for field in COUNTS}
        | {"seconds": round(record.seconds, 3), "rows_per_second": rate, "load": record.id}
    )


def _instant(text: str | None) -> int | None:
    from ontology.values import parse_instant

    if text is None:
        return None
    try:
        return parse_instant(text, ends=False)[0]
    except ValueError as error:
        raise Misused(f"--snapshot-at: {error}") from error


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise Misused(f"--max-rejects: {text!r} is not a share; write it as 10% or 0.1")
    return share


@contextmanager
def _bars() -> Iterator[Progress | None]:
    """Progress bars on a terminal's stderr; none when it is piped."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(phase: str, done: int, total: int | None) -> None:
            if phase not in tasks:
                tasks[phase] = bars.add_task(phase, total=total)
            bars.update(tasks[phase], completed=done, total=total)

        yield report


def sources_command(json: JsonOption = False) -> None:
    """What can be loaded, and what each reads."""
    from loaders.registry import sources

    found = sources()
    if json:
        print_json(
            [
                {
                    "name": source.name,
                    "description": source.description,
                    "versions": source.versions,
                    "ways": list(source.ways),
                    "reads": source.reads,
                    "lacks": list(source.lacks),
                }
                for source in found.values()
            ]
        )
    else:
        rows: list[list[object]] = [
            [s.name, s.description, s.versions, ", ".join(s.ways), s.reads] for s in found.values()
        ]
        print_table(["source", "what it is", "versions", "ways", "reads"], rows)


def loads_command(
    name: Annotated[str | None, typer.Option(help="Only loads of this name.")] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Past loads with their counts, newest first."""
    with opened(store) as graph_store:
        records = graph_store.ledger.loads(name)
    if json:
        print_json(
            [
                counts(r) | {"state": r.state, "started_at": format_instant(r.started_at), "message": r.message}
                for r in records
            ]
        )
        return
    rows: list[list[object]] = [
        [r.id, r.name, r.state, format_instant(r.started_at), *(f"{getattr(r, field):,}" for field in COUNTS)]
        for r in records
    ]
    print_table(["load", "name", "state", "started", *COUNTS], rows)


def rejects_command(
    load: Annotated[int, typer.Argument(help="A load's number, as `skillgraph loads` shows it.")],
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV with the rows' own columns, for mending.")] = False,
    replay: Annotated[
        Path | None, typer.Option(help="Load the mended CSV; what is right now is no reject any more.")
    ] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Rows of a load that were rejected, or wait for a reference."""
    with opened(store) as graph_store:
        record = graph_store.ledger.load(load)
        if record is None:
            raise Failed(f"no load {load}: `skillgraph loads` lists them")
        held = list(graph_store.ledger.held_rows(load=load)) if replay is None else []
    if replay is not None:
        from loaders.load import LoadRequest

        request = LoadRequest(source=record.source, name=record.name, replay=replay)
        _load(request, store, json)
    elif as_csv:
        from loaders.replay import write_csv

        write_csv(held, sys.stdout)
    elif json:
        print_json([_shown(row) | {"raw": dict(row.raw)} for row in held])
    else:
        _print_held(held)


def _shown(row: HeldRow) -> dict[str, Any]:
    fields = ("kind", "file", "row", "field", "value", "reason", "shape", "refers_to")
    return {field: getattr(row, field) for field in fields}


def _print_held(held: list[HeldRow]) -> None:
    if not held:
        typer.echo("no row of this load is rejected or waits", err=True)
        return
    rows: list[list[object]] = [
        [r.kind, f"{r.file}:{r.row}", r.field, r.value[:40], r.reason] for r in held[:SHOWN_ROWS]
    ]
    print_table(["", "where", "field", "value", "reason"], rows)
    if len(held) > SHOWN_ROWS:
        typer.echo(f"and {len(held) - SHOWN_ROWS:,} more: --csv or --json shows all", err=True)
