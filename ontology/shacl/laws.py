"""The laws of Skillgraph's own shapes in columns: twins of their `sh:sparql`, under the same names.

Each takes the table and the focus nodes, and finds what the query finds, for graphs with faults of any kind too: a
level with two ranks, a cut score that is no number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from itertools import product

import numpy as np

from ontology.cycles import knots
from ontology.shacl.crosswalks import crosswalk_ends_at_home, crosswalk_is_monotone, scale_reaches_home
from ontology.shacl.levels import HIGHEST_HOME_RANK, home_rank_is_at_most_7, level_bounds_rise, level_is_on_its_scale
from ontology.shacl.literals import LONGEST_NUMBER, value_of
from ontology.shacl.reach import Faults
from ontology.shacl.scales import Scales, told
from ontology.shacl.table import Nodes, Table
from ontology.turtle import SG, XSD

Twin = Callable[[Table, Nodes], list[Faults]]


def _no_cycle(name: str, table: Table, nodes: Nodes) -> list[Faults]:
    """Nodes from which the property leads back to themselves."""
    pairs = table.pairs(f"{SG}{name}")
    if not len(pairs.subjects):
        return []
    within = np.array([number for knot in knots(pairs.subjects, pairs.objects) for number in knot], np.int64)
    return told(nodes, np.intersect1d(within, nodes.numbers))


def _cuts(judge: Callable[[str, list[str]], bool], table: Table, nodes: Nodes) -> list[Faults]:
    """Cut scores that a judge of their text and of the home scale's ranks finds wrong."""
    at, values = table.values(f"{SG}cut_scores", False, nodes)
    if not len(at):
        return []
    scales = Scales(table)
    numbers = sorted({step.rank for step in scales.by_scale.get(scales.home, ())})
    ranks = table.terms.texts(np.array(numbers, np.int64))
    distinct = np.unique(values)
    wrong = [judge(text, ranks) for text in table.terms.texts(distinct)]
    broken = np.isin(values, distinct[np.array(wrong, bool)])
    return [Faults(at[broken], values[broken])]


def _rise(text: str, ranks: list[str]) -> bool:
    """Whether a level stands twice, or a lower one behind or not below a higher one; as text, as the query reads it."""
    text = f"|{text}|"
    numbers = [(each, _number(each)) for each in ranks]
    for (low, low_rank), (high, high_rank) in product(numbers, numbers):
        if low_rank is None or high_rank is None or low_rank > high_rank or f"|{low}:" not in text:
            continue
        low_rest = _after(text, f"|{low}:")
        place = text if low_rank < high_rank else f"|{_after(low_rest, '|')}"
        if f"|{high}:" in place and _is_wrong(low_rest, _after(text, f"|{high}:"), low_rank == high_rank):
            return True
    return False


def _is_wrong(low_rest: str, high_rest: str, same: bool) -> bool:
    if same or len(high_rest) > len(low_rest):
        return True
    low, high = (_number(each.partition("|")[0]) for each in (low_rest, high_rest))
    return low is not None and high is not None and low >= high


def _number(text: str) -> Decimal | None:
    value = value_of(text, f"{XSD}decimal") if len(text) < LONGEST_NUMBER else None
    return None if value is None else Decimal(value.key)


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2]


def _beyond_home(text: str, ranks: list[str]) -> bool:
    numbers = {_number(each) for each in ranks}
    return any(f"|{rank}:" in f"|{text}" and rank not in numbers for rank in range(1, HIGHEST_HOME_RANK + 1))


LAWS: Mapping[str, Twin] = {
    "broader_has_no_cycle": partial(_no_cycle, "BROADER"),
    "in_family_has_no_cycle": partial(_no_cycle, "IN_FAMILY"),
    "prerequisite_has_no_cycle": partial(_no_cycle, "PREREQUISITE"),
    "part_of_has_no_cycle": partial(_no_cycle, "part_of"),
    "replaced_by_has_no_cycle": partial(_no_cycle, "replaced_by"),
    "cut_scores_rise": partial(_cuts, _rise),
    "cut_levels_are_home_levels": partial(_cuts, _beyond_home),
    "level_is_on_its_scale": level_is_on_its_scale,
    "scale_reaches_home": scale_reaches_home,
    "level_bounds_rise": level_bounds_rise,
    "home_rank_is_at_most_7": home_rank_is_at_most_7,
    "crosswalk_ends_at_home": crosswalk_ends_at_home,
    "crosswalk_is_monotone": crosswalk_is_monotone,
}
"""The twin of each law."""
