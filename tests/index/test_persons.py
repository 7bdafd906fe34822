"""Persons are connected sets of records (design section 5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.index import IndexKeeper
from graph.persons import Contradiction, Grouping, Identities, Records, find_persons
from graph.settings import Settings
from graph.store import Store
from tests.index.conftest import Held, Say, evidence
from tests.index.telling import persons_of
from tests.oracle import Oracle

Stated = tuple[str, str, str, bool]  # record, system, value, whether verified is false


def found(ids: Sequence[str], stated: Sequence[Stated], order: Sequence[str] = (), source: str = "hr") -> Grouping:
    """Persons of records in id order; records named crm:… are of the source crm."""
    records = Records(sorted(ids), [id.partition(":")[0] if id.startswith("crm:") else source for id in sorted(ids)])
    places = [records.ids.index(record) for record, _, _, _ in stated]
    systems, values = [system for _, system, _, _ in stated], [value for _, _, value, _ in stated]
    unverified = np.array([not_verified for *_, not_verified in stated], np.bool_)
    return find_persons(
        records, Identities(np.array(places, np.int64), systems, values, unverified), order, ["employee-number"]
    )


def test_records_are_joined_over_a_third() -> None:
    stated = [
        ("p:a", "email", "x", False),
        ("p:b", "email", "x", False),
        ("p:b", "badge", "7", False),
        ("p:c", "badge", "7", False),
    ]
    grouping = found(["p:a", "p:b", "p:c", "p:d"], stated)
    assert grouping.person.tolist() == [0, 0, 0, 1]


def test_the_same_value_of_two_systems_joins_nobody() -> None:
    grouping = found(["p:a", "p:b"], [("p:a", "email", "7", False), ("p:b", "badge", "7", False)])
    assert grouping.person.tolist() == [0, 1]


def test_an_unverified_identity_joins_nobody() -> None:
    grouping = found(["p:a", "p:b"], [("p:a", "email", "x", False), ("p:b", "email", "x", True)])
    assert grouping.person.tolist() == [0, 1]


def test_the_id_is_of_the_source_that_stands_first_then_the_smallest() -> None:
    stated = [(id, "email", "x", False) for id in ("a:1", "b:1", "crm:1", "crm:2")]
    ids = sorted(id for id, *_ in stated)
    assert ids[int(found(ids, stated).primary[0])] == "a:1"
    assert ids[int(found(ids, stated, ["crm", "hr"]).primary[0])] == "crm:1"


def test_two_values_of_what_a_person_has_once_are_a_contradiction_and_not_joined() -> None:
    stated = [(id, "email", "x", False) for id in ("p:a", "p:b", "p:c")]
    numbers = [("p:a", "employee-number", "1", False), ("p:b", "employee-number", "2", False)]
    grouping = found(["p:a", "p:b", "p:c"], [*stated, *numbers])
    assert len(set(grouping.person.tolist())) == 3
    assert grouping.contradictions == (Contradiction("employee-number", ("1", "2"), ("p:a", "p:b", "p:c")),)


def test_within_a_contradiction_equal_values_still_join() -> None:
    stated = [(id, "email", "x", False) for id in ("p:a", "p:b", "p:c")]
    numbers = [(id, "employee-number", value, False) for id, value in (("p:a", "1"), ("p:b", "2"), ("p:c", "1"))]
    assert found(["p:a", "p:b", "p:c"], [*stated, *numbers]).person.tolist() == [0, 1, 0]


IDS = tuple(f"p:{letter}" for letter in "abcdefgh")
IDENTITIES = st.lists(
    st.tuples(
        st.sampled_from(IDS), st.sampled_from(("email", "employee-number")), st.sampled_from("1234"), st.booleans()
    ),
    max_size=40,
)


@settings(deadline=None)
@given(IDENTITIES, st.permutations(range(40)))
def test_the_order_of_identities_changes_nothing_and_loops_find_the_same(
    stated: list[Stated], order: list[int]
) -> None:
    grouping = found(IDS, stated)
    shuffled = [stated[place] for place in order if place < len(stated)]
    again = found(IDS, shuffled)
    assert grouping.person.tolist() == again.person.tolist()
    assert grouping.contradictions == again.contradictions
    rows = [
        {
            "id": str(place),
            "learner": record,
            "system": system,
            "value": value,
            "verified": "false" if not_verified else "",
        }
        for place, (record, system, value, not_verified) in enumerate(stated)
    ]
    oracle = Oracle({"Learner": [{"id": id} for id in IDS], "Identity": rows})
    persons: dict[str, set[str]] = {IDS[record]: set() for record in grouping.primary.tolist()}
    for record, person in zip(IDS, grouping.person.tolist(), strict=True):
        persons[IDS[int(grouping.primary[person])]].add(record)
    assert persons == {person: set(members) for person, members in oracle.persons.items()}


@pytest.fixture
def two_of_ann(academy: Store, say: Say) -> Store:
    """Ann is also known as Ben, who can talk."""
    rows = [
        {"id": f"identity:{name}", "learner": f"person:{name}", "system": "email", "value": "a"}
        for name in ("ann", "ben")
    ]
    say(
        Identity=rows, Evidence=[{**evidence("1", "interview", skill="skill:talk", level="2"), "learner": "person:ben"}]
    )
    return academy


def test_any_member_id_resolves_to_the_person(two_of_ann: Store) -> None:
    people = IndexKeeper(two_of_ann, Settings()).current().people
    number = people.number_of("person:ben")
    assert number is not None
    assert number == people.number_of("person:ann")
    assert people.id_of(number) == "person:ann"
    assert people.members(number) == ("person:ann", "person:ben")
    assert people.number_of("person:nobody") is None


def test_what_one_record_shows_the_person_holds(two_of_ann: Store, held: Held) -> None:
    assert held("ann", "talk") == 2


def test_unjoining_rewrites_no_record_and_no_evidence(two_of_ann: Store, say: Say, held: Held) -> None:
    keeper = IndexKeeper(two_of_ann, Settings())
    assert len(persons_of(keeper.current())) == 1
    say(Identity=[{"id": "identity:ben"}], removed=True)
    items = [item for change in two_of_ann.changes(two_of_ann.number() - 1) for item in change.items]
    assert [(item.type, item.operation) for item in items] == [("Identity", "removed")]
    assert set(persons_of(keeper.current())) == {"person:ann", "person:ben"}
    assert keeper.last == "delta"
    assert (held("ann", "talk"), held("ben", "talk")) == (0, 2)


def test_what_only_a_third_contradicted_is_joined_once_it_leaves(academy: Store, say: Say) -> None:
    shared = [(f"email:{name}", name) for name in ("ann", "ben", "cem")]
    say(Learner=[{"id": "person:cem", "label": "Cem"}])
    say(
        Identity=[
            *({"id": id, "learner": f"person:{name}", "system": "email", "value": "x"} for id, name in shared),
            {"id": "number:ann", "learner": "person:ann", "system": "employee-number", "value": "1"},
            {"id": "number:ben", "learner": "person:ben", "system": "employee-number", "value": "2"},
        ]
    )
    keeper = IndexKeeper(academy, Settings())
    assert len(persons_of(keeper.current())) == 3
    say(Identity=[{"id": "email:ben"}], removed=True)
    index = keeper.current()
    assert persons_of(index)["person:ann"] == {"person:ann", "person:cem"}
    assert index.contradictions == ()
    assert keeper.counters.built == 1
