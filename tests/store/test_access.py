"""A person gets everything that is held on them, in a form that can be read back."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import orjson
import pytest

from graph.access import access, write_tables
from graph.digest import digest
from graph.exports import exports
from graph.ledger import HeldRow
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.load import LoadRequest, load
from tests.store.tiny import nodes

CLEO = "person:cleo"


def test_everything_is_there_under_both_records(company: Store) -> None:
    held = access(company, "recruit:cleo", Settings())

    assert held is not None
    assert held["records"] == ["recruit:cleo", CLEO]
    tables = held["tables"]
    assert sorted(row["id"] for row in tables["Learner"]) == [CLEO, "recruit:cleo"]
    assert len(tables["Evidence"]) == 4
    assert sorted(row["id"] for row in tables["Rating"]) == ["rating:1", "rating:2", "rating:3"]
    assert {row["id"] for row in tables["Identity"]} == {"identity:1", "identity:2", "identity:4"}
    assert tables["MEMBER_OF"]
    assert orjson.loads(orjson.dumps(held)) == held


def test_values_are_as_at_the_boundary(company: Store) -> None:
    held = access(company, CLEO, Settings())

    assert held is not None
    (drill,) = [row for row in held["tables"]["Evidence"] if row["id"] == "evidence:cleo-drill"]
    assert (drill["score"], drill["shown_at"], drill["learner"]) == (0.5, "2024-08-15T00:00:00Z", CLEO)


def test_rows_about_others_that_name_the_person_stand_apart(company: Store) -> None:
    held = access(company, "person:ada", Settings())

    assert held is not None
    assert [row["id"] for row in held["mentions"]["Rating"]] == ["rating:1"]
    assert "Rating" not in held["tables"]


def test_superseded_versions_and_rows_put_aside_are_there_too(company: Store) -> None:
    (linux,) = company.facts("Evidence", {"learner": ["person:dan"], "kind": ["manager_rating"]}, OPERATOR)
    nodes(
        company,
        "Evidence",
        {"id": linux.id, **linux.properties, "level": 1_000_000},
        source="tables",
        version=linux.version + 1,
    )
    number = company.ledger.start("hr", "hr", 1, complete=True)
    company.ledger.hold_rows(
        [HeldRow(number, "f.csv", 7, "rejected", "level", "9", "too high", "level", {"who": "person:dan"})]
    )

    held = access(company, "person:dan", Settings())
    assert held is not None
    (old,) = held["superseded"]
    assert (old["type"], old["id"], old["level"]) == ("Evidence", linux.id, 2)
    assert [(row["file"], row["row"], row["raw"]) for row in held["held_rows"]] == [("f.csv", 7, {"who": "person:dan"})]


def test_nobody_has_nothing(company: Store) -> None:
    assert access(company, "person:nobody", Settings()) is None
    assert access(company, "skill:linux", Settings()) is None


@pytest.mark.parametrize("person", ["person:ada", CLEO, "person:dan", "person:eve"])
def test_erased_and_read_back_gives_the_same_digest(company: Store, tmp_path: Path, person: str) -> None:
    """What access gives is complete: with it, a store that holds everything else holds everything again."""
    before = digest(company)
    held = access(company, person, Settings())
    assert held is not None
    write_tables(held, tmp_path / "person")
    company.erase(person)
    assert digest(company) != before
    exports()["tables"].write(company, tmp_path / "others")
    without_mentions(tmp_path / "others", tmp_path / "person-mentions")

    again = open_store(f"sqlite:{tmp_path / 'again.db'}")
    try:
        for folder in ("others", "person", "person-mentions"):
            if (tmp_path / folder).is_dir():
                load(again, LoadRequest(source="tables", paths=(tmp_path / folder,), partial=True))
        assert list(again.ledger.held_rows()) == []
        assert digest(again) == before
    finally:
        again.close()


def without_mentions(others: Path, mentions: Path) -> None:
    """The other data as it is without the rows that the person is named in: they come with the person."""
    for file in mentions.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            own = {row["id"] for row in csv.DictReader(lines)}
        table = others / file.name
        with table.open(encoding="utf-8", newline="") as lines:
            header, *rows = list(csv.reader(lines))
        with table.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, lineterminator="\n").writerows([header, *(row for row in rows if row[0] not in own)])


def test_tables_of_another_person_are_not_mixed_in(company: Store, tmp_path: Path) -> None:
    for person in (CLEO, "person:eve"):
        held = access(company, person, Settings())
        assert held is not None
        files = write_tables(held, tmp_path / person.replace(":", "-"))
        assert all(file.is_file() for file in files)
    shutil.rmtree(tmp_path / "person-cleo")
    assert (tmp_path / "person-eve" / "Learner.csv").is_file()
