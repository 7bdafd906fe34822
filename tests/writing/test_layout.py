"""How records lie in the database: as `graph.neo4j.schema` says, since people browse it."""

from __future__ import annotations

from graph.merge import REMOVED
from graph.neo4j.engine import Neo4jStore
from graph.store import Block
from tests.store.writing import gone, put, rows, tell
from tests.writing.conftest import Ask

A_SKILL = "MATCH (n:Skill {id: 's:a'}) RETURN "


def test_a_node_has_its_labels_its_own_words_and_nothing_that_is_absent(store: Neo4jStore, ask: Ask) -> None:
    stated = {"id": "s:a", "label": "C++ (Café)", "label@de": "C++", "alt_labels": ("see", "plus", "see"), "code": None}
    receipt = put(store, rows("Skill", stated, version=7))

    ((labels, properties),) = ask(A_SKILL + "labels(n), properties(n)")
    assert sorted(labels) == ["Resource", "Skill"]
    kept = {name: value for name, value in properties.items() if name not in ("_key", "_hash")}
    assert kept == {
        "id": "s:a",
        "label": "C++ (Café)",
        "label@de": "C++",
        "alt_labels": ["plus", "see"],
        "_source": "hr",
        "_version": 7,
        "_change": receipt.number,
        "_search": ["cplusplus", "cplusplus cafe", "plus", "see"],
    }
    assert ask("MATCH (t:_Type {name: 'Skill'}) RETURN t.columns") == [[["label@de"]]]


def test_what_a_newer_version_no_longer_states_is_gone(store: Neo4jStore, ask: Ask) -> None:
    put(store, rows("Skill", {"id": "s:b"}))
    put(store, rows("Skill", {"id": "s:a", "label": "A", "label@de": "Ä", "code": "x", "replaced_by": ("s:b",)}))
    assert tell(store, rows("Skill", {"id": "s:a", "label": "B"}, version=2)) == ["CHANGED"]

    ((names,),) = ask(A_SKILL + "[name IN keys(n) WHERE NOT name STARTS WITH '_']")
    assert sorted(names) == ["id", "label"]
    assert ask(A_SKILL + "n._search") == [[["b"]]]
    assert ask(A_SKILL + "COUNT { (n)-->() }") == [[0]]


def test_what_is_derived_outlives_a_change(store: Neo4jStore, ask: Ask) -> None:
    put(store, rows("Learner", {"id": "hr:ada"}))
    ask("MATCH (n:Learner) SET n._person = 'hr:ada', n._due = 5")
    put(store, rows("Learner", {"id": "hr:ada", "kind": "internal"}, version=2))
    assert ask("MATCH (n:Learner) RETURN n._person, n._due, n.kind") == [["hr:ada", 5, "internal"]]


def test_a_reference_is_a_relationship_and_stands_nowhere_else(store: Neo4jStore, ask: Ask) -> None:
    unit = rows("OrgUnit", {"id": "ou:1"}, {"id": "ou:2", "part_of": "ou:1"})
    put(store, unit, rows("Learner", {"id": "hr:ada"}), rows("Evidence", {"id": "ev:1", "learner": "hr:ada"}))
    assert ask(
        "MATCH (n)-[r]->(to) WHERE type(r) IN ['part_of', 'learner'] RETURN n.id, type(r), to.id ORDER BY n.id"
    ) == [
        ["ev:1", "learner", "hr:ada"],
        ["ou:2", "part_of", "ou:1"],
    ]
    assert ask("MATCH (n:Evidence) RETURN n.learner") == [[None]]


def test_an_edge_says_who_states_it_in_the_order_in_which_they_did(store: Neo4jStore, ask: Ask) -> None:
    put(store, rows("Skill", {"id": "s:a"}, {"id": "s:b"}))
    edge = {"from": "s:a", "to": "s:b", "kind": "needs"}
    for version, source in enumerate(("lms", "hr", "ats"), 3):
        put(store, rows("DEPENDS_ON", edge, version=version), source=source)
    told = "MATCH ()-[r:DEPENDS_ON]->() RETURN r._source, r._version, r._also, r._also_versions, r.kind"
    assert ask(told) == [["lms", 3, ["hr", "ats"], [4, 5], "needs"]]

    put(store, rows("DEPENDS_ON", edge, version=9), source="hr")
    put(store, gone("DEPENDS_ON", edge, version=9), source="lms")
    assert ask(told) == [["hr", 9, ["ats"], [5], "needs"]]

    put(store, gone("DEPENDS_ON", edge, version=9), source="hr")
    assert ask(told) == [["ats", 5, None, None, "needs"]]
    assert ask("MATCH (t:_EdgeTombstone) RETURN t.type, t.start, t.end, t.source, t.version") == [
        ["DEPENDS_ON", "s:a", "s:b", "lms", 9],
        ["DEPENDS_ON", "s:a", "s:b", "hr", 9],
    ]


def test_a_removed_node_that_others_refer_to_is_marked_and_goes_with_the_last_of_them(
    store: Neo4jStore, ask: Ask
) -> None:
    put(store, rows("Skill", {"id": "s:a", "label": "A"}, {"id": "s:b", "replaced_by": ("s:a",)}))
    assert tell(store, gone("Skill", {"id": "s:a"})) == ["RETIRED"]
    assert ask(A_SKILL + "n._retired, n._hash, n.status") == [[True, REMOVED, "retired"]]

    put(store, rows("Skill", {"id": "s:b"}, version=2))
    assert ask(A_SKILL + "n.id") == []
    ((key,),) = ask("MATCH (t:_Tombstone {id: 's:a', source: 'hr', space: 'nodes', type: 'Skill'}) RETURN t.key")
    assert key > 0


def test_users_words_never_enter_a_statement(store: Neo4jStore, ask: Ask) -> None:
    """A column in a language comes from a file's header."""
    bad = "label@`}) DETACH DELETE n //"
    put(store, rows("Skill", {"id": "s:`a'\"", "label": "$x {y: 1} `", bad: "'; MATCH (n) DELETE n"}))
    assert ask("MATCH (n:Skill) RETURN n.id, n.label, n[$bad]", bad=bad) == [
        ["s:`a'\"", "$x {y: 1} `", "'; MATCH (n) DELETE n"]
    ]


def test_a_batch_of_more_rows_than_a_statement_takes_is_one_change(store: Neo4jStore, ask: Ask) -> None:
    ids = [f"s:{number}" for number in range(25_000)]
    receipt = put(store, Block("Skill", {"id": ids, "label": ids}, [1] * len(ids), list(range(len(ids)))))
    assert ask("MATCH (n:Skill) RETURN count(n), count(DISTINCT n._key), count(DISTINCT n._change)") == [
        [25_000, 25_000, 1]
    ]
    assert store.number() == receipt.number == 2


def test_markers_of_old_batches_are_forgotten(store: Neo4jStore, ask: Ask) -> None:
    put(store, rows("Skill", {"id": "s:a"}))
    ask("MATCH (b:_Batch) SET b.at = 1000")
    put(store, rows("Skill", {"id": "s:b"}))
    store.optimise()
    assert ask("MATCH (b:_Batch) WHERE b.at <= 1000 RETURN count(b)") == [[0]]
    assert ask("MATCH (b:_Batch) RETURN count(b) > 0") == [[True]]
