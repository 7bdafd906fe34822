"""`ask role-matches --all-roles`: what each role's own answer says, in one file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from queries.every_role import Ended
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


def test_a_file_is_only_replaced_by_a_whole_one(
    loaded: Skillgraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(*_: Any) -> Iterator[tuple[int, bytes]]:
        yield 1, b"{}\n"
        raise Ended("a process ended")

    monkeypatch.setattr("queries.every_role.lines", some)
    (tmp_path / "matches.ndjson").write_text("what was there before")
    for words in (("matches.ndjson",), ("matches.parquet", "--format", "parquet")):
        done = loaded(*EVERY, "--out", *words, check=False)
        assert (done.code, done.err) == (1, "Error: a process ended\n")
    assert (tmp_path / "matches.ndjson").read_text() == "what was there before"
    assert [path.name for path in tmp_path.iterdir() if "matches" in path.name] == ["matches.ndjson"]


def test_a_file_keeps_its_rights_and_a_link_stays_one(process: Process, tmp_path: Path) -> None:
    target = tmp_path / "kept.ndjson"
    target.write_text("before")
    target.chmod(0o640)
    (tmp_path / "link.ndjson").symlink_to(target)
    (tmp_path / f".link.ndjson.{2**22 + 1}.part").write_text("left by a process that was killed")
    (tmp_path / f".kept.ndjson.{2**22 + 1}.part").write_text("left by a process that was killed")
    process(*EVERY, "--out", "link.ndjson")
    process(*EVERY, "--out", "new.ndjson")
    assert (tmp_path / "link.ndjson").is_symlink()
    assert rows_of(target.read_text())
    assert (target.stat().st_mode & 0o777, (tmp_path / "new.ndjson").stat().st_mode & 0o777) == (0o640, 0o600)
    assert not list(tmp_path.glob(".kept*.part"))


def test_a_pipe_is_written_to_and_stays_one(process: Process, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit((tmp_path / "pipe").read_text)
        process(*EVERY, "--out", "pipe")
        assert len(rows_of(read.result(timeout=30))) == 4
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person-roles", "person=person:ada"), "person-roles is not asked of every role"),
        (("role-matches", "role=role:cloud-engineer"), "role: 'role:cloud-engineer': every role is asked about"),
        (("role-matches", "explain=true"), "explain: 'true': every role is asked about, and no row is explained"),
        (("role-matches", "--format", "csv"), "--format csv: with --all-roles it is ndjson or parquet"),
        (("role-matches", "--format", "parquet"), "name the file with --out"),
        (("role-matches", "--out", "."), "--out .: is a folder"),
        (("role-matches", "--format", "table"), "--format table: with --all-roles it is ndjson or parquet"),
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
