"""`skillgraph validate`: does a file, or the store, conform to the shapes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.runtime import Failed, JsonOption, Misused, StoreOption, opened, print_json, settings

if TYPE_CHECKING:
    from graph.store import Store
    from ontology.report import Report

Engine = Literal["columns", "pyshacl"]


def validate_command(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[FILE…]", help="RDF files; none: the store.")] = None,
    shapes: Annotated[Path | None, typer.Option(help="Other SHACL shapes than Skillgraph's own.")] = None,
    engine: Annotated[Engine | None, typer.Option(help="Who checks.")] = None,
    format: Annotated[Literal["text", "json", "turtle"], typer.Option(help="How the report is printed.")] = "text",
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Exit 1 when it does not conform, with a report of what and why."""
    from ontology.validate import ValidationInputError, validate_files

    wanted = "json" if json else format
    if files:
        if engine == "columns":
            raise Misused("--engine columns checks stores; leave FILE out, or leave --engine out for files")
        try:
            report = validate_files(files, shapes, settings(store).ontology)
        except ValidationInputError as error:
            raise Failed(str(error)) from error
    else:
        if shapes is not None:
            raise Misused("--shapes goes with files: export the store to RDF first")
        with opened(store) as graph_store:
            report = _validate_store(graph_store, engine or "columns")
    if wanted == "json":
        print_json(report.document())
    else:
        typer.echo(report.turtle() if wanted == "turtle" else report.text())
    if not report.conforms:
        raise typer.Exit(1)


def _validate_store(graph_store: Store, engine: Engine) -> Report:
    """The store written out and checked as if it came in: every column check and every law, or pySHACL on its RDF."""
    with TemporaryDirectory(prefix="skillgraph-validate-") as folder:
        if engine == "columns":
            from loaders.validate import check_store

            return check_store(graph_store, Path(folder), settings())
        from graph.exports import exports
        from ontology.validate import validate_graph

        triples = Path(folder) / "store.nt"
        exports()["ntriples"].write(graph_store, triples)
        return validate_graph(triples, extension=settings().ontology)
