"""`skillgraph erase` and `skillgraph access`: the rights of the people in the graph."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.runtime import Failed, JsonOption, StoreOption, opened, print_json, settings


def erase_command(
    person: Annotated[str, typer.Argument(help="The id of any record of the person.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask on a terminal.")] = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Remove a person from every table, index, reject, staging and history; later loads don't bring them back."""
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Erase everything held on {person}? This cannot be undone", abort=True, err=True)
    with opened(store) as graph_store:
        report = graph_store.erase(person)
    if json:
        print_json(asdict(report))
    else:
        for line in report.lines():
            typer.echo(line)


def access_command(
    person: Annotated[str, typer.Argument(help="The id of any record of the person.")],
    out: Annotated[Path | None, typer.Option(help="Write native tables into this folder instead.")] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Everything that is held on a person."""
    from graph.access import access, write_tables

    with opened(store) as graph_store:
        held = access(graph_store, person, settings(store))
        if held is None:
            raise Failed(f"no person {person!r} in this store")
        if out is not None:
            files = write_tables(held, out)
            typer.echo(f"{len(files)} tables written to {out}", err=True)
            if json:
                print_json([str(file) for file in files])
        else:
            print_json(held)
