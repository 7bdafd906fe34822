"""What the index says is held is what a plain reading of the design says, whatever the company."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.evidence import classes
from graph.index import Index, IndexKeeper
from graph.open import open_store
from graph.settings import Settings
from graph.store import Store
from tests.companies import COHORTS, CREDENTIALS, OPENINGS, PLACES, SKILLS, UNITS, Company, Load, companies
from tests.index.telling import expected_levels, instants_of, levels_of, persons_of, tell
from tests.oracle import Counting, Oracle

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@SLOW
@given(companies(), st.data())
def test_built_moved_and_rebuilt_alike(company: Company, data: st.DataObject) -> None:
    order = data.draw(st.permutations(company.later))
    moments = data.draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:{Path(folder) / 'company.db'}")
        choice = Settings(source_order=company.source_order)
        keeper = IndexKeeper(store, choice)
        told: list[Load] = []
        for load in company.first:
            tell(store, load)
            told.append(load)
        agree(keeper.current(), company.oracle(told), store)
        for load, look in zip(order, moments, strict=True):
            tell(store, load)
            told.append(load)
            if look:
                agree(keeper.current(), company.oracle(told), store)
        oracle = company.oracle()
        agree(keeper.current(), oracle, store)
        agree(IndexKeeper(store, choice).current(), oracle, store)
        store.close()


def agree(index: Index, oracle: Oracle, store: Store) -> None:
    """The index and the brute force say the same of everyone at every instant at which something changes."""
    assert index.number == store.number()
    assert persons_of(index) == oracle.persons
    found = {(each.system, frozenset(each.values), frozenset(each.members)) for each in index.contradictions}
    assert found == oracle.contradictions
    kinds = classes(store.model)
    for at in instants_of(oracle):
        every = Counting(kinds=frozenset(kinds))
        assert levels_of(index, SKILLS, at, range(1, len(kinds) + 1)) == expected_levels(oracle, SKILLS, at, every)
        shown = [place for place, of in enumerate(kinds.values(), start=1) if of == "shown"]
        assert levels_of(index, SKILLS, at, shown) == expected_levels(oracle, SKILLS, at, Counting(shown_only=True))
    agree_on_evidence(index, oracle, store)
    agree_on_reach(index, oracle)
    agree_on_filters(index, oracle)


def agree_on_evidence(index: Index, oracle: Oracle, store: Store) -> None:
    """Interval by interval."""
    postings = index.postings(SKILLS)
    kinds = store.model.nodes["Evidence"].properties["kind"].values
    evidence = store.ids("Evidence", postings.evidence.tolist())
    names = [index.people.id_of(person) for person in postings.person.tolist()]
    rows = zip(
        names,
        [SKILLS[skill] for skill in postings.skill.tolist()],
        postings.level.tolist(),
        postings.since.tolist(),
        postings.until.tolist(),
        [kinds[kind - 1] for kind in postings.kind.tolist()],
        postings.unverified.tolist(),
        evidence,
        strict=True,
    )
    expected = [(person, *vars(each).values()) for person, found in oracle.supports.items() for each in found]
    assert sorted(rows) == sorted(expected)
    for person in oracle.persons:
        number = index.people.number_of(person)
        assert number is not None
        own = index.person_postings(number)
        assert list(own.skills) == sorted({each.skill for each in oracle.supports[person]})
        pairs = sorted(
            (own.skills[skill], level) for skill, level in zip(own.skill.tolist(), own.level.tolist(), strict=True)
        )
        assert pairs == sorted((each.skill, each.level) for each in oracle.supports[person])


def agree_on_reach(index: Index, oracle: Oracle) -> None:
    for skill in SKILLS:
        for narrower in (False, True):
            assert index.reach(skill, narrower) == tuple(sorted(oracle.reach(skill, narrower)))


def agree_on_filters(index: Index, oracle: Oracle) -> None:
    for at in instants_of(oracle)[:: max(1, len(instants_of(oracle)) // 8)]:
        for group in (*UNITS, *COHORTS):
            assert people_in(index, index.members_of([group], at)) == oracle.members_of([group], at)
        for place in PLACES:
            assert people_in(index, index.located(place, at)) == oracle.located(place, at)
        assert people_in(index, index.internal(at)) == oracle.internal(at)
        assert people_in(index, index.applied_to(OPENINGS[0], at)) == oracle.applied_to(OPENINGS[0], at)
        held = index.credentials_of(CREDENTIALS, np.arange(index.people.count, dtype=np.int32))
        now = (held.since <= at) & (at < held.until)
        pairs = {
            (index.people.id_of(person), CREDENTIALS[which])
            for person, which in zip(held.person[now].tolist(), held.skill[now].tolist(), strict=True)
        }
        expected = {
            (person, each)
            for person in oracle.persons
            for each in CREDENTIALS
            if oracle.holds_credential(person, each, at)
        }
        assert pairs == expected


def people_in(index: Index, mask: Iterable[bool]) -> set[str]:
    return {index.people.id_of(number) for number, inside in enumerate(mask) if inside}
