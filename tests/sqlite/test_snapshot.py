"""A snapshot of the embedded store never moves, whatever is written meanwhile."""

from __future__ import annotations

from graph.store import Store
from tests.store.writing import put, rows

A, B = {"id": "skill:a", "label": "Secret words"}, {"id": "skill:b"}


def test_a_snapshot_sees_one_state_whatever_is_written_meanwhile(store: Store) -> None:
    put(store, rows("Skill", A))
    with store.snapshot() as number:
        put(store, rows("Skill", B), source="other")
        assert store.number() == number
        assert store.types_of(["skill:a", "skill:b"]) == ["Skill", None]
    assert store.number() == number + 1
