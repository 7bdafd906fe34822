"""`role-matches` says what a plain reading of the design says, whatever the company, the instant and the loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.index import IndexKeeper, held
from graph.loops import Loops, compiled, plain
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from graph.viewer import OPERATOR
from ontology.values import format_instant, parse_instant
from queries import matching, ranking
from queries.ask import ask
from queries.question import Answer
from tests.companies import (
    COHORTS,
    CREDENTIALS,
    KINDS,
    LEARNERS,
    MOMENTS,
    OPENINGS,
    PLACES,
    ROLES,
    SKILLS,
    UNITS,
    Company,
    Load,
    companies,
)
from tests.index.telling import tell
from tests.oracle import FOR_EVER, Counting, Match, Oracle, Profile, Requirement, after

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
NOW = parse_instant("2024-12-24")[0]
AGES = ("P1M", "P6M", "P1Y", "P500D")
Raw = dict[str, Any]


@st.composite
def busy_companies(draw: st.DrawFn, later: int = 3) -> Company:
    """Companies in which more is held: by one rule or another, most of a company's own evidence supports nothing."""
    company = draw(companies(later))
    rows: list[dict[str, str]] = draw(st.lists(st.fixed_dictionaries(dict(PLAIN_EVIDENCE)), min_size=6, max_size=16))
    numbered = [
        {name: text for name, text in {**row, "id": f"evidence:busy-{place}", "version": "2"}.items() if text}
        for place, row in enumerate(rows)
    ]
    return replace(company, first=(*company.first, Load("hr", 2, {"Evidence": numbered})))


PLAIN_EVIDENCE: Mapping[str, st.SearchStrategy[str]] = {
    "learner": st.sampled_from(LEARNERS),
    "kind": st.sampled_from(KINDS),
    "about": st.sampled_from(("", *CREDENTIALS)),
    "skill": st.sampled_from(SKILLS),
    "level": st.sampled_from("1223"),
    "shown_at": st.sampled_from(MOMENTS[:4]),
    "expires_at": st.sampled_from(("", "", *MOMENTS[4:])),
    "verification": st.sampled_from(("", "", "unverified")),
}


@dataclass(frozen=True)
class Way:
    """One way to the same answer: by which loops, so many people at a time, and what counts as few, common and long."""

    loops: Loops
    stretch: int = held.STRETCH
    few: int = matching._FEW
    common: int = held.COMMON
    long: int = held._LONG

    @contextmanager
    def taken(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for module in (held, matching, ranking):
                patch.setattr(module, "STRETCH", self.stretch)
            patch.setattr(matching, "_FEW", self.few)
            patch.setattr(held, "COMMON", self.common)
            patch.setattr(held, "_LONG", self.long)
            yield


WAYS = (
    Way(plain),
    Way(compiled, stretch=3, long=1),
    Way(compiled, few=1, common=1),
    Way(plain, stretch=2, common=1, long=2),
)


class Told:
    """A store, and the loads it was told."""

    def __init__(self, store: Store, company: Company) -> None:
        self.store, self.company = store, company
        settings = Settings(source_order=company.source_order)
        self.keepers = [IndexKeeper(store, settings, loops=way.loops) for way in WAYS]
        self.loads: list[Load] = []

    def tell(self, loads: Sequence[Load]) -> None:
        for load in loads:
            tell(self.store, load)
            self.loads.append(load)

    @property
    def oracle(self) -> Oracle:
        return self.company.oracle(self.loads)

    def ask(self, raw: Raw) -> Answer:
        """What every way leads to."""
        answers = []
        for way, keeper in zip(WAYS, self.keepers, strict=True):
            with way.taken():
                answers.append(ask(self.store, keeper, OPERATOR, "role-matches", raw, NOW, text=False))
        assert all(answer == answers[0] for answer in answers)
        return answers[0]


@contextmanager
def told(company: Company, loads: Sequence[Load] | None = None) -> Iterator[Told]:
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{Path(folder) / 'company.db'}")
        one = Told(store, company)
        one.tell((*company.first, *company.later) if loads is None else loads)
        yield one
        store.close()


@st.composite
def countings(draw: st.DrawFn) -> tuple[Counting, Raw]:
    """What counts, as the oracle and as the question take it; mostly everything."""
    kinds = draw(st.none() | st.none() | st.lists(st.sampled_from(KINDS), min_size=1, unique=True))
    age = draw(st.none() | st.none() | st.sampled_from(AGES))
    verified = draw(st.sampled_from((False, False, True)))
    raw: Raw = {"evidence_kinds": kinds, "max_age": age, "verified_only": verified}
    return Counting(frozenset(kinds) if kinds else None, age, verified), raw


def turns(oracle: Oracle, age: str | None = None) -> st.SearchStrategy[int]:
    """Instants at which something begins or ends to count, and the ones before and after."""
    supports = [each for supports in oracle.supports.values() for each in supports]
    found = {end for each in supports for end in (each.since, each.until)} - {FOR_EVER}
    found |= {after(each.since, age) for each in supports} if age else set()
    moments = {parse_instant(moment)[0] for moment in MOMENTS}
    return st.sampled_from(sorted({turn + step for turn in found for step in (-1, 0, 1)} | moments))


def asked_alike(one: Told, data: st.DataObject) -> None:
    """One random question has the brute force's answer."""
    oracle = one.oracle
    counting, raw = data.draw(countings())
    at = data.draw(turns(oracle, counting.max_age))
    profile, subject = data.draw(subjects(oracle, at))
    people, filters = data.draw(filtered(oracle, at))
    answer = one.ask({**subject, **filters, **raw, "as_of": format_instant(at), "limit": 1000})
    expected = oracle.role_matches(profile, at, counting, people)
    assert [summary(row) for row in answer.rows] == [expected_summary(match) for match in expected]
    assert [explained(row) for row in answer.rows] == [expected_explanation(match) for match in expected]
    assert (answer.total, answer.cut_ties, answer.next) == (len(expected), 0, None)


@st.composite
def subjects(draw: st.DrawFn, oracle: Oracle, at: int) -> tuple[Profile, Raw]:
    """A role, an opening or a profile of its own; sometimes with a threshold of the question."""
    thousandths = draw(st.none() | st.sampled_from((0, 500, 667, 833, 1000)))
    threshold = None if thousandths is None else Decimal(thousandths) / 1000
    raw: Raw = {} if thousandths is None else {"threshold": thousandths / 1000}
    id = draw(st.none() | st.none() | st.sampled_from((*ROLES, *OPENINGS)))
    if id is None:
        lines = draw(st.lists(requirements(oracle), min_size=1, max_size=4, unique_by=lambda line: line.skill))
        profile, raw = Profile(tuple(lines)), {**raw, "profile": [vars(line) for line in lines]}
    else:
        profile, raw = oracle.profile(id, at), {**raw, "role": id}
    return profile if threshold is None else replace(profile, threshold=threshold), raw


def requirements(oracle: Oracle) -> st.SearchStrategy[Requirement]:
    """Any, but more of skills that someone holds."""
    held = sorted({each.skill for supports in oracle.supports.values() for each in supports})
    return st.builds(
        Requirement,
        st.sampled_from(SKILLS) | st.sampled_from(held or SKILLS),
        st.integers(1, 3),
        st.integers(1, 5),
        st.sampled_from(("must", "essential", "preferred")),
        st.sampled_from(("exact", "narrower")),
        st.sampled_from(("any", "shown")),
    )


@st.composite
def filtered(draw: st.DrawFn, oracle: Oracle, at: int) -> tuple[set[str] | None, Raw]:
    """At most one filter, mostly none, and whom it lets through."""
    internal = oracle.internal(at)
    someone = draw(st.sampled_from(sorted(oracle.person_of)))
    choices: list[tuple[set[str] | None, Raw]] = [
        (None, {}),
        (oracle.members_of(COHORTS, at), {"cohort": list(COHORTS)}),
        *((oracle.members_of([unit], at), {"org_unit": [unit]}) for unit in UNITS),
        *((oracle.located(place, at), {"location": place}) for place in PLACES),
        (internal, {"kind": "internal"}),
        (set(oracle.persons) - internal, {"kind": "external"}),
        (oracle.applied_to(OPENINGS[0], at), {"applied_to": OPENINGS[0]}),
        ({oracle.person_of[someone]}, {"people": [someone]}),
        (set(oracle.persons) - {oracle.person_of[someone]}, {"exclude": [someone]}),
    ]
    return draw(st.just(choices[0]) | st.just(choices[0]) | st.sampled_from(choices))


def summary(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("person", "rank", "ready", "points", "of", "met", "required"))


def expected_summary(match: Match) -> tuple[Any, ...]:
    return (match.person, match.rank, match.ready, match.points, match.of, match.met, match.required)


def explained(row: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    names = ("skill", "needed", "held", "weight", "kind", "proof", "is_met", "class", "through")
    return {(*(part[name] for name in names), frozenset(part["evidence"])) for part in row["requirements"]}


def expected_explanation(match: Match) -> set[tuple[Any, ...]]:
    return {
        (
            *(met.requirement.skill, met.requirement.level, met.held),
            *(met.requirement.weight, met.requirement.kind, met.requirement.proof),
            *(met.is_met, met.evidence_class, met.through, met.evidence),
        )
        for met in match.requirements
    }


@settings(SLOW, max_examples=60)
@given(busy_companies(), st.data())
def test_rows_are_those_of_the_brute_force_before_and_after_further_loads(
    company: Company, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(company.later))
    with told(company, company.first) as one:
        for _ in range(8):
            asked_alike(one, data)
        for load in order:
            one.tell([load])
            for _ in range(4):
                asked_alike(one, data)


@settings(SLOW, max_examples=25)
@given(busy_companies(later=1), st.integers(1, 3), st.data())
def test_pages_one_after_another_are_the_whole_answer(company: Company, limit: int, data: st.DataObject) -> None:
    with told(company) as one:
        at = data.draw(turns(one.oracle))
        raw: Raw = {"role": data.draw(st.sampled_from(ROLES)), "as_of": format_instant(at)}
        whole = one.ask({**raw, "limit": 1000})
        rows: list[Mapping[str, Any]] = []
        cursor = None
        for _ in range(len(whole.rows) + 1):
            answer = one.ask({**raw, "limit": limit, "cursor": cursor})
            rows += answer.rows
            assert answer.cut_ties == ties_after(whole, len(rows))
            if (cursor := answer.next) is None:
                break
        assert rows == list(whole.rows)


def ties_after(whole: Answer, shown: int) -> int:
    return sum(row["rank"] == whole.rows[shown - 1]["rank"] for row in whole.rows[shown:]) if shown else 0


@settings(SLOW, max_examples=25)
@given(busy_companies(later=1), st.data())
def test_who_changed_nothing_is_neither_missed_nor_repeated(company: Company, data: st.DataObject) -> None:
    """Between any two pages the later loads may come; whoever they left as they were is seen once."""
    raw: Raw = {"role": data.draw(st.sampled_from(ROLES)), "as_of": MOMENTS[-1]}
    with told(company, company.first) as one:
        before = standings(one.ask({**raw, "limit": 1000}))
        first = one.ask({**raw, "limit": data.draw(st.integers(1, 3))})
        one.tell(company.later)
        after = standings(one.ask({**raw, "limit": 1000}))
        seen = [row["person"] for row in first.rows]
        answer = first
        while answer.next is not None:
            answer = one.ask({**raw, "limit": len(first.rows), "cursor": answer.next})
            seen += [row["person"] for row in answer.rows]
        for person in before.keys() & after.keys():
            if before[person] == after[person]:
                assert seen.count(person) == 1


def standings(answer: Answer) -> dict[str, tuple[bool, int]]:
    return {row["person"]: (row["ready"], row["points"]) for row in answer.rows}


@settings(SLOW, max_examples=15)
@given(busy_companies(later=0), st.sampled_from(ROLES), st.data())
def test_protected_attributes_change_no_ranking(company: Company, role: str, data: st.DataObject) -> None:
    with told(company) as one:
        raw: Raw = {"role": role, "as_of": MOMENTS[-1]}
        before = one.ask(raw)
        for version in (10, 11):
            rows = [
                {"id": f"protected:{place}", "learner": learner, "attribute": "gender", "version": str(version)}
                | {"value": data.draw(st.sampled_from("abc"))}
                for place, learner in enumerate(sorted(one.oracle.person_of))
            ]
            tell(one.store, Load("hr", version, {"Protected": rows}))
            assert one.ask(raw).rows == before.rows
