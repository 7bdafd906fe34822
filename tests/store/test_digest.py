"""Same facts, same digest: whatever the order, the history, the sources or the versions."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from graph.digest import digest
from graph.seed import SEED_VERSION
from graph.store import Store
from graph.viewer import OPERATOR
from tests.store.engines import Fresh
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
    remembered = {2: "750a35147d82c9e2f31912705658aaee6ee84e1bd8fbfb23b0ce86655fb31eb7"}
    assert digest(store) == remembered[SEED_VERSION]


def test_order_sources_versions_and_detours_leave_no_mark(fresh: Fresh) -> None:
    one = fresh()
    rows = [{"id": f"skill:{letter}", "label": letter.upper()} for letter in "abcd"]
    nodes(one, "Skill", *rows)
    edges(one, "RELATED", {"from": "skill:a", "to": "skill:b"})
    straight = digest(one)

    other = fresh()
    nodes(other, "Skill", {"id": "skill:x"}, {"id": "skill:a", "label": "wrong"}, source="hr", version=3)
    nodes(other, "Skill", *reversed(rows[:2]), source="hr", version=7)
    nodes(other, "Skill", *rows[2:], source="lms")
    edges(other, "RELATED", {"from": "skill:a", "to": "skill:b"}, source="lms", version=9)
    remove(other, "Skill", "skill:x", source="hr", version=8)

    assert digest(other) == straight
    nodes(other, "Skill", {"id": "skill:x"}, source="hr", version=9)
    assert digest(other) != straight


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


def test_the_company_has_one_digest_however_often_it_is_asked(company: Store) -> None:
    assert digest(company) == digest(company)
    assert len(digest(company)) == 64
    assert company.get("person:ada", OPERATOR) is not None
