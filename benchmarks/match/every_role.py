"""Every role of the store against everyone, by the command that users type."""

from __future__ import annotations

from pathlib import Path

import orjson
import polars as pl

from benchmarks.match.store import Populated, populated
from benchmarks.measure import skillgraph
from benchmarks.result import Result
from benchmarks.roles import H

RATE = 300.0
_LIMIT = 50


def match_every_role(work: Path) -> list[Result]:
    """The index is built before."""
    made = populated(work)
    out = work / "match-every-role.parquet"
    try:
        return every_role(made, out)
    finally:
        out.unlink(missing_ok=True)


def every_role(made: Populated, out: Path) -> list[Result]:
    """The rows of H in the file are those of H asked for by itself."""
    asked = ("ask", "role-matches", f"limit={_LIMIT}", "as_of=2026-11-28")
    alone = skillgraph(made.store, *asked, f"role={H}", "explain=false", "--json")
    run = skillgraph(made.store, *asked, "--all-roles", "--format", "parquet", "--out", str(out), "--json")
    told = orjson.loads(run.output[run.output.index("{") :])
    rate = told["roles"] / told["seconds"]
    return [
        Result(
            f"{told['roles']:,} roles against {made.people.people:,} people: {told['rows']:,} rows of Parquet",
            ">= 300 roles/s",
            f"{rate:,.0f} roles/s ({told['seconds']:.1f} s)",
            rate >= RATE and _persons(out) == [row["person"] for row in orjson.loads(alone.output)["rows"]],
            f"the largest of its processes: {run.memory:,.0f} MB",
        )
    ]


def _persons(file: Path) -> list[str]:
    """Of role H, in the file's order."""
    return pl.scan_parquet(file).filter(pl.col("role") == H).select("person").collect().to_series().to_list()
