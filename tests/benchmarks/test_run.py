"""`skillgraph bench`: figures by name, and the page made of what was measured."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import orjson
import pytest

from benchmarks import chart, figures, run
from benchmarks.result import Result
from cli.runtime import Misused

FOUND = [
    Result("H: first 50", "<= 2 ms", "1.9 ms", True, "DuckDB 150 ms", {"skillgraph": 1.9, "DuckDB": 150.0}),
    Result("R: first 50", "<= 0.15 ms", "0.2 ms", False, "", {"skillgraph": 0.2}),
]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the page and what was measured, and two figures that need no time."""
    known = {chart.FIGURE: lambda _: FOUND, "match-other": lambda _: [Result("other", "", "", True)]}
    monkeypatch.setattr(figures, "FIGURES", known)
    monkeypatch.setattr(run, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(run, "MEASURED", tmp_path / "measured.json")
    return tmp_path


def test_a_family_is_measured_by_its_name_and_all_of_it_is_written_down(elsewhere: Path) -> None:
    run.main(["match"])
    assert list(orjson.loads((elsewhere / "measured.json").read_bytes())) == [chart.FIGURE, "match-other"]
    page = (elsewhere / "benchmarks.md").read_text()
    today = date.today().isoformat()
    assert f"| H: first 50 | <= 2 ms | 1.9 ms | yes | DuckDB 150 ms | {today} |" in page
    assert "| R: first 50 | <= 0.15 ms | 0.2 ms | **no** |" in page
    assert f"({chart.NAME})" in page
    assert "DuckDB" in (elsewhere / chart.NAME).read_text()


def test_a_name_that_no_figure_has_is_refused_before_anything_is_measured(elsewhere: Path) -> None:
    with pytest.raises(Misused, match=r"--only mach: no figure has that name; they are match-engines, match-other"):
        run.main(["match", "mach"])
    assert not (elsewhere / "measured.json").exists()


def test_the_page_tells_what_was_measured_last() -> None:
    measured = orjson.loads(run.MEASURED.read_bytes())
    rows = [(Result(**result), figure["on"]) for figure in measured.values() for result in figure["results"]]
    page = run.PAGE.read_text(encoding="utf-8").splitlines()
    assert set(run.table(rows).splitlines()) <= set(page)
