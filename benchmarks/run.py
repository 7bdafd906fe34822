"""Every figure of docs/benchmarks.md: measured, held against its goal and a peer of the same run, written down.

What was measured last of each figure lies in `benchmarks/measured.json`; the page is made of it.
"""

from __future__ import annotations

import platform
import re
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from benchmarks import chart, figures
from benchmarks.measure import ROOT
from benchmarks.result import Result
from cli.runtime import Misused

PAGE = ROOT / "docs" / "benchmarks.md"
MEASURED = ROOT / "benchmarks" / "measured.json"

LIBRARIES = ("numpy", "numba", "duckdb", "polars", "neo4j", "fastapi", "pydantic")

Measured = dict[str, dict[str, Any]]
"""Name of a figure -> {"on": date, "results": [Result as a mapping]}."""


def main(only: Sequence[str], as_json: bool = False) -> None:
    """Measure all figures, or those named; write each down when it is measured, and the page anew.

    Raises `Misused` for a name that no figure has.
    """
    for wanted in only:
        if not any(_named(name, wanted) for name in figures.FIGURES):
            raise Misused(f"--only {wanted}: no figure has that name; they are {', '.join(figures.FIGURES)}")
    work = ROOT / "benchmarks" / "data"
    work.mkdir(exist_ok=True)
    found: list[Result] = []
    for name, measure in figures.FIGURES.items():
        if only and not any(_named(name, wanted) for wanted in only):
            continue
        sys.stderr.write(f"measuring {name}\n")
        results = measure(work)
        write_down(name, results)
        found += results
    if as_json:
        sys.stdout.write(orjson.dumps([asdict(result) for result in found], option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write(table((result, date.today().isoformat()) for result in found) + "\n")


def _named(figure: str, wanted: str) -> bool:
    """A figure by its name, or all of a family: `match` stands for `match-engines`, `match-index` and so on."""
    return figure == wanted or figure.startswith(f"{wanted}-")


def write_down(name: str, results: Sequence[Result]) -> None:
    """Keep the results of a figure in place of those before, and make the page anew."""
    known: Measured = orjson.loads(MEASURED.read_bytes()) if MEASURED.exists() else {}
    known[name] = {"on": date.today().isoformat(), "results": [asdict(result) for result in results]}
    MEASURED.write_bytes(orjson.dumps(known, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    PAGE.write_text(page(known), encoding="utf-8")
    if times := chart_times(known):
        chart.draw(times, PAGE.with_name(chart.NAME))


def table(found: Iterable[tuple[Result, str]]) -> str:
    """Results with their dates as a Markdown table."""
    head = [
        "| figure | goal | measured (median) | reached | beside it, in the same run | on |",
        "|---|---|---|---|---|---|",
    ]
    rows = [
        f"| {r.what} | {r.goal} | {r.measured} | {'yes' if r.reached else '**no**'} | {r.peer} | {on} |"
        for r, on in found
    ]
    return "\n".join([*head, *rows])


def page(measured: Measured) -> str:
    """docs/benchmarks.md, whole: the figures in their order."""
    known = [measured[name] for name in figures.FIGURES if name in measured]
    rows = [(Result(**result), figure["on"]) for figure in known for result in figure["results"]]
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    drawn = [f"![What each engine needs, a logarithmic chart]({chart.NAME})", ""] if chart_times(measured) else []
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Made by `make bench`, those of the match engine by `skillgraph bench --only match`; never edited by hand. "
            "Machines are noisy: read the medians, and the ratios against what stands beside.",
            "",
            f"The last of them measured on {_cpu()}, {platform.system()}, "
            f"Python {platform.python_version()}, {versions}.",
            "",
            *drawn,
            table(rows),
            "",
        ]
    )


def chart_times(measured: Measured) -> chart.Times:
    """What the chart shows: the results of its figure that have numbers, by the first word of what they are."""
    results = measured.get(chart.FIGURE, {"results": []})["results"]
    return {result["what"].partition(":")[0]: result["numbers"] for result in results if result.get("numbers")}


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    names = re.findall(r"model name\s*:\s*(.+)", text)
    return f"{len(names)} cores ({statistics.mode(names)})" if names else platform.machine()
