"""Ratings to one level a skill: the lower median of each rater's ratings, then the lower median over raters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graph.derive.joins import join, last_of_groups, lower_medians
from graph.derive.rules import Rules
from graph.derive.tables import NONE, Evidence, Ratings

Levels = NDArray[np.uint8]
Positions = NDArray[np.int64]


def rated(evidence: Evidence, ratings: Ratings, rules: Rules) -> tuple[Positions, Positions, Levels]:
    """(row of evidence, skill, level) of all Ratings within the rows of evidence."""
    row, rating = join(evidence.key, ratings.evidence)
    level, says = _levels(rating, evidence.shown_at[row], ratings, rules)
    row, rating, level = row[says], rating[says], level[says]
    place, skill = _skills(rating, ratings, rules)
    row, rater, level = row[place], ratings.rater[rating[place]], level[place]
    of_raters = lower_medians([row, skill, rater], level)
    row, skill, level = row[of_raters], skill[of_raters], level[of_raters]
    of_all = lower_medians([row, skill], level)
    return row[of_all], skill[of_all], level[of_all]


def _levels(
    rating: Positions, shown_at: NDArray[np.int64], ratings: Ratings, rules: Rules
) -> tuple[Levels, NDArray[np.bool_]]:
    """Each rating's level, its own or by its points, and whether it says one; 0 is below the lowest level."""
    own = ratings.level[rating] != NONE
    pointed = ~own & (ratings.points[rating] != NONE) & (ratings.criterion[rating] != 0)
    levels = np.zeros(len(rating), np.uint8)
    levels[own] = rules.scales.resolve(ratings.level[rating[own]], ratings.scale[rating[own]], shown_at[own])
    levels[pointed] = _pointed_levels(rating[pointed], shown_at[pointed], ratings, rules)
    return levels, own | pointed


def _pointed_levels(rating: Positions, shown_at: NDArray[np.int64], ratings: Ratings, rules: Rules) -> Levels:
    """The level of the highest CriterionLevel whose points are not above the rating's."""
    steps = rules.marks.levels
    place, step = join(ratings.criterion[rating], steps.criterion)
    reached = steps.points[step] <= ratings.points[rating[place]]
    place, step = place[reached], step[reached]
    found = rules.scales.resolve(steps.level[step], steps.scale[step], shown_at[place])
    best = last_of_groups([place], [steps.points[step], found])
    levels = np.zeros(len(rating), np.uint8)
    levels[place[best]] = found[best]
    return levels


def _skills(rating: Positions, ratings: Ratings, rules: Rules) -> tuple[Positions, Positions]:
    """(position in `rating`, skill): the rating's own skill, else each that its criterion ASSESSES."""
    own = np.flatnonzero(ratings.skill[rating] != 0)
    others = np.flatnonzero(ratings.skill[rating] == 0)
    place, edge = join(ratings.criterion[rating[others]], rules.marks.assessed.criterion)
    skills = np.concatenate([ratings.skill[rating[own]], rules.marks.assessed.skill[edge]])
    return np.concatenate([own, others[place]]), skills
