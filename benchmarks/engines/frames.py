"""polars over the table of what is held: the slice of each skill, stacked and grouped by person."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.engines.contract import Asked, Best, Need
from benchmarks.engines.held import HeldTable


class Frames:
    """A frame in memory, on all cores; the streaming engine is the quicker one."""

    name = "polars"

    def __init__(self, held: HeldTable) -> None:
        self._frame = pl.DataFrame(dict(held.columns()))
        skills = int(held.skill[-1]) + 1 if len(held.skill) else 0
        self._starts = np.searchsorted(held.skill, np.arange(skills + 1)).tolist()

    def ready(self, asked: Asked) -> Best:
        parts = [self._towards(need) for need in asked.needs]
        ready = (pl.col("core") >= asked.least) & (pl.col("met") == asked.musts)
        ranking = (
            pl.concat(parts)
            .group_by("person")
            .agg(pl.col("points", "core", "met").sum())
            .filter(pl.col("points") > 0)
            .select("person", ready.alias("ready"), "points")
            .sort("ready", "points", "person", descending=[True, True, False])
            .head(asked.limit)
        )
        return lambda: ranking.collect(engine="streaming").rows()

    def _towards(self, need: Need) -> pl.LazyFrame:
        """What each person gains of one need."""
        level = pl.col("shown" if need.proof == "shown" else "level")
        rows = pl.concat([self._of_skill(skill) for skill in need.skills])
        if len(need.skills) > 1:
            rows = rows.group_by("person").agg(level.max())
        held = pl.min_horizontal(level, pl.lit(need.level, pl.UInt8)).cast(pl.Int32)
        met = (held == need.level) & (need.kind == "must")
        return rows.select(
            "person",
            (held * need.gain).alias("points"),
            (held * need.gain * int(need.core)).alias("core"),
            met.cast(pl.Int32).alias("met"),
        )

    def _of_skill(self, skill: int) -> pl.LazyFrame:
        if skill + 1 >= len(self._starts):
            return self._frame.clear().lazy()
        start, stop = self._starts[skill], self._starts[skill + 1]
        return self._frame.slice(start, stop - start).lazy()
