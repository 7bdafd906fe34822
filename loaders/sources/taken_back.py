"""Evidence that its source took back: a grade that was deleted, a completion that was reset.

A source that tells only how things stand has a row without a grade for what was never graded, and for what no longer
is. Where the store holds the evidence that such a row stands for, the row withdraws it; else it is left out by rule.
When it was taken back, or given again, the source does not say: there the load's snapshot is the version.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from graph.store import Node
from graph.viewer import OPERATOR
from loaders.mapping import fill
from loaders.source import Config, NodeMapping, Skip, template_columns
from ontology.values import format_instant

WITHDRAWN, VERSION = "_withdrawn_at", "_version"
"""Columns of the mapping: when the evidence was withdrawn, and its version."""

Cells = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Which rows of a table say that there is nothing, or nothing any more; their evidence is `mapping`'s."""

    mapping: NodeMapping
    where: Mapping[str, Sequence[str]]  # as of a `Skip`
    shown: str  # the column of when the evidence was shown, which such a row need not have
    version: str = ""  # the column of its version; none: the load's snapshot
    written: Callable[[int], str] = format_instant  # an instant as that column has it

    def skip(self, name: str, why: str) -> Skip:
        """The rule by which such rows are left out that take nothing back."""
        return Skip(name, why, {**self.where, WITHDRAWN: [""]})

    def told(self, frame: pl.DataFrame, config: Config) -> pl.DataFrame:
        """The rows of a chunk with the two columns; a row that takes evidence back has the time when that was shown."""
        needed = {*template_columns(self.mapping.id), *self.where, self.shown}
        if not needed <= set(frame.columns):
            return frame
        ids = fill(self.mapping.id, frame, config)[1].values.to_list()
        there = config.store.many([id for id in ids if id], OPERATOR) if config.store else {}
        columns = (self._is_empty(frame), frame[self.shown], _version(frame, self.version))
        rows = zip(ids, *(column.to_list() for column in columns), strict=True)
        cells = [self._cells(there.get(id or ""), *row) for id, *row in rows]
        names = (self.shown, WITHDRAWN, VERSION)
        return frame.with_columns(
            pl.Series(name, [row[at] for row in cells], pl.String) for at, name in enumerate(names)
        )

    def _is_empty(self, frame: pl.DataFrame) -> pl.Series:
        hits = [pl.col(name).fill_null("").is_in(list(values)) for name, values in self.where.items()]
        return frame.select(pl.all_horizontal(hits).alias("is_empty"))["is_empty"]

    def _cells(self, there: Node | None, is_empty: bool, shown: str | None, version: str | None) -> Cells:
        """When it was shown and withdrawn, and the version; what is withdrawn already keeps the time of that."""
        before = there.properties.get("withdrawn_at") if there else None
        if there is None or not (is_empty or before is not None):
            return shown, None, version
        if not is_empty:
            return shown, None, None
        moment, at = there.properties["shown_at"], int(time.time()) if before is None else before
        assert isinstance(moment, int)
        assert isinstance(at, int)
        return self.written(moment), format_instant(at), None


def _version(frame: pl.DataFrame, column: str) -> pl.Series:
    return frame[column] if column else pl.Series([None], dtype=pl.String).new_from_index(0, len(frame))
