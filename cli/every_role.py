"""`skillgraph ask role-matches --all-roles`: every role against everyone, as JSON lines or Parquet."""

from __future__ import annotations

import glob
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import typer

from cli.runtime import Failed, Misused, ended_by_terminate, opened, print_json, settings

if TYPE_CHECKING:
    from queries.every_role import EveryRole

Told = Callable[[int], None]

_PART = ".part"
_OWN = 0o600  # who is ready for what is nobody else's business


def every_role_command(
    question: str,
    given: Mapping[str, str | list[str]],
    format: str,
    engine: str,
    out: Path | None,
    store: str | None,
    json: bool,
) -> None:
    """Answer, write, and say how much it was."""
    _check(question, format, engine, out, json)
    started = time.perf_counter()
    every = _read(given, store)
    with ended_by_terminate():
        rows = _to_parquet(every, out) if format == "parquet" and out else _to_lines(every, out)
    seconds = time.perf_counter() - started
    told = {"roles": len(every.matches), "rows": rows, "version": every.version, "seconds": round(seconds, 1)}
    if json:
        print_json(told)
    else:
        rate = len(every.matches) / seconds
        typer.echo(f"{told['roles']:,} roles, {rows:,} rows, {seconds:.1f} s ({rate:,.0f} roles/s)", err=True)


def _check(question: str, format: str, engine: str, out: Path | None, json: bool) -> None:
    if question != "role-matches":
        raise Misused(f"--all-roles: {question} is not asked of every role: ask role-matches, or leave it out")
    if engine != "index":
        raise Misused(f"--engine {engine}: every role is answered from the index: leave --engine out")
    if format not in ("ndjson", "parquet"):
        raise Misused(f"--format {format}: with --all-roles it is ndjson or parquet")
    if out is not None and out.is_dir():
        raise Misused(f"--out {out}: is a folder: name a file in it")
    if format == "parquet" and (out is None or _is_stream(out)):
        raise Misused("--format parquet: name the file with --out, like --out matches.parquet")
    if json and out is None:
        raise Misused("--json tells how much was written: name a file for the rows with --out")


def _read(given: Mapping[str, str | list[str]], store: str | None) -> EveryRole:
    """The store is closed again before any process is forked."""
    from graph.index import IndexKeeper
    from graph.index.verifying import verified
    from graph.loops import compiled
    from graph.place import index_folder
    from graph.viewer import OPERATOR
    from queries.every_role import every_role
    from queries.question import QuestionError, UnknownId

    with opened(store) as graph_store:
        keeper = IndexKeeper(graph_store, settings(store), index_folder(graph_store.url), compiled)
        verified(keeper)
        try:
            return every_role(graph_store, keeper, OPERATOR, given, int(time.time()))
        except UnknownId as error:
            raise Failed(str(error)) from error
        except QuestionError as error:
            raise Misused(str(error)) from error


def _to_lines(every: EveryRole, out: Path | None) -> int:
    if out is None:
        return _write(every, sys.stdout.buffer)
    if _is_stream(out):
        with out.open("wb", buffering=0) as stream:
            return _write(every, stream)
    with _replacing(out) as part, part.open("wb") as file:
        return _write(every, file)


def _is_stream(out: Path) -> bool:
    """A pipe or a device: written to, never replaced."""
    return out.exists() and not out.is_file()


def _to_parquet(every: EveryRole, out: Path) -> int:
    """By way of lines on the same disk, so that memory stays flat."""
    with _replacing(out) as part, _part_of(out.with_name(f"{out.name}.ndjson")) as lines:
        with lines.open("wb") as file:
            rows = _write(every, file)
        import polars as pl

        kinds = _kinds()
        if rows:
            pl.scan_ndjson(lines, schema=kinds).sink_parquet(part)
        else:
            pl.DataFrame(schema=kinds).write_parquet(part)
        return rows


def _kinds() -> dict[str, Any]:
    import polars as pl

    from queries.every_role import Row

    kinds = {"str": pl.String, "int": pl.Int64, "bool": pl.Boolean, "float": pl.Float64}
    return {name: kinds[str(field.type)] for name, field in Row.__dataclass_fields__.items()}


def _write(every: EveryRole, file: IO[bytes] | Any) -> int:
    from queries.every_role import Ended, lines

    rows = 0
    try:
        with _bar(len(every.matches)) as told:
            for roles, some in lines(every):
                file.write(some)
                rows += some.count(b"\n")
                told(roles)
    except Ended as error:
        raise Failed(str(error)) from error
    return rows


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """A file that takes the place and the rights of `out` once it is whole, or of what `out` is a link to."""
    target = out.resolve()
    with _part_of(target, stat.S_IMODE(target.stat().st_mode) if target.exists() else _OWN) as part:
        yield part
        part.replace(target)


@contextmanager
def _part_of(target: Path, rights: int = _OWN) -> Iterator[Path]:
    """An empty file beside the target, which is gone in the end; what ended processes have left is removed."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*{_PART}"):
        if not _alive(left):
            left.unlink(missing_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}{_PART}")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, rights))
        yield part
    finally:
        part.unlink(missing_ok=True)


def _alive(part: Path) -> bool:
    """Whether the process that writes it is there."""
    number = part.name.removesuffix(_PART).rpartition(".")[2]
    return not number.isdigit() or _runs(int(number))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _bar(roles: int) -> Iterator[Told]:
    """A progress bar on a terminal's stderr; nothing when it is piped."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("roles"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("roles", total=roles)
        yield lambda done: progress.advance(task, done)
