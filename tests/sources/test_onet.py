"""O*NET: a tiny release of our own, and release 29.2 where it is."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from graph.ledger import LoadRecord
from graph.open import open_store
from graph.settings import Settings
from graph.store import Edge, Node, Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import LoadRequest, load
from loaders.replay import write_csv
from tests.conftest import SHARED_DATA
from tests.loads.tables import counts

RATED = (
    "O*NET-SOC Code|Element ID|Element Name|Scale ID|Data Value|N|Standard Error|Lower CI Bound|Upper CI Bound"
    "|Recommend Suppress|Not Relevant|Date|Domain Source"
)


def rating(element: str, importance: str, level: str, suppress: str = "N", relevant: str = "N") -> str:
    """The two rows of a rating of the baker."""
    rest = "8|0.1|1|2"
    return (
        f"51-3011.00|{element}|x|IM|{importance}|{rest}|{suppress}||08/2023|Analyst\n"
        f"51-3011.00|{element}|x|LV|{level}|{rest}|N|{relevant}|08/2023|Analyst\n"
    )


RELEASE = {
    "Occupation Data": """
        O*NET-SOC Code|Title|Description
        51-3011.00|Bakers|Bake "bread".
        51-3011.01|Night Bakers|Bake bread by night.
        """,
    "Alternate Titles": """
        O*NET-SOC Code|Alternate Title|Short Title|Source(s)
        51-3011.00|Bread Maker (BM)|BM|08
        51-3011.00|Pastry Baker|n/a|08,10
        """,
    "Job Zones": """
        O*NET-SOC Code|Job Zone|Date|Domain Source
        51-3011.00|2|08/2023|Analyst
        """,
    "Content Model Reference": """
        Element ID|Element Name|Description
        1.A.1|Cognitive Abilities|What one has.
        2.A|Basic Skills|Where all begins.
        2.A.1|Content|Of words.
        2.A.1.a|Reading|Reads recipes.
        2.A.1.b|Writing|Writes recipes.
        2.C|Knowledge|What one knows.
        2.C.1|Ovens|How ovens work.
        2.C.10|Flour|What flour is.
        """,
    "Skills": f"{RATED}\n{rating('2.A.1.a', '3.02', '4.62')}{rating('2.A.1.b', '2.99', '5.00')}",
    "Knowledge": f"{RATED}\n{rating('2.C.10', '5.00', '6.50')}",
    "Related Occupations": """
        O*NET-SOC Code|Related O*NET-SOC Code|Relatedness Tier|Index
        51-3011.00|51-3011.01|Primary-Short|1
        51-3011.01|51-3011.00|Supplemental|7
        """,
    "Technology Skills": """
        O*NET-SOC Code|Example|Commodity Code|Commodity Title|Hot Technology|In Demand
        51-3011.00|Oven Planner|43232202|Planning software|Y|Y
        51-3011.00|C++|43232402|Development software|N|N
        51-3011.01|Oven Planner|43232202|Planning software|Y|N
        """,
}


def release(folder: Path, **changes: str | None) -> Path:
    """The tiny release, files in place of its own by their names with `_` for blanks; None leaves one out."""
    files: Mapping[str, str | None] = {**RELEASE, **{name.replace("_", " "): text for name, text in changes.items()}}
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        if text is not None:
            rows = textwrap.dedent(text).strip().replace("|", "\t").replace("\n", "\r\n") + "\r\n"
            (folder / f"{name}.txt").write_text(rows, encoding="utf-8", newline="")
    return folder


def onet(store: Store, folder: Path, language: str = "en", **options: Any) -> LoadRecord:
    request = LoadRequest(source="onet", paths=(folder,), max_rejects=1.0, **options)
    record = load(store, request, settings=Settings(language=language))
    assert record.read == record.written + record.unchanged + record.skipped + record.waiting + record.rejected
    return record


def node(store: Store, id: str) -> Node:
    found = store.get(id, OPERATOR)
    assert found is not None
    return found


def edges(store: Store, start: str, type: str) -> dict[str, Edge]:
    return {edge.end: edge for edge in store.expand([start], OPERATOR, [type]) if edge.start == start}


def required(store: Store, role: str = "onet:51-3011.00") -> dict[str, dict[str, Any]]:
    return {end: dict(edge.properties) for end, edge in edges(store, role, "REQUIRES").items()}


def rejected(store: Store) -> list[tuple[str, int, str, str, str]]:
    held = store.ledger.held_rows(kind="rejected")
    return [(row.file, row.row, row.field, row.value, row.reason) for row in held]


@pytest.fixture
def loaded(store: Store, tmp_path: Path) -> Store:
    onet(store, release(tmp_path / "onet"))
    return store


def test_every_row_is_accounted_for_and_the_same_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    folder = release(tmp_path / "onet")
    record = onet(store, folder)
    assert counts(record) == {"read": 21, "written": 16, "skipped": 5}
    assert record.skips == {"no-skill": 1, "read-with-importance": 3, "less-important": 1}
    assert counts(onet(store, folder)) == {"read": 21, "unchanged": 16, "skipped": 5}


def test_an_occupation_has_its_other_titles_and_its_job_zone(loaded: Store) -> None:
    assert node(loaded, "onet:51-3011.00").properties == {
        "label": "Bakers",
        "description": 'Bake "bread".',
        "alt_labels": ("BM", "Bread Maker (BM)", "Pastry Baker"),
        "code": "51-3011.00",
        "job_zone": 2,
        "type": "occupation",
    }
    assert "job_zone" not in node(loaded, "onet:51-3011.01").properties


def test_a_detailed_occupation_is_below_the_one_it_details(loaded: Store) -> None:
    assert set(edges(loaded, "onet:51-3011.01", "BROADER")) == {"onet:51-3011.00"}


def test_occupations_are_related_both_ways_at_once(loaded: Store) -> None:
    assert set(edges(loaded, "onet:51-3011.00", "RELATED")) == {"onet:51-3011.01"}
    assert edges(loaded, "onet:51-3011.01", "RELATED") == {}


def test_elements_of_skills_and_knowledge_are_ordered_by_their_codes(loaded: Store) -> None:
    found = ("onet:2.A.1.a", "onet:2.A.1", "onet:2.C.10")
    assert [node(loaded, id).properties["type"] for id in found] == ["skill", "group", "knowledge"]
    assert [set(edges(loaded, id, "BROADER")) for id in found] == [{"onet:2.A.1"}, {"onet:2.A"}, {"onet:2.C"}]
    assert edges(loaded, "onet:2.A", "BROADER") == {}
    assert loaded.get("onet:1.A.1", OPERATOR) is None


def test_an_importance_from_3_makes_a_requirement_with_the_level_beside_it(loaded: Store) -> None:
    """The weight is 100 (IM - 1) / 4, exactly: 50.5 is rounded up."""
    ratings = {end: how for end, how in required(loaded).items() if end.startswith("onet:")}
    rest = {"scale": "scale:onet-level", "kind": "essential"}
    assert ratings == {
        "onet:2.A.1.a": {"level": 4_620_000, "weight": 51, **rest},
        "onet:2.C.10": {"level": 6_500_000, "weight": 100, **rest},
    }


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        (rating("2.A.1.a", "2.99", "4.00"), "less-important"),
        (rating("2.A.1.a", "4.00", "4.00", suppress="Y"), "suppressed"),
        (rating("2.A.1.a", "4.00", "4.00").replace("LV|4.00|8|0.1|1|2|N", "LV|4.00|8|0.1|1|2|Y"), "suppressed"),
        (rating("2.A.1.a", "4.00", "4.00", relevant="Y"), "not-relevant"),
        (rating("2.A.1.a", "n/a", "4.00"), "not-rated"),
        (rating("2.A.1.a", "4.00", "n/a"), "not-rated"),
        (rating("2.A.1.a", "4.00", "4.00").split("\n")[0], "not-rated"),
        (rating("2.A.1.a", "3.00", "0.88"), "below-level-1"),
    ],
)
def test_a_rating_that_is_no_requirement_is_left_out_by_a_rule(
    store: Store, tmp_path: Path, rows: str, rule: str
) -> None:
    record = onet(store, release(tmp_path / "onet", Skills=f"{RATED}\n{rows}"))
    assert (record.skips or {})[rule] == 1
    assert "onet:2.A.1.a" not in required(store)


def test_technologies_are_skills_below_their_commodity_that_only_order(loaded: Store) -> None:
    """The key is the name in small letters, so that another spelling in the next release is the same technology."""
    assert node(loaded, "onet-technology:c~2b~2b").properties == {"label": "C++", "type": "skill"}
    assert node(loaded, "onet-commodity:43232202").properties["type"] == "group"
    assert set(edges(loaded, "onet-technology:oven~20planner", "BROADER")) == {"onet-commodity:43232202"}
    assert required(loaded)["onet-technology:oven~20planner"] == {"kind": "preferred", "weight": 3, "level": 1_000_000}
    assert required(loaded)["onet-technology:c~2b~2b"]["weight"] == 1
    assert required(loaded, "onet:51-3011.01")["onet-technology:oven~20planner"]["weight"] == 1


def test_texts_are_english_whatever_the_deployments_language(store: Store, tmp_path: Path) -> None:
    onet(store, release(tmp_path / "onet"), language="de")
    assert node(store, "onet:51-3011.00").properties["label@en"] == "Bakers"
    assert node(store, "onet:51-3011.00").properties["alt_labels@en"]
    assert node(store, "onet-technology:c~2b~2b").properties["label@en"] == "C++"


def test_a_requirement_of_an_occupation_that_is_not_there_waits(store: Store, tmp_path: Path) -> None:
    rows = rating("2.A.1.a", "4.00", "4.00").replace("51-3011.00", "99-9999.00")
    assert onet(store, release(tmp_path / "onet", Skills=f"{RATED}\n{rows}")).waiting == 1
    [row] = store.ledger.held_rows(kind="waiting")
    assert (row.file, row.row, row.refers_to) == ("Skills.txt", 1, "onet:99-9999.00")


# Bad input


@pytest.mark.parametrize(
    ("rows", "field", "value", "reason"),
    [
        (rating("2.A.1.a", "5.01", "4.00"), "Data Value", "5.01", "is no importance: write a number from 1 to 5"),
        (rating("2.A.1.a", "high", "4.00"), "Data Value", "high", "is no importance"),
        (rating("2.A.1.a", "2.00", "-1"), "Data Value", "-1", "is no level: write a number from 0 to 7"),
        (rating("2.A.1.a", "4.00", "4.00").replace("IM", "XX"), "Scale ID", "XX", "is no scale of a rating"),
        (rating("2.A.1.a", "4.00", "4.00").split("\n")[1], "Element ID", "2.A.1.a", "has a level and no row of"),
        (
            rating("2.A.1.a", "4.00", "4.00") + rating("2.A.1.a", "4.00", "5.00").split("\n")[1],
            "Data Value",
            "4.00 and 5.00",
            "is its level in another row, and no one number from 0 to 7",
        ),
        (
            rating("2.A.1.a", "4.00", "4.00") + rating("2.A.1.a", "5.00", "4.00"),
            "to",
            "onet:51-3011.00 -> onet:2.A.1.a",
            "stands also in Skills.txt, row 3, with other content",
        ),
    ],
)
def test_a_rating_that_says_nothing_sure_is_rejected_and_the_others_go_in(
    store: Store, tmp_path: Path, rows: str, field: str, value: str, reason: str
) -> None:
    onet(store, release(tmp_path / "onet", Skills=f"{RATED}\n{rows}"))
    told = [row for row in rejected(store) if row[2:4] == (field, value) and reason in row[4]]
    assert told
    assert told[0][0] == "Skills.txt"
    assert "onet:2.A.1.a" not in required(store)
    assert "onet:2.C.10" in required(store)


def test_rows_beside_the_occupations_that_belong_to_none_are_told(store: Store, tmp_path: Path) -> None:
    titles = "O*NET-SOC Code|Alternate Title|Short Title\n99-9999.00|Nobody|n/a\n51-3011.00|Baker of Bread|n/a"
    assert onet(store, release(tmp_path / "onet", Alternate_Titles=titles)).rejected == 1
    [row] = rejected(store)
    assert row[:4] == ("Alternate Titles.txt", 1, "O*NET-SOC Code", "99-9999.00")
    assert node(store, "onet:51-3011.00").properties["alt_labels"] == ("Baker of Bread",)


@pytest.mark.parametrize(("zone", "reason"), [("9", "at most 5"), ("2 and 3", "whole number"), ("two", "whole number")])
def test_a_job_zone_that_is_none_is_told(store: Store, tmp_path: Path, zone: str, reason: str) -> None:
    rows = "".join(f"\n51-3011.00|{each}" for each in zone.split(" and "))
    onet(store, release(tmp_path / "onet", Job_Zones=f"O*NET-SOC Code|Job Zone{rows}"))
    [row] = rejected(store)
    assert row[:4] == ("Occupation Data.txt", 1, "Job Zone", zone)
    assert reason in row[4]


def test_a_rejected_occupation_is_mended_and_replayed(store: Store, tmp_path: Path) -> None:
    onet(store, release(tmp_path / "onet", Job_Zones="O*NET-SOC Code|Job Zone\n51-3011.00|9"))
    with (tmp_path / "mended.csv").open("w", encoding="utf-8") as file:
        write_csv(store.ledger.held_rows(kind="rejected"), file)
    mended = (tmp_path / "mended.csv").read_text("utf-8").replace(",9", ",2")
    (tmp_path / "mended.csv").write_text(mended, encoding="utf-8")
    assert counts(onet(store, tmp_path / "onet", replay=tmp_path / "mended.csv")) == {"read": 1, "written": 1}
    found = node(store, "onet:51-3011.00").properties
    assert (found["job_zone"], found["alt_labels"]) == (2, ("BM", "Bread Maker (BM)", "Pastry Baker"))


def test_a_column_of_another_version_is_named_with_the_nearest(store: Store, tmp_path: Path) -> None:
    folder = release(tmp_path / "onet", Skills=RELEASE["Skills"].replace("Data Value", "Data Values"))
    with pytest.raises(LoadError, match=r"Skills\.txt: column 'Data Value' is missing; is it 'Data Values'"):
        onet(store, folder)
    folder = release(tmp_path / "onet", Skills=RELEASE["Skills"].replace("|Date|", "|Dated|"))
    with pytest.raises(LoadError, match=r"Skills\.txt: column 'Dated' is not known; did you mean 'Date'"):
        onet(store, folder)


def test_a_misspelt_file_is_refused_and_files_of_the_release_that_are_not_read_may_lie_there(
    store: Store, tmp_path: Path
) -> None:
    folder = release(tmp_path / "onet")
    (folder / "Task Statements.txt").write_text("whatever")
    (folder / "Something New.txt").write_text("whatever")
    onet(store, folder)
    (folder / "Skils.txt").write_text("whatever")
    with pytest.raises(LoadError, match=r"Skils\.txt: is no file of an O\*NET text release; did you mean 'Skills'"):
        onet(store, folder)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_of_something_else_is_refused(store: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LoadError, match=r"nothing is there|no file of an O\*NET text release is there"):
        onet(store, tmp_path / name)


def test_a_file_that_was_cut_off_is_refused_and_nothing_goes(loaded: Store, tmp_path: Path) -> None:
    file = tmp_path / "onet" / "Occupation Data.txt"
    file.write_bytes(file.read_bytes()[:-25])
    with pytest.raises(LoadError, match=r"Occupation Data\.txt.* the file ends within this row"):
        onet(loaded, tmp_path / "onet")
    assert node(loaded, "onet:51-3011.01")


def test_an_absent_file_states_nothing(loaded: Store, tmp_path: Path) -> None:
    (tmp_path / "onet" / "Knowledge.txt").unlink()
    assert counts(onet(loaded, tmp_path / "onet")).get("removed", 0) == 0
    assert "onet:2.C.10" in required(loaded)


# Release 29.2


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, LoadRecord]]:
    folder = SHARED_DATA / "onet-29.2"
    if not folder.is_dir():
        pytest.skip("the text release of O*NET 29.2 is not here: ../shared/data/onet-29.2")
    opened = open_store(f"sqlite:{tmp_path_factory.mktemp('onet') / 'onet.db'}")
    yield opened, onet(opened, folder)
    opened.close()


def test_full_onet_is_accounted_for_to_the_row(full: tuple[Store, LoadRecord]) -> None:
    _, record = full
    assert counts(record) == {"read": 172_274, "written": 71_355, "skipped": 100_919}
    assert record.skips == {
        "read-with-importance": 59_772,
        "less-important": 30_195,
        "not-relevant": 5_508,
        "suppressed": 4_903,
        "no-skill": 541,
    }


def test_full_onet_is_in_the_store(full: tuple[Store, LoadRecord]) -> None:
    store, _ = full
    names = ("Role", "Skill", "BROADER", "REQUIRES", "RELATED")
    sizes = {name: sum(map(len, store.owned("onet", name))) for name in names}
    assert sizes == {
        "Role": 1_016,
        "Skill": 86 + 8_768 + 135,
        "BROADER": 149 + 83 + 8_927,
        "REQUIRES": 19_166 + 32_627,
        "RELATED": 13_290,
    }


def test_what_chief_executives_must_know_best(full: tuple[Store, LoadRecord]) -> None:
    """Administration and management: importance 4.78, level 6.50."""
    store, _ = full
    assert required(store, "onet:11-1011.00")["onet:2.C.1.a"] == {
        "level": 6_500_000,
        "scale": "scale:onet-level",
        "weight": 95,
        "kind": "essential",
    }
