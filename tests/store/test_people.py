"""Every way to who is one person says the same: in the store, in the sight of a viewer, in erasure, in the index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast

import pytest

from graph.access import access
from graph.alike import mbox_sha1sum
from graph.index import IndexKeeper
from graph.joining import MOST_SALTS, Hashes, Salted, Stated, Stating
from graph.person import find_person
from graph.settings import Settings
from graph.store import Batch, Block, Outcome, Store
from graph.viewer import OPERATOR, Viewer
from tests.store.tiny import block, edges, nodes, remove

ADA, BADGE, LMS, ATS, BEN = "hr:ada", "badges:1", "lms:7", "ats:12", "hr:ben"
SALTED = f"{sha256(b'ada@x.orgoak').hexdigest()} oak"
EVERY = {ADA, BADGE, LMS, ATS}


@pytest.fixture
def known(store: Store) -> Store:
    """Ada is known by an address to personnel, by it in capitals to hiring, by hashes of it to learning and badges."""
    nodes(store, "Learner", *({"id": id, "label": id} for id in (ADA, BADGE, LMS, ATS, BEN)))
    nodes(
        store,
        "Identity",
        {"id": "i:1", "learner": ADA, "system": "email", "value": "ada@x.org"},
        {"id": "i:2", "learner": ATS, "system": "email", "value": " MAILTO:Ada@X.org"},
        {"id": "i:3", "learner": LMS, "system": "mbox_sha1sum", "value": mbox_sha1sum("Ada@X.org").upper()},
        {"id": "i:4", "learner": BADGE, "system": "hashed:sha256", "value": SALTED},
        {"id": "i:5", "learner": BEN, "system": "email", "value": "ben@x.org"},
    )
    return store


def members(store: Store, id: str) -> set[str]:
    person = find_person(store, id, Settings())
    assert person is not None
    return set(person.ids)


def in_the_index(keeper: IndexKeeper, id: str) -> set[str]:
    people = keeper.current().people
    number = people.number_of(id)
    assert number is not None
    return set(people.members(number))


def unlink(store: Store, name: str, one: str, other: str, version: int = 2) -> None:
    gone = Block(name, {"from": [one], "to": [other]}, [version], [0], removed=True)
    store.write(Batch("hr", None, [gone]))


@pytest.mark.parametrize("id", sorted(EVERY))
def test_from_every_record_the_whole_person_is_found(known: Store, id: str) -> None:
    keeper = IndexKeeper(known, Settings())
    assert members(known, id) == EVERY
    assert in_the_index(keeper, id) == EVERY
    assert members(known, BEN) == {BEN}


def test_the_stated_value_stays_as_it_was_said(known: Store) -> None:
    (stated,) = known.facts("Identity", {"learner": [ATS]}, OPERATOR)
    assert stated.properties == {"learner": ATS, "system": "email", "value": " MAILTO:Ada@X.org"}
    held = access(known, ADA, Settings())
    assert held is not None
    assert {row["value"] for row in held["tables"]["Identity"]} >= {" MAILTO:Ada@X.org", SALTED}


@pytest.mark.parametrize("id", sorted(EVERY))
def test_a_viewer_of_a_unit_sees_all_records_of_who_is_in_it(known: Store, id: str) -> None:
    nodes(known, "OrgUnit", {"id": "ou:east", "label": "East"})
    edges(known, "MEMBER_OF", {"from": id, "to": "ou:east"})
    viewer = Viewer(frozenset({"match", "graph", "people"}), frozenset({"ou:east"}))
    assert {node.id for node in known.page("Learner", viewer)} == EVERY


def test_the_index_follows_identities_and_decisions_as_they_come_and_go(known: Store) -> None:
    keeper = IndexKeeper(known, Settings())
    assert in_the_index(keeper, ADA) == EVERY
    edges(known, "SAME_PERSON", {"from": BEN, "to": LMS})
    assert in_the_index(keeper, BEN) == members(known, ADA) == {*EVERY, BEN}
    edges(known, "OTHER_PERSON", {"from": BADGE, "to": ATS})
    assert in_the_index(keeper, BEN) == members(known, LMS) == {LMS, BEN}
    assert [each.system for each in keeper.current().contradictions] == ["OTHER_PERSON"]
    unlink(known, "OTHER_PERSON", BADGE, ATS)
    assert in_the_index(keeper, BEN) == members(known, ADA) == {*EVERY, BEN}
    unlink(known, "SAME_PERSON", BEN, LMS)
    assert in_the_index(keeper, BEN) == members(known, BEN) == {BEN}
    remove(known, "Identity", "i:1")
    assert in_the_index(keeper, BADGE) == members(known, BADGE) == EVERY - {ADA}, "the address as typed is still known"
    remove(known, "Identity", "i:2")
    assert in_the_index(keeper, BADGE) == members(known, BADGE) == {BADGE}
    nodes(known, "Identity", {"id": "i:1", "learner": ADA, "system": "email", "value": "ADA@x.org"}, version=3)
    assert in_the_index(keeper, BADGE) == members(known, ADA) == {ADA, BADGE}
    assert keeper.counters.built == 1
    assert keeper.last == "delta"


def test_joining_and_unjoining_writes_no_record_and_no_evidence(known: Store) -> None:
    before = known.number()
    edges(known, "SAME_PERSON", {"from": BEN, "to": LMS})
    unlink(known, "SAME_PERSON", BEN, LMS)
    told = [(item.type, item.operation) for change in known.changes(before) for item in change.items]
    assert told == [("SAME_PERSON", "added"), ("SAME_PERSON", "removed")]


FORMS = {
    "plain": ("email", "Ada@X.ORG"),
    "with mailto": ("email", "mailto:ada@x.org"),
    "as xAPI hashes it": ("mbox_sha1sum", mbox_sha1sum("ada@x.org")),
    "as xAPI hashes what was typed": ("mbox_sha1sum", mbox_sha1sum("Ada@X.org")),
    "as the badge had it": ("hashed:sha256", SALTED.upper().replace("OAK", "oak")),
    "as another badge of the same salt may": ("hashed:sha256", f"{sha256(b'Ada@X.orgoak').hexdigest()} oak"),
}


@pytest.mark.parametrize(("system", "value"), FORMS.values(), ids=FORMS)
def test_an_erased_person_does_not_return_in_any_form(known: Store, system: str, value: str) -> None:
    assert set(known.erase(LMS).records) == EVERY
    nodes(known, "Learner", {"id": "new:1", "label": "somebody"})
    returned = block("Identity", {"id": "i:9", "learner": "new:1", "system": system, "value": value})
    assert list(known.write(Batch("lms", None, [returned])).outcomes[0]) == [Outcome.ERASED]
    other = block("Identity", {"id": "i:9", "learner": "new:1", "system": system, "value": f"x{value}"})
    assert list(known.write(Batch("lms", None, [other])).outcomes[0]) == [Outcome.ADDED]


def test_the_decisions_on_an_erased_person_go_too(known: Store) -> None:
    edges(known, "SAME_PERSON", {"from": ADA, "to": LMS})
    edges(known, "OTHER_PERSON", {"from": BEN, "to": ADA, "rationale": "They met."})
    assert known.erase(ADA).removed["OTHER_PERSON"] == 1
    assert known.expand([BEN], OPERATOR) == []


NOBODYS = {
    "an account without a name": ("account", "https://lms.example ", "HTTPS://LMS.example/"),
    "a hash without a digest": ("hashed:sha256", " ", "  "),
    "no number": ("employee-number", "n/a", " N/A "),
    "zeros": ("employee-number", "0", "000"),
    **{text: ("employee-number", text, f"{text.upper()} ") for text in ("na", "none", "null", "-", ".", "00")},
}


def test_what_stands_where_there_is_no_identity_joins_nobody_and_erases_nobody_else(known: Store) -> None:
    values = {
        f"{who}:{place}": (system, value)
        for place, (system, *said) in enumerate(NOBODYS.values())
        for who, value in zip("xy", said, strict=True)
    }
    nodes(known, "Learner", *({"id": id, "label": id} for id in values))
    rows = [
        {"id": f"i:{id}", "learner": id, "system": system, "value": value} for id, (system, value) in values.items()
    ]
    nodes(known, "Identity", *rows)
    keeper = IndexKeeper(known, Settings())
    for id in values:
        assert members(known, id) == in_the_index(keeper, id) == {id}
    for id in values:
        if id.startswith("x"):
            known.erase(id)
    again = block("Identity", *({**row, "id": f"{row['id']}.2"} for row in rows if row["learner"].startswith("y:")))
    assert set(known.write(Batch("hr", None, [again])).outcomes[0]) == {Outcome.ADDED}


def test_a_number_that_only_looks_like_none_still_joins(known: Store) -> None:
    numbers = {"x:1": "010", "x:2": " 010", "x:3": "10", "x:4": "NA-1"}
    nodes(known, "Learner", *({"id": id, "label": id} for id in numbers))
    stated = ({"id": f"i:{id}", "learner": id, "system": "employee-number", "value": it} for id, it in numbers.items())
    nodes(known, "Identity", *stated)
    assert [members(known, id) for id in numbers] == [{"x:1", "x:2"}, {"x:1", "x:2"}, {"x:3"}, {"x:4"}]


def hashed(salt: str) -> tuple[Salted, str]:
    """Ada's address, hashed with a salt."""
    return ("hashed:sha256", salt), sha256(f"ada@x.org{salt}".encode()).hexdigest()


def test_badges_of_many_salts_are_of_one_person(known: Store) -> None:
    badges = [f"badges:of-{place}" for place in range(2 * MOST_SALTS + 1)]
    nodes(known, "Learner", *({"id": id, "label": id} for id in badges))
    values = [(id, *hashed(id)) for id in badges]
    stated = [{"id": f"i:{id}", "learner": id, "system": by[0], "value": f"{it} {id}"} for id, by, it in values]
    nodes(known, "Identity", *stated)
    assert members(known, badges[-1]) == members(known, BADGE) == EVERY | set(badges)


@dataclass
class Told:
    """What is asked of people for their hashes: Ada's address is the only one, and is told anew each time."""

    asked: list[int] = field(default_factory=list)

    def hashable(self, since: int) -> tuple[int, Iterable[Stating]]:
        self.asked.append(since)
        return 1, [(7, "email", "ada@x.org")] if since < 0 else []


def test_hashes_are_made_for_a_few_salts_at_once_and_remembered_of_those_asked_for_last() -> None:
    told, hashes = Told(), Hashes()

    def found(*salts: str) -> set[int]:
        told.asked.clear()
        return hashes.keys(cast("Stated", told), {by: [digest] for by, digest in map(hashed, salts)})

    some = [f"salt-{place}" for place in range(2 * MOST_SALTS)]
    assert found(*some) == {7}
    assert told.asked == [-1, -1], "once for each sixteen"
    assert found(some[-1]) == found(some[-2]) == {7}
    assert -1 not in told.asked
    assert found(some[0]) == {7}
    assert told.asked == [-1], "that was forgotten"
    assert found(*some[-MOST_SALTS + 1 :]) == {7}
    assert -1 not in told.asked, "those asked for last are not"
