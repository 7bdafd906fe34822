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

from benchmarks import figures
from benchmarks.measure import ROOT
from benchmarks.result import Result

PAGE = ROOT / "docs" / "benchmarks.md"
MEASURED = ROOT / "benchmarks" / "measured.json"

Measured = dict[str, dict[str, Any]]
"""Name of a figure -> {"on": date, "results": [Result as a mapping]}."""


def main(only: Sequence[str], as_json: bool = False) -> None:
    """Measure all figures, or those named; write each down when it is measured, and the page anew."""
    work = ROOT / "benchmarks" / "data"
    work.mkdir(exist_ok=True)
    found: list[Result] = []
    for name, measure in figures.FIGURES.items():
        if only and name not in only:
            continue
        sys.stderr.write(f"measuring {name}\n")
        results = measure(work)
        write_down(name, results)
        found += results
    if as_json:
        sys.stdout.write(orjson.dumps([asdict(result) for result in found], option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write(table((result, date.today().isoformat()) for result in found) + "\n")


def write_down(name: str, results: Sequence[Result]) -> None:
    """Keep the results of a figure in place of those before, and make the page anew."""
    known: Measured = orjson.loads(MEASURED.read_bytes()) if MEASURED.exists() else {}
    known[name] = {"on": date.today().isoformat(), "results": [asdict(result) for result in results]}
    MEASURED.write_bytes(orjson.dumps(known, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    PAGE.write_text(page(known), encoding="utf-8")


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
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "polars", "fastapi", "pydantic"))
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Made by `make bench`; never edited by hand. Machines are noisy: read the medians, "
            "and the ratios against what stands beside.",
            "",
            f"The last of them measured on {_cpu()}, {platform.system()}, "
            f"Python {platform.python_version()}, {versions}.",
            "",
            table(rows),
            "",
        ]
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    names = re.findall(r"model name\s*:\s*(.+)", text)
    return f"{len(names)} cores ({statistics.mode(names)})" if names else platform.machine()
