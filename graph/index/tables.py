"""Facts about persons as columns grouped by what they are about, with newer facts laid over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import lookup, starts_of

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows grouped by a key: group `keys[i]` is rows starts[i] to starts[i + 1]; there is a column "person"."""

    keys: NDArray[np.int64]  # ascending
    starts: NDArray[np.int64]
    columns: Mapping[str, Column]

    @classmethod
    def build(cls, group: NDArray[np.int64], columns: Mapping[str, Column]) -> Table:
        """Sort rows by group, then person."""
        order = _order(group, columns["person"])
        return cls.of_sorted(group[order], {name: columns[name][order] for name in columns})

    @classmethod
    def of_sorted(cls, group: NDArray[np.int64], columns: Mapping[str, Column]) -> Table:
        """Rows that are in that order already."""
        starts = starts_of([group])
        return cls(group[starts], np.append(starts, len(group)), columns)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def parts(self, keys: NDArray[np.int64]) -> list[Part]:
        """The rows of each of these groups that is here, with its position in `keys`."""
        found, places = lookup(keys, self.keys)
        positions, places = np.flatnonzero(found), places[found]
        bounds = zip(self.starts[places].tolist(), self.starts[places + 1].tolist(), positions.tolist(), strict=True)
        return [(self, slice(start, stop), position) for start, stop, position in bounds]

    def groups(self) -> NDArray[np.int64]:
        """The group key of every row."""
        return np.repeat(self.keys, np.diff(self.starts))

    def groups_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The group keys of some rows."""
        return self.keys[np.searchsorted(self.starts, rows, side="right") - 1]

    def where(self, chosen: NDArray[np.bool_]) -> Table:
        """Some of the rows."""
        return Table.of_sorted(self.groups()[chosen], {name: column[chosen] for name, column in self.columns.items()})


def _order(group: NDArray[np.int64], person: Column) -> NDArray[np.int64]:
    """Rows by group, then person: by a word each where it holds both, which merges what is in order but for joints."""
    if int(group.max(initial=0)) >> 31:
        return np.lexsort((person, group))
    return np.argsort(group << 32 | person, kind="stable")


Part = tuple[Table, slice, int]
"""A table, some of its rows, and the position of their group in what was asked for."""


class Selection:
    """Rows out of some tables, each with the position of its group in what was asked for.

    Columns are read when they are first used.
    """

    __slots__ = ("_cache", "_keep", "_parts")

    def __init__(self, parts: Sequence[Part], keep: Column | None = None) -> None:
        self._parts, self._keep = parts, keep
        self._cache: dict[str, Column] = {}

    def column(self, name: str) -> Column:
        """One column of the selected rows."""
        if name not in self._cache:
            pieces = [table.columns[name][rows] for table, rows, _ in self._parts]
            self._cache[name] = self._kept(np.concatenate(pieces))
        return self._cache[name]

    def positions(self) -> NDArray[np.int32]:
        """The position of each row's group in what was asked for."""
        asked = np.array([position for _, _, position in self._parts], np.int32)
        return self._kept(np.repeat(asked, [rows.stop - rows.start for _, rows, _ in self._parts]))

    def narrowed(self, chosen: Column) -> Selection:
        """Some of these rows: a mask, or positions."""
        kept = np.flatnonzero(chosen) if self._keep is None and chosen.dtype == np.bool_ else chosen
        return Selection(self._parts, kept if self._keep is None else self._keep[chosen])

    def _kept(self, column: Column) -> Column:
        return column if self._keep is None else column[self._keep]


@dataclass(frozen=True, slots=True)
class Layered:
    """A base table, where the rows of `changed` persons no longer count, and newer tables whose rows all count."""

    base: Table
    runs: tuple[Table, ...] = ()  # each with the columns of the base
    changed: NDArray[np.bool_] | None = None  # over the base's persons; None: nobody

    def select(self, keys: Sequence[int]) -> Selection:
        """The rows of some groups: the base's, group after group, then each run's."""
        asked = np.array(keys, np.int64)
        return self._standing(self.base.parts(asked), [part for run in self.runs for part in run.parts(asked)])

    def all(self) -> Selection:
        """Every row."""
        above = [(run, slice(0, len(run)), 0) for run in self.runs]
        return self._standing([(self.base, slice(0, len(self.base)), 0)], above)

    def of_person(self, person: int) -> tuple[NDArray[np.int64], Selection]:
        """The group key of each row of one person, and the rows."""
        gone = self.changed is not None and person < len(self.changed) and bool(self.changed[person])
        tables = self.runs if gone else (self.base, *self.runs)
        own = [(table, np.flatnonzero(table.columns["person"] == person)) for table in tables]
        groups = np.concatenate([np.zeros(0, np.int64), *(table.groups_of(rows) for table, rows in own)])
        rows = {
            name: np.concatenate([column[:0], *(table.columns[name][rows] for table, rows in own)])
            for name, column in self.base.columns.items()
        }
        every = slice(0, len(groups))
        return groups, Selection([(Table(np.zeros(1, np.int64), np.array([0, len(groups)]), rows), every, 0)])

    def _standing(self, lower: Sequence[Part], upper: Sequence[Part]) -> Selection:
        selection = Selection([*lower, *upper] or [(self.base, slice(0, 0), 0)])
        if self.changed is None or not lower:
            return selection
        gone = self.changed[Selection(lower).column("person")]
        if not gone.any():
            return selection
        later = sum(rows.stop - rows.start for _, rows, _ in upper)
        return selection.narrowed(np.append(~gone, np.ones(later, np.bool_)))
