"""`skillgraph bench`: the benchmark of docs/benchmarks.md, from a checkout."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.runtime import JsonOption, Misused


def bench_command(
    only: Annotated[list[str] | None, typer.Option(help="Only these figures, by name; repeat for more.")] = None,
    json: JsonOption = False,
) -> None:
    """Measure what docs/benchmarks.md promises and write the page anew."""
    if Path("benchmarks/run.py").is_file():
        sys.path.insert(0, str(Path.cwd()))  # a checkout: what is not in the wheel stands beside us
    try:
        run = importlib.import_module("benchmarks.run")
    except ModuleNotFoundError as error:
        if error.name not in ("benchmarks", "benchmarks.run"):
            raise
        raise Misused(
            "the benchmark comes with a checkout of the project, not with the wheel: run `make bench` there"
        ) from None
    run.main(only or [], as_json=json)
