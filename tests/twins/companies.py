"""Companies that teach and offer more than those of `tests.companies`, and questions of every kind about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from graph.viewer import OPERATOR, Viewer
from ontology.values import format_instant, parse_instant
from tests.companies import (
    ASSESSMENTS,
    COHORTS,
    COURSES,
    CREDENTIALS,
    HR,
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
    Maker,
    kept,
)
from tests.oracle import FOR_EVER, Oracle, Row, after
from tests.queries.test_oracle import AGES, busy_companies

MORE_COURSES = tuple(f"course:{name}" for name in ("three", "four", "five", "six"))
MORE_ROLES = ("role:three",)
MORE_OPENINGS = ("opening:of-both", "opening:of-none", "opening:below")
LANGUAGE = "de"
NOWHERE = ("person:nobody", "skill:a", "unit:all", "no id")

Raw = dict[str, Any]


@st.composite
def rich_companies(draw: st.DrawFn) -> Company:
    """Busy companies with paths of courses, some in circles, what is not offered any more, openings of several roles
    and of none."""
    company = draw(busy_companies(later=1))
    make = Maker(draw, 2)
    courses = (*COURSES, *MORE_COURSES)
    circles = make.yes()
    paths = [
        (course, need)
        for course, need in make.pairs(courses, courses, 8)
        if circles or courses.index(course) > courses.index(need)
    ]
    more: dict[str, list[Row]] = {
        "LearningObject": [_course(make, id) for id in MORE_COURSES],
        "TEACHES": make.level_rules(MORE_COURSES),
        "ASSESSED_BY": make.plain(make.pairs(courses, ASSESSMENTS, 4)),
        "PREREQUISITE": make.plain(paths),
        "Role": [make.row(id=id, label=id, status=make.maybe(("draft", "retired", "active"))) for id in MORE_ROLES],
        "Requisition": [make.opening(id) for id in MORE_OPENINGS],
        "FOR_ROLE": make.plain([(MORE_OPENINGS[0], role) for role in ROLES]),
        "REQUIRES": [
            *(make.requires(start, end) for start, end in make.pairs((*MORE_ROLES, MORE_OPENINGS[1]), SKILLS, 4)),
            make.row(from_=MORE_OPENINGS[2], to=SKILLS[0], level="0.5"),
        ],
        "REQUIRES_CREDENTIAL": make.plain(make.pairs((*MORE_ROLES, MORE_OPENINGS[1]), CREDENTIALS, 2)),
        "Evidence": [_completion(make, number) for number in range(draw(st.integers(0, 5)))],
    }
    return replace(company, first=(*company.first, Load(HR, 2, kept(more))))


def _course(make: Maker, id: str) -> Row:
    """Some with a label in another language, beyond the characters of two bytes too."""
    status = make.one(("", "", "", "active", "draft", "archived", "retired"))
    row = make.row(id=id, label=f"{id} \ufffd \U0001f600", status=status)
    return {**row, f"label@{LANGUAGE}": f"Kurs {id}"} if make.yes() else row


def _completion(make: Maker, number: int) -> Row:
    return make.row(
        id=f"evidence:more-{number}", learner=make.one(LEARNERS), kind="completion", about=make.one(MORE_COURSES),
        outcome=make.maybe(("passed", "failed", "waived")), shown_at=make.one(MOMENTS[:5]),
        expires_at=make.maybe(MOMENTS[5:]), withdrawn_at=make.one(("", "", "", MOMENTS[-1])),
    )  # fmt: skip


@dataclass(frozen=True)
class Put:
    """A question put by someone, at an instant."""

    question: str
    raw: Mapping[str, Any]
    viewer: Viewer
    now: int
    language: str


_MATCHING = frozenset({"match", "graph"})
VIEWERS = (
    *3 * (OPERATOR, Viewer(_MATCHING)),
    *(Viewer(_MATCHING, org_units=frozenset({unit})) for unit in UNITS),
    Viewer(_MATCHING, org_units=frozenset({*COHORTS, "unit:none"})),
    Viewer(_MATCHING, org_units=frozenset()),
)
"""Who is limited to units sees no names here: of whom names are seen, the store tells by its own clock."""


@st.composite
def questions(draw: st.DrawFn, oracle: Oracle) -> Put:
    """Any question with any parameters, by anyone; some are refused."""
    name = draw(st.sampled_from(sorted(QUESTIONS)))
    always, sometimes = QUESTIONS[name]
    chosen = draw(st.lists(st.sampled_from(sorted(sometimes)), max_size=3, unique=True)) if sometimes else []
    age = draw(sometimes["max_age"]) if "max_age" in chosen else None
    raw = {
        **{each: draw(values) for each, values in always.items()},
        **{each: age if each == "max_age" else draw(sometimes[each]) for each in chosen},
        "as_of": format_instant(draw(instants(oracle, age))),
    }
    if draw(st.sampled_from((False, False, False, True))):
        del raw["as_of"]
    if "profile" in raw and draw(st.booleans()):
        del raw["role"]
    language = draw(st.sampled_from(("", LANGUAGE)))
    return Put(name, raw, draw(st.sampled_from(VIEWERS)), draw(instants(oracle)), language)


def instants(oracle: Oracle, age: str | None = None) -> st.SearchStrategy[int]:
    """Instants at which something begins or ends to count, and the ones before and after."""
    supports = [each for supports in oracle.supports.values() for each in supports]
    found = {end for each in supports for end in (each.since, each.until)} - {FOR_EVER}
    found |= {after(each.since, age) for each in supports} - {FOR_EVER} if age else set()
    moments = {parse_instant(moment)[0] for moment in MOMENTS}
    return st.sampled_from(sorted({turn + step for turn in found for step in (-1, 0, 1)} | moments))


def _some(values: Sequence[str]) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


_PERSON = st.sampled_from((*9 * LEARNERS, *NOWHERE))
_ROLE = st.sampled_from((*4 * ROLES, *4 * OPENINGS, *2 * MORE_ROLES, *MORE_OPENINGS, *NOWHERE[:1]))
_SKILL = st.sampled_from((*9 * SKILLS, *NOWHERE))
_REACH = st.sampled_from(("exact", "narrower"))
_COUNTS = {
    "evidence_kinds": st.lists(st.sampled_from(KINDS), min_size=1, unique=True),
    "max_age": st.sampled_from(AGES),
    "verified_only": st.booleans(),
}
_WANTED = st.fixed_dictionaries(
    {"skill": _SKILL, "level": st.sampled_from((1, 2, 2, 2, 3, 3, 1, 4))},
    optional={
        "weight": st.integers(1, 9),
        "kind": st.sampled_from(("must", "essential", "preferred")),
        "reach": _REACH,
        "proof": st.sampled_from(("any", "shown")),
    },
)
Values = Mapping[str, st.SearchStrategy[Any]]
QUESTIONS: Mapping[str, tuple[Values, Values]] = {
    "role-profile": ({"role": _ROLE}, {}),
    "skill-sources": ({"skill": _SKILL, "reach": _REACH}, {"level": st.integers(1, 4)}),
    "person-skills": ({"person": _PERSON}, _COUNTS),
    "person-roles": ({"person": _PERSON}, {"limit": st.integers(1, 2), **_COUNTS}),
    "person-gap": ({"person": _PERSON, "role": _ROLE}, _COUNTS),
    "role-matches": (
        {"role": _ROLE},
        {
            "profile": st.lists(_WANTED, min_size=1, max_size=4),
            "threshold": st.sampled_from((0, 0.5, 0.667, 0.833, 1)),
            "limit": st.integers(1, 3),
            "cohort": _some((*4 * COHORTS, *NOWHERE)),
            "org_unit": _some((*4 * UNITS, *NOWHERE)),
            "location": st.sampled_from((*PLACES, "Nowhere")),
            "kind": st.sampled_from(("internal", "external")),
            "applied_to": st.sampled_from((*9 * OPENINGS, *NOWHERE)),
            "people": _some((*4 * LEARNERS, *NOWHERE)),
            "exclude": _some((*4 * LEARNERS, *NOWHERE)),
            **_COUNTS,
            "ready_only": st.booleans(),
            "explain": st.booleans(),
        },
    ),
}
"""Question -> the parameters it is always given here, and those it is sometimes given."""
