"""The chart of docs/benchmarks.md: what each engine needs for roles H, M and R, drawn from what was measured last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAME = "benchmarks-match.svg"
FIGURE = "match-engines"
_COLOURS = ("#0b6e4f", "#6fb98f", "#f2a541", "#8d99ae", "#5b5f97", "#c44536")
_BAR = 0.13

Times = Mapping[str, Mapping[str, float]]
"""Role, as it is shown, -> engine -> milliseconds."""


def draw(times: Times, path: Path) -> None:
    """Write the chart: the same numbers, the same bytes."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    fixed: Any = {"svg.hashsalt": NAME, "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10}
    with mpl.rc_context(fixed):
        figure = Figure(figsize=(9, 4.2), layout="constrained")
        axes = figure.add_subplot()
        for place, engine in enumerate(_engines(times)):
            _bars(axes, times, engine, place)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_ylabel("milliseconds, logarithmic: lower is better")
        axes.set_xticks(range(len(times)), list(times))
        axes.set_title("Ranked first 50 of everyone, engine only, median", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(y=0.15)
        figure.legend(frameon=False, ncols=len(_engines(times)), loc="outside lower center", fontsize=9)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _engines(times: Times) -> Sequence[str]:
    """In the order in which they were measured."""
    return list(dict.fromkeys(engine for engines in times.values() for engine in engines))


def _bars(axes: object, times: Times, engine: str, place: int) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)
    middle = (len(_engines(times)) - 1) / 2
    known = [
        (at + (place - middle) * _BAR, engines[engine])
        for at, engines in enumerate(times.values())
        if engine in engines
    ]
    where, heights = zip(*known, strict=True)
    bars = axes.bar(where, heights, _BAR * 0.92, label=engine, color=_COLOURS[place % len(_COLOURS)])
    axes.bar_label(bars, [f"{height:,.2g}" if height < 10 else f"{height:,.0f}" for height in heights], fontsize=7.5)
