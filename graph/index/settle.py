"""What was gathered, by person and in order: the tables of the index."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.derive import Attempts
from graph.derive.intervals import INTERVAL_COLUMNS
from graph.derive.joins import lookup
from graph.index.facts import Owners, PersonsOf, in_order
from graph.index.gather import Gathered
from graph.index.moments import Moments
from graph.index.parts import Column, Parts
from graph.index.sorting import Order, narrowed, order, rows_among
from graph.index.tables import Table

_THREADS = 2  # columns at once: more would only need more memory
_INSTANTS = ("since", "until")
_FIRST = (*_INSTANTS, "evidence", "person")  # what is large, or waited for
_NAMES = (*_FIRST, *(name for name in INTERVAL_COLUMNS if name not in ("subject", *_FIRST)))


@dataclass(frozen=True, slots=True)
class Settled:
    """The tables of what is supported, whom ratings and silent attempts are about, and all moments."""

    tables: Mapping[str, Table]
    owners: Mapping[str, Owners]
    moments: Moments


def settle(gathered: Gathered, stated: Mapping[str, Table], persons_of: PersonsOf) -> Settled:
    """What was gathered, by person: later attempts end earlier ones, and rows are put in order.

    `stated` are the other tables, whose moments count too.
    """
    parts, ratings = gathered.parts, gathered.parts["ratings"]
    attempts = _attempts(parts["attempts"], persons_of)
    evidence, until = parts["skills"].take("evidence"), parts["skills"].take("until")
    shown = evidence[rows_among(evidence, attempts.evidence)]
    silent = ~np.isin(attempts.evidence, shown)
    owners = {
        "Evidence": in_order(attempts.evidence[silent], attempts.person[silent]),
        "Rating": in_order(ratings.take("key"), persons_of(ratings.take("person"))),
    }
    _end(until, evidence, attempts)
    with ThreadPoolExecutor(_THREADS) as threads:
        credentials = _Ordering(parts["credentials"], persons_of, threads).table()
        skills = _Ordering(parts["skills"], persons_of, threads, evidence=evidence, until=until)
        del evidence, until
        others = [column for table in (*stated.values(), credentials) for column in _instants(table)]
        moments = threads.submit(lambda: Moments.of([*skills.instants(), *others], len(skills.order)))
        return Settled({"skills": skills.table(), "credentials": credentials}, owners, moments.result())


def _instants(table: Table) -> list[NDArray[np.uint32]]:
    return [table.columns[name] for name in _INSTANTS if name in table.columns]


def _attempts(parts: Parts, persons_of: PersonsOf) -> Attempts:
    """The attempts of persons who are known."""
    person = persons_of(parts.take("person"))
    known = person >= 0
    about, shown_at, evidence = (parts.take(name)[known].astype(np.int64) for name in ("about", "shown_at", "evidence"))
    return Attempts(person[known], about, shown_at, evidence)


def _end(until: NDArray[np.uint32], evidence: Column, attempts: Attempts) -> None:
    """End, in place, what a later attempt ends."""
    ended, ends = attempts.ends()
    rows = rows_among(evidence, ended)
    _, places = lookup(evidence[rows].astype(np.int64), ended)
    until[rows] = np.minimum(until[rows], ends[places])


class _Ordering:
    """Rows of known persons put in order, column by column, so that little more than the result is in memory."""

    def __init__(self, parts: Parts, persons_of: PersonsOf, threads: ThreadPoolExecutor, **taken: Column) -> None:
        """`taken` are columns that were taken from the parts already."""
        self._parts, self._taken = parts, taken
        taken["person"] = persons_of(parts.take("person"))
        self.order: Order = order(parts.take("subject"), taken["person"])
        self._columns: dict[str, Future[Column]] = {name: threads.submit(self._column, name) for name in _NAMES}

    def _column(self, name: str) -> Column:
        column = self._taken.pop(name) if name in self._taken else self._parts.take(name)
        return self.order.of(narrowed(column) if name == "evidence" else column)

    def instants(self) -> list[NDArray[np.uint32]]:
        """Those at which anything starts or ends."""
        return [self._columns[name].result() for name in _INSTANTS]

    def table(self) -> Table:
        """All of it, once it is done."""
        return Table(self.order.keys, self.order.starts, {name: self._columns[name].result() for name in _NAMES})
