"""Persons are connected sets of records (design section 5)."""

from __future__ import annotations

import doctest
from collections.abc import Sequence
from hashlib import md5, sha1, sha256
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import alike
from graph.alike import mbox_sha1sum
from graph.index import IndexKeeper
from graph.persons import OTHER, SAME, Contradiction, Grouping, Links, Records, find_persons
from graph.settings import Settings
from graph.store import Store
from graph.tokens import Identities
from tests.index.conftest import Held, Say, evidence
from tests.index.telling import persons_of
from tests.oracle import Oracle

Stated = tuple[str, str, str, bool]  # record, system, value, whether verified is false
Decided = tuple[str, str, str]  # edge type, record, record


def found(
    ids: Sequence[str], stated: Sequence[Stated], order: Sequence[str] = (), *, decided: Sequence[Decided] = ()
) -> Grouping:
    """Persons of records in id order; records named crm:… are of the source crm."""
    records = Records(sorted(ids), [id.partition(":")[0] if id.startswith("crm:") else "hr" for id in sorted(ids)])
    places = [records.ids.index(record) for record, _, _, _ in stated]
    systems, values = [system for _, system, _, _ in stated], [value for _, _, value, _ in stated]
    unverified = np.array([not_verified for *_, not_verified in stated], np.bool_)
    identities = Identities(np.array(places, np.int64), systems, values, unverified)
    links = Links.of(decided, {id: place for place, id in enumerate(records.ids)})
    return find_persons(records, identities, order, ["employee-number"], links)


def test_the_examples_of_normal_forms_are_true() -> None:
    result = doctest.testmod(alike)
    assert result.attempted
    assert not result.failed


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
VALUES = {
    "email": ("ada@x.org", " mailto:ADA@x.org", "ben@x.org", "BEN@x.org", "\uff41da@x.org"),
    "employee-number": ("1", "2", " 1 "),
    "mbox_sha1sum": tuple(
        sha1(f"mailto:{said}".encode()).hexdigest() for said in ("ada@x.org", "ADA@x.org", "BEN@x.org")
    ),
    "hashed:sha256": tuple(f"{sha256(f'{said}s'.encode()).hexdigest()} s" for said in ("ada@x.org", "BEN@x.org")),
    "hashed:md5": (f"{md5(b'ben@x.org').hexdigest().upper()} ", "no-digest s"),
    "moodle-user": ("1", "2"),
}
ROW = st.sampled_from([(system, value) for system, values in VALUES.items() for value in values])
IDENTITIES = st.lists(
    st.builds(lambda id, row, unverified: (id, *row, unverified), st.sampled_from(IDS), ROW, st.booleans()), max_size=40
)
LINK = st.tuples(st.sampled_from([SAME, OTHER]), st.sampled_from(IDS), st.sampled_from(IDS))
LINKS = st.lists(LINK, max_size=6)


def oracle_of(stated: Sequence[Stated], decided: Sequence[Decided]) -> Oracle:
    """What a plain reading of the rules says."""
    rows = [
        {"id": str(place), "learner": id, "system": system, "value": value, "verified": "false" if unverified else ""}
        for place, (id, system, value, unverified) in enumerate(stated)
    ]
    edges = {
        name: [{"from": one, "to": other} for kind, one, other in decided if kind == name] for name in (SAME, OTHER)
    }
    return Oracle({"Learner": [{"id": id} for id in IDS], "Identity": rows, **edges})


@settings(deadline=None, max_examples=300)
@given(IDENTITIES, LINKS, st.randoms())
def test_the_order_of_identities_and_links_changes_nothing_and_loops_find_the_same(
    stated: list[Stated], decided: list[Decided], chance: Random
) -> None:
    grouping = found(IDS, stated, decided=decided)
    shuffled = chance.sample(stated, len(stated))
    turned = [(name, other, one) for name, one, other in chance.sample(decided, len(decided))]
    again = found(IDS, shuffled, decided=turned)
    assert grouping.person.tolist() == again.person.tolist()
    assert grouping.contradictions == again.contradictions
    oracle = oracle_of(stated, decided)
    persons: dict[str, set[str]] = {IDS[record]: set() for record in grouping.primary.tolist()}
    for record, person in zip(IDS, grouping.person.tolist(), strict=True):
        persons[IDS[int(grouping.primary[person])]].add(record)
    assert persons == {person: set(members) for person, members in oracle.persons.items()}
    told = {(each.system, frozenset(each.values), frozenset(each.members)) for each in grouping.contradictions}
    assert told == oracle.contradictions


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(("ada@x.org", "ben@x.org", "cem@x.org"))), max_size=20))
def test_hashed_is_as_good_as_plain(stated: list[tuple[str, str]]) -> None:
    """As long as each address is plain once."""
    addresses = sorted({address for _, address in stated})
    known: list[Stated] = [(f"p:plain-{place}", "email", address, False) for place, address in enumerate(addresses)]
    ids = [*IDS, *(id for id, *_ in known)]
    plain = found(ids, [*known, *((id, "email", address, False) for id, address in stated)])
    for hashed in (
        [(id, "mbox_sha1sum", mbox_sha1sum(address), False) for id, address in stated],
        [(id, "hashed:sha256", f"{sha256(f'{address}x'.encode()).hexdigest()} x", False) for id, address in stated],
        [(id, "hashed:md5", f"{md5(address.encode()).hexdigest()} ", False) for id, address in stated],
    ):
        assert found(ids, [*known, *hashed]).person.tolist() == plain.person.tolist()


def test_a_hash_of_an_address_as_it_was_typed_matches_too() -> None:
    typed = mbox_sha1sum("Ada@X.org")
    grouping = found(["p:a", "p:b"], [("p:a", "email", "Ada@X.org", False), ("p:b", "mbox_sha1sum", typed, False)])
    assert grouping.person.tolist() == [0, 0]


def test_dots_and_plus_signs_are_part_of_an_address() -> None:
    stated = [
        ("p:a", "email", "a.b@x.org", False),
        ("p:b", "email", "ab@x.org", False),
        ("p:c", "email", "a.b+c@x.org", False),
    ]
    assert found(["p:a", "p:b", "p:c"], stated).person.tolist() == [0, 1, 2]


def test_an_account_is_compared_by_the_rules_of_urls_and_its_name_as_it_is() -> None:
    pages = ("https://lms.example.org/ ada", "HTTPS://LMS.Example.org ada", "https://lms.example.org Ada")
    stated = [(f"p:{letter}", "account", value, False) for letter, value in zip("abc", pages, strict=True)]
    assert found(["p:a", "p:b", "p:c"], stated).person.tolist() == [0, 0, 1]


def test_a_hash_of_a_number_that_one_system_gives_joins_nobody() -> None:
    hashed = f"{sha256(b'17s').hexdigest()} s"
    stated = [("p:a", "moodle-user", "17", False), ("p:b", "hashed:sha256", hashed, False)]
    assert found(["p:a", "p:b"], stated).person.tolist() == [0, 1]


def test_an_identity_that_says_nothing_joins_nobody() -> None:
    stated = [("p:a", "email", " mailto: ", False), ("p:b", "email", " ", False)]
    assert found(["p:a", "p:b"], stated).person.tolist() == [0, 1]


SHARED = [(id, "email", "x", False) for id in ("p:a", "p:b", "p:c")]
NUMBERS = [("p:a", "employee-number", "1", False), ("p:b", "employee-number", "2", False)]


def test_a_decision_joins_what_nothing_else_does() -> None:
    assert found(["p:a", "p:b"], [], decided=[(SAME, "p:b", "p:a")]).person.tolist() == [0, 0]


def test_never_one_parts_who_shares_an_identity_and_that_is_decided() -> None:
    grouping = found(["p:a", "p:b"], SHARED[:2], decided=[(OTHER, "p:b", "p:a")])
    assert (grouping.person.tolist(), grouping.contradictions) == ([0, 1], ())


def test_whose_a_third_record_is_stays_open_until_that_is_decided() -> None:
    ids = ["p:a", "p:b", "p:c"]
    half = found(ids, [*SHARED, *NUMBERS], decided=[(OTHER, "p:a", "p:b")])
    assert half.person.tolist() == [0, 1, 2]
    assert {each.system for each in half.contradictions} == {"employee-number", OTHER}
    whole = found(ids, [*SHARED, *NUMBERS], decided=[(OTHER, "p:a", "p:b"), (SAME, "p:c", "p:a")])
    assert (whole.person.tolist(), whole.contradictions) == ([0, 1, 0], ())


def test_who_came_back_with_another_number_is_one_person_by_decision() -> None:
    grouping = found(["p:a", "p:b", "p:c"], [*SHARED, *NUMBERS], decided=[(SAME, "p:a", "p:b")])
    assert (grouping.person.tolist(), grouping.contradictions) == ([0, 0, 0], ())


def test_decisions_that_disagree_join_nobody_and_are_listed() -> None:
    decided = [(SAME, "p:a", "p:b"), (SAME, "p:b", "p:c"), (OTHER, "p:a", "p:c")]
    grouping = found(["p:a", "p:b", "p:c"], [], decided=decided)
    assert grouping.person.tolist() == [0, 1, 2]
    assert grouping.contradictions == (Contradiction(OTHER, ("p:a", "p:c"), ("p:a", "p:b", "p:c")),)


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
