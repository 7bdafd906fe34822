"""`skillgraph signing`: the keys that credentials are signed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cli.runtime import JsonOption, StoreOption, opened, print_json, print_table, settings

if TYPE_CHECKING:
    from graph.signing import SigningKey

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_command(store: StoreOption = None, json: JsonOption = False) -> None:
    """Every key by its thumbprint, those that sign first; never its private half."""
    from graph.signing import signing_keys

    with opened(store) as graph_store:
        _print(signing_keys(graph_store.url, settings(store)), json)


@app.command("rotate")
def rotate_command(store: StoreOption = None, json: JsonOption = False) -> None:
    """Sign with new keys from now on; what was signed before can still be checked."""
    from graph.signing import rotate

    with opened(store) as graph_store, graph_store.hold("signing keys"):
        _print(rotate(graph_store.url, settings(store)), json)


def _print(keys: list[SigningKey], json: bool) -> None:
    rows = [{"key": key.name, "algorithm": key.algorithm, "signs": key.private is not None} for key in keys]
    if json:
        print_json(rows)
    else:
        print_table(
            ["key", "algorithm", "signs"],
            [[key.name, key.algorithm, "yes" if key.private is not None else "no"] for key in keys],
        )
