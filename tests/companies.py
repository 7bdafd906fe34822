"""Small companies with every rule of design sections 3, 4 and 5 in play, as rows of native tables, for Hypothesis.

A company is a few first loads, then later ones that change, add, withdraw and rejoin. Later loads may come in any
order: each load has its own version, no two of them the same, and refers to nothing that another later load adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1, sha256
from typing import Any

from hypothesis import strategies as st

from tests.oracle import Oracle, Row, Rows, newest

HR, LMS = "hr", "lms"

SKILLS = tuple(f"skill:{letter}" for letter in "abcde")
COURSES = ("course:one", "course:two")
ASSESSMENTS = ("assessment:one", "assessment:two")
CREDENTIALS = ("credential:one", "credential:two")
CRITERIA = ("criterion:one", "criterion:two")
MARKS = tuple(f"mark:{number}" for number in range(4))
LEVELS = tuple(f"level:ten-{rank}" for rank in (1, 2, 3))
HOME = ("level:foundation", "level:practitioner", "level:advanced")
LEARNERS = tuple(f"person:{letter}" for letter in "vwxyz")
UNITS = ("unit:all", "unit:north", "unit:city")
COHORTS = ("cohort:pilot",)
ROLES = ("role:one", "role:two")
OPENINGS = ("opening:one",)
PLACES = ("Aberdeen", "Bergen")

TURN = "2024-06-01T00:00:00Z"
"""When crosswalks change."""

MOMENTS = ("2023-01-31", "2023-07-01", "2024-02-29", "2024-05-31T23:59:59Z", TURN, "2024-08-15T12:00:00Z", "2025-01-31")
"""In ascending order."""

VALIDITIES = ("", "P1M", "P1Y", "P30D", "P1Y1M1D")
KINDS = ("completion", "assessment", "credential", "interview", "work_sample", "manager_rating", "self_rating")
CUTS = ("1:0.5|2:0.7|3:0.9", "1:0|2:0.700001", "2:0.6", "3:1", "1:0.3|3:0.7")
SCORES = ("", "0", "0.3", "0.5", "0.7", "0.9", "1")
SALTED = sha256(b"one@x.examplesalt").hexdigest()
IDENTITIES = (
    "email one@x.example", "email MAILTO:One@X.example", "email 2", "badge 1",
    "employee-number 1", "employee-number 2 ",
    f"mbox_sha1sum {sha1(b'mailto:one@x.example').hexdigest()}",
    f"mbox_sha1sum {sha1(b'mailto:One@X.example').hexdigest().upper()}", f"hashed:sha256 {SALTED} salt",
)  # fmt: skip
"""System and value; most of them are of one address, written or hashed in several ways."""
THRESHOLDS = ("", "0", "0.5", "0.667", "0.8", "1")


@dataclass(frozen=True)
class Load:
    """Rows that one source states at once."""

    source: str
    version: int
    rows: Rows


@dataclass(frozen=True)
class Company:
    """Loads in the order they are made; only the later ones may change places."""

    first: tuple[Load, ...]
    later: tuple[Load, ...]
    source_order: tuple[str, ...]

    def oracle(self, loads: Sequence[Load] | None = None) -> Oracle:
        """The brute force over some of the loads, all by default."""
        read = (*self.first, *self.later) if loads is None else loads
        sources = {row["id"]: load.source for load in read for row in load.rows.get("Learner", ())}
        return Oracle(newest(load.rows for load in read), sources, self.source_order)


class Maker:
    """Draws rows; every row of it has one version."""

    def __init__(self, draw: Callable[[Any], Any], version: int, below: bool = True) -> None:
        self.draw, self.version, self.below = draw, version, below

    def one(self, choices: Sequence[str]) -> str:
        return str(self.draw(st.sampled_from(choices)))

    def maybe(self, choices: Sequence[str]) -> str:
        return self.one(("", *choices))

    def yes(self) -> bool:
        return bool(self.draw(st.booleans()))

    def some(self, choices: Sequence[Any], most: int = 9) -> list[Any]:
        if not choices:
            return []
        return list(self.draw(st.lists(st.sampled_from(choices), unique=True, max_size=min(most, len(choices)))))

    def row(self, **cells: str) -> Row:
        """A row without its empty cells."""
        given = {name.rstrip("_"): text for name, text in cells.items() if text}
        return {**given, "version": str(self.version)}

    def span(self) -> dict[str, str]:
        """since <= until, either or both absent."""
        first, last = sorted(self.draw(st.tuples(*2 * [st.integers(0, len(MOMENTS) - 1)])))
        return {"since": MOMENTS[first] if self.yes() else "", "until": MOMENTS[last] if self.yes() else ""}

    def rule_span(self) -> dict[str, str]:
        """Most rules are undated."""
        return self.span() if self.yes() and self.yes() else {}

    def level(self, said: bool = False) -> dict[str, str]:
        """A level and its scale; what is `said` of people may be below the lowest level of the scale, if rows may."""
        foreign = ("5", "7", "10", *(("3", "7.5") if said else ()), *(("0.4",) if said and self.below else ()))
        home = ("1", "2", "2.5", "3", *(("0.5", "0.5") if said and self.below else ()))
        if self.one("001") == "1":
            return {"level": self.one(foreign), "scale": "scale:ten"}
        return {"level": self.one(home)}

    # ---------------------------------------------------------------------------------------- tables

    def scales(self) -> dict[str, list[Row]]:
        """A foreign scale whose crosswalk changes at `TURN`, lawful before and after."""
        bounds = self.draw(st.sampled_from((("1", "2.5", "7.5"), ("", "", ""), ("1.5", "", "3"))))
        rows = [
            self.row(id=id, label=id, scale="scale:ten", rank=str(rank), lower_bound=bound)
            for rank, (id, bound) in enumerate(zip(LEVELS, bounds, strict=True), start=1)
        ]
        return {"Scale": [self.row(id="scale:ten", label="ten")], "Level": rows, "CORRESPONDS_TO": self.crosswalk()}

    def crosswalk(self) -> list[Row]:
        """Rising; a lowest level may correspond to nothing. What no longer holds ended before time began."""
        before, after_turn = ([*sorted(self.draw(st.tuples(*2 * [st.integers(0, 3)]))), 3] for _ in range(2))
        rows = []
        for place, level in enumerate(LEVELS):
            for rank, home in enumerate(HOME, start=1):
                spans = {(True, True): {}, (True, False): {"until": TURN}, (False, True): {"since": TURN}}
                never = {"until": "1970-01-01T00:00:00Z"}
                span = spans.get((before[place] == rank, after_turn[place] == rank), never)
                rows.append(self.row(from_=level, to=home, **span))
        return rows

    def skill(self, id: str) -> Row:
        later = SKILLS[SKILLS.index(id) + 1 :]
        return self.row(id=id, label=id, replaced_by=self.maybe(later) if later and self.yes() else "")

    def course(self, id: str) -> Row:
        return self.row(id=id, label=id, validity=self.one(VALIDITIES))

    def assessment(self, id: str) -> Row:
        return self.row(
            id=id, label=id, validity=self.one(VALIDITIES), attempts=self.one(("", "best", "latest", "latest"))
        )

    def credential(self, id: str) -> Row:
        return self.row(id=id, label=id, validity=self.one(VALIDITIES))

    def criterion_level(self, id: str) -> Row:
        level = self.level(said=True) if self.yes() or self.yes() else {}
        return self.row(id=id, label=id, points=self.maybe(("0", "1", "2.5", "4")), **level)

    def learner(self, id: str) -> Row:
        return self.row(id=id, label=id, kind=self.maybe(("internal", "external")), location=self.maybe(PLACES))

    def identity(self, id: str) -> Row:
        """Few values, so that records share them; employee numbers that contradict each other among them."""
        system, _, value = self.one(IDENTITIES).partition(" ")
        verified = self.one(("", "", "", "true", "false"))
        return self.row(id=id, learner=self.one(LEARNERS), system=system, value=value, verified=verified)

    def evidence(self, id: str) -> Row:
        """Often of the same person and about the same thing as others."""
        shown = self.draw(st.integers(0, len(MOMENTS) - 1))
        learner = self.one((*LEARNERS, *2 * LEARNERS[:2]))
        ends = self.one((*5 * ("",), "9999-12-31", *MOMENTS[shown:]))
        void = self.one((*8 * ("",), "withdrawn", "broken", "revoked"))
        verification = void if void in ("broken", "revoked") else self.maybe(("verified", "unverified", "expired"))
        withdrawn = MOMENTS[-1] if void == "withdrawn" else ""
        dates = {"shown_at": MOMENTS[shown], "expires_at": ends, "withdrawn_at": withdrawn}
        return self.row(id=id, learner=learner, **dates, verification=verification, **self.deed())

    def deed(self) -> dict[str, str]:
        """What was done: its kind, what it is about, what it says."""
        deeds = (self.completion, self.attempt, self.attempt, self.badge, self.judgement, self.judgement, self.anything)
        return dict(self.draw(st.sampled_from(deeds))())

    def completion(self) -> dict[str, str]:
        outcome = self.one((*4 * ("",), "passed", "failed", "waived"))
        return {"kind": "completion", "about": self.one(COURSES), "outcome": outcome}

    def attempt(self) -> dict[str, str]:
        about = self.one((*2 * ASSESSMENTS[:1], *ASSESSMENTS))
        return {"kind": "assessment", "about": about, "score": self.one(SCORES)}

    def badge(self) -> dict[str, str]:
        return {"kind": "credential", "about": self.one(CREDENTIALS)}

    def judgement(self) -> dict[str, str]:
        """Of any kind; states a skill, or is rated."""
        stated = {"skill": self.one(SKILLS), **self.level(said=True)} if self.yes() else {}
        return {"kind": self.one(KINDS), **stated}

    def anything(self) -> dict[str, str]:
        about = self.one((*COURSES, *ASSESSMENTS, *CREDENTIALS))
        return {
            **self.judgement(),
            "about": about,
            "score": self.one(SCORES),
            "outcome": self.maybe(("failed", "waived")),
        }

    def rating(self, id: str, evidence: Sequence[str]) -> Row:
        """Mostly of the first evidence, so that several raters judge the same."""
        by_points = {"criterion": self.one(CRITERIA), "points": self.one(("0", "0.5", "1", "2", "3", "4"))}
        by_level = {"skill": self.one(SKILLS[:2]), **self.level(said=True)}
        choices: tuple[Row, ...] = (
            by_points,
            by_points,
            by_level,
            {**by_level, **by_points},
            {**by_points, "skill": self.one(SKILLS)},
            {},
        )
        cells = choices[self.draw(st.integers(0, len(choices) - 1))]
        judged = self.one((*evidence[:2], *evidence[:2], *evidence))
        return self.row(id=id, evidence=judged, rater=self.one(("rater:one", "rater:two", "rater:three")), **cells)

    def employment(self, id: str) -> Row:
        span = self.span()
        return self.row(
            id=id, learner=self.one(LEARNERS), org_unit=self.maybe(UNITS), location=self.maybe(PLACES),
            **{**span, "since": span["since"] or MOMENTS[0]},
        )  # fmt: skip

    def application(self, id: str) -> Row:
        return self.row(id=id, learner=self.one(LEARNERS), requisition=self.one(OPENINGS), applied_at=self.one(MOMENTS))

    def opening(self, id: str) -> Row:
        return self.row(id=id, label=id, threshold=self.one(THRESHOLDS))

    def role(self, id: str) -> Row:
        return self.row(id=id, label=id, threshold=self.one(THRESHOLDS))

    def requires(self, start: str, end: str) -> Row:
        return self.row(
            from_=start,
            to=end,
            weight=self.maybe(("1", "2", "3", "10")),
            kind=self.one(("", "must", "essential", "essential", "preferred")),
            reach=self.one(("", "exact", "narrower", "narrower")),
            proof=self.one(("", "any", "shown")),
            **self.level(),
            **self.rule_span(),
        )

    # ---------------------------------------------------------------------------------------- edges

    def pairs(self, starts: Sequence[str], ends: Sequence[str], most: int = 4) -> list[tuple[str, str]]:
        return self.some([(start, end) for start in starts for end in ends if start != end], most)

    def level_rules(self, starts: Sequence[str]) -> list[Row]:
        return [
            self.row(from_=start, to=end, **self.level(), **self.rule_span())
            for start, end in self.pairs(starts, SKILLS)
        ]

    def measures(self) -> list[Row]:
        return [
            self.row(from_=start, to=end, cut_scores=self.one(CUTS), **self.rule_span())
            for start, end in self.pairs(ASSESSMENTS, SKILLS)
        ]

    def plain(self, pairs: Sequence[tuple[str, str]]) -> list[Row]:
        return [self.row(from_=start, to=end) for start, end in pairs]

    def memberships(self) -> list[Row]:
        return [
            self.row(from_=start, to=end, **self.span()) for start, end in self.pairs(LEARNERS, (*UNITS, *COHORTS), 5)
        ]

    def rules(self) -> dict[str, list[Row]]:
        return {
            "TEACHES": self.level_rules(COURSES),
            "MEASURES": self.measures(),
            "ATTESTS": self.level_rules(CREDENTIALS),
            "ASSESSES": self.plain(self.pairs(CRITERIA, SKILLS, 3)),
            "REQUIRES": [self.requires(start, end) for start, end in self.pairs((*ROLES, *OPENINGS), SKILLS, 6)],
            "BROADER": self.plain([pair for pair in self.pairs(SKILLS, SKILLS) if pair[0] > pair[1]]),
            "EXACT_MATCH": self.plain(self.pairs(SKILLS, SKILLS, 2)),
        }

    def facts(self, evidence: Sequence[str], others: Sequence[str]) -> dict[str, list[Row]]:
        """Facts about people; `others` number the rows of every other type."""
        return {
            "Evidence": [self.evidence(id) for id in evidence],
            "Identity": [self.identity(f"identity:{number}") for number in others],
            "Employment": [self.employment(f"job:{number}") for number in others[:3]],
            "Application": [self.application(f"application:{number}") for number in others[:2]],
            "MEMBER_OF": self.memberships(),
            "SAME_PERSON": self.decisions(),
            "OTHER_PERSON": self.decisions(),
        }

    def decisions(self) -> list[Row]:
        """Seldom more than one."""
        pairs = [(one, other) for one in LEARNERS for other in LEARNERS if one != other]
        return [self.row(from_=one, to=other) for one, other in self.some(pairs, 2 * self.yes())]


def first_load(make: Maker) -> dict[str, list[Row]]:
    """Everything there is at first, but what the second source states."""
    evidence = [f"evidence:{number}" for number in range(make.draw(st.integers(5, 12)))]
    ratings = [f"rating:{number}" for number in range(make.draw(st.integers(0, 9)))]
    return {
        **make.scales(),
        "Skill": [make.skill(id) for id in SKILLS],
        "LearningObject": [make.course(id) for id in COURSES],
        "Assessment": [make.assessment(id) for id in ASSESSMENTS],
        "Credential": [make.credential(id) for id in CREDENTIALS],
        "Criterion": [make.row(id=id, label=id) for id in CRITERIA],
        "CriterionLevel": [make.criterion_level(id) for id in MARKS],
        "HAS_LEVEL": make.plain([(CRITERIA[place // 2], mark) for place, mark in enumerate(MARKS)]),
        "OrgUnit": [
            make.row(id=id, label=id, part_of=above) for id, above in zip(UNITS, ("", *UNITS[:2]), strict=True)
        ],
        "Cohort": [make.row(id=id, label=id) for id in COHORTS],
        "Role": [make.role(id) for id in ROLES],
        "Requisition": [make.opening(id) for id in OPENINGS],
        "FOR_ROLE": make.plain([(OPENINGS[0], make.one(ROLES))]),
        "REQUIRES_CREDENTIAL": make.plain(make.pairs((*ROLES, *OPENINGS), CREDENTIALS, 1)),
        "Learner": [make.learner(id) for id in LEARNERS[:3]],
        **make.rules(),
        **make.facts(evidence, [str(number) for number in range(make.draw(st.integers(3, 7)))]),
        "Rating": [make.rating(id, evidence) for id in ratings],
    }


def later_load(make: Maker, before: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """Some of what there is, told anew, and a little more."""
    evidence = [row["id"] for row in before["Evidence"]]
    fresh = f"evidence:late-{make.version}"
    rules = {name: rows for name, rows in make.rules().items() if make.yes() and make.yes()}
    facts = make.facts([*make.some(evidence, 2), fresh], make.some("0123456789", 2))
    ratings = (
        make.some([row["id"] for row in before.get("Rating", ())], 2) + [f"rating:late-{make.version}"] * make.yes()
    )
    return {
        "Skill": [make.skill(id) for id in make.some(SKILLS, 1)],
        "LearningObject": [make.course(id) for id in make.some(COURSES, 1)],
        "Assessment": [make.assessment(id) for id in make.some(ASSESSMENTS, 1)],
        "Credential": [make.credential(id) for id in make.some(CREDENTIALS, 1)],
        "CriterionLevel": [make.criterion_level(id) for id in make.some(MARKS, 1)],
        "CORRESPONDS_TO": make.crosswalk() if make.yes() and make.yes() and make.yes() else [],
        "Learner": [make.learner(id) for id in make.some(LEARNERS[:3], 1)],
        **rules,
        **facts,
        "Rating": [make.rating(id, [*evidence, fresh]) for id in ratings],
    }


@st.composite
def companies(draw: st.DrawFn, later: int = 3, below: bool = True) -> Company:
    """With up to so many later loads; `below`: levels said of people may be below the lowest of their scale."""
    make = Maker(draw, 1)
    people = Load(LMS, 1, {"Learner": [make.learner(id) for id in LEARNERS[3:]]})
    first = Load(HR, 2, kept(first_load(Maker(draw, 2, below))))
    loads = [
        Load(HR, version, kept(later_load(Maker(draw, version, below), first.rows)))
        for version in range(3, 3 + draw(st.integers(0, later)))
    ]
    order = draw(st.sampled_from(((), (LMS, HR), (HR,))))
    return Company((people, first), tuple(loads), order)


def kept(rows: Rows) -> dict[str, list[Row]]:
    """The tables that have rows."""
    return {name: list(table) for name, table in rows.items() if table}
