"""Change records: a dense number for each batch that changed something, with ids and operations, never values."""

from __future__ import annotations

from dataclasses import replace

from graph.store import Change, Store
from tests.store.writing import gone, put, rows

A, B = {"id": "skill:a", "label": "Secret words"}, {"id": "skill:b"}
EDGE = {"from": "skill:a", "to": "skill:b"}


def told(change: Change) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(item.type, item.operation): item.ids for item in change.items}


def test_each_batch_that_changes_something_writes_one_record(store: Store) -> None:
    first = store.number()
    put(store, rows("Skill", A, B), rows("RELATED", EDGE), load=7)
    put(store, rows("Skill", A))
    put(store, rows("Skill", {**A, "label": "New"}, version=2), source="hr")
    put(store, gone("RELATED", EDGE))

    records = store.changes(first)
    assert [record.number for record in records] == [first + 1, first + 2, first + 3]
    assert [told(record) for record in records] == [
        {("Skill", "added"): ("skill:a", "skill:b"), ("RELATED", "added"): ("skill:a skill:b",)},
        {("Skill", "changed"): ("skill:a",)},
        {("RELATED", "removed"): ("skill:a skill:b",)},
    ]
    assert (records[0].source, records[0].load, records[1].load) == ("hr", 7, None)


def test_records_are_read_in_pages(store: Store) -> None:
    for number in range(5):
        put(store, rows("Skill", {"id": f"skill:{number}"}))
    last = store.number()

    assert [record.number for record in store.changes(last - 4, limit=2)] == [last - 3, last - 2]
    assert store.changes(last) == []


def test_the_heads_of_records_are_read_without_what_they_name(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE), load=7)
    put(store, rows("Skill", {**A, "label": "New"}, version=2), source="hr")

    assert store.heads(0) == [replace(record, items=()) for record in store.changes(0)]
    assert store.heads(store.number() - 2, 1) == [replace(store.changes(store.number() - 2)[0], items=())]
    assert store.heads(store.number()) == []


def test_what_was_removed_is_still_named(store: Store) -> None:
    first = store.number()
    put(store, rows("Skill", A, B), rows("RELATED", EDGE))
    put(store, gone("RELATED", EDGE), gone("Skill", A))

    added, removed = store.changes(first)
    assert told(added)["RELATED", "added"] == ("skill:a skill:b",)
    assert told(removed) == {("RELATED", "removed"): ("skill:a skill:b",), ("Skill", "removed"): ("skill:a",)}


def test_retiring_and_letting_go_are_told(store: Store) -> None:
    put(store, rows("Skill", A, B), rows("RELATED", EDGE))
    first = store.number()
    put(store, gone("Skill", B))
    put(store, gone("RELATED", EDGE))

    retired, released = store.changes(first)
    assert told(retired) == {("Skill", "changed"): ("skill:b",)}
    assert told(released) == {("RELATED", "removed"): ("skill:a skill:b",), ("Skill", "removed"): ("skill:b",)}
