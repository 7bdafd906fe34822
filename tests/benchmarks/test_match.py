"""The benchmark of the match engine at a small size: all engines give the same rows, and every figure can be made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import chart
from benchmarks.engines.all import Disagreement, agree
from benchmarks.engines.brute import years_before
from benchmarks.engines.contract import NOW, Counted, Engine, asked_of
from benchmarks.engines.ours import IN_NUMPY, OURS, Ours
from benchmarks.match import engines, every_role, freshness, growth, index, serving, views
from benchmarks.match.store import Populated
from benchmarks.result import Result
from benchmarks.roles import FLAT, H_SHOWN, M_SHOWN, NARROWER, H, M, R
from tests.neo4j import need_neo4j

COUNTED = [
    replace(NOW, at=years_before(NOW.at, 2)),
    replace(NOW, kinds=("assessment", "self_rating")),
    replace(NOW, years=1),
    replace(NOW, verified_only=True),
    Counted(years_before(NOW.at, 1), ("completion", "work_sample"), 2, True),
]


@pytest.fixture(scope="module")
def all_engines(made: Populated) -> Iterator[Sequence[Engine]]:
    with engines.local_engines(made) as found:
        yield found


@pytest.mark.parametrize("role", [H, M, R, H_SHOWN, M_SHOWN, NARROWER, FLAT])
def test_all_engines_give_the_same_rows(made: Populated, all_engines: Sequence[Engine], role: str) -> None:
    asked = asked_of(role, made.skills)
    rows = {engine.name: list(engine.ready(asked)()) for engine in all_engines}
    assert len(rows) == 5
    assert rows[OURS]
    agree(role, rows)


@pytest.mark.parametrize("role", [H, M, R, M_SHOWN, NARROWER])
@pytest.mark.parametrize("counted", COUNTED)
@pytest.mark.parametrize("in_cohort", [False, True])
def test_every_view_gives_the_rows_of_the_brute_force(
    made: Populated, all_engines: Sequence[Engine], role: str, counted: Counted, in_cohort: bool
) -> None:
    asked = asked_of(role, made.skills, counted, in_cohort)
    able = [engine for engine in all_engines if engine.name in (OURS, IN_NUMPY, "brute force")]
    agree(role, {engine.name: list(engine.ready(asked)()) for engine in able})


@pytest.mark.skipif(os.environ.get("REQUIRE_NEO4J") != "1", reason="takes a minute: REQUIRE_NEO4J=1 runs it")
def test_the_cypher_twin_gives_the_same_rows(made: Populated, all_engines: Sequence[Engine], tmp_path: Path) -> None:
    need_neo4j()
    with engines.neo4j(made, heap="512m", cache="64m") as (twin,):
        for role in (H, M, R, M_SHOWN, NARROWER):
            asked = asked_of(role, made.skills)
            agree(role, {engine.name: list(engine.ready(asked)()) for engine in (all_engines[0], twin)})


def test_other_rows_stop_the_benchmark() -> None:
    with pytest.raises(Disagreement, match="row 1: ours says None, theirs says"):
        agree("a role", {"ours": [(1, True, 420)], "theirs": [(1, True, 420), (2, False, 210)]})


def test_the_side_by_side_figure_tells_of_every_engine(made: Populated, all_engines: Sequence[Engine]) -> None:
    found = engines.results(made, engines.measured(made, all_engines, calls=3))
    assert [len(result.numbers) for result in found] == [5, 5, 5, 0]
    assert "DuckDB" in found[0].peer
    assert found[-1].measured.startswith(f"{IN_NUMPY} ")


def test_every_other_figure_can_be_made(made: Populated, all_engines: Sequence[Engine], tmp_path: Path) -> None:
    ours = all_engines[0]
    assert isinstance(ours, Ours)
    found = [
        *views.views(made, ours, calls=3),
        *growth.growth(made, tmp_path, (1_000, 2_000), calls=3),
        *index.index_results(made, builds=1),
        *serving.one_client(made, calls=5),
        *serving.throughput(made, answers=30),
        *every_role.every_role(made, tmp_path / "matches.parquet"),
        *freshness.freshness(made, seconds=1.5),
    ]
    assert all(isinstance(result, Result) and result.measured for result in found)
    assert len({result.what for result in found}) == len(found)


def test_the_chart_of_the_same_numbers_is_the_same_file(tmp_path: Path) -> None:
    times = {"H": {"skillgraph": 0.5, "DuckDB": 150.0}, "R": {"skillgraph": 0.03}}
    for name in ("one.svg", "other.svg"):
        chart.draw(times, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()
    assert "DuckDB" in (tmp_path / "one.svg").read_text()
