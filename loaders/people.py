"""Who a record is about: kept with rejected and waiting rows, so that an erasure finds them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from loaders.stage import WHOLE, Stage
from ontology.model import EdgeType, Model, NodeType

LEARNER = "Learner"


def people_columns(kind: NodeType | EdgeType) -> list[str]:
    """The columns of a record that name a person, or the fact through which it is about one."""
    named = [name for name, prop in kind.properties.items() if LEARNER in prop.targets or prop.names_person]
    if isinstance(kind, NodeType):
        return sorted({*named, *([kind.person] if kind.person else [])})
    starts, ends = ({pair[side] for pair in kind.ends} for side in (0, 1))
    return [*(["from"] if LEARNER in starts else []), *(["to"] if LEARNER in ends else []), *named]


def people_of(frame: pl.DataFrame, kind: NodeType | EdgeType) -> dict[int, set[str]]:
    """For each row of a frame of records, the people it names."""
    found: dict[int, set[str]] = {}
    for column in people_columns(kind):
        if column in frame.columns:
            for row, person in zip(frame["_row"], frame[column], strict=True):
                if person is not None:
                    found.setdefault(row, set()).update([person] if isinstance(person, str) else person)
    return found


def people_in(stage: Stage, model: Model, index: int, rows: Collection[int]) -> dict[int, set[str]]:
    """For each of some rows of a chunk, the people that any of its staged records names, whichever of them is at
    fault: the row is kept whole.
    """
    found: dict[int, set[str]] = {}
    wanted = np.array(sorted(rows), dtype=np.uint32)
    for part in stage.all_parts():
        kind = model.type(part.type)
        columns = people_columns(kind)
        if part.piece not in (index, WHOLE) or not columns:
            continue
        hit = np.flatnonzero(np.isin(part.rows, wanted))
        if len(hit):
            for row, some in people_of(part.frame(["_row", *columns])[hit], kind).items():
                found.setdefault(row, set()).update(some)
    return found
