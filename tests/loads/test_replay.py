"""Rejects are written as CSV, mended by hand and loaded again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import load_rows
from loaders.replay import write_csv
from tests.loads.tables import SKILLS, Loader, counts

ROLES = """
    id,label,label@de,threshold
    role:a,A,Ä,1.2
    role:b,"=B()",B,0.8
    role:c,-C,C,2
    """
REQUIRES = "from,to,level\nrole:b,skill:sql,9\nrole:b,skill:linux,2\n"


def written(loader: Loader, **which: object) -> list[dict[str, str]]:
    """The CSV of what is held."""
    out = io.StringIO()
    write_csv(loader.store.ledger.held_rows(**which), out)  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(out.getvalue())))


def replay(loader: Loader, tmp_path: Path, rows: list[dict[str, str]]) -> dict[str, int]:
    """Write the rows down and load them."""
    path = tmp_path / "mended.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return counts(loader.folder(path, name="hr", replay=path, paths=()))


@pytest.fixture
def spoilt(loader: Loader) -> Loader:
    """A load with three rejects in two tables."""
    record = loader(Skill=SKILLS, Role=ROLES, REQUIRES=REQUIRES)
    assert counts(record) == {"read": 8, "written": 5, "rejected": 3}
    return loader


def test_the_csv_has_the_place_the_reason_and_the_row_as_it_was(spoilt: Loader) -> None:
    rows = written(spoilt)
    first = next(row for row in rows if row["id"] == "role:a")
    assert (first["_file"], first["_row"], first["_table"], first["_field"]) == ("Role.csv", "1", "Role", "threshold")
    assert first["_reason"] == "''1.2' is too large: at most 1"
    assert (first["label"], first["label@de"], first["threshold"], first["level"]) == ("A", "Ä", "1.2", "")


def test_no_cell_begins_a_formula(spoilt: Loader) -> None:
    assert next(row for row in written(spoilt) if row["id"] == "role:c")["label"] == "'-C"


def test_mended_rows_are_written_and_no_longer_held(spoilt: Loader, tmp_path: Path) -> None:
    rows = written(spoilt)
    for row in rows:
        row["threshold"] = "0.9" if row["id"] else ""
        row["level"] = "1" if row["from"] else ""

    assert replay(spoilt, tmp_path, rows) == {"read": 3, "written": 3}
    assert spoilt.held() == []
    node = spoilt.store.get("role:c", OPERATOR)
    assert node is not None
    assert node.properties == {"label": "-C", "label@de": "C", "threshold": 900_000}
    assert spoilt.there("role:b") == [True]


def test_a_row_that_is_still_wrong_is_held_on(spoilt: Loader, tmp_path: Path) -> None:
    rows = [row for row in written(spoilt) if row["id"]]
    rows[0]["threshold"] = "0.7"

    assert replay(spoilt, tmp_path, rows) == {"read": 2, "written": 1, "rejected": 1}
    held = {(row.file, row.row): row.load for row in spoilt.held()}
    assert held == {("REQUIRES.csv", 1): 1, ("Role.csv", 3): 2}


def test_a_row_that_is_not_held_is_refused(spoilt: Loader, tmp_path: Path) -> None:
    rows = written(spoilt)
    rows[0]["_row"] = "77"
    with pytest.raises(
        LoadError, match=r"row 1: load 1 holds no row 77 of 'REQUIRES.csv'|row 1: load 1 holds no row 77"
    ):
        replay(spoilt, tmp_path, rows)


@pytest.mark.parametrize("content", [b"", b"id,label\nskill:a,A\n", b"_load,_file,_row\n", b"\xff\xfe_load"])
def test_what_is_no_csv_of_rejects_is_refused(spoilt: Loader, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(LoadError, match=r"odd\.csv"):
        spoilt.folder(path, name="hr", replay=path, paths=())


def test_rows_that_came_in_a_request_are_replayed_too(loader: Loader, tmp_path: Path) -> None:
    loader(Skill=SKILLS)
    edges = [{"from": "skill:sql", "to": "skill:linux"}, {"from": "skill:sql"}]
    load_rows(loader.store, "xapi", {"BROADER": edges})
    (row,) = written(loader)
    path = tmp_path / "mended.csv"
    path.write_text(",".join([*row, "to"]) + "\n" + ",".join([*row.values(), "skill:shell"]) + "\n", encoding="utf-8")

    record = loader.folder(path, source="posted", name="xapi", replay=path, paths=())
    assert counts(record) == {"read": 1, "written": 1}
    assert loader.held() == []


def test_a_map_file_is_remembered_with_the_rejects(loader: Loader, tmp_path: Path) -> None:
    (tmp_path / "roles.csv").write_text("code;title;ready\n1;Admin;1,2\n", encoding="utf-8")
    (tmp_path / "map.toml").write_text(
        """
        [[file]]
        name = "roles.csv"
        separator = ";"
        [[file.node]]
        type = "Role"
        id = "hr-role:{code}"
        fields = { label = "title", threshold = { column = "ready", decimal = "," } }
        """,
        encoding="utf-8",
    )
    loader.folder(tmp_path / "roles.csv", name="hr", map=tmp_path / "map.toml")
    rows = written(loader)
    rows[0]["ready"] = "0,75"

    assert replay(loader, tmp_path, rows) == {"read": 1, "written": 1}
    node = loader.store.get("hr-role:1", OPERATOR)
    assert node is not None
    assert node.properties == {"label": "Admin", "threshold": 750_000}


def test_a_new_load_of_the_mended_file_empties_its_rejects_too(spoilt: Loader) -> None:
    spoilt(Role=ROLES.replace("1.2", "1").replace(",2\n", ",0.2\n"))
    assert [row.file for row in spoilt.held()] == ["REQUIRES.csv"]
