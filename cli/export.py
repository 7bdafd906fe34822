"""`skillgraph export`: the graph in a format that others read."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from cli.runtime import JsonOption, Misused, StoreOption, ended_by_terminate, opened, print_json, settings

if TYPE_CHECKING:
    from graph.exports import Export

STDOUT = Path("-")


class WithFormats(TyperCommand):
    """Lists every format below the help; they are only looked for when it is asked for."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from graph.exports import exports

        lines = [f"{export.name}: {export.description}" for export in exports().values()]
        self.epilog = "\n\n".join(["Formats, of which docs/formats.md tells more:", *lines])
        super().format_help(ctx, formatter)


def export_command(
    format: Annotated[
        str, typer.Argument(metavar="FORMAT", help="One of the formats below; `tables` is the native one.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Where to write: a file, a folder for tables and neo4j-import, - for standard output."),
    ] = None,
    at: Annotated[int | None, typer.Option(min=0, help="The store as it was at this change number.")] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Write the graph out, as it is or as it was. A file is there whole or not at all."""
    from graph.exports import Wanted, exports

    registry = exports()
    if format not in registry:
        raise Misused(f"FORMAT: {format!r} is not an export format; there are {', '.join(registry)}")
    export = registry[format]
    place = out or Path(f"skillgraph-{format}{export.suffix}")
    with ended_by_terminate(), opened(store) as graph_store, _written(export, place) as draft:
        report = export.write(graph_store, draft, Wanted(settings=settings()), at=at)
    if json:
        print_json(report, err=place == STDOUT)
        return
    for name, rows in report.items():
        typer.echo(f"{name}: {rows}", err=True)
    if export.then is not None:
        typer.echo(export.then(place))


@contextmanager
def _written(export: Export, place: Path) -> Iterator[Path]:
    """Where to write: a file becomes what it is to be when it is whole; a folder is written in."""
    if not export.suffix:
        if place == STDOUT:
            raise Misused(f"--out: {export.name} is a folder of files; name a folder")
        yield place
        return
    if place.is_dir() and export.each:
        yield place
        return
    if place.is_dir():
        raise Misused(f"--out: {place} is a folder, {export.name} is written into a file; name one")
    copied = place == STDOUT or (place.exists() and not place.is_file())  # a pipe or a device stays what it is
    target = place.resolve()  # a link stays one, and what it leads to is written
    if not copied and not target.parent.is_dir():
        raise Misused(f"--out: {target.parent} is no folder; make it, or name another path")
    with tempfile.TemporaryDirectory(prefix=".export-", dir=None if copied else target.parent) as folder:
        draft = Path(folder) / f"export{export.suffix}"
        yield draft
        if copied:
            _copy(draft, place)
        else:
            draft.replace(target)


def _copy(draft: Path, place: Path) -> None:
    with draft.open("rb") as file:
        if place == STDOUT:
            shutil.copyfileobj(file, sys.stdout.buffer)
        else:
            with place.open("wb") as target:
                shutil.copyfileobj(file, target)
