"""Facts about persons as columns grouped by what they are about, with newer facts laid over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import starts_of

Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows grouped by a key: group `keys[i]` is rows starts[i] to starts[i + 1]; there is a column "person"."""

    keys: NDArray[np.int64]  # ascending
    starts: NDArray[np.int64]
    columns: Mapping[str, Column]

    @classmethod
    def build(cls, group: NDArray[np.int64], columns: Mapping[str, Column]) -> Table:
        """Sort rows by group, then person; keys and persons have fewer than 32 bits."""
        order = np.argsort((group << 32) | columns["person"], kind="stable")
        starts = starts_of([group[order]])
        return cls(
            group[order[starts]], np.append(starts, len(order)), {name: columns[name][order] for name in columns}
        )

    def __len__(self) -> int:
        return int(self.starts[-1])

    def rows(self, key: int) -> slice:
        """The rows of one group."""
        place = int(np.searchsorted(self.keys, key))
        if place == len(self.keys) or self.keys[place] != key:
            return slice(0, 0)
        return slice(int(self.starts[place]), int(self.starts[place + 1]))

    def groups(self) -> NDArray[np.int64]:
        """The group key of every row."""
        return np.repeat(self.keys, np.diff(self.starts))

    def groups_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The group keys of some rows."""
        return self.keys[np.searchsorted(self.starts, rows, side="right") - 1]

    def empty(self) -> Table:
        """No rows, the same columns."""
        return Table(self.keys[:0], self.starts[:1], {name: column[:0] for name, column in self.columns.items()})


class Selection:
    """Rows out of some tables, each with the position of its group in what was asked for.

    Columns are read when they are first used.
    """

    __slots__ = ("_cache", "_keep", "_parts")

    def __init__(self, parts: Sequence[tuple[Table, slice, int]], keep: Column | None = None) -> None:
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
    """A base table, where the rows of `changed` persons no longer count, and the table that has their rows now."""

    base: Table
    over: Table
    changed: NDArray[np.bool_] | None = None  # over the base's persons; None: nobody

    def select(self, keys: Sequence[int]) -> Selection:
        """The rows of some groups, group after group."""
        below = [(self.base, self.base.rows(key), position) for position, key in enumerate(keys)]
        above = [(self.over, self.over.rows(key), position) for position, key in enumerate(keys)]
        return self._standing(below, above)

    def all(self) -> Selection:
        """Every row."""
        return self._standing([(self.base, slice(0, len(self.base)), 0)], [(self.over, slice(0, len(self.over)), 0)])

    def of_person(self, person: int) -> tuple[NDArray[np.int64], Selection]:
        """The group key of each row of one person, and the rows."""
        changed = self.changed is not None and person < len(self.changed) and bool(self.changed[person])
        below = np.flatnonzero(self.base.columns["person"] == person) if not changed else np.zeros(0, np.int64)
        above = np.flatnonzero(self.over.columns["person"] == person)
        groups = np.concatenate([self.base.groups_of(below), self.over.groups_of(above)])
        names = self.base.columns
        rows = {
            name: np.concatenate([self.base.columns[name][below], self.over.columns[name][above]]) for name in names
        }
        table = Table(np.zeros(1, np.int64), np.array([0, len(groups)]), rows)
        return groups, Selection([(table, slice(0, len(groups)), 0)])

    def _standing(
        self, below: Iterable[tuple[Table, slice, int]], above: Iterable[tuple[Table, slice, int]]
    ) -> Selection:
        lower = [part for part in below if part[1].stop > part[1].start]
        upper = [part for part in above if part[1].stop > part[1].start]
        selection = Selection([*lower, *upper] or [(self.base, slice(0, 0), 0)])
        if self.changed is None or not lower:
            return selection
        person = Selection(lower).column("person")
        gone = self.changed[person]
        if not gone.any():
            return selection
        later = sum(rows.stop - rows.start for _, rows, _ in upper)
        return selection.narrowed(np.append(~gone, np.ones(later, np.bool_)))


def layer(previous: Table, gone: NDArray[np.int32], group: NDArray[np.int64], columns: Mapping[str, Column]) -> Table:
    """The upper layer anew: without the rows of some persons, with their rows as they are now."""
    stays = ~np.isin(previous.columns["person"], gone)
    merged = {name: np.concatenate([previous.columns[name][stays], columns[name]]) for name in columns}
    return Table.build(np.concatenate([previous.groups()[stays], group]), merged)
