"""One person across sources: what is loaded, who is one person then, and what is left to decide."""

from __future__ import annotations

import json
from hashlib import sha1
from pathlib import Path

import pytest

from graph.contradictions import Shared, people
from graph.index import IndexKeeper
from graph.settings import Settings
from tests.cli.conftest import Skillgraph, skillgraph  # noqa: F401
from tests.loads.tables import Loader, write

LEARNERS = {
    "hris": "id,label\nhris:1,Ada\nhris:2,Ben\n",
    "ats": "id,label\nats:7,A.\n",
    "lms": "id,label\nlms:a,a\n",
}
IDENTITIES = {
    "hris": (
        "id,learner,system,value\ni:1,hris:1,employee-number,1\ni:2,hris:1,email,ada@x.org\n"
        "i:3,hris:2,employee-number,2\ni:4,hris:2,email,ben@x.org\n"
    ),
    "ats": "id,learner,system,value\ni:5,ats:7,email,ADA@X.org\n",
    "lms": f"id,learner,system,value\ni:6,lms:a,mbox_sha1sum,{sha1(b'mailto:ada@x.org').hexdigest()}\n",
}
SHARED = {**IDENTITIES, "hris": IDENTITIES["hris"].replace("ben@x.org", "ada@x.org")}


def load_all(loader: Loader, identities: dict[str, str], *names: str) -> None:
    for name in names or LEARNERS:
        loader(name=name, Learner=LEARNERS[name], Identity=identities[name])


def persons(loader: Loader) -> set[frozenset[str]]:
    found = IndexKeeper(loader.store, Settings()).current().people
    return {frozenset(found.members(number)) for number in range(found.count)}


ADA, BEN = frozenset({"hris:1", "ats:7", "lms:a"}), frozenset({"hris:2"})


@pytest.mark.parametrize("order", [("hris", "ats", "lms"), ("lms", "ats", "hris"), ("ats", "hris", "lms")])
def test_the_order_of_loads_does_not_matter(loader: Loader, order: tuple[str, ...]) -> None:
    load_all(loader, IDENTITIES, *order)
    assert persons(loader) == {ADA, BEN}


def test_an_address_of_two_employees_is_listed_with_what_to_do(loader: Loader) -> None:
    load_all(loader, SHARED)
    found = people(loader.store, Settings())
    assert (found.records, found.persons) == (4, 4)
    (each,) = found.contradictions
    assert (each.system, each.values) == ("employee-number", ("1", "2"))
    assert each.members == ("ats:7", "hris:1", "hris:2", "lms:a")
    assert Shared("email", "ada@x.org", ("ats:7", "hris:1", "hris:2", "lms:a")) in each.shared
    assert "SAME_PERSON.csv" in each.fix
    assert "OTHER_PERSON.csv" in each.fix


def test_decisions_settle_it_and_a_decision_taken_away_opens_it_again(loader: Loader) -> None:
    load_all(loader, SHARED)
    loader(name="apart", OTHER_PERSON="from,to,rationale\nhris:1,hris:2,a family's address\n")
    loader(name="whose", SAME_PERSON="from,to\nats:7,hris:1\nlms:a,ats:7\n")
    assert persons(loader) == {ADA, BEN}
    assert people(loader.store, Settings()).contradictions == ()
    loader(name="whose", options={"allow_shrink": True}, SAME_PERSON="from,to\nats:7,hris:1\n")
    assert persons(loader) == {ADA - {"lms:a"}, BEN, frozenset({"lms:a"})}
    assert people(loader.store, Settings()).contradictions != ()


def test_a_decision_on_a_record_that_is_not_there_yet_waits_for_it(loader: Loader) -> None:
    record = loader(name="decisions", SAME_PERSON="from,to\nats:7,hris:2\n")
    assert record.waiting == 1
    load_all(loader, IDENTITIES)
    assert persons(loader) == {frozenset({"ats:7", "hris:2"}), frozenset({"hris:1"}), frozenset({"lms:a"})}
    (each,) = people(loader.store, Settings()).contradictions
    assert each.values == ("1", "2"), "an address says one thing, the decision another"


def test_strangers_without_a_number_are_no_person_and_no_contradiction(loader: Loader) -> None:
    loader(
        name="hris",
        Learner="id,label\nhris:1,Ada\nhris:2,Ben\nhris:3,Cleo\n",
        Identity=(
            "id,learner,system,value\ni:1,hris:1,employee-number,N/A\ni:2,hris:2,employee-number,n/a\n"
            "i:3,hris:3,employee-number,0\ni:4,hris:1,email,c@x.org\ni:5,hris:3,email,c@x.org\n"
        ),
    )
    assert persons(loader) == {frozenset({"hris:1", "hris:3"}), frozenset({"hris:2"})}
    assert people(loader.store, Settings()).contradictions == ()


def test_the_command_lists_them(skillgraph: Skillgraph, tmp_path: Path) -> None:  # noqa: F811
    for name, learners in LEARNERS.items():
        folder = write(tmp_path / name, Learner=learners, Identity=SHARED[name])
        skillgraph("load", "tables", folder, "--name", name)
    told = json.loads(skillgraph("people", "--json").out)
    assert [each["values"] for each in told["contradictions"]] == [["1", "2"]]
    shown = skillgraph("people").out
    assert "employee-number 1 and 2" in shown
    assert "4 records are 4 persons; contradictions: 1" in shown
