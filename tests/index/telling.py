"""Telling a store rows of native tables without the loaders, and asking the index what the oracle answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from graph.canonical import content_hash
from graph.index import Index
from graph.store import Batch, Block, Outcome, Store
from ontology.model import Datatype, EdgeType, Model, NodeType
from ontology.values import parse_boolean, parse_decimal, parse_instant, parse_integer
from tests.companies import Load
from tests.oracle import FOR_EVER, Counting, Oracle, Row

FINE = {Outcome.ADDED, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.OLDER}

ORDER = (
    "Skill", "Scale", "Level", "LearningObject", "Assessment", "Credential", "Criterion", "CriterionLevel", "OrgUnit",
    "Cohort", "Role", "Requisition", "Learner", "Identity", "Evidence", "Rating", "Employment", "Application",
)  # fmt: skip
"""What is referred to before what refers; edges come last."""


def tell(store: Store, load: Load) -> None:
    """Write all rows of a load in one batch; every row must be taken."""
    names = sorted(load.rows, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    blocks = [block(store.model, name, load.rows[name]) for name in names if load.rows[name]]
    receipt = store.write(Batch(load.source, None, blocks))
    for written, outcomes in zip(blocks, receipt.outcomes, strict=True):
        assert {Outcome(int(outcome)) for outcome in outcomes} <= FINE, (written, outcomes)


def block(model: Model, name: str, rows: Sequence[Row], removed: bool = False) -> Block:
    """Rows of texts as a block of held values."""
    kind = model.type(name)
    ends = [end for end in ("id", "from", "to") if end in rows[0]]
    names = sorted({column for row in rows for column in row} - {"version"})
    columns = {column: [held(kind, column, row.get(column, "")) for row in rows] for column in names}
    stated = [{column: columns[column][place] for column in names if column not in ends} for place in range(len(rows))]
    versions = [int(row["version"]) for row in rows]
    return Block(name, columns, versions, [content_hash(each) for each in stated], removed)


def held(kind: NodeType | EdgeType, column: str, text: str) -> Any:
    """A cell as it is held."""
    if column in ("id", "from", "to"):
        return text
    each = kind.properties[column.partition("@")[0]]
    if not text:
        return None
    if each.many:
        return tuple(text.split("|"))
    if each.datatype is Datatype.INSTANT:
        return parse_instant(text, each.ends)[0]
    read = {Datatype.DECIMAL: parse_decimal, Datatype.INTEGER: parse_integer, Datatype.BOOLEAN: parse_boolean}
    return read[each.datatype](text) if each.datatype in read else text


# ------------------------------------------------------------------------------------------------ comparing


def instants_of(oracle: Oracle) -> list[int]:
    """Every instant at which something changes, the one before, and long before and after all of them."""
    turns = {end for supports in oracle.supports.values() for each in supports for end in (each.since, each.until)}
    return sorted({0, 4_000_000_000, *(turn - step for turn in turns - {FOR_EVER} for step in (0, 1))})


def levels_of(index: Index, skills: Sequence[str], at: int, kinds: Iterable[int]) -> dict[tuple[str, str], int]:
    """(person, skill) -> the level held by evidence of some kinds, where it is above 0."""
    postings = index.postings(skills)
    there = (postings.since <= at) & (at < postings.until) & np.isin(postings.kind, list(kinds))
    found: dict[tuple[str, str], int] = {}
    rows = zip(
        postings.person[there].tolist(), postings.skill[there].tolist(), postings.level[there].tolist(), strict=True
    )
    for person, skill, level in rows:
        key = (index.people.id_of(person), skills[skill])
        found[key] = max(level, found.get(key, 0))
    return found


def expected_levels(oracle: Oracle, skills: Sequence[str], at: int, counting: Counting) -> dict[tuple[str, str], int]:
    """The same, by brute force."""
    levels = {
        (person, skill): oracle.held(person, skill, at, counting) for person in oracle.persons for skill in skills
    }
    return {key: level for key, level in levels.items() if level}


def persons_of(index: Index) -> Mapping[str, frozenset[str]]:
    """person's id -> the records it is made of."""
    people = index.people
    return {people.id_of(n): frozenset(people.members(n)) for n in np.flatnonzero(people.alive).tolist()}
