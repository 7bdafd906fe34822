"""`ask role-matches --all-roles`: what each role's own answer says, in one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.cli.conftest import Process, Skillgraph

NEW_YEAR = "as_of=2025-01-01"
EVERY = ("ask", "role-matches", "--all-roles", NEW_YEAR)


def rows_of(lines: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.splitlines()]


def test_every_role_has_the_rows_of_its_own_answer(loaded: Skillgraph, process: Process) -> None:
    rows = rows_of(process(*EVERY).stdout)
    assert {row["role"] for row in rows} == {"role:cloud-engineer"}, "the only role that asks for anything"
    answer = loaded("ask", "role-matches", "role=role:cloud-engineer", NEW_YEAR, "--json").json()
    said = ("person", "rank", "ready", "score", "points", "of", "met", "required")
    assert [[row[name] for name in said] for row in rows] == [[row[name] for name in said] for row in answer["rows"]]
    assert {(row["as_of"], row["version"]) for row in rows} == {(answer["as_of"], answer["version"])}


def test_what_narrows_one_answer_narrows_them_all(process: Process) -> None:
    assert [row["person"] for row in rows_of(process(*EVERY, "ready_only=true").stdout)] == ["person:ada"]
    assert [row["person"] for row in rows_of(process(*EVERY, "limit=2").stdout)] == ["person:ada", "person:cleo"]
    others = rows_of(process(*EVERY, "exclude=person:ada", "limit=1").stdout)
    assert [(row["person"], row["rank"]) for row in others] == [("person:cleo", 1)]


def test_parquet_holds_the_same_rows(process: Process, tmp_path: Path) -> None:
    told = json.loads(process(*EVERY, "--format", "parquet", "--out", "matches.parquet", "--json").stdout)
    rows = rows_of(process(*EVERY).stdout)
    assert pl.read_parquet(tmp_path / "matches.parquet").to_dicts() == rows
    assert (told["roles"], told["rows"]) == (1, len(rows))


def test_parquet_of_no_rows_has_its_columns(process: Process, tmp_path: Path) -> None:
    process("ask", "role-matches", "--all-roles", "as_of=1999-01-01", "--format", "parquet", "--out", "none.parquet")
    frame = pl.read_parquet(tmp_path / "none.parquet")
    assert (frame.height, frame.columns[:3]) == (0, ["role", "person", "rank"])


def test_a_file_is_only_replaced_by_a_whole_one(process: Process, tmp_path: Path) -> None:
    (tmp_path / "matches.ndjson").write_text("what was there before")
    process(*EVERY, "--out", "matches.ndjson")
    assert rows_of((tmp_path / "matches.ndjson").read_text()) == rows_of(process(*EVERY).stdout)
    assert sorted(path.name for path in tmp_path.iterdir() if "matches" in path.name) == ["matches.ndjson"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person-roles", "person=person:ada"), "person-roles is not asked of every role"),
        (("role-matches", "role=role:cloud-engineer"), "role: 'role:cloud-engineer': every role is asked about"),
        (("role-matches", "explain=true"), "explain: 'true': every role is asked about, and no row is explained"),
        (("role-matches", "--format", "csv"), "--format csv: with --all-roles it is ndjson or parquet"),
        (("role-matches", "--format", "parquet"), "name the file with --out"),
        (("role-matches", "--json"), "name a file for the rows with --out"),
        (("role-matches", "--engine", "cypher"), "answered from the index"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_of_every_role_is_refused(loaded: Skillgraph, words: tuple[str, ...], said: str) -> None:
    done = loaded("ask", *words, "--all-roles", check=False)
    assert (done.code, said in done.err) == (2, True), done.err


@pytest.mark.parametrize("words", [("--out", "x.ndjson"), ("--format", "parquet")])
def test_a_file_is_for_every_role(loaded: Skillgraph, words: tuple[str, ...]) -> None:
    done = loaded("ask", "role-matches", "role=role:cloud-engineer", *words, check=False)
    assert (done.code, "are for --all-roles" in done.err) == (2, True)


def test_what_is_not_there_fails_as_for_one_role(loaded: Skillgraph) -> None:
    done = loaded("ask", "role-matches", "cohort=cohort:none", "--all-roles", check=False)
    assert (done.code, "cohort: 'cohort:none'" in done.err) == (1, True), done.err
