"""`skillgraph people`, who is one person; `skillgraph erase` and `skillgraph access`, the rights of the people."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.runtime import Failed, JsonOption, StoreOption, opened, print_json, print_table, settings

if TYPE_CHECKING:
    from graph.contradictions import Undecided


def people_command(
    limit: Annotated[int, typer.Option(min=0, help="Contradictions to show; --json has all.")] = 20,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """How many records are how many persons, and which are not joined since what they state contradicts."""
    from graph.contradictions import people

    with opened(store) as graph_store:
        found = people(graph_store, settings(store))
    if json:
        print_json(asdict(found))
        return
    for each in found.contradictions[:limit]:
        _show(each)
    left = len(found.contradictions) - limit
    if left > 0:
        typer.echo(f"and {left:,} more: --limit shows them, --json has all", err=True)
    told = f"{found.records:,} records are {found.persons:,} persons; contradictions: {len(found.contradictions):,}"
    typer.echo(told)


def _show(each: Undecided) -> None:
    rows: list[list[object]] = [[shared.system, shared.value, "\n".join(shared.members)] for shared in each.shared]
    title = f"{', '.join(each.members)}: {each.system} {' and '.join(each.values)}. {each.fix}"
    print_table(["shared", "value", "by"], rows, title)


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
