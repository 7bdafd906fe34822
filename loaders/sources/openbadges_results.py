"""How results are judged: the levels of result descriptions of Open Badges 3.0, and what a single result says by them.

A rubric's levels, and values that are listed, make a Scale of their own. What its levels stand for at home nobody knows
but the deployment: it states CORRESPONDS_TO, and results at these levels show skills from then on. Levels that are
called by the IRIs of home levels are these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graph.scales import HOME
from loaders.sources.openbadges_award import objects, several
from loaders.sources.results import kept_within, number, rounded
from ontology.crosswalks import crosswalk_rows
from ontology.model import load_model

UNORDERED, NO_POINTS = "levels-without-order", "points-no-number"
FOREIGN, UNKNOWN, UNSCALED = "level-of-another-description", "unknown-result-description", "unscaled-result"
PERCENT = "scale:percent"
OUTCOMES = {"Completed": "passed", "Failed": "failed"}


@dataclass(frozen=True, slots=True)
class Step:
    """One level: `key` tells it from all others, `name` is what results call it."""

    key: str
    name: str
    rank: int


@dataclass(frozen=True, slots=True)
class Description:
    """How one kind of result is judged; `steps` from low to high, `targets` are the skills that it is about.

    `scale` is one of ours, where the steps are its levels.
    """

    key: str
    kind: str
    steps: Sequence[Step]
    targets: Sequence[str]
    low: str | None
    high: str | None
    flags: Sequence[str] = ()
    scale: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a result says: a level on a scale (its id, or the key of a description), or points in a range."""

    level: str | None = None
    scale: str | None = None
    points: str | None = None
    low: str | None = None
    high: str | None = None
    flags: Sequence[str] = ()


def described(content: Mapping[str, Any], key: str, targets: Sequence[str]) -> Description:
    """A ResultDescription."""
    own = _home_steps(content)
    steps, flags = (own, ()) if own else _steps(key, content)
    kind, low, high = (plain(content.get(name)) for name in ("resultType", "valueMin", "valueMax"))
    if kind == "Percent":
        low, high = low or "0", high or "100"
    return Description(key, kind or "", steps, targets, rounded(low), rounded(high), flags, HOME if own else None)


def judged(result: Mapping[str, Any], by: Description | None, others: Sequence[Description]) -> Judged:
    """What a Result says by its description; a level may be of another description than the one that it names."""
    flags: list[str] = [] if by else [UNKNOWN]
    if achieved := plain(result.get("achievedLevel")):
        for each in [*([by] if by else []), *others]:
            if step := next((step for step in each.steps if step.name == achieved), None):
                flags += [FOREIGN] if by and each is not by else []
                return Judged(str(step.rank), each.scale or each.key, flags=flags)
        return Judged(flags=[*flags, FOREIGN])
    value = plain(result.get("value"))
    if value is None or by is None:
        return Judged(flags=flags)
    if step := next((step for step in by.steps if step.name == value), None):
        return Judged(str(step.rank), by.scale or by.key, flags=flags)
    return _measured(value, by, flags)


def _measured(value: str, by: Description, flags: Sequence[str]) -> Judged:
    """A number within its range; a percentage is a level on the scale of percentages, too."""
    given = rounded(value.removesuffix("%").strip())
    if number(given) is None or by.low is None or by.high is None:
        return Judged(flags=[*flags, UNSCALED])
    points, beyond = kept_within(given, by.low, by.high)
    is_percent = by.kind == "Percent" and (by.low, by.high) == ("0", "100")
    level, scale = (points, PERCENT) if is_percent else (None, None)
    return Judged(level, scale, points, by.low, by.high, [*flags, *beyond])


def own_key(value: Mapping[str, Any], within: str, place: int) -> str:
    """An id that stands for itself, else one within what it is a part of."""
    given = str(value.get("id") or "").strip()
    return given if ":" in given else f"{within}/{given or place}"


@cache
def _home_ranks() -> Mapping[str, int]:
    """IRI of a home level -> its rank."""
    expand = load_model().prefixes.expand
    return {expand(str(row["id"])): int(row["rank"]) for row in crosswalk_rows()["Level"] if row["scale"] == HOME}


def _home_steps(content: Mapping[str, Any]) -> list[Step]:
    """The levels, where all are home levels; none otherwise."""
    names = [str(each.get("id") or "") for each in objects(content.get("rubricCriterionLevel"))]
    ranks = _home_ranks()
    if not set(names) <= ranks.keys():
        return []
    return sorted((Step(name, name, ranks[name]) for name in names), key=lambda step: step.rank)


def _steps(key: str, content: Mapping[str, Any]) -> tuple[list[Step], tuple[str, ...]]:
    """The levels from low to high: by their points where each has its own, else as they are listed (3.0: from low)."""
    rubric = list(objects(content.get("rubricCriterionLevel")))
    if not rubric:
        names = list(dict.fromkeys(each for each in several(content.get("allowedValue")) if isinstance(each, str)))
        return [Step(f"{key}/{name}", name, rank) for rank, name in enumerate(names, start=1)], ()
    points = [number(points_of(each)[0]) for each in rubric]
    flags: tuple[str, ...] = ()
    if None not in points and len(set(points)) == len(points):
        rubric = [each for _, each in sorted(zip(points, rubric, strict=True), key=lambda pair: pair[0] or 0)]
    elif any(point is not None for point in points):
        flags = (UNORDERED,)
    named = [(own_key(each, key, place), str(each.get("id") or "")) for place, each in enumerate(rubric, start=1)]
    return [Step(own, name, rank) for rank, (own, name) in enumerate(named, start=1)], flags


def points_of(level: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    """The points, which the standard has as a text."""
    given = plain(level.get("points"))
    return (given, ()) if given is None or number(given) is not None else (None, (NO_POINTS,))


def plain(value: Any) -> str | None:
    """A text; of texts by language the first."""
    if isinstance(value, Mapping):
        value = value.get("@value", next(iter(value.values()), None))
    return value.strip() or None if isinstance(value, str) else None
