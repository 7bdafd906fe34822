"""An erased person leaves the graph, and nobody else does; what is left of them are keyed hashes."""

from __future__ import annotations

import pytest

from graph.digest import digest
from graph.errors import BadSecret, NoSuchPerson
from graph.open import open_store
from graph.store import Batch, Busy, Outcome, Store
from graph.viewer import OPERATOR
from tests.store.ada import ADA, evidence, fill, rating
from tests.store.tiny import block, nodes, remove
from tests.store.writing import secret_of


@pytest.fixture
def filled(store: Store) -> Store:
    return fill(store)


def test_all_that_was_theirs_is_gone_and_nothing_else(filled: Store) -> None:
    report = filled.erase(ADA)

    assert report.records == (ADA, "recruit:ada")
    assert report.removed == {
        "Application": 1, "Employment": 1, "Evidence": 1, "Hire": 1, "Identity": 2, "Learner": 2, "MEMBER_OF": 1,
        "Protected": 1, "Rating": 1, "StageEvent": 1,
    }  # fmt: skip
    assert [node.id for node in filled.page("Learner", OPERATOR)] == ["person:ben"]
    assert [node.id for node in filled.page("Evidence", OPERATOR)] == ["evidence:2"]
    assert [node.id for node in filled.page("Rating", OPERATOR)] == ["rating:2", "rating:3", "rating:4"]
    assert len(filled.expand(["unit:platform"], OPERATOR, incoming=True)) == 1
    assert filled.search("lovelace", OPERATOR) == []
    assert [hit.id for hit in filled.search("ben", OPERATOR)] == ["person:ben"]
    assert all(finding.well for finding in filled.health())


def test_the_report_says_it_in_lines(filled: Store) -> None:
    lines = list(filled.erase(ADA).lines())

    assert "erased: person:ada, recruit:ada" in lines
    assert "Evidence: 1 removed" in lines
    assert "Employment.manager: 1 no longer name the person" in lines


def test_raters_stay_one_rater_under_a_pseudonym(filled: Store) -> None:
    report = filled.erase(ADA)

    ratings = filled.page("Rating", OPERATOR)
    raters = {node.id: str(node.properties["rater"]) for node in ratings}
    assert raters["rating:4"] == "person:eve"
    assert raters["rating:2"].startswith("erased:")
    assert raters["rating:3"].startswith("erased:")
    (job,) = filled.page("Employment", OPERATOR)
    assert job.properties["manager"] == raters["rating:2"]
    (performance,) = filled.page("Performance", OPERATOR)
    assert str(performance.properties["rater"]).startswith("erased:")
    assert report.blanked == {"Employment.manager": 1, "Performance.rater": 1, "Rating.rater": 3}


def test_superseded_versions_lose_the_person_too(filled: Store) -> None:
    assert [old.node.id for old in filled.superseded([ADA])] == ["evidence:1"]
    report = filled.erase(ADA)

    assert report.history == 1
    (old,) = filled.superseded(["person:ben"])
    assert str(old.node.properties["rater"]).startswith("erased:")


def test_the_change_record_names_nobody(filled: Store) -> None:
    before = filled.number()
    report = filled.erase(ADA)

    (change,) = filled.changes(before)
    assert report.number == change.number == before + 1
    assert [(item.type, item.operation, item.ids) for item in change.items] == [("Learner", "erased", ())]
    told = {id for old in filled.changes(0) for item in old.items for id in item.ids}
    assert not [id for id in told if "ada" in id]


def test_later_loads_do_not_bring_them_back(filled: Store) -> None:
    filled.erase(ADA)

    ids = [ADA, "recruit:ada", "person:ben", "evidence:1", "stage:1", "evidence:2"]
    assert list(filled.ledger.erased(ids)) == [True, True, False, True, True, False]
    systems = [
        "employee-number E-1001-X",
        "employee-number e-1001-x ",
        "employee-number E-2002-X",
        "badge E-1001-X",
    ]
    assert list(filled.ledger.erased(systems)) == [True, True, False, False]
    for returned in (
        block("Learner", {"id": ADA, "label": "Ada"}, version=9),
        block("Evidence", evidence("evidence:9", ADA)),
    ):
        assert list(filled.write(Batch("hr", None, [returned])).outcomes[0]) == [Outcome.ERASED]


def test_another_record_with_an_erased_identity_is_refused(filled: Store) -> None:
    filled.erase(ADA)
    nodes(filled, "Learner", {"id": "lms:4711"})
    returned = {"id": "identity:9", "learner": "lms:4711", "system": "employee-number", "value": "E-1001-X"}

    outcomes = filled.write(Batch("lms", None, [block("Identity", returned)])).outcomes
    assert list(outcomes[0]) == [Outcome.ERASED]


def test_rows_that_name_an_erased_rater_stay_as_they_are(filled: Store) -> None:
    filled.erase(ADA)
    again = block("Rating", rating("rating:2", "evidence:2", ADA, 3), version=2)

    assert list(filled.write(Batch("hr", None, [again])).outcomes[0]) == [Outcome.UNCHANGED]


def test_the_pseudonym_needs_the_secret(filled: Store, store_url: str) -> None:
    filled.erase(ADA)
    filled.close()
    file = secret_of(store_url)
    file.unlink()

    with pytest.raises(BadSecret, match="is not there"):
        open_store(store_url)
    file.write_text("0" * 64)
    with pytest.raises(BadSecret, match="not the secret"):
        open_store(store_url)


@pytest.mark.parametrize("id", ["person:nobody", "skill:linux", "evidence:1", "", "no id"])
def test_only_people_can_be_erased(filled: Store, id: str) -> None:
    before = digest(filled)
    with pytest.raises(NoSuchPerson):
        filled.erase(id)
    assert digest(filled) == before


def test_nobody_is_erased_while_a_load_stages(filled: Store) -> None:
    with filled.hold("hr"), pytest.raises(Busy):
        filled.erase(ADA)
    assert filled.types_of([ADA]) == ["Learner"]


def test_records_that_contradict_each_other_are_not_erased_with_the_person(filled: Store) -> None:
    """One e-mail, two employee numbers: whose the records are is open, so each number's stand for themselves."""
    nodes(
        filled, "Identity",
        {"id": "identity:4", "learner": ADA, "system": "email", "value": "team@example.org"},
        {"id": "identity:5", "learner": "person:ben", "system": "email", "value": "team@example.org"},
    )  # fmt: skip

    assert filled.erase("person:ben").records == ("person:ben",)
    assert filled.types_of([ADA, "recruit:ada"]) == ["Learner", "Learner"]


def test_what_only_they_kept_in_the_store_goes_with_them(store: Store) -> None:
    nodes(store, "Learner", {"id": ADA})
    nodes(store, "LearningObject", {"id": "course:old", "label": "Old"})
    nodes(store, "Enrolment", {"id": "enrolment:1", "learner": ADA, "learning_object": "course:old"})
    remove(store, "LearningObject", "course:old")
    assert store.types_of(["course:old"]) == ["LearningObject"]

    store.erase(ADA)
    assert store.types_of(["course:old"]) == [None]
