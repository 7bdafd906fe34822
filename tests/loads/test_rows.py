"""Rows that come in a request: the same pipeline, in memory."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from graph.store import Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError
from loaders.load import load_rows
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts

EVIDENCE: dict[str, Any] = {
    "id": "evidence:1",
    "learner": "person:ada",
    "kind": "interview",
    "skill": "http://localhost:8000/id/skill:sql",
    "level": 1.5,
    "shown_at": "2024-05-01T10:00:00+02:00",
}


@pytest.fixture
def based(loader: Loader) -> Store:
    loader(name="base", Skill=SKILLS, Learner=LEARNERS)
    return loader.store


def test_json_values_are_read_as_a_table_would_hold_them(based: Store) -> None:
    record = load_rows(based, "xapi", {"Evidence": [EVIDENCE]})

    assert counts(record) == {"read": 1, "written": 1}
    node = based.get("evidence:1", OPERATOR)
    assert node is not None
    assert node.properties == {
        "learner": "person:ada",
        "kind": "interview",
        "skill": "skill:sql",
        "level": 1_500_000,
        "shown_at": 1_714_550_400,
    }


def test_lists_keep_a_bar_within_an_item(based: Store) -> None:
    load_rows(based, "xapi", {"Skill": [{"id": "skill:x", "label": "X", "alt_labels": ["a|b", "c"]}]})
    node = based.get("skill:x", OPERATOR)
    assert node is not None
    assert set(node.properties["alt_labels"]) == {"a|b", "c"}  # type: ignore[arg-type]


def test_the_same_batch_again_changes_nothing(based: Store) -> None:
    load_rows(based, "xapi", {"Evidence": [EVIDENCE]}, snapshot_at=5)
    number = based.number()
    assert counts(load_rows(based, "xapi", {"Evidence": [EVIDENCE]}, snapshot_at=6)) == {"read": 1, "unchanged": 1}
    assert based.number() == number


def test_a_bad_row_is_listed_and_the_others_are_written(based: Store) -> None:
    bad = [EVIDENCE | {"id": "evidence:2", "level": 9}, EVIDENCE | {"id": "evidence:3", "level": {"a": 1}}, EVIDENCE]
    record = load_rows(based, "xapi", {"Evidence": bad})

    assert counts(record) == {"read": 3, "written": 1, "rejected": 2}
    held = list(based.ledger.held_rows(load=record.id))
    assert [(row.file, row.row, row.field) for row in held] == [("Evidence", 1, "level"), ("Evidence", 2, "level")]


@pytest.mark.parametrize(
    "row",
    [
        {"id": "evidence:9", "learner": "person:\ud800"},
        {"id": "evidence:9", "learner": ["person:ada"]},
        {"id": "evidence:9", "learner": None},
        {"id": 7},
        {"id": "evidence:9", "level": float("nan")},
        {"id": "evidence:9", "level": 10**400},
        {"id": "evidence:9", "shown_at": True},
        {"id": "evidence:9", "shown_at": "2024-05-01\x00"},
        {"id": ""},
        {},
    ],
)
def test_odd_json_is_rejected_and_never_an_error(based: Store, row: dict[str, Any]) -> None:
    record = load_rows(based, "xapi", {"Evidence": [{**EVIDENCE, **row} if row else {}]})
    assert counts(record) == {"read": 1, "rejected": 1}


def test_a_list_where_one_value_belongs_is_that_rows_fault_alone(based: Store) -> None:
    rows = [EVIDENCE, EVIDENCE | {"id": "evidence:2", "learner": ["person:ada"]}]
    assert counts(load_rows(based, "xapi", {"Evidence": rows})) == {"read": 2, "written": 1, "rejected": 1}


def test_no_rows_are_no_error(based: Store) -> None:
    assert counts(load_rows(based, "xapi", {"Evidence": []})) == {}


def test_unknown_types_and_columns_are_refused(based: Store) -> None:
    with pytest.raises(LoadError, match=r"no type is named 'Evidenc'; did you mean 'Evidence'\?"):
        load_rows(based, "xapi", {"Evidenc": [EVIDENCE]})
    with pytest.raises(LoadError, match=r"column 'lerner' is not known; did you mean 'learner'\?"):
        load_rows(based, "xapi", {"Evidence": [{"id": "evidence:1", "lerner": "person:ada"}]})


def test_many_writers_of_one_name_leave_no_duplicate(based: Store) -> None:
    failed: list[BaseException] = []

    def post(writer: int) -> None:
        try:
            for number in range(4):
                rows = [EVIDENCE | {"id": f"evidence:{n}", "level": writer % 3 + 1} for n in range(number, number + 10)]
                load_rows(based, "xapi", {"Evidence": rows}, snapshot_at=100 + writer)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=post, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    owned = [id for batch in based.owned("xapi", "Evidence") for (id,) in batch]
    assert sorted(owned) == sorted({f"evidence:{n}" for n in range(13)})
    node = based.get("evidence:0", OPERATOR)
    assert node is not None
    assert (node.version, node.properties["level"]) == (105, 3_000_000)
