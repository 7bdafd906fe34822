"""Personnel systems: positions follow each other in time, and the ready-made maps read what they are for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graph.ledger import LoadRecord
from graph.store import Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.replay import write_csv
from loaders.sources.hris import READY, SOURCE
from ontology.model import load_model
from ontology.values import MILLION, OPEN, format_instant
from tests.loads.tables import Loader, write

WORKDAY = {
    "organizations": """
        Organization_ID,Organization_Name,Superior_Organization_ID
        O1,Tiny,
        O2,Cloud,O1
        """,
    "job_profiles": """
        Job_Profile_ID,Job_Profile_Name
        J1,Operator
        J2,Engineer
        """,
    "workers": """
        Employee_ID,Preferred_Name,Email_Address,Active,Organization_ID,Cost_Center
        17,Ada,ada@tiny.example,1,O2,C9
        18,Ben,ben@tiny.example,0,,C9
        """,
    "positions": """
        Employee_ID,Position_ID,Effective_Date,End_Date,Job_Profile_ID,Organization_ID,Manager_ID,Business_Process
        17,P1,2023-01-01,9999-12-31,J1,O1,20,Hire
        17,P2,2024-05-01,9999-12-31,J2,O2,20,Promotion
        17,P2,2025-01-01,,J2,O2,21,Change Job
        18,P3,2023-01-01,2024-12-31,J1,O1,,Hire
        18,P3,2024-06-01,2024-12-31,J2,O1,,Change Job
        """,
    "reviews": """
        Review_ID,Employee_ID,Review_Period_Start,Review_Period_End,Rating,Manager_ID
        R1,17,2024-01-01,2024-12-31,4,20
        """,
}


def hris(loader: Loader, folder: Path, map: str = "workday", **tables: str) -> LoadRecord:
    return loader.folder(write(folder / "export", **tables), source="hris", map=Path(map))


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None
    return found


def positions(store: Store) -> dict[str, tuple[str, str]]:
    """The first day of each Employment, and the day after its last: empty where it is open."""
    found = {one.id.partition(":")[2]: one.properties for one in store.page("Employment", OPERATOR, limit=100)}
    return {id: (day(one["since"]), day(one.get("until", OPEN))) for id, one in found.items()}


def day(instant: Any) -> str:
    return format_instant(instant)[:10]


def test_workday_reports_are_people_units_positions_and_reviews(loader: Loader, tmp_path: Path) -> None:
    record = hris(loader, tmp_path, **WORKDAY)
    assert (record.read, record.rejected, record.waiting) == (12, 0, 0)
    ada = node(loader.store, "workday-worker:17")
    assert (ada.properties["label"], ada.properties["email"]) == ("Ada", "ada@tiny.example")
    assert [edge.end for edge in ada.edges if edge.type == "MEMBER_OF"] == ["workday-organization:O2"]
    assert node(loader.store, "workday-organization:O2").properties["part_of"] == "workday-organization:O1"
    assert node(loader.store, "workday-worker:18").properties["status"] == "inactive"
    review = node(loader.store, "workday-review:R1").properties
    assert (review["learner"], review["rating"], review["scale_max"]) == ("workday-worker:17", 4 * MILLION, 5 * MILLION)
    systems = {one.properties["system"] for one in loader.store.page("Identity", OPERATOR, limit=100)}
    assert systems == {"employee-number", "email"}


def test_a_position_ends_where_the_next_of_the_same_begins(loader: Loader, tmp_path: Path) -> None:
    record = hris(loader, tmp_path, **WORKDAY)
    found = positions(loader.store)
    assert found == {
        "17.P1.2023-01-01": ("2023-01-01", ""),
        "17.P2.2024-05-01": ("2024-05-01", "2025-01-01"),
        "17.P2.2025-01-01": ("2025-01-01", ""),
        "18.P3.2023-01-01": ("2023-01-01", "2024-06-01"),
        "18.P3.2024-06-01": ("2024-06-01", "2025-01-01"),
    }
    assert record.flags == {}


def test_periods_that_overlap_are_cut_and_flagged(loader: Loader, tmp_path: Path) -> None:
    rows = """
        Employee_ID,Position_ID,Effective_Date,End_Date
        17,P1,2023-01-01,2023-12-31
        17,P1,2023-06-01,2024-12-31
        """
    record = hris(loader, tmp_path, **{**WORKDAY, "positions": rows})
    assert positions(loader.store)["17.P1.2023-01-01"][1] == "2023-06-01"
    assert record.flags == {"cut-short": 1}


def test_an_end_that_is_no_date_is_rejected_by_its_column(loader: Loader, tmp_path: Path) -> None:
    rows = """
        Employee_ID,Position_ID,Effective_Date,End_Date
        17,P1,2023-01-01,soon
        17,P2,2023-02-30,
        18,P3,2023-01-01,2022-01-01
        """
    hris(loader, tmp_path, **{**WORKDAY, "positions": rows})
    held = {row.row: (row.field, row.value) for row in loader.store.ledger.held_rows()}
    assert held.keys() == {1, 2, 3}
    assert held[1] == ("_until", "soon")
    assert held[2] == ("Effective_Date", "2023-02-30")


def test_a_mended_end_counts_when_it_is_replayed(loader: Loader, tmp_path: Path) -> None:
    rows = """
        Employee_ID,Position_ID,Effective_Date,End_Date
        17,P1,2023-01-01,soon
        """
    record = hris(loader, tmp_path, **{**WORKDAY, "positions": rows})
    mended = tmp_path / "mended.csv"
    with mended.open("w", encoding="utf-8") as out:
        write_csv(loader.store.ledger.held_rows(load=record.id), out)
    mended.write_text(mended.read_text(encoding="utf-8").replace(",soon\n", ",2023-12-31\n"), encoding="utf-8")
    load(loader.store, LoadRequest("hris", replay=mended, name="hris"))
    assert positions(loader.store) == {"17.P1.2023-01-01": ("2023-01-01", "2024-01-01")}


def test_a_report_entry_says_the_same_as_its_table(loader: Loader, tmp_path: Path) -> None:
    hris(loader, tmp_path, **WORKDAY)
    folder = tmp_path / "json"
    folder.mkdir()
    rows = [
        {"Employee_ID": "17", "Preferred_Name": "Ada", "Email_Address": "ada@tiny.example", "Active": 1,
         "Organization_ID": "O2"},
        {"Employee_ID": "18", "Preferred_Name": "Ben", "Email_Address": "ben@tiny.example", "Active": 0},
    ]  # fmt: skip
    (folder / "workers.json").write_text(json.dumps({"Report_Entry": rows}), encoding="utf-8")
    record = loader.folder(folder, source="hris", map=Path("workday"), partial=True)
    assert (record.read, record.unchanged) == (2, 2)


def test_a_document_whose_rows_are_elsewhere_is_told(loader: Loader, tmp_path: Path) -> None:
    folder = tmp_path / "json"
    folder.mkdir()
    (folder / "workers.json").write_text(json.dumps({"Report_Entries": []}), encoding="utf-8")
    with pytest.raises(LoadError, match=r"workers\.json: has no 'Report_Entry'.*did you mean.*Report_Entries"):
        loader.folder(folder, source="hris", map=Path("workday"))


def test_who_has_no_address_or_shares_one_is_loaded_all_the_same(loader: Loader, tmp_path: Path) -> None:
    workers = """
        Employee_ID,Preferred_Name,Email_Address,Active
        17,Ada,office@tiny.example,1
        18,Ben,office@tiny.example,1
        19,Cleo,,1
        """
    record = hris(loader, tmp_path, workers=workers)
    assert (record.written, record.rejected) == (3, 0)
    found = loader.store.page("Identity", OPERATOR, limit=100)
    assert sorted((str(one.properties["learner"]), str(one.properties["system"])) for one in found) == [
        *[("workday-worker:17", "email"), ("workday-worker:17", "employee-number")],
        *[("workday-worker:18", "email"), ("workday-worker:18", "employee-number")],
        ("workday-worker:19", "employee-number"),
    ]


@pytest.mark.parametrize(
    ("map", "tables"),
    [
        ("workday", {"workers": "Employee_ID,Active\n17,1\n"}),
        ("bamboohr", {"employees": "id\n17\n", "jobInfo": "employeeId,date\n17,2024-01-01\n"}),
    ],
)
def test_columns_that_may_be_missing_may(loader: Loader, tmp_path: Path, map: str, tables: dict[str, str]) -> None:
    record = hris(loader, tmp_path, map, **tables)
    assert record.written == record.read == len(tables)


def test_a_position_ends_where_the_next_begins_in_another_file(loader: Loader, tmp_path: Path) -> None:
    first = "employeeId,date,jobTitle,terminationDate\n1,2024-01-01,Cook,0000-00-00\n"
    then = "employeeId,date,jobTitle,terminationDate\n1,2024-06-01,Chef,0000-00-00\n"
    hris(loader, tmp_path, "bamboohr", employees="id\n1\n", jobInfo1=first, jobInfo2=then)
    assert positions(loader.store) == {
        "1.2024-01-01": ("2024-01-01", "2024-06-01"),
        "1.2024-06-01": ("2024-06-01", ""),
    }


def test_bamboohr_leavers_end_on_their_last_day(loader: Loader, tmp_path: Path) -> None:
    record = hris(
        loader,
        tmp_path,
        "bamboohr",
        employees="""
            id,displayName,workEmail,employeeNumber,department,status
            1,Ada,ada@tiny.example,17,Cloud,Active
            2,Ben,ben@tiny.example,18,Cloud,Inactive
            """,
        jobInfo="""
            employeeId,date,jobTitle,department,reportsTo,terminationDate
            1,2023-01-01,Operator,Cloud,Zoe,
            1,2024-01-01,Engineer,Cloud,Zoe,
            2,2023-01-01,Operator,Cloud,Zoe,2024-03-31
            2,2024-01-01,Engineer,Cloud,Zoe,2024-03-31
            """,
        assessments="""
            id,employeeId,periodStart,periodEnd,rating
            9,1,2024-01-01,2024-12-31,5
            """,
    )
    assert (record.rejected, record.waiting, record.flags) == (0, 0, {})
    assert positions(loader.store) == {
        "1.2023-01-01": ("2023-01-01", "2024-01-01"),
        "1.2024-01-01": ("2024-01-01", ""),
        "2.2023-01-01": ("2023-01-01", "2024-01-01"),
        "2.2024-01-01": ("2024-01-01", "2024-04-01"),
    }
    assert node(loader.store, "bamboohr-job:Engineer").properties["label"] == "Engineer"


@pytest.mark.parametrize(
    ("map", "reason"),
    [
        (Path("workdy"), "there is no map 'workdy'.*did you mean.*workday"),
        (None, "give --map FILE.toml, or a ready one"),
    ],
)
def test_a_map_that_is_not_there_is_told(loader: Loader, tmp_path: Path, map: Path | None, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        loader.folder(write(tmp_path / "export", workers="a\n1\n"), source="hris", map=map)


@pytest.mark.parametrize("name", READY)
def test_a_ready_map_names_only_what_the_model_has(name: str) -> None:
    from loaders.source import Config

    assert SOURCE.mappings_for(Config((), load_model(), Path(name)))
