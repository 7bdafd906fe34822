"""DuckDB over the table of what is held, sorted by skill, which lets it skip the other skills' blocks."""

from __future__ import annotations

import os
from collections.abc import Sequence

import duckdb

from benchmarks.engines.contract import Asked, Best, Row
from benchmarks.engines.held import HeldTable

_NEEDS = """
    CREATE OR REPLACE TEMP TABLE needs(
        skill USMALLINT, place INT, need INT, gain INT, core INT, must BOOL, proven BOOL
    )"""
_RANKING = """
    SELECT person, ready, points FROM (
        SELECT person, sum(gain * held) AS points,
               sum(core * held) >= {least} AND count(*) FILTER (must AND held >= need) = {musts} AS ready
        FROM ({towards}) GROUP BY person
    ) WHERE points > 0 ORDER BY ready DESC, points DESC, person LIMIT {limit}"""
_EACH = """
    SELECT person, need, gain, core, must, least({level}::INT, need) AS held FROM held JOIN needs USING (skill)"""
_HIGHEST = """
    SELECT person, any_value(need) AS need, any_value(gain) AS gain, any_value(core) AS core, any_value(must) AS must,
           max(held) AS held
    FROM (SELECT person, place, need, gain, core, must, least({level}::INT, need) AS held
          FROM held JOIN needs USING (skill)) GROUP BY person, place"""
"""Where several skills count for one need. Of three ways to write it (a join, a scan a skill, one scan with CASE), the
join is the quickest."""


class Duck:
    """A database in memory, on all cores."""

    name = "DuckDB"

    def __init__(self, held: HeldTable) -> None:
        self._connection = duckdb.connect(config={"threads": os.cpu_count() or 1})
        self._connection.register("columns", dict(held.columns()))
        self._connection.execute("CREATE TABLE held AS SELECT * FROM columns")
        self._connection.unregister("columns")

    def ready(self, asked: Asked) -> Best:
        """The last role that was made ready is the one that is answered."""
        self._connection.execute(_NEEDS)
        rows = [
            (skill, place, need.level, need.gain, need.gain * need.core, need.kind == "must", need.proof == "shown")
            for place, need in enumerate(asked.needs)
            for skill in need.skills
        ]
        self._connection.executemany("INSERT INTO needs VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        text = statement(asked)
        return lambda: self._answer(text)

    def _answer(self, text: str) -> Sequence[Row]:
        rows = self._connection.execute(text).fetchall()
        return [(person, ready, int(points)) for person, ready, points in rows]


def statement(asked: Asked) -> str:
    """The whole ranking in one statement."""
    level = "CASE WHEN proven THEN shown ELSE level END" if any(n.proof == "shown" for n in asked.needs) else "level"
    towards = _HIGHEST if any(len(need.skills) > 1 for need in asked.needs) else _EACH
    return _RANKING.format(towards=towards.format(level=level), least=asked.least, musts=asked.musts, limit=asked.limit)
