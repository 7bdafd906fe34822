"""`skillgraph export`: the graph in a format that others read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.runtime import JsonOption, Misused, StoreOption, opened, print_json, settings


def export_command(
    format: Annotated[
        str, typer.Argument(metavar="FORMAT", help="One of the export formats; `tables` is the native one.")
    ],
    out: Annotated[Path | None, typer.Option(help="Where to write; a folder for tables.")] = None,
    at: Annotated[int | None, typer.Option(min=0, help="The store as it was at this change number.")] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Write the graph out, as it is or as it was."""
    from graph.exports import Wanted, exports

    registry = exports()
    if format not in registry:
        raise Misused(f"FORMAT: {format!r} is not an export format; there are {', '.join(registry)}")
    export, place = registry[format], out or Path(f"skillgraph-{format}")
    with opened(store) as graph_store:
        report = export.write(graph_store, place, Wanted(settings=settings()), at=at)
    if json:
        print_json(report)
        return
    for name, rows in report.items():
        typer.echo(f"{name}: {rows}", err=True)
    if export.then is not None:
        typer.echo(export.then(place))
