"""From evidence to the intervals it supports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.derive.intervals import NO_ATTEMPTS, NO_INTERVALS, Attempts, Intervals
from graph.derive.joins import join, last_of_groups
from graph.derive.ratings import rated
from graph.derive.rules import Rules
from graph.derive.tables import NONE, Codes, Evidence, Ratings
from ontology.values import OPEN


@dataclass(frozen=True, slots=True)
class Derived:
    """What evidence supports: skills, and the credentials that are held while their evidence holds."""

    skills: Intervals
    credentials: Intervals


@dataclass(frozen=True, slots=True)
class PartlyDerived:
    """The same of a part of the evidence, before a later attempt in another part has ended any of it."""

    skills: Intervals
    credentials: Intervals
    attempts: Attempts


@dataclass(frozen=True, slots=True)
class Claims:
    """Levels that rows of evidence (positions) support, each by some rule, before the highest is taken."""

    row: NDArray[np.int64]
    skill: NDArray[np.int64]
    level: NDArray[np.uint8]


def derive(batches: Iterable[Evidence], ratings: Ratings, rules: Rules, codes: Codes) -> Derived:
    """All that the evidence supports.

    The batches hold all evidence of each person they name: a later attempt may stand in another batch.
    """
    found = [PartlyDerived(NO_INTERVALS, NO_INTERVALS, NO_ATTEMPTS)]
    found += (supported(batch, ratings, rules, codes) for batch in batches)
    every = Attempts.joined([each.attempts for each in found])
    skills = Intervals.joined([each.skills for each in found]).ended_by(every)
    return Derived(skills, Intervals.joined([each.credentials for each in found]))


def supported(batch: Evidence, ratings: Ratings, rules: Rules, codes: Codes) -> PartlyDerived:
    """What some of the evidence supports, row after row."""
    evidence = batch.take(supporting(batch, codes))
    claims, until = highest(all_claims(evidence, ratings, rules)), ends(evidence, rules)
    return PartlyDerived(
        _intervals(evidence, claims, until, codes),
        _intervals(evidence, held_credentials(evidence, codes), until, codes),
        attempts_of(evidence, rules, codes),
    )


def valid(evidence: Evidence, codes: Codes) -> NDArray[np.bool_]:
    """Which rows say anything at all: not withdrawn, broken or revoked, about someone, shown at an instant."""
    void = (evidence.verification == codes.broken) | (evidence.verification == codes.revoked)
    alive: NDArray[np.bool_] = (evidence.withdrawn_at < 0) & ~void & (evidence.person >= 0) & (evidence.shown_at >= 0)
    return alive


def supporting(evidence: Evidence, codes: Codes) -> NDArray[np.bool_]:
    """Which rows may support skills: the valid ones that are no failed or waived completion."""
    undone = (evidence.outcome == codes.failed) | (evidence.outcome == codes.waived)
    supports: NDArray[np.bool_] = valid(evidence, codes) & ~((evidence.kind == codes.completion) & undone)
    return supports


def fulfilling(evidence: Evidence, rules: Rules, codes: Codes, at: int) -> NDArray[np.bool_]:
    """Which rows fulfil a prerequisite at an instant: completions, waived ones too, that hold then."""
    done = (evidence.kind == codes.completion) & (evidence.outcome != codes.failed) & (evidence.about != 0)
    in_force = (evidence.shown_at <= at) & (at < ends(evidence, rules))
    fulfils: NDArray[np.bool_] = valid(evidence, codes) & done & in_force
    return fulfils


def holding(evidence: Evidence, rules: Rules, codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(key, until) of rows that hold a credential, or fulfil a prerequisite, from when they were shown until then."""
    passed = (evidence.kind == codes.completion) & (evidence.outcome != codes.failed)
    holds = passed | (evidence.kind == codes.credential)
    held = evidence.take(valid(evidence, codes) & holds & (evidence.about != 0))
    until = ends(held, rules)
    lasting = held.shown_at < until
    return held.key[lasting], until[lasting]


def ends(evidence: Evidence, rules: Rules) -> NDArray[np.int64]:
    """When each row expires: its own expiry, else by the validity of what it is about, else never."""
    own = (evidence.expires_at >= 0) & (evidence.expires_at < OPEN)
    return np.where(own, evidence.expires_at, rules.expiry(evidence.about, evidence.shown_at))


def all_claims(evidence: Evidence, ratings: Ratings, rules: Rules) -> Claims:
    """Every level that any rule gives; the rules add up."""
    parts = [stated(evidence, rules), granted(evidence, rules), Claims(*rated(evidence, ratings, rules))]
    return Claims(*(np.concatenate([getattr(part, name) for part in parts]) for name in Claims.__dataclass_fields__))


def stated(evidence: Evidence, rules: Rules) -> Claims:
    """The skill and level that a row states itself, whatever its kind."""
    rows = np.flatnonzero((evidence.skill != 0) & (evidence.level != NONE))
    levels = rules.scales.resolve(evidence.level[rows], evidence.scale[rows], evidence.shown_at[rows])
    return Claims(rows, evidence.skill[rows], levels)


def granted(evidence: Evidence, rules: Rules) -> Claims:
    """What the thing a row is about TEACHES, MEASURES at the row's score, or ATTESTS, by edges in force when shown."""
    grants = rules.grants
    rows, edges = join(evidence.about, grants.about)
    shown_at = evidence.shown_at[rows]
    in_force = (grants.since[edges] <= shown_at) & (shown_at < grants.until[edges])
    applies = in_force & (evidence.kind[rows] == grants.kind[edges]) & (evidence.score[rows] >= grants.cut[edges])
    rows, edges = rows[applies], edges[applies]
    levels = rules.scales.resolve(grants.level[edges], grants.scale[edges], evidence.shown_at[rows])
    return Claims(rows, grants.skill[edges], levels)


def highest(claims: Claims) -> Claims:
    """The highest level of each (row, skill); what stays below the lowest level supports nothing."""
    if len(claims.row) and max(claims.row.max() >> _ROW_BITS, claims.skill.max() >> _SKILL_BITS):
        best = last_of_groups([claims.row, claims.skill], [claims.level])
        best = best[claims.level[best] > 0]
        return Claims(claims.row[best], claims.skill[best], claims.level[best])
    packed = np.sort(claims.row << (_SKILL_BITS + 8) | claims.skill.astype(np.int64) << 8 | claims.level, kind="stable")
    last = np.append(packed[1:] >> 8 != packed[:-1] >> 8, np.ones(min(len(packed), 1), np.bool_))
    best = packed[last & (packed & 255 > 0)]
    row, skill = best >> (_SKILL_BITS + 8), best >> 8 & ((1 << _SKILL_BITS) - 1)
    return Claims(row, skill, (best & 255).astype(np.uint8))


_ROW_BITS, _SKILL_BITS = 22, 32
"""A claim in one word, which is far faster to sort than three columns: the rules give runs that ascend."""


def held_credentials(evidence: Evidence, codes: Codes) -> Claims:
    """The credential itself is held while its evidence holds."""
    rows = np.flatnonzero((evidence.kind == codes.credential) & (evidence.about != 0))
    return Claims(rows, evidence.about[rows], np.ones(len(rows), np.uint8))


def attempts_of(evidence: Evidence, rules: Rules, codes: Codes) -> Attempts:
    """Rows that are attempts at an assessment of which the latest counts, whatever they support."""
    latest = np.array(sorted(rules.latest), np.int64)
    rows = np.flatnonzero((evidence.kind == codes.assessment) & np.isin(evidence.about, latest))
    return Attempts(evidence.person[rows], evidence.about[rows], evidence.shown_at[rows], evidence.key[rows])


def _intervals(evidence: Evidence, claims: Claims, until: NDArray[np.int64], codes: Codes) -> Intervals:
    """Claims over time; those that end before they begin are none."""
    lasting = evidence.shown_at[claims.row] < until[claims.row]
    rows = claims.row[lasting]
    return Intervals(
        subject=claims.skill[lasting],
        person=evidence.person[rows],
        level=claims.level[lasting],
        kind=evidence.kind[rows].astype(np.uint8),
        unverified=evidence.verification[rows] == codes.unverified,
        since=evidence.shown_at[rows].astype(np.uint32),
        until=until[rows].astype(np.uint32),
        evidence=evidence.key[rows],
    )
