"""`skillgraph bench`: the benchmark of docs/benchmarks.md, from a checkout."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from cli.runtime import JsonOption, Misused


def bench_command(
    only: Annotated[list[str] | None, typer.Option(help="Only these figures, by name; repeat for more.")] = None,
    json: JsonOption = False,
) -> None:
    """Measure what docs/benchmarks.md promises and write the page anew."""
    try:
        run = importlib.import_module("benchmarks.run")
    except ModuleNotFoundError as error:
        if error.name not in ("benchmarks", "benchmarks.run"):
            raise
        raise Misused(
            "the benchmark comes with a checkout of the project, not with the wheel: run `make bench` there"
        ) from None
    run.main(only or [], as_json=json)
