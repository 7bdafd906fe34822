"""Every figure of docs/benchmarks.md: measured, held against its goal and a peer of the same run, written down."""

from __future__ import annotations

import platform
import re
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path

import orjson

from benchmarks import figures
from benchmarks.measure import ROOT
from benchmarks.result import Result

PAGE = ROOT / "docs" / "benchmarks.md"


def main(only: Sequence[str], as_json: bool = False) -> None:
    """Measure all figures, or those named; write the page when all were measured."""
    work = ROOT / "benchmarks" / "data"
    work.mkdir(exist_ok=True)
    found: list[Result] = []
    for name, measure in figures.FIGURES.items():
        if only and name not in only:
            continue
        sys.stderr.write(f"measuring {name}\n")
        found += measure(work)
    if as_json:
        sys.stdout.write(orjson.dumps([asdict(result) for result in found], option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.write(table(found) + "\n")
    if not only:
        PAGE.write_text(page(found), encoding="utf-8")


def table(found: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    head = [
        "| figure | goal | measured (median) | reached | beside it, in the same run |",
        "|---|---|---|---|---|",
    ]
    rows = [f"| {r.what} | {r.goal} | {r.measured} | {'yes' if r.reached else '**no**'} | {r.peer} |" for r in found]
    return "\n".join([*head, *rows])


def page(found: Sequence[Result]) -> str:
    """docs/benchmarks.md, whole."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "polars", "fastapi", "pydantic"))
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Made by `make bench`; never edited by hand. Machines are noisy: read the medians, "
            "and the ratios against what stands beside.",
            "",
            f"Measured {date.today().isoformat()} on {_cpu()}, {platform.system()}, "
            f"Python {platform.python_version()}, {versions}.",
            "",
            table(found),
            "",
        ]
    )


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    names = re.findall(r"model name\s*:\s*(.+)", text)
    return f"{len(names)} cores ({statistics.mode(names)})" if names else platform.machine()
