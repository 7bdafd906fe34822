"""`skillgraph keys`: who may call the API, with which scopes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli.runtime import Failed, JsonOption, Misused, StoreOption, opened, print_json, print_table
from graph.keyring import Key
from graph.viewer import SCOPES
from ontology.values import format_instant

app = typer.Typer(no_args_is_help=True)

GRANTABLE = tuple(scope for scope in SCOPES if scope != "public")


@app.command("create")
def create_command(
    scope: Annotated[list[str], typer.Option("--scope", help=f"One of {', '.join(GRANTABLE)}; repeat for more.")],
    org_unit: Annotated[
        list[str] | None, typer.Option("--org-unit", help="See only people of this unit and its sub-units.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="The source name that loads and evidence of this key are stated by."),
    ] = None,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Make a key and print its secret, this once."""
    if unknown := sorted(set(scope) - set(GRANTABLE)):
        raise Misused(f"--scope: {unknown[0]!r} is not a scope; the scopes are {', '.join(GRANTABLE)}")
    with opened(store) as graph_store:
        units = frozenset(org_unit) if org_unit else None
        if units:
            _refuse_unknown_units(graph_store.types_of(sorted(units)), sorted(units))
        try:
            key, secret = graph_store.keyring.create(frozenset(scope), units, source, label)
        except ValueError as error:
            raise Misused(str(error)) from error
    if json:
        print_json({"id": key.id, "key": secret, "scopes": sorted(key.scopes)})
    else:
        typer.echo(f"{secret}")
        typer.echo(f"key {key.id} with {', '.join(sorted(key.scopes))}: keep it, it is not shown again", err=True)


def _refuse_unknown_units(types: list[str | None], units: list[str]) -> None:
    for unit, found in zip(units, types, strict=True):
        if found != "OrgUnit":
            raise Failed(f"--org-unit: {unit!r} is not an OrgUnit of this store; load the units first")


@app.command("list")
def list_command(store: StoreOption = None, json: JsonOption = False) -> None:
    """Every key, never its secret."""
    with opened(store) as graph_store:
        keys = graph_store.keyring.list()
    if json:
        print_json([_shown(key) | _lists(key) for key in keys])
    else:
        rows: list[list[object]] = [list(_shown(key).values()) for key in keys]
        print_table(["id", "scopes", "org units", "source", "created", "revoked", "label"], rows)


def _shown(key: Key) -> dict[str, object]:
    return asdict(key) | {
        "scopes": ", ".join(sorted(key.scopes)),
        "org_units": ", ".join(sorted(key.org_units)) if key.org_units is not None else None,
        "created_at": format_instant(key.created_at),
        "revoked_at": format_instant(key.revoked_at) if key.revoked_at is not None else None,
    }


def _lists(key: Key) -> dict[str, object]:
    """What a table shows as text, as `keys create --json` prints it."""
    return {
        "scopes": sorted(key.scopes),
        "org_units": sorted(key.org_units) if key.org_units is not None else None,
    }


@app.command("revoke")
def revoke_command(
    key: Annotated[str, typer.Argument(help="The key's id, as `keys list` shows it.")],
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """End a key at once."""
    with opened(store) as graph_store:
        if not graph_store.keyring.revoke(key):
            raise Failed(f"no live key {key!r}: `skillgraph keys list` shows them")
    if json:
        print_json({"id": key, "revoked": True})
    else:
        typer.echo(f"key {key} is revoked", err=True)
