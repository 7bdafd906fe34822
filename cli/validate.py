"""`skillgraph validate`: does a file, or the store, conform to the shapes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.runtime import Failed, JsonOption, StoreOption, opened, print_json, settings

if TYPE_CHECKING:
    from ontology.report import Report

Engine = Literal["columns", "pyshacl"]


def validate_command(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE…]", help="RDF files; none: the store.")] = None,
    shapes: Annotated[Path | None, typer.Option(help="Other SHACL shapes than Skillgraph's own.")] = None,
    engine: Annotated[
        Engine, typer.Option(help="Who checks: columns, which leave to pySHACL what they do not; or pySHACL all.")
    ] = "columns",
    format: Annotated[Literal["text", "json", "turtle"], typer.Option(help="How the report is printed.")] = "text",
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Exit 1 when it does not conform, with a report of what and why."""
    from ontology.validate import ValidationInputError

    try:
        report = _report(files or [], shapes, engine, store)
    except ValidationInputError as error:
        raise Failed(str(error)) from error
    wanted = "json" if json else format
    if wanted == "json":
        print_json(report.document())
    else:
        typer.echo(report.turtle() if wanted == "turtle" else report.text())
    if not report.conforms:
        raise typer.Exit(1)


def _report(files: list[Path], shapes: Path | None, engine: Engine, store: str | None) -> Report:
    if files:
        from ontology.validate import validate_files

        return validate_files(files, shapes, settings(store).ontology, engine)
    from loaders.validate import check_store

    with opened(store) as graph_store:
        return check_store(graph_store, settings(store), shapes, engine)
