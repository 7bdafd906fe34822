"""`skillgraph ask` and `skillgraph questions`: answers on stdout in the form asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.runtime import Failed, JsonOption, Misused, StoreOption, opened, print_json, print_table, settings

if TYPE_CHECKING:
    from graph.settings import Settings
    from graph.store import Store
    from queries.question import Answer

    Answers = Callable[[str, Mapping[str, Any]], Answer]

Format = Literal["table", "json", "csv", "ndjson", "parquet"]


def ask_command(
    question: Annotated[str, typer.Argument(help="A question: `skillgraph questions` lists them.")],
    parameters: Annotated[
        list[str] | None,
        typer.Argument(metavar="key=value…", help="Its parameters; repeat a key for a list."),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(help="How the rows are printed.", show_default="table; ndjson with --all-roles"),
    ] = None,
    engine: Annotated[Literal["index", "cypher"], typer.Option(help="Who answers.")] = "index",
    all_roles: Annotated[
        bool, typer.Option("--all-roles", help="role-matches of every role, without explanations, on all cores.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="With --all-roles: the file to write; stdout when left out.")] = None,
    store: StoreOption = None,
    json: JsonOption = False,
) -> None:
    """Ask a mapping question of the graph."""
    from queries.question import QuestionError, UnknownId, UnknownQuestion

    given = parse_parameters(parameters or [])
    if all_roles:
        from cli.every_role import every_role_command

        every_role_command(question, given, format or "ndjson", engine, out, store, json)
        return
    if format == "parquet" or out is not None:
        raise Misused("--format parquet and --out are for --all-roles: leave them out, or add it")
    with opened(store) as graph_store:
        answers = _twin(graph_store) if engine == "cypher" else _index(graph_store, settings(store))
        try:
            answer = answers(question, given)
        except UnknownId as error:
            raise Failed(str(error)) from error
        except (UnknownQuestion, QuestionError) as error:
            raise Misused(str(error)) from error
    _print(question, given, answer, "json" if json else format or "table")


def _index(store: Store, settings: Settings) -> Answers:
    from graph.index import IndexKeeper
    from graph.place import index_folder
    from graph.viewer import OPERATOR
    from queries.ask import ask

    return partial(ask, store, IndexKeeper(store, settings, index_folder(store.url)), OPERATOR)


def _twin(store: Store) -> Answers:
    from graph.store import Cypher
    from graph.viewer import OPERATOR
    from queries.twin import ask_twin

    if not isinstance(store, Cypher):
        raise Misused(
            f"--engine cypher: only Neo4j runs Cypher, and {store.url} is SQLite: leave it out, to ask the index"
        )
    return partial(ask_twin, store, OPERATOR)


def parse_parameters(words: list[str]) -> dict[str, str | list[str]]:
    """`key=value` words as a mapping; a repeated key makes a list."""
    given: dict[str, str | list[str]] = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator or not key:
            raise Misused(f"{word!r} is not key=value, like role=demo-role:cloud-engineer")
        known = given.get(key)
        if known is None:
            given[key] = value
        else:
            given[key] = [*([known] if isinstance(known, str) else known), value]
    return given


def _print(question: str, given: Mapping[str, Any], answer: Answer, format: Format) -> None:
    from queries.question import catalogue

    if format == "json":
        print_json(answer.document(question, given))
    elif format == "ndjson":
        import orjson

        for row in answer.rows:
            sys.stdout.write(orjson.dumps(row).decode() + "\n")
    elif format == "csv":
        from graph.tabular import csv_text

        sys.stdout.write(csv_text(answer.rows, catalogue()[question].row.names()))
    else:
        from cli.render import print_answer

        print_answer(question, answer)
    if format != "json":
        for note in answer.notes:
            typer.echo(note, err=True)
        if answer.next:
            typer.echo(f"{len(answer.rows)} of {answer.total}; the next page: cursor={answer.next}", err=True)


def questions_command(json: JsonOption = False) -> None:
    """The questions that can be asked, with their parameters."""
    from queries.question import catalogue

    found = catalogue().values()
    if json:
        print_json(
            [
                {
                    "name": question.name,
                    "scope": question.scope,
                    "description": question.description,
                    "parameters": question.parameters.model_json_schema(),
                }
                for question in found
            ]
        )
        return
    for question in found:
        typer.echo(f"{question.name}: {question.description.splitlines()[0]}")
        rows: list[list[object]] = [
            [name, "required" if field.is_required() else "", field.description or ""]
            for name, field in question.parameters.model_fields.items()
        ]
        print_table(["parameter", "", "means"], rows)
