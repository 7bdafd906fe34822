"""Newer rows laid over a base as a few runs, each many times as long as the next: adding some costs what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from graph.index.tables import Column, Layered, Table

_GROWTH = 16
"""How many times as long as the next a run is: a row is copied some 8 times for each factor of 16 in the length of all
runs, and there are four runs when 100 rows at a time have become a million."""


def with_rows(layered: Layered, group: NDArray[np.int64], columns: Mapping[str, Column]) -> Layered:
    """The layer with more rows, in any order; what was there stays."""
    if not len(group):
        return layered
    runs = [*layered.runs, Table.build(group, {name: _alike(layered.base, name, columns[name]) for name in columns})]
    while len(runs) > 1 and len(runs[-1]) * _GROWTH > len(runs[-2]):
        runs[-2:] = [merged(runs[-2:])]
    return Layered(layered.base, tuple(runs), layered.changed)


def without(layered: Layered, gone: NDArray[np.bool_], changed: NDArray[np.bool_]) -> Layered:
    """The layer without the rows of persons who are `gone`; `changed` are those whose rows in the base don't count."""
    kept = [_others(run, gone) for run in layered.runs]
    return Layered(layered.base, tuple(run for run in kept if len(run)), changed)


def _others(run: Table, gone: NDArray[np.bool_]) -> Table:
    theirs = gone[run.columns["person"]]
    return run.where(~theirs) if theirs.any() else run


def merged(runs: Sequence[Table]) -> Table:
    """One run out of several; sorting what is in order but for the joints is merging."""
    columns = {name: np.concatenate([run.columns[name] for run in runs]) for name in runs[0].columns}
    return Table.build(np.concatenate([run.groups() for run in runs]), columns)


def _alike(base: Table, name: str, column: Column) -> Column:
    """The column as the base has it where its values fit, else as it is."""
    if column.dtype == np.bool_ or column.dtype == (kind := base.columns[name].dtype):
        return column  # a base may hold bits, which are not spread out to learn of their kind
    bounds = np.iinfo(kind)
    fits = not len(column) or (bounds.min <= column.min() and column.max() <= bounds.max)
    return column.astype(kind) if fits else column
