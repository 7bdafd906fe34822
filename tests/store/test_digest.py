"""Same facts, same digest: whatever the order, the history, the sources or the versions."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest

from graph.digest import canonical_json, digest
from graph.open import open_store
from graph.seed import SEED_VERSION
from graph.store import Store
from graph.viewer import OPERATOR
from ontology.model import Model
from ontology.values import OPEN
from tests.store.tiny import edges, nodes, remove


def test_it_is_the_sum_of_the_hashes_of_every_record(store: Store) -> None:
    before = int(digest(store), 16)
    nodes(store, "Skill", {"id": "skill:a", "label": "A", "alt_labels": ("z", "b")}, {"id": "skill:b"})
    edges(store, "BROADER", {"from": "skill:a", "to": "skill:b"})

    expected = [
        '{"type":"Skill","id":"skill:a","properties":{"alt_labels":["b","z"],"label":"A"}}',
        '{"type":"Skill","id":"skill:b","properties":{}}',
        '{"type":"BROADER","from":"skill:a","to":"skill:b","properties":{}}',
    ]
    added = sum(int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") for text in expected)
    assert int(digest(store), 16) == (before + added) % 2**256


def test_the_seed_has_a_version_that_must_rise_when_it_changes(store: Store) -> None:
    """Stores that were seeded before take a changed crosswalk only with a higher version."""
    remembered = {1: "bf22d2f9d28bba619a87e6527a7eb578bd06ec061c91678926f82af46077b7ac"}
    assert digest(store) == remembered[SEED_VERSION]


def test_order_sources_versions_and_detours_leave_no_mark(tmp_path: Path) -> None:
    one, other = (open_store(f"sqlite:{tmp_path / name}") for name in ("one.db", "other.db"))
    rows = [{"id": f"skill:{letter}", "label": letter.upper()} for letter in "abcd"]
    nodes(one, "Skill", *rows)
    edges(one, "RELATED", {"from": "skill:a", "to": "skill:b"})

    nodes(other, "Skill", {"id": "skill:x"}, {"id": "skill:a", "label": "wrong"}, source="hr", version=3)
    nodes(other, "Skill", *reversed(rows[:2]), source="hr", version=7)
    nodes(other, "Skill", *rows[2:], source="lms")
    edges(other, "RELATED", {"from": "skill:a", "to": "skill:b"}, source="lms", version=9)
    remove(other, "Skill", "skill:x", source="hr", version=8)

    assert digest(one) == digest(other)
    nodes(other, "Skill", {"id": "skill:x"}, source="hr", version=9)
    assert digest(one) != digest(other)
    one.close()
    other.close()


def test_facts_in_columns_count_like_all_others(store: Store) -> None:
    before = int(digest(store), 16)
    nodes(store, "Learner", {"id": "person:ada", "label": "Ada"})
    learner = int(digest(store), 16)
    nodes(
        store, "Evidence",
        {"id": "evidence:1", "learner": "person:ada", "kind": "assessment", "score": 755_000, "shown_at": 1714521600},
    )  # fmt: skip
    identity = {
        "id": "identity:1",
        "learner": "person:ada",
        "system": "email",
        "value": "a@b.org",
        "verified": False,
    }
    evidence = int(digest(store), 16)
    nodes(store, "Identity", identity)

    texts = [
        '{"type":"Learner","id":"person:ada","properties":{"label":"Ada"}}',
        '{"type":"Evidence","id":"evidence:1","properties":{"kind":"assessment","learner":"person:ada",'
        '"score":0.755,"shown_at":"2024-05-01T00:00:00Z"}}',
        '{"type":"Identity","id":"identity:1","properties":{"learner":"person:ada","system":"email",'
        '"value":"a@b.org","verified":false}}',
    ]
    steps = [before, learner, evidence, int(digest(store), 16)]
    hashes = [int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") for text in texts]
    assert [(later - earlier) % 2**256 for earlier, later in pairwise(steps)] == hashes


def test_canonical_json_writes_values_as_the_boundary_does(model: Model) -> None:
    row = canonical_json(
        model.type("REQUIRES"),
        {"from": "role:a", "to": "skill:ü"},
        {
            "level": 2_000_000,
            "weight": 3,
            "since": 0,
            "until": OPEN,
            "rationale@de": 'so "ist" es',
            "kind": None,
        },
    )
    assert row.decode() == (
        '{"type":"REQUIRES","from":"role:a","to":"skill:ü","properties":{"level":2,"rationale@de":"so \\"ist\\" es",'
        '"since":"1970-01-01T00:00:00Z","weight":3}}'
    )


def test_a_million_times_a_millionth_is_exact(model: Model) -> None:
    kind = model.type("Evidence")
    texts = {
        canonical_json(kind, {"id": "evidence:1"}, {"score": score}).decode() for score in (1, 10, 999_999, 1_000_000)
    }
    assert {text.split('"score":')[1].rstrip("}") for text in texts} == {
        "0.000001",
        "0.00001",
        "0.999999",
        "1",
    }


@pytest.mark.parametrize("type_name", ["Skill", "Evidence", "BROADER"])
def test_records_without_properties_have_one_too(model: Model, type_name: str) -> None:
    ends = {"id": "a:b"} if type_name in model.nodes else {"from": "a:b", "to": "a:c"}
    assert canonical_json(model.type(type_name), ends, {}).endswith(b'"properties":{}}')


def test_the_company_has_one_digest_however_often_it_is_asked(company: Store) -> None:
    assert digest(company) == digest(company)
    assert len(digest(company)) == 64
    assert company.get("person:ada", OPERATOR) is not None
