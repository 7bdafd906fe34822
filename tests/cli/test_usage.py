"""Wrong usage exits with 2, failed work with 1; either says one sentence on stderr and nothing on stdout."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.store import Busy
from tests.cli.conftest import COMPANY, Skillgraph


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("load", "tabels", "x"), "did you mean 'tables'"),
        (("load", "tables", "x", "--max-rejects", "lots"), "--max-rejects"),
        (("load", "tables", "x", "--snapshot-at", "2025-02-30"), "2025-02-30"),
        (("ask", "role-matchs", "role=role:cloud-engineer"), "role-matches"),
        (("ask", "role-matches", "rolle=role:cloud-engineer"), "role"),
        (("ask", "role-matches", "role"), "key=value"),
        (("ask", "role-matches", "role=role:cloud-engineer", "threshold=1.2"), "1.2"),
        (("ask", "role-matches", "role=role:cloud-engineer", "--engine", "cypher"), "SQLite"),
        (("export", "xml"), "ntriples"),
        (("keys", "create", "--scope", "everything"), "everything"),
        (("validate", "--engine", "java"), "--engine"),
        (("load", "esco", "x", "--map", "map.toml"), "--map map.toml"),
    ],
)
def test_wrong_usage(loaded: Skillgraph, words: tuple[str, ...], said: str) -> None:
    done = loaded(*words, check=False)
    assert done.code == 2, done.err
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("load", "tables", "nowhere"), "nowhere"),
        (("ask", "role-matches", "role=role:nobody"), "role:nobody"),
        (("rejects", "77"), "77"),
        (("erase", "person:nobody", "--yes"), "person:nobody"),
        (("access", "person:nobody"), "person:nobody"),
        (("keys", "revoke", "nokey"), "nokey"),
        (("keys", "create", "--scope", "match", "--org-unit", "unit:nowhere"), "unit:nowhere"),
        (("export", "tables", "--at", "999"), "999"),
        (("validate", "nowhere.ttl"), "nowhere.ttl"),
        (("validate", "--shapes", "nowhere.ttl"), "nowhere.ttl"),
    ],
)
def test_failed_work(loaded: Skillgraph, words: tuple[str, ...], said: str) -> None:
    done = loaded(*words, check=False)
    assert done.code == 1, done.err
    assert said in done.err
    assert done.out == ""


def test_a_store_path_that_is_a_folder_is_refused(skillgraph: Skillgraph, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = skillgraph("load", "tables", COMPANY, "--store", "sqlite:folder", check=False)
    assert done.code == 1
    assert "folder" in done.err


def test_a_store_that_is_not_there_is_not_made_by_asking(skillgraph: Skillgraph, tmp_path: Path) -> None:
    done = skillgraph("ask", "role-profile", "role=role:cloud-engineer", check=False)
    assert done.code == 1
    assert not (tmp_path / "skillgraph.db").exists()


def test_neo4j_is_refused_with_a_sentence(skillgraph: Skillgraph) -> None:
    done = skillgraph("loads", "--store", "neo4j://localhost:7687", check=False)
    assert done.code == 1
    assert "neo4j" in done.err


def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(skillgraph: Skillgraph, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database " * 200, encoding="utf-8")
    done = skillgraph("loads", "--store", "sqlite:notes.txt", check=False)
    assert done.code == 1
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "not a database " * 200


def test_the_same_load_twice_at_once_is_refused_with_a_sentence(
    loaded: Skillgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Busy("'tables' is in use by another process.")

    monkeypatch.setattr("graph.sqlite.locks._held", busy)
    done = loaded("load", "tables", COMPANY, check=False)
    assert done.code == 1
    assert "a load of this name is running" in done.err


def test_an_ontology_folder_that_is_not_there_is_a_sentence(
    loaded: Skillgraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLGRAPH_ONTOLOGY", "nowhere")
    done = loaded("check", check=False)
    assert done.code == 1
    assert "nowhere: is no folder" in done.err


def test_what_the_operating_system_refuses_is_a_sentence(loaded: Skillgraph, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = loaded("export", "tables", "--out", "file/tables", check=False)
    assert done.code == 1
    assert done.err.startswith("Error: file/tables: Not a directory")


def test_csv_holds_every_column_of_the_rows(loaded: Skillgraph) -> None:
    rows = loaded("ask", "person-skills", "person=person:ada", "--format", "csv").out.splitlines()
    assert "class" in rows[0].split(",")
