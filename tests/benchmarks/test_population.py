"""The benchmark's data: the same for a seed, and shaped as docs/benchmarks.md says."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from benchmarks.population import PAIRS, Facts, Population
from benchmarks.roles import H, M, R, roles
from benchmarks.vocabulary import GROUP_SIZE, vocabulary

MILLION = Population(1_000_000)


def test_a_seed_makes_the_same_facts_and_another_seed_others() -> None:
    one, same, other = (Population(500, skills=200, seed=seed).as_told() for seed in (7, 7, 8))
    for column in fields(Facts):
        assert np.array_equal(getattr(one, column.name), getattr(same, column.name))
    assert not np.array_equal(one.person, other.person)


@pytest.mark.parametrize(("role", "postings"), [(H, 3_180_000), (M, 2_000_000), (R, 2_657)])
def test_the_roles_have_as_many_postings_as_those_first_measured(role: str, postings: int) -> None:
    assert _postings(role) == pytest.approx(postings, rel=0.01)


def test_a_million_people_hold_some_twenty_skills_each_of_which_a_few_are_common() -> None:
    assert MILLION.popularity.sum() == pytest.approx(PAIRS * MILLION.people, rel=0.001)
    assert (MILLION.popularity > MILLION.people / 16).sum() == 33


def test_a_person_shows_few_skills_twice_and_every_fact_is_one_of_the_people_in_order() -> None:
    facts = Population(3_000).of_skill(0)
    assert (np.diff(facts.person) >= 0).all()
    assert 0 <= facts.person.min() <= facts.person.max() < 3_000
    assert 1.01 < len(facts) / len(np.unique(facts.person)) < 1.05


def test_the_group_has_as_many_postings_as_the_thirty_mixed_skills() -> None:
    grouped = vocabulary(MILLION, None).grouped
    assert len(grouped) == GROUP_SIZE
    assert MILLION.popularity[list(grouped)].sum() == pytest.approx(_postings(M), rel=0.15)


def _postings(role: str) -> int:
    asked = [one.skill for one in roles(vocabulary(MILLION, None))[role] if one.skill is not None]
    return int(MILLION.popularity[asked].sum())
