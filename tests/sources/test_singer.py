"""The Singer message stream: a tap of our own that speaks it, from a file and through a pipe."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from graph.ledger import LoadRecord
from graph.open import open_store
from graph.store import Store
from graph.viewer import OPERATOR
from loaders.errors import LoadError, MappingError
from loaders.load import LoadRequest, load
from loaders.sources import singer_messages
from tests.loads.tables import counts

ROOT = Path(__file__).parents[2]

MAP = """
ignored_files = ["logs"]

[[file]]
name = "people"
ignored = ["*"]

[[file.node]]
type = "Learner"
id = "hr:{id}"
fields = { label = "name", kind = { constant = "internal" }, location = "team.name" }
"""

SCHEMA = {
    "type": "SCHEMA",
    "stream": "people",
    "key_properties": ["id"],
    "schema": {
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": ["null", "string"]},
            "team": {"anyOf": [{"type": "object"}, {"type": "null"}]},
            "nick": {},
            "note": {"anyOf": None},
            "mood": {"oneOf": True},
        }
    },
}
CUT = '{"type": "RECORD", "stream": "peo'

Message = dict[str, Any] | str


def person(number: Any, name: Any, **more: Any) -> dict[str, Any]:
    return {"type": "RECORD", "stream": "people", "record": {"id": number, "name": name, **more}}


def state(value: Any) -> dict[str, Any]:
    return {"type": "STATE", "value": value}


ADA, BEN, CLEO = person(1, "Ada"), person(2, "Ben", team={"name": "Ovens"}), person(3, "Cleo")


def lines(messages: Sequence[Message]) -> str:
    """Messages as a tap writes them; a text stands for itself, and ends the stream without a line end."""
    return "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in messages)


class Tap:
    """Loads messages into a store; `heard` are the states that came, with how many people were in the store then."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.heard: list[tuple[Any, int]] = []
        self.records: list[LoadRecord | None] = []
        (folder / "map.toml").write_text(MAP)

    def __call__(self, *messages: Message, **options: Any) -> LoadRecord:
        path = self.folder / "messages.jsonl"
        path.write_text(lines(messages), encoding="utf-8")
        options = {"map": self.folder / "map.toml", "max_rejects": 1.0, **options}
        record = load(self.store, LoadRequest("singer", (path,), **options), committed=self._committed)
        assert record.read == record.written + record.unchanged + record.skipped + record.waiting + record.rejected
        return record

    def _committed(self, record: LoadRecord | None, said: str) -> None:
        self.records.append(record)
        if said:
            self.heard.append((json.loads(said), len(self.people())))

    def people(self) -> dict[str, str | None]:
        found = self.store.page("Learner", OPERATOR, limit=1000)
        return {node.id: node.properties.get("label") for node in found}  # type: ignore[misc]

    def rejected(self) -> list[tuple[str, int, str, str, str]]:
        held = self.store.ledger.held_rows(kind="rejected")
        return [(row.file, row.row, row.field, row.value, row.reason) for row in held]


@pytest.fixture
def tap(store: Store, tmp_path: Path) -> Tap:
    return Tap(store, tmp_path)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(singer_messages, "MOST_ROWS", 2)


def test_each_stream_is_a_table_that_the_map_reads_by_its_name(tap: Tap) -> None:
    assert counts(tap(SCHEMA, ADA, BEN, state(2))) == {"read": 2, "written": 2}
    ben = tap.store.get("hr:2", OPERATOR)
    assert ben is not None
    assert ben.properties == {"label": "Ben", "kind": "internal", "location": "Ovens"}


def test_the_same_again_changes_nothing_and_nobody_goes_who_is_not_sent(tap: Tap) -> None:
    tap(SCHEMA, ADA, BEN)
    assert counts(tap(SCHEMA, BEN)) == {"read": 1, "unchanged": 1}
    assert set(tap.people()) == {"hr:1", "hr:2"}


def test_a_state_is_told_after_what_came_before_it_is_in_the_store(tap: Tap, small_parts: None) -> None:
    """Of a part's states only the last is told: it says the same of those before."""
    record = tap(SCHEMA, ADA, state("a"), BEN, state("b"), CLEO, person(4, "Dan"), person(5, "Eve"), state("c"))
    assert tap.heard == [("a", 2), ("b", 4), ("c", 5)]
    assert counts(record) == {"read": 5, "written": 5}
    assert [each and each.read for each in tap.records] == [2, 2, 1]


def test_a_state_is_told_as_it_came(tap: Tap) -> None:
    value = {"bookmarks": {"people": {"id": 12345678901234567890, "at": "2025-01-01T00:00:00Z", "x": [1.5, None]}}}
    tap(SCHEMA, ADA, state(value))
    assert tap.heard == [(value, 1)]


def test_a_run_without_news_tells_its_state_and_loads_nothing(tap: Tap) -> None:
    assert tap(SCHEMA, state({"since": 7})).read == 0
    assert (tap.heard, tap.records) == ([({"since": 7}, 0)], [None])
    assert list(tap.store.ledger.loads(None)) == []


def test_a_dry_run_tells_no_state(tap: Tap) -> None:
    assert tap(SCHEMA, ADA, state(1), dry_run=True).written == 1
    assert (tap.heard, tap.people()) == ([], {})


def test_of_records_of_one_key_the_last_counts(tap: Tap, small_parts: None) -> None:
    """In one part the earlier is left out by a rule, over parts it is written before."""
    record = tap(SCHEMA, ADA, person(1, "Ada L."), BEN, person(3, "C"), CLEO)
    assert record.skips == {"sent-again": 1}
    assert tap.people() == {"hr:1": "Ada L.", "hr:2": "Ben", "hr:3": "Cleo"}


def test_a_stream_that_the_map_ignores_is_not_read_and_one_it_does_not_know_is_refused(tap: Tap) -> None:
    logs = {"type": "RECORD", "stream": "logs", "record": {"text": "x"}}
    assert tap(SCHEMA, logs, ADA).read == 1
    with pytest.raises(LoadError, match=r"poeple: no \[\[file\]\] of the map reads it; did you mean 'people'"):
        tap({**SCHEMA, "stream": "poeple"})


def test_a_new_version_of_a_table_removes_nothing(tap: Tap) -> None:
    tap(SCHEMA, ADA, BEN)
    tap(SCHEMA, CLEO, {"type": "ACTIVATE_VERSION", "stream": "people", "version": 2})
    assert set(tap.people()) == {"hr:1", "hr:2", "hr:3"}


# Bad input


@pytest.mark.parametrize(
    ("bad", "field", "value", "reason"),
    [
        (person("2", "Ben"), "id", "2", "is string, where the stream's schema says integer"),
        (person(2, "Ben", team="Ovens"), "team", "Ovens", "is string, where the stream's schema says null or object"),
        (person(2, 7), "name", "7", "is number, where the stream's schema says null or string"),
        (person(2.5, "Ben"), "id", "2.5", "is number, where the stream's schema says integer"),
        (person(None, "Ben"), "id", "", "is a key of the stream and absent"),
        (person(2, "a\0b"), "name", "a\0b", "holds a NUL byte"),
        (person(2, "\ud800"), "name", "?", "holds half a character"),
    ],
)  # fmt: skip
def test_a_record_against_its_schema_is_rejected_and_the_others_go_in(
    tap: Tap, bad: Message, field: str, value: str, reason: str
) -> None:
    """Its row is the number of the message."""
    assert counts(tap(SCHEMA, ADA, bad, CLEO)) == {"read": 3, "written": 2, "rejected": 1}
    [row] = tap.rejected()
    assert row[:3] == ("people", 3, field)
    assert reason in row[4]
    assert set(tap.people()) == {"hr:1", "hr:3"}


@pytest.mark.parametrize("record", [{"id": 1.0}, {"id": 1, "nick": 7}, {"id": 1, "team": None}, {"id": 1, "score": 1}])
def test_what_the_schema_leaves_open_is_taken(tap: Tap, record: dict[str, Any]) -> None:
    """A whole number is an integer however it is written; a field that the schema does not name may be anything."""
    assert tap(SCHEMA, {**person(1, "Ada"), "record": {"name": "Ada", **record}}).written == 1


def test_a_schema_whose_keys_are_no_list_is_told(tap: Tap) -> None:
    with pytest.raises(LoadError, match="message 1 is a SCHEMA whose key_properties are no list"):
        tap({**SCHEMA, "key_properties": True}, ADA)


def test_a_record_before_its_schema_is_read_and_flagged(tap: Tap) -> None:
    assert tap(ADA, BEN).flags == {"no-schema": 2}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (CUT, r"message 5 .*\(the stream breaks off within it\): what came before it is loaded; run the tap again"),
        ("not found\n", "message 5 is no JSON"),
        ("[1]\n", "message 5 is no JSON object"),
        ("[" * 600 + "]" * 600 + "\n", "message 5 .*nested"),
        ('{"type": "RECORD", "type": "STATE"}\n', "message 5 stands twice"),
        ('{"type": "RECORD", "stream": "people", "record": {"id": NaN}}\n', "message 5 NaN is no JSON number"),
        ({"type": "BATCH", "stream": "people"}, "message 5 is of type 'BATCH', which is not read"),
        ({"type": "RECORD", "stream": "people"}, "message 5 is a RECORD without a record"),
        ({"type": "RECORD", "record": {}}, "message 5 names no stream"),
        ({"type": "SCHEMA", "stream": "people"}, "message 5 is a SCHEMA without a schema"),
    ],
)
def test_a_stream_that_breaks_off_is_kept_until_there_and_told(tap: Tap, bad: Message, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        tap(SCHEMA, ADA, state("a"), BEN, bad)
    assert tap.heard == [("a", 2)]


def test_what_stops_a_part_leaves_those_before_it_and_its_state_untold(tap: Tap, small_parts: None) -> None:
    bad = [person(n, 7) for n in (3, 4)]
    with pytest.raises(LoadError, match="2 of 2 rows"):
        tap(SCHEMA, ADA, state("a"), BEN, *bad, state("b"), max_rejects=0.1)
    assert tap.heard == [("a", 2)]
    assert set(tap.people()) == {"hr:1", "hr:2"}


def test_a_tap_that_says_nothing_has_failed(tap: Tap) -> None:
    with pytest.raises(LoadError, match="no message came: look whether the tap failed"):
        tap()


def test_a_map_that_names_a_field_which_the_schema_has_not_is_refused(tap: Tap) -> None:
    (tap.folder / "wrong.toml").write_text(MAP.replace('label = "name"', 'label = "nmae"'))
    with pytest.raises(LoadError, match="people: column 'nmae' of the map is not in the stream's schema; is it 'name'"):
        tap(SCHEMA, ADA, map=tap.folder / "wrong.toml")


def test_without_a_map_a_stream_means_nothing(tap: Tap) -> None:
    with pytest.raises(LoadError, match="say with --map what their records are"):
        tap(SCHEMA, ADA, map=None)
    (tap.folder / "wrong.toml").write_text(MAP.replace("Learner", "Lerner"))
    with pytest.raises(MappingError, match="did you mean 'Learner'"):
        tap(SCHEMA, ADA, map=tap.folder / "wrong.toml")


# Through a pipe


def piped(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "map.toml").write_text(MAP)
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "load", "singer", "-", "--map", str(folder / "map.toml")],
        input=text,
        text=True,
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"SKILLGRAPH_STORE": f"sqlite:{folder / 'piped.db'}"},
    )


def test_through_a_pipe_standard_output_carries_the_states_alone(tmp_path: Path) -> None:
    done = piped(tmp_path, lines([SCHEMA, ADA, BEN, state({"last": 2})]))
    assert (done.returncode, done.stdout) == (0, '{"last": 2}\n'), done.stderr
    assert "singer: read 2 = written 2" in done.stderr


def test_a_stream_cut_in_a_message_keeps_what_came_before_and_ends_with_1(tmp_path: Path) -> None:
    done = piped(tmp_path, lines([SCHEMA, ADA, state({"last": 1}), BEN, CUT]))
    assert (done.returncode, done.stdout) == (1, '{"last": 1}\n'), done.stderr
    assert "message 5" in done.stderr
    opened = open_store(f"sqlite:{tmp_path / 'piped.db'}")
    assert opened.get("hr:1", OPERATOR) is not None
    opened.close()


def test_a_published_tap_is_a_source_and_goes_on_from_its_state(tmp_path: Path) -> None:
    """The same again, from the state it was told: what it sends again changes nothing."""
    tap = shutil.which("tap-csv-folder")
    if tap is None:
        pytest.skip("no published tap is on the path: install tap-csv-folder in an environment of its own")
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "people.csv").write_text("id,name,team.name\n1,Ada,Ovens\n2,Ben,Dough\n")
    config = {"path": str(tmp_path / "csv"), "filesystem": "local", "read_mode": "one_stream_per_file"}
    (tmp_path / "tap.json").write_text(json.dumps(config))
    run = [tap, "--config", str(tmp_path / "tap.json")]
    first = piped(tmp_path, subprocess.run(run, capture_output=True, text=True, check=True).stdout)
    assert "read 2 = written 2" in first.stderr
    (tmp_path / "state.json").write_text(first.stdout.splitlines()[-1])
    run += ["--state", str(tmp_path / "state.json")]
    again = piped(tmp_path, subprocess.run(run, capture_output=True, text=True, check=True).stdout)
    assert (again.returncode, "written 0" in again.stderr or "written" not in again.stderr) == (0, True)
