"""What is looked up by key is found by an index, in every statement the engine runs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph.open import open_store
from graph.sqlite import connection
from graph.store import Store
from graph.viewer import OPERATOR, Viewer
from tests.store.writing import gone, put, rows

WHOLE = re.compile(r"SCAN (n|e|i|r|l|node|edge|label|history|tombstone|\"?fact_\w+\"?)(?! USING INDEX \w+_leaving)\b")


class Recording(sqlite3.Connection):
    """Remembers every statement."""

    seen: set[str] = set()  # noqa: RUF012

    def execute(self, query: str, *given: Any) -> sqlite3.Cursor:
        Recording.seen.add(query)
        return super().execute(query, *given)

    def executemany(self, query: str, *given: Any) -> sqlite3.Cursor:
        Recording.seen.add(query)
        return super().executemany(query, *given)


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(connection, "FACTORY", Recording)
    store = open_store(f"sqlite:{tmp_path / 'store.db'}")
    many = range(300)
    put(store, rows("Skill", *({"id": f"s:{n}", "label": f"Skill {n}"} for n in many)), rows("Role", {"id": "r:1"}))
    put(store, rows("OrgUnit", {"id": "ou:1"}), rows("Learner", *({"id": f"p:{n}", "label": f"P {n}"} for n in many)))
    put(store, rows("Evidence", *({"id": f"e:{n}", "learner": f"p:{n}", "skill": f"s:{n}"} for n in many)))
    put(store, rows("Rating", *({"id": f"t:{n}", "evidence": f"e:{n}"} for n in many)))
    put(store, rows("Identity", *({"id": f"i:{n}", "learner": f"p:{n}", "system": "x", "value": f"{n}"} for n in many)))
    put(store, rows("REQUIRES", *({"from": "r:1", "to": f"s:{n}", "level": 1} for n in many)))
    put(store, rows("MEMBER_OF", *({"from": f"p:{n}", "to": "ou:1"} for n in many)))
    store.optimise()
    Recording.seen.clear()
    yield store
    store.close()


def scans(store: Store) -> list[tuple[str, str]]:
    """(statement, step) of every recorded statement that reads a whole table."""
    found = []
    with store.connections.maintaining() as db:  # type: ignore[attr-defined]
        for query in sorted(Recording.seen):
            if query.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                marks = len(set(re.findall(r"\?\d+", query))) or query.count("?")
                steps = [
                    row[3] for row in sqlite3.Connection.execute(db, f"EXPLAIN QUERY PLAN {query}", [None] * marks)
                ]
                found += [(query, step) for step in steps if WHOLE.search(step)]
    return found


def test_reads_use_indexes(recorded: Store) -> None:
    viewer = Viewer(OPERATOR.scopes, frozenset({"ou:1"}))
    for who in (OPERATOR, viewer):
        recorded.get("p:7", who)
        recorded.get("s:7", who)
        recorded.many(["e:7", "t:7"], who)
        recorded.page("Learner", who, after="p:2", limit=10)
        recorded.page("Evidence", who, after="e:2", limit=10)
        recorded.expand(["ou:1"], who, incoming=True)
        recorded.facts("Evidence", {"learner": ["p:7"]}, who)
        recorded.facts("Rating", {"evidence": ["e:7"]}, who)
        recorded.facts("Identity", {"learner": ["p:7"]}, who)
        recorded.search("skill 7", who)
    recorded.alike(["p:7"])
    recorded.changes(3)
    recorded.ids("Evidence", [3])
    recorded.keys("nodes", ["p:7"])
    assert scans(recorded) == []


def test_writes_use_indexes(recorded: Store) -> None:
    put(recorded, rows("Skill", {"id": "s:7", "label": "New"}, {"id": "s:new"}, version=2))
    put(recorded, rows("Evidence", {"id": "e:7", "learner": "p:7"}, {"id": "e:400", "learner": "p:7"}, version=2))
    put(recorded, rows("REQUIRES", {"from": "r:1", "to": "s:7", "level": 2}, version=2))
    put(recorded, rows("MEMBER_OF", {"from": "p:7", "to": "ou:1"}), source="other")
    put(recorded, gone("REQUIRES", {"from": "r:1", "to": "s:7"}, version=3), gone("Rating", {"id": "t:7"}))
    put(recorded, gone("MEMBER_OF", {"from": "p:7", "to": "ou:1"}))
    assert scans(recorded) == []
