"""Exports are found by their modules; native tables read back to the same digest."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from graph.digest import digest
from graph.errors import NoSuchVersion, NotAFile
from graph.exports import exports
from graph.open import open_store
from graph.store import Store
from loaders.load import LoadRequest, load
from tests.store.tiny import edges, nodes

ODD = 'a "quoted" | bar, comma; line\nbreak, back\\slash, =1+1, ünïcode 漢字 \u2028 end'


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_company_comes_back_with_the_same_digest(company: Store, tmp_path: Path) -> None:
    written = exports()["tables"].write(company, tmp_path / "out")
    again = open_store(f"sqlite:{tmp_path / 'again.db'}")
    record = load(again, LoadRequest(source="tables", paths=(tmp_path / "out",)))

    try:
        assert (record.waiting, record.state) == (0, "done")
        assert written["Skill"] == len(table(tmp_path / "out", "Skill"))
        assert digest(again) == digest(company)
    finally:
        again.close()


def test_odd_texts_lists_languages_and_numbers_come_back(store: Store, tmp_path: Path) -> None:
    nodes(
        store, "Skill",
        {"id": "skill:odd", "label": ODD, "label@de": "Komisch", "alt_labels": ("a|b", "c\\d", "e", "\\")},
        {"id": "skill:plain"},
        {"id": "skill:c~2b~2b", "label": "-5", "alt_labels@fr": ("x|y",), "replaced_by": ("skill:odd",)},
    )  # fmt: skip
    nodes(store, "Role", {"id": "role:a", "threshold": 775_000})
    edges(
        store,
        "REQUIRES",
        {
            "from": "role:a",
            "to": "skill:odd",
            "level": 2_000_000,
            "weight": 3,
            "since": 0,
            "rationale@de": "so ist's",
        },
    )
    nodes(store, "Learner", {"id": "person:ada", "label": "Ada"})
    nodes(
        store, "Evidence",
        {"id": "evidence:1", "learner": "person:ada", "kind": "assessment", "score": 1, "shown_at": 1_700_000_001},
    )  # fmt: skip
    exports()["tables"].write(store, tmp_path / "out")
    again = open_store(f"sqlite:{tmp_path / 'again.db'}")
    load(again, LoadRequest(source="tables", paths=(tmp_path / "out",)))

    try:
        assert digest(again) == digest(store)
    finally:
        again.close()
    (row,) = table(tmp_path / "out", "Evidence")
    assert (row["score"], row["shown_at"], row["version"]) == ("0.000001", "2023-11-14T22:13:21Z", "1")


def test_native_tables_are_not_guarded_since_they_are_read_back(store: Store, tmp_path: Path) -> None:
    nodes(store, "Skill", {"id": "skill:sum", "label": "=SUM(A1)"})
    exports()["tables"].write(store, tmp_path)

    assert table(tmp_path, "Skill")[0]["label"] == "=SUM(A1)"


def test_only_what_sources_state_is_written(store: Store, tmp_path: Path) -> None:
    nodes(store, "Skill", {"id": "skill:a", "label": "A"})
    written = exports()["tables"].write(store, tmp_path)

    assert written == {"Skill": 1}
    assert {file.stem for file in tmp_path.iterdir() if file.suffix == ".csv"} == set(written)
    assert list(table(tmp_path, "Skill")[0]) == ["id", "label", "version"]


def test_a_store_is_written_as_it_was(store: Store, tmp_path: Path) -> None:
    nodes(store, "Skill", {"id": "skill:a", "label": "Old"})
    number = store.number()
    nodes(store, "Skill", {"id": "skill:a", "label": "New"}, {"id": "skill:b"}, version=2)

    exports()["tables"].write(store, tmp_path / "then", at=number)
    exports()["tables"].write(store, tmp_path / "now")
    assert [row["label"] for row in table(tmp_path / "then", "Skill")] == ["Old"]
    assert [row["label"] for row in table(tmp_path / "now", "Skill")] == ["New", ""]
    with pytest.raises(NoSuchVersion):
        exports()["tables"].write(store, tmp_path / "never", at=99)


def test_a_file_is_no_place_for_tables(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotAFile, match="written into a folder"):
        exports()["tables"].write(store, tmp_path / "file")
