"""Scans give whole types as numpy columns, in key order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graph.store import Store
from tests.store.writing import put, rows

ADA = {"learner": "hr:ada"}
FULL = {"id": "ev:1", **ADA, "kind": "assessment", "skill": "skill:a", "score": 5, "shown_at": 7, "url": "u:1"}


@pytest.fixture
def filled(store: Store) -> Store:
    put(store, rows("Learner", {"id": "hr:ada", "label": "Ada"}))
    put(store, rows("Skill", {"id": "skill:a", "alt_labels": ("x", "y")}))
    put(store, rows("Evidence", FULL, {"id": "ev:2", **ADA}))
    put(store, rows("Identity", {"id": "id:1", **ADA, "verified": False}, {"id": "id:2", **ADA}))
    put(store, rows("Assessment", {"id": "as:1", "proctored": True}), rows("Role", {"id": "role:a"}))
    asked = {"from": "role:a", "to": "skill:a", "level": 2_000_000, "kind": "must", "weight": 3, "scale": "scale:home"}
    put(store, rows("REQUIRES", asked))
    return store


def column(store: Store, type_name: str, name: str) -> NDArray[Any]:
    return np.concatenate([batch.arrays[name] for batch in store.scan(type_name, [name])])


def test_columns_are_numbers_where_the_model_has_numbers(filled: Store) -> None:
    kinds = filled.model.nodes["Evidence"].properties["kind"].values
    learner, skill = filled.keys("nodes", ["hr:ada", "skill:a"]).tolist()

    assert column(filled, "Evidence", "key").tolist() == filled.keys("Evidence", ["ev:1", "ev:2"]).tolist()
    assert column(filled, "Evidence", "learner").tolist() == [learner, learner]
    assert column(filled, "Evidence", "skill").tolist() == [skill, 0]
    assert column(filled, "Evidence", "kind").tolist() == [kinds.index("assessment") + 1, 0]
    assert column(filled, "Evidence", "score").tolist() == [5, -(2**63)]
    assert column(filled, "Evidence", "shown_at").tolist() == [7, -1]
    assert column(filled, "Evidence", "url").tolist() == ["u:1", None]
    assert column(filled, "Identity", "verified").tolist() == [0, -1]


def test_nodes_kept_as_json_give_held_values(filled: Store) -> None:
    assert column(filled, "Skill", "alt_labels").tolist() == [("x", "y")]
    assert column(filled, "Learner", "label").tolist() == ["Ada"]
    assert column(filled, "Assessment", "proctored").tolist() == [True]
    assert column(filled, "Learner", "source").tolist() == ["hr"]
    assert column(filled, "Evidence", "id").tolist() == ["ev:1", "ev:2"]


def test_edges_give_their_ends_and_properties(filled: Store) -> None:
    (batch,) = filled.scan("REQUIRES", ["from", "to", "level", "kind", "weight", "scale", "since", "rationale"])
    start, end, scale = filled.keys("nodes", ["role:a", "skill:a", "scale:home"]).tolist()
    must = filled.model.edges["REQUIRES"].properties["kind"].values.index("must") + 1

    values = {name: array.tolist()[0] for name, array in batch.arrays.items()}
    assert values == {
        "from": start,
        "to": end,
        "level": 2_000_000,
        "kind": must,
        "weight": 3,
        "scale": scale,
        "since": -1,
        "rationale": None,
    }


def test_a_scan_is_narrowed_by_keys(filled: Store) -> None:
    ada = filled.keys("nodes", ["hr:ada"]).tolist()

    assert sum(len(batch.arrays["key"]) for batch in filled.scan("Evidence", ["key"], ("learner", ada))) == 2
    assert list(filled.scan("Evidence", ["key"], ("learner", [10**9]))) == []
    assert sum(len(batch.arrays["from"]) for batch in filled.scan("REQUIRES", ["from"], ("to", [*ada, 10**9]))) == 0


def test_an_unknown_column_is_refused(filled: Store) -> None:
    with pytest.raises(ValueError, match="has no column 'skil'"):
        list(filled.scan("Evidence", ["skil"]))


def test_many_rows_come_in_several_batches(store: Store) -> None:
    put(store, rows("Skill", *({"id": f"skill:{number}"} for number in range(60_000))))

    sizes = [len(batch.arrays["key"]) for batch in store.scan("Skill", ["key"])]
    assert sum(sizes) == 60_000
    assert len(sizes) > 1
