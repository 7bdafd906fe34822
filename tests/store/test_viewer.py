"""Every read honours its viewer: people outside the viewer's units are as if absent, personal data needs its scope."""

from __future__ import annotations

import time

import pytest

from graph.store import Store
from graph.viewer import OPERATOR, PUBLIC, Viewer
from tests.store.writing import Row, one, put, rows

UNITS: list[Row] = [
    {"id": "ou:firm"},
    {"id": "ou:sales", "part_of": "ou:firm"},
    {"id": "ou:east", "part_of": "ou:sales"},
    {"id": "ou:it"},
]
PEOPLE: list[Row] = [
    {"id": f"hr:{name}", "label": name.title(), "kind": "internal"} for name in ("ada", "bob", "cem", "dan")
]
MEMBERS: list[Row] = [
    {"from": "hr:ada", "to": "ou:east"},
    {"from": "hr:bob", "to": "ou:it"},
    {"from": "hr:cem", "to": "ou:sales", "until": int(time.time()) - 1},
]


def within(*units: str, scopes: str = "match graph people") -> Viewer:
    return Viewer(frozenset(scopes.split()), frozenset(units))


@pytest.fixture
def firm(store: Store) -> Store:
    put(store, rows("OrgUnit", *UNITS), rows("Learner", *PEOPLE), rows("Skill", {"id": "skill:a", "label": "Ada"}))
    facts = [{"id": f"ev:{name}", "learner": f"hr:{name}", "skill": "skill:a"} for name in ("ada", "bob", "cem")]
    put(store, rows("MEMBER_OF", *MEMBERS), rows("Evidence", *facts))
    put(store, rows("Rating", {"id": "rt:ada", "evidence": "ev:ada"}, {"id": "rt:bob", "evidence": "ev:bob"}))
    return store


def identities(pairs: list[tuple[str, str, str]]) -> list[Row]:
    names = ("learner", "system", "value")
    return [{"id": f"id:{number}", **dict(zip(names, pair, strict=True))} for number, pair in enumerate(pairs)]


def seen(store: Store, viewer: Viewer) -> set[str]:
    return {node.id for node in store.page("Learner", viewer)}


def test_a_viewer_without_units_sees_everyone(firm: Store) -> None:
    assert seen(firm, OPERATOR) == {"hr:ada", "hr:bob", "hr:cem", "hr:dan"}


def test_members_of_a_unit_and_its_sub_units_are_seen(firm: Store) -> None:
    assert seen(firm, within("ou:firm")) == {"hr:ada"}
    assert seen(firm, within("ou:it", "ou:east")) == {"hr:ada", "hr:bob"}
    assert seen(firm, within("ou:nowhere")) == set()
    assert seen(firm, within()) == set()


def test_facts_of_people_outside_are_absent_from_every_read(firm: Store) -> None:
    viewer = within("ou:firm")

    assert firm.get("hr:bob", viewer) is None
    assert firm.get("ev:bob", viewer) is None
    assert set(firm.many(["ev:ada", "ev:bob", "rt:ada", "rt:bob", "hr:bob"], viewer)) == {"ev:ada", "rt:ada"}
    assert [node.id for node in firm.page("Evidence", viewer)] == ["ev:ada"]
    assert [node.id for node in firm.page("Rating", viewer)] == ["rt:ada"]
    assert [node.id for node in firm.facts("Evidence", {"skill": ["skill:a"]}, viewer)] == ["ev:ada"]
    assert firm.facts("Evidence", {"learner": ["hr:bob"]}, viewer) == []


def test_edges_of_people_outside_are_absent(firm: Store) -> None:
    viewer = within("ou:firm")

    assert one(firm, "ou:it", viewer).edges == ()
    assert [edge.start for edge in firm.expand(["ou:it", "ou:east"], viewer, incoming=True)] == ["hr:ada"]
    assert firm.expand(["hr:bob"], viewer) == []


def test_a_page_is_filled_past_people_outside(firm: Store) -> None:
    put(firm, rows("Learner", *({"id": f"hr:a{number:04d}"} for number in range(3500)), {"id": "hr:zoe"}))
    put(firm, rows("MEMBER_OF", {"from": "hr:zoe", "to": "ou:firm"}))

    assert [node.id for node in firm.page("Learner", within("ou:firm"), limit=2)] == ["hr:ada", "hr:zoe"]
    assert [node.id for node in firm.page("Learner", within("ou:firm"), after="hr:ada", limit=1)] == ["hr:zoe"]


def test_a_person_is_seen_when_any_joined_record_is_in_the_unit(firm: Store) -> None:
    put(firm, rows("Learner", {"id": "lms:1"}, {"id": "lms:2"}, {"id": "lms:3"}), source="lms")
    pairs = [
        ("hr:ada", "email", "ada@x"),
        ("lms:1", "email", "ada@x"),
        ("lms:1", "badge", "7"),
        ("lms:2", "badge", "7"),
    ]
    stated = identities(pairs)
    unsure = {"id": "id:no", "learner": "lms:3", "system": "email", "value": "ada@x", "verified": False}
    put(firm, rows("Identity", *stated, unsure), rows("Evidence", {"id": "ev:lms", "learner": "lms:2"}))

    assert seen(firm, within("ou:firm")) == {"hr:ada", "lms:1", "lms:2"}
    assert firm.get("ev:lms", within("ou:firm")) is not None


def test_records_of_a_contradictory_person_are_judged_apart(firm: Store) -> None:
    put(firm, rows("Learner", {"id": "lms:1"}), source="lms")
    pairs = [
        ("hr:ada", "email", "ada@x"),
        ("lms:1", "email", "ada@x"),
        ("hr:ada", "employee-number", "1"),
        ("lms:1", "employee-number", "2"),
    ]
    put(firm, rows("Identity", *identities(pairs)))

    assert seen(firm, within("ou:firm")) == {"hr:ada"}


def test_names_of_people_need_the_scope_people(firm: Store) -> None:
    put(firm, rows("Employment", {"id": "job:1", "learner": "hr:ada", "org_unit": "ou:east", "manager": "hr:bob"}))

    assert one(firm, "hr:ada").properties == {"label": "Ada", "kind": "internal"}
    assert one(firm, "hr:ada", Viewer(frozenset({"match"}))).properties == {"kind": "internal"}
    assert "manager" in one(firm, "job:1").properties
    assert "manager" not in one(firm, "job:1", Viewer(frozenset({"match"}))).properties
    assert "manager" not in one(firm, "job:1", within("ou:firm")).properties
    assert "manager" in one(firm, "job:1", within("ou:firm", "ou:it")).properties


def test_people_need_a_scope_at_all(firm: Store) -> None:
    for viewer in (PUBLIC, Viewer(frozenset({"graph"}))):
        assert firm.get("hr:ada", viewer) is None
        assert firm.page("Evidence", viewer) == []
        assert firm.get("skill:a", viewer) is not None
    assert one(firm, "ou:it", Viewer(frozenset({"graph"}))).edges == ()


def test_without_a_key_only_what_may_be_published_is_there(firm: Store) -> None:
    assert firm.get("ou:it", PUBLIC) is None
    assert firm.page("OrgUnit", PUBLIC) == []
    put(firm, rows("Requisition", {"id": "req:1", "label": "opening", "org_unit": "ou:it"}))
    assert one(firm, "req:1", PUBLIC).properties == {"label": "opening"}


def test_protected_attributes_are_read_by_audits_only(firm: Store) -> None:
    gender = {"id": "pr:1", "learner": "hr:ada", "attribute": "gender", "value": "f", "basis": "unknown"}
    put(firm, rows("Protected", gender))
    everything_else = Viewer(OPERATOR.scopes - {"audit"})

    assert firm.get("pr:1", everything_else) is None
    assert firm.facts("Protected", {"learner": ["hr:ada"]}, everything_else) == []
    assert firm.page("Protected", everything_else) == []
    assert one(firm, "pr:1", Viewer(frozenset({"audit"}))).properties["value"] == "f"


def test_people_are_searched_only_with_the_scope_people_and_within_the_units(firm: Store) -> None:
    def found(viewer: Viewer) -> set[str]:
        return {hit.id for hit in firm.search("ada", viewer)} | {hit.id for hit in firm.search("bob", viewer)}

    assert found(OPERATOR) == {"hr:ada", "hr:bob", "skill:a"}
    assert found(Viewer(frozenset({"match", "graph"}))) == {"skill:a"}
    assert found(within("ou:firm")) == {"hr:ada", "skill:a"}


def test_who_may_be_found_is_found_among_many_who_may_not(firm: Store) -> None:
    put(firm, rows("Learner", *({"id": f"hr:x{number}", "label": "Ada"} for number in range(500))))

    assert {hit.id for hit in firm.search("ada", within("ou:firm"), types=["Learner"])} == {"hr:ada"}
