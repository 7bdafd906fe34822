"""Held rows stay until they are stated again, replayed, or no longer stated by a complete snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graph.ledger import HeldRow
from graph.viewer import OPERATOR
from loaders.load import load_rows
from loaders.release import put_aside
from tests.loads.tables import LEARNERS, SKILLS, Loader, counts, write

HEAD = "id,learner,kind,skill,level,shown_at\n"
JANUARY = (
    HEAD + "ev:1,person:new,interview,skill:sql,2,2024-01-01\nev:2,person:ada,interview,skill:sql,nine,2024-01-02\n"
)
FEBRUARY = (
    HEAD + "ev:3,person:new,interview,skill:sql,2,2024-02-01\nev:4,person:ada,interview,skill:sql,ten,2024-02-02\n"
)
PARTIAL: dict[str, Any] = {"partial": True}
NEW = "id,label,kind\nperson:new,New,internal\n"


@pytest.fixture
def based(loader: Loader) -> Loader:
    loader(name="base", Skill=SKILLS, Learner=LEARNERS)
    return loader


@pytest.mark.parametrize("options", [{}, PARTIAL])
def test_another_months_file_of_the_same_name_loses_no_row_of_a_log(based: Loader, options: dict[str, Any]) -> None:
    based(name="lms", Evidence=JANUARY, options=options)
    based(name="lms", Evidence=FEBRUARY, options=options)

    assert [row.raw["id"] for row in based.held("waiting")] == ["ev:1", "ev:3"]
    assert [row.raw["id"] for row in based.held()] == ["ev:2", "ev:4"]
    based(name="people", Learner=NEW)
    assert based.there("ev:1", "ev:3") == [True, True]


def test_a_part_of_the_edges_leaves_the_other_part_waiting(based: Loader) -> None:
    based(BROADER="from,to\nskill:new,skill:sql\n", options=PARTIAL)
    based(BROADER="from,to\nskill:new,skill:shell\n", options=PARTIAL)
    based(name="late", Skill="id,label\nskill:new,New\n")

    assert sorted(based.store.owned("hr", "BROADER")) == [[("skill:new", "skill:shell"), ("skill:new", "skill:sql")]]


def test_a_row_that_is_stated_again_is_held_once(based: Loader) -> None:
    based(name="lms", Evidence=JANUARY, options=PARTIAL)
    based(name="lms", Evidence=JANUARY.replace("nine", "1"), options=PARTIAL)

    assert [(row.load, row.raw["id"]) for row in based.held("waiting")] == [(3, "ev:1")]
    assert based.held() == []


def test_an_older_version_does_not_release_a_newer_one_that_waits(based: Loader) -> None:
    for version, level in ((200, 3), (100, 1)):
        row = f"ev:1,person:new,interview,skill:sql,{level},2024-01-01,{version}\n"
        based(name="lms", Evidence=HEAD.replace("\n", ",version\n") + row, options=PARTIAL)
    based(name="people", Learner=NEW)

    node = based.store.get("ev:1", OPERATOR)
    assert node is not None
    assert node.properties["level"] == 3_000_000


def test_a_complete_snapshot_releases_what_it_no_longer_states(based: Loader, tmp_path: Path) -> None:
    edges = write(tmp_path / "old", BROADER="from,to\nskill:new,skill:sql\nskill:a b,skill:sql\n") / "BROADER.csv"
    based.folder(edges, name="hr")
    assert len([*based.held(), *based.held("waiting")]) == 2

    other = tmp_path / "BROADER.tsv"
    other.write_text("from\tto\nskill:linux\tskill:sql\n", encoding="utf-8")
    based.folder(other, name="hr")
    assert [*based.held(), *based.held("waiting")] == []


def test_a_mapped_row_is_known_by_its_key(based: Loader, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        """
        [[file]]
        name = "roles.csv"
        [[file.node]]
        type = "Role"
        id = "hr-role:{code}"
        fields = { label = "title", threshold = "ready" }
        """,
        encoding="utf-8",
    )
    for rows in ("1,Admin,9\n2,Cook,9\n", "2,Cook,0.5\n"):
        (tmp_path / "roles.csv").write_text("code,title,ready\n" + rows, encoding="utf-8")
        based.folder(tmp_path / "roles.csv", name="hr", map=tmp_path / "map.toml", partial=True)

    assert [row.raw["code"] for row in based.held()] == ["1"]


def test_only_rows_that_were_written_have_arrived(based: Loader) -> None:
    edges = "from,to\nskill:new,skill:sql\nskill:sql,skill:new\n"
    based(name="one", BROADER=edges.replace("skill:sql,skill:new\n", ""))
    based(name="two", BROADER=edges.replace("skill:new,skill:sql\n", ""))
    record = based(name="late", Skill="id,label\nskill:new,New\n")

    assert record.flags == {"arrived": 1}
    assert len(based.held()) == 1


@pytest.mark.parametrize("levels", [(3, 2), (2, 3)])
def test_a_correction_within_the_same_second_stands(
    based: Loader, levels: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.5)
    row = {"id": "ev:1", "learner": "person:ada", "kind": "interview", "skill": "skill:sql", "shown_at": "2024-05-01"}
    for level in levels:
        assert counts(load_rows(based.store, "lms", {"Evidence": [row | {"level": level}]})) == {
            "read": 1,
            "written": 1,
        }

    node = based.store.get("ev:1", OPERATOR)
    assert node is not None
    assert node.properties["level"] == levels[1] * 1_000_000


def test_a_post_after_quick_complete_loads_is_not_stale(based: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.5)
    for _ in range(3):
        based(name="hr", Role="id,label\nrole:a,A\n")
    assert counts(load_rows(based.store, "hr", {"Role": [{"id": "role:b", "label": "B"}]})) == {"read": 1, "written": 1}


def test_a_share_of_rejects_is_compared_as_it_was_written(based: Loader) -> None:
    rows = "".join(f"role:{n},R,{9 if n < 29 else 0.5}\n" for n in range(100))
    record = based(Role="id,label,threshold\n" + rows, options={"max_rejects": 0.29})
    assert counts(record) == {"read": 100, "written": 71, "rejected": 29}


def test_complete_loads_note_the_versions_of_rows_that_have_their_own(loader: Loader) -> None:
    def told(label: str, version: int) -> dict[str, str]:
        return {"Skill": f"id,label,version\nskill:a,{label},{version}\n"}

    loader(**told("one", 1000))
    loader(**told("one", 1100))
    loader(**told("two", 1050), options=PARTIAL)

    node = loader.store.get("skill:a", OPERATOR)
    assert node is not None
    assert node.properties["label"] == "one"


def test_no_row_is_let_go_before_those_in_its_place_are_held(based: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.release._PAGE", 2)
    ledger = based.store.ledger
    old, new = (ledger.start("lms", "lms", at, complete=False) for at in (1, 2))
    rows = {load: [HeldRow(load, "f", n, "rejected", "", "", "", "", {}) for n in range(5)] for load in (old, new)}
    ledger.hold_rows(rows[old])

    let_go = ledger.release
    monkeypatch.setattr(ledger, "release", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        put_aside(ledger, rows[new], rows[old])
    assert list(ledger.held_rows(load=old)) == rows[old]

    monkeypatch.setattr(ledger, "release", let_go)
    put_aside(ledger, rows[new][4:], rows[old])
    assert list(ledger.held_rows(load=old)) == []
    assert sorted(row.row for row in ledger.held_rows(load=new)) == [0, 1, 2, 3, 4]


def test_what_arrives_unchanged_is_noted_with_its_newer_version(based: Loader) -> None:
    for version, level in ((3, 2), (7, 2), (5, 1)):
        edge = {"from": "role:late", "to": "skill:sql", "level": level}
        load_rows(based.store, "hr", {"REQUIRES": [edge]}, snapshot_at=version)
    based(name="late", Role="id,label\nrole:late,Late\n")

    levels = [batch.arrays["level"].tolist() for batch in based.store.scan("REQUIRES", ["level"])]
    assert levels == [[2_000_000]]
