"""What the laws say of levels, cut scores, scales and crosswalks, over columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import polars as pl

from graph.scales import HOME, level_bound
from loaders.rows import Fault
from ontology.model import Datatype, EdgeType, Model, NodeType
from ontology.shacl.levels import HIGHEST_HOME_RANK
from ontology.values import OPEN, format_decimal, parse_cut_scores

Walks = Mapping[tuple[str, str], tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Step:
    """One Level: `bound` is its lower bound in millionths of the scale's own numbers."""

    id: str
    scale: str
    rank: int
    bound: int

    @classmethod
    def of(cls, id: str, properties: Mapping[str, Any]) -> Step:
        """A Level from its held values."""
        rank = properties["rank"]
        return cls(id, properties["scale"], rank, level_bound(rank, properties.get("lower_bound")))


@dataclass(frozen=True)
class Scales:
    """Every scale's levels, and the crosswalks with their since and until."""

    model: Model
    steps: Sequence[Step]
    walks: Walks

    @cached_property
    def by_scale(self) -> Mapping[str, list[Step]]:
        """The levels of each scale, by rank."""
        scales: dict[str, list[Step]] = {}
        for step in sorted(self.steps, key=lambda step: (step.rank, step.id)):
            scales.setdefault(step.scale, []).append(step)
        return scales

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """Levels by id."""
        return {step.id: step for step in self.steps}

    @cached_property
    def reaching_home(self) -> frozenset[str]:
        """Scales that a level of which corresponds to a home level; home itself."""
        found = {HOME}
        for start, end in self.walks:
            first, last = self.by_id.get(start), self.by_id.get(end)
            if first and last and last.scale == HOME:
                found.add(first.scale)
        return frozenset(found)

    @property
    def home_ranks(self) -> Sequence[int]:
        """The ranks of the home scale, ascending."""
        return [step.rank for step in self.by_scale.get(HOME, ())]


def level_faults(frame: pl.DataFrame, kind: NodeType | EdgeType, scales: Scales) -> list[Fault]:
    """Levels that are not on their scale, scales that lead nowhere, cut scores at levels that home does not
    have.
    """
    faults: list[Fault] = []
    if "level" in frame.columns and "level" in kind.properties:
        faults += _off_scale(frame, kind, scales)
    for name, prop in kind.properties.items():
        if prop.datatype is Datatype.CUT_SCORES and name in frame.columns:
            faults += _cut_levels(frame, name, scales)
    return faults


def _off_scale(frame: pl.DataFrame, kind: NodeType | EdgeType, scales: Scales) -> Iterator[Fault]:
    """What a rule asks for or gives must be a level; what a fact says may be below the lowest: it supports nothing."""
    scale = pl.col("scale").fill_null(HOME) if "scale" in frame.columns else pl.lit(HOME)
    said = frame.select("_row", "level", scale.alias("scale"))
    for name in said["scale"].unique().to_list():
        mine = said.filter(pl.col("scale") == name)
        if name not in scales.reaching_home or name not in scales.by_scale:
            reason = f"{name!r} has no crosswalk to the home scale: load CORRESPONDS_TO for its levels first"
            yield from (Fault(row, "scale", name, reason, REACHES_HOME) for row in mine["_row"])
            continue
        lowest = min(step.bound for step in scales.by_scale[name]) if isinstance(kind, EdgeType) else 0
        highest = scales.home_ranks[-1] * 1_000_000 if name == HOME else None
        off = pl.col("level") < lowest
        if highest is not None:
            off |= pl.col("level") > highest
        for row, level in mine.filter(off).select("_row", "level").iter_rows():
            yield Fault(row, "level", format_decimal(level), _range(level, name, lowest, highest), _ON_SCALE)


_ON_SCALE = "level_is_on_its_scale"
REACHES_HOME = "scale_reaches_home"
"""The law that a scale without a crosswalk breaks: another load may bring one."""


def _range(level: int, scale: str, lowest: int, highest: int | None) -> str:
    bounds = f"at least {format_decimal(lowest)}" + (f", at most {format_decimal(highest)}" if highest else "")
    return f"{format_decimal(level)} is not on {scale}: {bounds}"


def _cut_levels(frame: pl.DataFrame, name: str, scales: Scales) -> Iterator[Fault]:
    wrong = {text: told for text in frame[name].drop_nulls().unique() if (told := _cut_fault(text, scales.home_ranks))}
    for row, text in frame.filter(pl.col(name).is_in(list(wrong))).select("_row", name).iter_rows():
        reason, law = wrong[text]
        yield Fault(row, name, text, reason, law)


def _cut_fault(text: str, ranks: Sequence[int]) -> tuple[str, str] | None:
    cuts = parse_cut_scores(text)
    for level, _ in cuts:
        if level not in ranks:
            known = ", ".join(map(str, ranks))
            reason = f"{text!r} names level {level}, which the home scale does not have: use {known}"
            return reason, "cut_levels_are_home_levels"
    for (_, lower), (level, higher) in pairwise(cuts):
        if higher <= lower:
            cut, before = format_decimal(higher), format_decimal(lower)
            return f"{text!r}: the cut score {cut} of level {level} must be above {before}", "cut_scores_rise"
    return None


def crosswalk_faults(frame: pl.DataFrame, type_name: str, scales: Scales) -> list[Fault]:
    """New Level or CORRESPONDS_TO rows that contradict another."""
    tell = _level_faults if type_name == "Level" else _walk_faults
    return [fault for record in frame.iter_rows(named=True) for fault in tell(record, scales)]


def _level_faults(record: Mapping[str, Any], scales: Scales) -> Iterator[Fault]:
    mine = scales.by_id[record["id"]]
    if mine.scale == HOME and mine.rank > HIGHEST_HOME_RANK:
        reason = f"{mine.rank} is too high for {HOME}: use a rank of 1 to {HIGHEST_HOME_RANK}, or a scale of your own"
        yield Fault(record["_row"], "rank", str(mine.rank), reason, "home_rank_is_at_most_7")
        return
    for other in scales.by_scale[mine.scale]:
        if other.id == mine.id or (mine.rank - other.rank) * (mine.bound - other.bound) > 0:
            continue
        column = "rank" if mine.rank == other.rank else "lower_bound"
        value = str(mine.rank) if column == "rank" else format_decimal(mine.bound)
        reason = f"{mine.id} and {other.id} contradict: levels differ in rank, and bounds rise with it; mend one"
        yield Fault(record["_row"], column, value, reason, "level_bounds_rise")
        return


def _walk_faults(record: Mapping[str, Any], scales: Scales) -> Iterator[Fault]:
    start, end = scales.by_id.get(record["from"]), scales.by_id.get(record["to"])
    if start is None or end is None:
        return
    if start.scale == HOME or end.scale != HOME:
        reason = "CORRESPONDS_TO leads from a level of a foreign scale to a level of the home scale: mend its ends"
        yield Fault(record["_row"], "to", end.id, reason, "crosswalk_ends_at_home")
        return
    mine = (record.get("since"), record.get("until"))
    for (other_start, other_end), dates in scales.walks.items():
        low, high = scales.by_id.get(other_start), scales.by_id.get(other_end)
        if low is None or high is None or low.scale != start.scale or not _overlap(mine, dates):
            continue
        if _contradict(start, end, low, high):
            reason = f"it contradicts {other_start} -> {other_end}: a higher level must not be lower at home; mend one"
            yield Fault(record["_row"], "to", end.id, reason, "crosswalk_is_monotone")
            return


def _contradict(start: Step, end: Step, other_start: Step, other_end: Step) -> bool:
    if start.rank == other_start.rank:
        return end.rank != other_end.rank
    return (start.rank - other_start.rank) * (end.rank - other_end.rank) < 0


def _overlap(first: tuple[int | None, int | None], second: tuple[int | None, int | None]) -> bool:
    (since, until), (other_since, other_until) = first, second
    return (since or 0) < _end(other_until) and (other_since or 0) < _end(until)


def _end(until: int | None) -> int:
    return OPEN if until is None else until
