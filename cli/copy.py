"""`skillgraph copy`: a whole store at another place, of the same engine or of another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from cli.runtime import Failed, JsonOption, opened, print_json, settings

_ADDRESS = "sqlite:PATH or neo4j://USER:PASSWORD@HOST:PORT"


def copy_command(
    origin: Annotated[str, typer.Option("--from", metavar="URL", help=f"The store: {_ADDRESS}.")],
    to: Annotated[str, typer.Option("--to", metavar="URL", help="Where nothing is yet; an address of the same kind.")],
    json: JsonOption = False,
) -> None:
    """Copy a store whole, history, loads and keys too; it can be opened at its new place once all is there.

    Stop loads and servers that write to it first. A copy that was interrupted begins anew.
    """
    from graph.copying import copy

    with opened(origin) as store, _told() as told:
        try:
            copied = copy(store, to, settings(to), told)
        except KeyboardInterrupt:
            raise Failed("interrupted: what is there cannot be opened; the same command begins anew") from None
    if json:
        print_json(asdict(copied))
        return
    for name, rows in copied.rows.items():
        typer.echo(f"{name}: {rows}", err=True)
    typer.echo(f"copied {sum(copied.rows.values()):,} rows, change number {copied.number}, digest {copied.digest}")
    for what, count in copied.left.items():
        typer.echo(f"left behind: {what}: {count:,}", err=True)


@contextmanager
def _told() -> Iterator[Callable[[str, int], None]]:
    """Says how far it is on a terminal's stderr; nothing when it is piped."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:>16}"), TextColumn("{task.completed:>12,.0f} rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def told(name: str, rows: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=None)
            progress.advance(tasks[name], rows)

        yield told
