"""The same roles seen otherwise: another instant, other evidence, a cohort, the next page, narrower skills, proof."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.engines.all import ENOUGH, Times, agree
from benchmarks.engines.brute import Brute, years_before
from benchmarks.engines.contract import NOW, Asked, Counted, asked_of
from benchmarks.engines.ours import Ours
from benchmarks.match.engines import ours
from benchmarks.match.store import Populated, populated
from benchmarks.result import Result
from benchmarks.roles import FLAT, H_SHOWN, M_SHOWN, NARROWER, H, M, R

FIRST_TIME: Mapping[str, float] = {H: 15, M: 15, R: 0.3}
"""Milliseconds for what was not asked before."""
RARE_IN_COHORT = 0.3
_TWO_YEARS_BACK = replace(NOW, at=years_before(NOW.at, 2))
_VIEWS: Mapping[str, Counted] = {
    "two years back": _TWO_YEARS_BACK,
    "of two kinds of evidence": replace(NOW, kinds=("assessment", "work_sample")),
    "shown within a year (max_age)": replace(NOW, years=1),
    "verified only": replace(NOW, verified_only=True),
}
_DAY = 86_400
_NOISE = 1.1
"""The same work measured twice differs by so much."""

All = dict[str, Times]


def match_views(work: Path) -> list[Result]:
    """Every view of H, M and R; rows are held to the brute force."""
    made = populated(work)
    with ours(made) as (engine, _):
        return views(made, engine)


def views(made: Populated, engine: Ours, calls: int = ENOUGH) -> list[Result]:
    """All rows, by one engine."""
    plain = {role: _again(engine, asked_of(role, made.skills), calls) for role in (H, M, R, H_SHOWN, M_SHOWN)}
    return [
        *(_view(made, engine, name, counted, plain, calls) for name, counted in _VIEWS.items()),
        _cohort(made, engine, plain, calls),
        _next_page(made, engine, calls),
        _reach(made, engine, plain, calls),
        _proof(plain),
    ]


def _view(made: Populated, engine: Ours, name: str, counted: Counted, plain: All, calls: int) -> Result:
    """Asked for the first time at each of many instants, and of the last of them again."""
    first, again = {}, {}
    for role in FIRST_TIME:
        asked = asked_of(role, made.skills, counted)
        _hold_to_the_rule(made, engine, asked)
        instants = (replace(asked, counted=replace(counted, at=counted.at - _DAY * n)) for n in range(1, calls + 1))
        first[role] = _times(engine.ready(each) for each in instants)
        again[role] = _again(engine, asked, calls)
    return Result(
        f"H, M, R {name}, not asked before",
        "H, M <= 15 ms, R <= 0.3 ms; again: plain speed",
        f"{_told(first)}; again {_told(again)}",
        all(first[role].median <= most and _no_slower(again[role], plain[role]) for role, most in FIRST_TIME.items()),
        f"plain: {_told({role: plain[role] for role in FIRST_TIME})}",
    )


def _cohort(made: Populated, engine: Ours, plain: All, calls: int) -> Result:
    found = {}
    for role in (H, M, R):
        asked = asked_of(role, made.skills, in_cohort=True)
        _hold_to_the_rule(made, engine, asked)
        found[role] = _again(engine, asked, calls)
    quick = found[R].median <= RARE_IN_COHORT
    return Result(
        "H, M, R within a cohort of 2 %",
        "H, M <= the plain time, R <= 0.3 ms",
        _told(found),
        quick and all(_no_slower(found[role], plain[role]) for role in (H, M)),
        f"plain: {_told({role: plain[role] for role in found})}",
    )


def _next_page(made: Populated, engine: Ours, calls: int) -> Result:
    first, second = {}, {}
    for role in (H, M, R):
        prepared = engine.prepared(asked_of(role, made.skills))
        after = prepared.last(prepared.page())
        first[role] = _times([prepared.page] * calls)
        second[role] = _times([lambda prepared=prepared, after=after: prepared.page(after)] * calls)  # type: ignore[misc]
    return Result(
        "H, M, R: the next page, total included",
        "<= the first page",
        _told(second),
        all(_no_slower(second[role], first[role]) for role in first),
        f"the first: {_told(first)}",
    )


def _reach(made: Populated, engine: Ours, plain: All, calls: int) -> Result:
    """A group of 500 skills has as many postings as the thirty skills of M, or each of the 500 asked for by itself."""
    narrower, flat = asked_of(NARROWER, made.skills), asked_of(FLAT, made.skills)
    _hold_to_the_rule(made, engine, narrower)
    found, each = _again(engine, narrower, calls), _again(engine, flat, calls)
    return Result(
        "reach `narrower` over a group of 500 skills",
        "<= 2 x the plain time of as many postings",
        f"{found.median:.3g} ms",
        found.median <= 2 * plain[M].median,
        f"M: {plain[M].median:.3g} ms; the 500 skills as 500 requirements: {each.median:.3g} ms",
    )


def _proof(plain: All) -> Result:
    found = {role: plain[role] for role in (H_SHOWN, M_SHOWN)}
    return Result(
        "H, M with proof `shown` on half the requirements",
        "<= 2 x the plain time",
        _told(found),
        all(plain[shown].median <= 2 * plain[role].median for shown, role in ((H_SHOWN, H), (M_SHOWN, M))),
        f"plain: {_told({role: plain[role] for role in (H, M)})}",
    )


def _hold_to_the_rule(made: Populated, engine: Ours, asked: Asked) -> None:
    agree(asked.role, {each.name: each.ready(asked)() for each in (Brute(made.people), engine)})


def _again(engine: Ours, asked: Asked, calls: int) -> Times:
    """The same again and again."""
    best = engine.ready(asked)
    best()
    return _times([best] * calls)


def _times(calls: Iterable[Callable[[], object]]) -> Times:
    """Of calls that are made ready one by one."""
    taken: list[float] = []
    for call in calls:
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return Times.of(taken)


def _no_slower(found: Times, than: Times) -> bool:
    return found.median <= _NOISE * than.median


def _told(found: Mapping[str, Times]) -> str:
    """Medians, in the order of roles."""
    words: Sequence[str] = [
        f"{role.rpartition(':')[2].upper().replace('-', ' ')} {each.median:.3g}" for role, each in found.items()
    ]
    return ", ".join(words) + " ms"
