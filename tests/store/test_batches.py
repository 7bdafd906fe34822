"""A batch is written whole: what fits is stored, what does not is told row by row."""

from __future__ import annotations

import pytest

from graph.store import Batch, Outcome, Store
from graph.viewer import OPERATOR
from ontology.model import UnknownType
from tests.store.writing import became, one, put, rows, tell

PYTHON = {
    "id": "skill:python",
    "label": "Python",
    "alt_labels": ("CPython", "Python 3"),
    "label@de": "Python (Sprache)",
}
ADA = {"id": "hr:ada", "kind": "internal"}
SHOWN = {"id": "ev:1", "learner": "hr:ada", "kind": "assessment", "skill": "skill:python", "level": 2_000_000}


def test_what_is_written_is_read_back(store: Store) -> None:
    put(store, rows("Skill", PYTHON, version=7), source="esco")

    node = one(store, "skill:python")
    assert node.properties == {name: value for name, value in PYTHON.items() if name != "id"}
    assert (node.type, node.source, node.version) == ("Skill", "esco", 7)


def test_a_list_is_a_set(store: Store) -> None:
    """What counts as the same for the content hash is the same to read, in every engine."""
    others = [{"id": "skill:c"}, {"id": "skill:b"}, {"id": "skill:a"}]
    lists: dict[str, tuple[str, ...]] = {
        "replaced_by": ("skill:b", "skill:a", "skill:c", "skill:a"),
        "alt_labels": ("zsh", "bash", "zsh"),
        "alt_labels@de": ("Schale", "Muschel"),
        "hidden_labels": (),
    }
    assert tell(store, rows("Skill", *others, {"id": "skill:sh", **lists})) == ["ADDED"] * 4

    stated = {"replaced_by": ("skill:a", "skill:b", "skill:c"), "alt_labels": ("bash", "zsh")}
    assert one(store, "skill:sh").properties == {**stated, "alt_labels@de": ("Muschel", "Schale")}
    assert [hit.id for hit in store.search("zsh", OPERATOR)] == ["skill:sh"]

    number = store.number()
    turned = {name: values[::-1] for name, values in lists.items()}
    assert tell(store, rows("Skill", {"id": "skill:sh", **turned}, version=2)) == ["UNCHANGED"]
    assert store.number() == number
    assert one(store, "skill:sh").version == 2

    fewer = {"alt_labels": ("zsh", "ash"), "replaced_by": ("skill:c", "skill:a", "skill:c")}
    assert tell(store, rows("Skill", {"id": "skill:sh", **fewer}, version=3)) == ["CHANGED"]
    assert one(store, "skill:sh").properties == {"alt_labels": ("ash", "zsh"), "replaced_by": ("skill:a", "skill:c")}


def test_a_fact_is_read_back_with_every_kind_of_column(store: Store) -> None:
    course = {"id": "lms:1", "label": "Python course"}
    fact = {
        "id": "ev:1",
        "learner": "hr:ada",
        "kind": "completion",
        "about": "lms:1",
        "score": 875_000,
        "outcome": "passed",
        "shown_at": 1_700_000_000,
        "expires_at": 4_294_967_295,
        "verification": "unverified",
        "url": "https://a.example/1",
    }
    identity = {"id": "id:1", "learner": "hr:ada", "system": "email", "value": "ada@firm.example", "verified": False}

    put(store, rows("Learner", ADA), rows("LearningObject", course), rows("Evidence", fact), rows("Identity", identity))

    assert {"id": "ev:1", **one(store, "ev:1").properties} == fact
    assert {"id": "id:1", **one(store, "id:1").properties} == identity


def test_references_inside_a_batch_count_as_there(store: Store) -> None:
    rating = {"id": "rt:1", "evidence": "ev:1", "points": 3_000_000}
    receipt = put(store, rows("Skill", PYTHON), rows("Learner", ADA), rows("Evidence", SHOWN), rows("Rating", rating))

    assert became(receipt) == [["ADDED"], ["ADDED"], ["ADDED"], ["ADDED"]]
    assert one(store, "rt:1").properties["evidence"] == "ev:1"


def test_a_row_may_refer_to_another_row_of_its_block(store: Store) -> None:
    units = [{"id": "ou:1", "part_of": "ou:2"}, {"id": "ou:2"}, {"id": "ou:3", "part_of": "ou:4"}]

    assert tell(store, rows("OrgUnit", *units)) == ["ADDED", "ADDED", "MISSING"]


def test_what_leans_on_a_refused_row_is_refused_too(store: Store) -> None:
    parts = [("ou:1", "ou:2"), ("ou:2", "ou:3"), ("ou:3", "ou:nowhere")]
    chain = [{"id": unit, "part_of": whole} for unit, whole in parts]

    assert tell(store, rows("OrgUnit", *chain)) == ["MISSING"] * 3


def test_a_missing_reference_is_told_and_the_rest_is_written(store: Store) -> None:
    put(store, rows("Learner", ADA), rows("Skill", PYTHON))

    rest = [{"id": "ev:2", "learner": "hr:nobody", "kind": "assessment"}, {"id": "ev:3", "learner": "hr:ada"}]
    assert tell(store, rows("Evidence", SHOWN, *rest)) == ["ADDED", "MISSING", "ADDED"]
    assert store.types_of(["ev:1", "ev:2", "ev:3"]) == ["Evidence", None, "Evidence"]


def test_a_reference_to_a_node_of_a_wrong_type_is_told(store: Store) -> None:
    put(store, rows("Learner", ADA), rows("Skill", PYTHON), rows("Evidence", SHOWN))

    wrong = [{"id": "ev:2", "learner": "skill:python"}, {"id": "ev:3", "learner": "hr:ada", "skill": "ev:1"}]
    assert tell(store, rows("Evidence", *wrong)) == ["WRONG_TYPE", "WRONG_TYPE"]


def test_edges_join_only_what_they_may_join(store: Store) -> None:
    put(store, rows("Learner", ADA), rows("Skill", PYTHON), rows("Role", {"id": "role:dev"}), rows("Evidence", SHOWN))
    ends = [
        ("role:dev", "skill:python"),
        ("skill:python", "role:dev"),
        ("role:dev", "hr:ada"),
        ("ev:1", "skill:python"),
        ("role:dev", "skill:none"),
        ("hr:ada", "skill:none"),
    ]

    outcomes = tell(store, rows("REQUIRES", *({"from": start, "to": end, "level": 1_000_000} for start, end in ends)))
    assert outcomes == ["ADDED", "WRONG_TYPE", "WRONG_TYPE", "WRONG_TYPE", "MISSING", "MISSING"]


def test_a_reference_inside_an_edge_must_be_there(store: Store) -> None:
    put(store, rows("Skill", PYTHON), rows("Role", {"id": "role:a"}, {"id": "role:b"}))
    asked = {"to": "skill:python", "level": 1_000_000}
    known, unknown = {"from": "role:a", "scale": "scale:home"}, {"from": "role:b", "scale": "scale:no"}

    assert tell(store, rows("REQUIRES", asked | known, asked | unknown)) == ["ADDED", "MISSING"]


def test_an_id_is_one_nodes_only_whatever_its_type(store: Store) -> None:
    put(store, rows("Learner", ADA, {"id": "hr:job"}), rows("Evidence", {"id": "hr:ev", "learner": "hr:ada"}))

    jobs = rows("Role", {"id": "hr:job"}, {"id": "hr:ev"}, {"id": "hr:new"})
    assert tell(store, jobs) == ["WRONG_TYPE", "WRONG_TYPE", "ADDED"]
    assert tell(store, rows("Evidence", {"id": "hr:job", "learner": "hr:ada"})) == ["WRONG_TYPE"]


def test_the_same_again_changes_nothing_and_logs_nothing(store: Store) -> None:
    blocks = [rows("Skill", PYTHON), rows("Learner", ADA), rows("Evidence", SHOWN)]
    number = put(store, *blocks).number

    again = put(store, *blocks)
    assert became(again) == [["UNCHANGED"]] * 3
    assert again.number is None
    assert store.number() == number


def test_the_same_again_at_a_later_version_logs_nothing_either(store: Store) -> None:
    put(store, rows("Skill", PYTHON, version=1))
    number = store.number()

    assert tell(store, rows("Skill", PYTHON, version=5)) == ["UNCHANGED"]
    assert store.number() == number
    assert tell(store, rows("Skill", {"id": "skill:python", "label": "late"}, version=3)) == ["OLDER"]


def test_a_changed_row_replaces_the_whole_record(store: Store) -> None:
    put(store, rows("Skill", PYTHON), rows("Learner", ADA), rows("Evidence", SHOWN))

    put(store, rows("Skill", {"id": "skill:python", "code": "P"}, version=2))
    put(store, rows("Evidence", {"id": "ev:1", "learner": "hr:ada", "kind": "interview"}, version=2))
    assert one(store, "skill:python").properties == {"code": "P"}
    assert one(store, "ev:1").properties == {"learner": "hr:ada", "kind": "interview"}


def test_a_plan_tells_what_a_write_does_and_writes_nothing(store: Store) -> None:
    put(store, rows("Skill", PYTHON), source="esco")
    blocks = [
        rows("Skill", {"id": "skill:new"}, {"id": "skill:python", "label": "mine"}),
        rows("RELATED", {"from": "skill:new", "to": "skill:python"}, {"from": "skill:new", "to": "skill:no"}),
    ]
    before = store.number()

    plans = store.plan(Batch("hr", None, blocks))
    told = [plan.outcomes.tolist() for plan in plans]
    assert told == [[Outcome.ADDED, Outcome.FOREIGN], [Outcome.ADDED, Outcome.MISSING]]
    assert plans[0].holders == {1: "esco"}
    assert store.number() == before == plans[0].number
    assert [each.tolist() for each in put(store, *blocks).outcomes] == told


def test_an_empty_batch_and_an_empty_block_do_nothing(store: Store) -> None:
    assert put(store).number is None
    assert became(put(store, rows("Skill"), rows("Evidence"))) == [[], []]


def test_an_unknown_type_is_refused_with_the_nearest_name(store: Store) -> None:
    with pytest.raises(UnknownType, match="Skill"):
        put(store, rows("Skil", {"id": "a:b"}))


def test_many_rows_of_many_types_fit_one_batch(store: Store) -> None:
    skills = [{"id": f"skill:{n}", "label": f"Skill {n}", "replaced_by": (f"skill:{n // 2}",)} for n in range(3000)]
    related = [{"from": f"skill:{n}", "to": f"skill:{n // 3}"} for n in range(1, 3000)]
    receipt = put(store, rows("Skill", *skills), rows("BROADER", *related))

    assert {name for names in became(receipt) for name in names} == {"ADDED"}
    assert len(store.page("Skill", OPERATOR, limit=5000)) == 3000
    assert len(store.expand(["skill:0"], OPERATOR, ["BROADER"], incoming=True)) == 2
