"""Texts in languages that a load does not read stay as the store has them.

A vocabulary whose languages are files of their own may come one language after the other: a file that is not there
states nothing, of its language either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from graph.store import Store
from graph.viewer import OPERATOR
from ontology.model import Datatype, EdgeType, NodeType


def with_other_languages(frame: pl.DataFrame, kind: NodeType | EdgeType, store: Store) -> pl.DataFrame:
    """Mapped records of nodes, each with its texts in the store in languages of which the frame has none."""
    texts = {name for name, prop in kind.properties.items() if prop.datatype is Datatype.TEXT}
    read = {
        _language(name) for name in frame.columns if _plain(name) in texts and frame[name].null_count() < len(frame)
    }
    kept = [name for name in store.stated_columns(kind.name) if _plain(name) in texts and _language(name) not in read]
    if not kept or not len(frame):
        return frame
    there = store.many(frame["id"].to_list(), OPERATOR)
    stated = [there[id].properties if id in there else {} for id in frame["id"]]
    return frame.with_columns(_column(name, stated, kind) for name in kept)


def _column(name: str, stated: Sequence[Mapping[str, Any]], kind: NodeType | EdgeType) -> pl.Series:
    values = [each.get(name) for each in stated]
    if kind.properties[_plain(name)].many:
        return pl.Series(name, [value and list(value) for value in values], dtype=pl.List(pl.String))
    return pl.Series(name, values, dtype=pl.String)


def _plain(name: str) -> str:
    return name.partition("@")[0]


def _language(name: str) -> str:
    return name.partition("@")[2]
