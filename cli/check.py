"""`skillgraph check`: what is well with a store, what is not, and the fix."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli.runtime import JsonOption, StoreOption, opened, print_json, print_table, settings


def check_command(
    digest: Annotated[bool, typer.Option("--digest", help="Print the digest of the facts and nothing else.")] = False,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Store, index, versions, disk: exit 1 when something is not well."""
    with opened(store) as graph_store:
        if digest:
            from graph.digest import digest as digest_of

            found = digest_of(graph_store)
            if json:
                print_json({"digest": found, "version": graph_store.number()})
            else:
                typer.echo(found)
            return
        from graph.health import health, index_of

        findings = health(graph_store, [lambda: index_of(graph_store, settings(store))])
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(
            ["", "what", "found", "fix"],
            [["ok" if f.well else "NOT OK", f.what, f.found, f.fix] for f in findings],
        )
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
