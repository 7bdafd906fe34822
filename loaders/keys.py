"""64-bit keys of record ids, so that millions of ids are held in eight bytes each while a load is checked.

Two ids of one key are told apart by their text wherever that matters (`loaders.duplicates`); keys mean
something only within one process.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_ODD = np.uint64(0x9E3779B97F4A7C15)


def node_keys(ids: pl.Series) -> Keys:
    """A key an id; what stands for null means nothing."""
    return ids.hash(seed=7).to_numpy()


def edge_keys(starts: pl.Series, ends: pl.Series) -> Keys:
    """A key an edge of one type."""
    first, second = node_keys(starts), node_keys(ends)
    return first * _ODD ^ (second << np.uint64(31) | second >> np.uint64(33))


def record_keys(frame: pl.DataFrame) -> Keys:
    """The keys of staged records: of `id`, or of `from` and `to`."""
    return node_keys(frame["id"]) if "id" in frame.columns else edge_keys(frame["from"], frame["to"])


def repeated(keys: Keys) -> Keys:
    """The distinct keys that stand more than once."""
    ordered = np.sort(keys)
    return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])


def within(keys: Keys, ordered: Keys) -> NDArray[np.bool_]:
    """Which keys stand in an ascending array."""
    if not len(ordered):
        return np.zeros(len(keys), dtype=np.bool_)
    found = ordered[np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)]
    return np.asarray(found == keys)
