"""What is too much for one statement is read in ranges, and nothing is missed, told twice or out of order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from graph.neo4j import scan, stated
from graph.neo4j.engine import Neo4jStore
from tests.store.writing import put, rows

SIZE = 7
MANY = 40


@pytest.fixture
def wide(neo4j_store: Neo4jStore, monkeypatch: pytest.MonkeyPatch) -> Neo4jStore:
    """Skills and roles by turns, so that the keys of neither are dense, with edges of one type between both kinds."""
    monkeypatch.setattr(scan, "BATCH", SIZE)
    monkeypatch.setattr(stated, "_SWEPT", SIZE)
    for part in range(4):
        numbers = range(part * MANY // 4, (part + 1) * MANY // 4)
        put(neo4j_store, rows("Skill", *({"id": f"s:{n}", "label": f"{n}"} for n in numbers)))
        put(neo4j_store, rows("Role", *({"id": f"r:{n}"} for n in numbers)))
    narrower = [{"from": f"{kind}:{n}", "to": f"{kind}:{n // 2}"} for kind in "sr" for n in range(1, MANY)]
    put(neo4j_store, rows("BROADER", *narrower))
    return neo4j_store


def test_every_node_comes_once_in_key_order(wide: Neo4jStore) -> None:
    batches = [batch.arrays for batch in wide.scan("Skill", ["key", "id"])]
    keys = np.concatenate([batch["key"] for batch in batches])

    assert {id for batch in batches for id in batch["id"].tolist()} == {f"s:{n}" for n in range(MANY)}
    assert (np.diff(keys) > 0).all()
    assert {len(batch["key"]) for batch in batches} <= {*range(1, SIZE + 1)}


def test_every_edge_comes_once_in_order_of_its_ends_whatever_it_begins_at(wide: Neo4jStore) -> None:
    batches = [batch.arrays for batch in wide.scan("BROADER", ["from", "to"])]
    ends = [pair for batch in batches for pair in zip(batch["from"].tolist(), batch["to"].tolist(), strict=True)]

    assert len(ends) == 2 * (MANY - 1)
    assert all(before < after for before, after in pairwise(ends))
    assert len(batches) > 2


def test_a_scan_narrowed_to_more_than_a_batch_is_whole(wide: Neo4jStore) -> None:
    keys = wide.keys("nodes", [f"s:{n}" for n in range(MANY)]).tolist()
    begun = [batch.arrays["from"] for batch in wide.scan("BROADER", ["from"], ("from", keys))]
    ended = [batch.arrays["from"] for batch in wide.scan("BROADER", ["from"], ("to", keys))]

    assert np.concatenate(begun).tolist() == np.concatenate(ended).tolist() == sorted(keys[1:])


def test_facts_of_more_people_than_a_batch_has_rows_are_whole(wide: Neo4jStore) -> None:
    put(wide, rows("Learner", {"id": "hr:ada"}))
    facts = [{"id": f"ev:{n}", "learner": "hr:ada", "score": n} for n in range(3 * SIZE)]
    put(wide, rows("Evidence", *facts))
    ada = wide.keys("nodes", ["hr:ada"]).tolist()

    found = [batch.arrays["score"] for batch in wide.scan("Evidence", ["score"], ("learner", ada))]
    assert sorted(np.concatenate(found).tolist()) == list(range(3 * SIZE))


def test_all_that_a_source_states_is_told(wide: Neo4jStore) -> None:
    put(wide, rows("BROADER", {"from": "s:1", "to": "s:0"}), source="lms")

    assert sorted(id for batch in wide.owned("hr", "Skill") for (id,) in batch) == sorted(f"s:{n}" for n in range(MANY))
    assert sum(map(len, wide.owned("hr", "BROADER"))) == 2 * (MANY - 1)
    assert list(wide.owned("lms", "BROADER")) == [[("s:1", "s:0")]]
