"""Who a record is about: kept with rejected and waiting rows, so that an erasure finds them."""

from __future__ import annotations

import polars as pl

from ontology.model import EdgeType, NodeType

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
