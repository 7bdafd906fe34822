"""Who speaks of words: how many rows of each type name one, be it evidence, ratings or requirements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from graph.kinds import NODES
from graph.store import Columns, Store
from graph.words.state import DECISION, MATCH
from ontology.model import Datatype, EdgeType, Model

Spoken = dict[str, Counter[str]]
"""word -> type -> rows."""


def spoken_of(store: Store, words: Sequence[str]) -> Spoken:
    """Rows that name each word; exact matches and decisions are about it, and do not count."""
    keys = store.keys(NODES, words).tolist()
    ids = {key: id for key, id in zip(keys, words, strict=True) if key}
    found: Spoken = {word: Counter() for word in words}
    for type_name, column in _places(store.model) if ids else ():
        for batch in store.scan(type_name, [column], (column, list(ids))):
            for word, count in _counted(batch, column, ids):
                found[word][type_name] += count
    return found


def _places(model: Model) -> Iterator[tuple[str, str]]:
    """(type, column) of all that may name a skill."""
    for kind in model.types():
        if isinstance(kind, EdgeType):
            if not kind.derived and kind.name != MATCH:
                yield from ((kind.name, end) for end, types in _ends(kind) if "Skill" in types)
        elif kind.name != DECISION and not kind.system:
            references = (each for each in kind.properties.values() if each.datatype is Datatype.REFERENCE)
            yield from ((kind.name, each.name) for each in references if "Skill" in each.targets)


def _ends(kind: EdgeType) -> Iterator[tuple[str, set[str]]]:
    yield "from", {start for start, _ in kind.ends}
    yield "to", {end for _, end in kind.ends}


def _counted(batch: Columns, column: str, ids: dict[int, str]) -> Iterator[tuple[str, int]]:
    """What stands in a reference column: keys, or in types kept as JSON ids or tuples of ids."""
    values = batch.arrays[column]
    if values.dtype != object:
        keys, counts = np.unique(values, return_counts=True)
        yield from ((ids[key], count) for key, count in zip(keys.tolist(), counts.tolist(), strict=True) if key in ids)
        return
    wanted = set(ids.values())
    for stated in values.tolist():
        for id in (stated,) if isinstance(stated, str) else stated or ():
            if id in wanted:
                yield id, 1
