"""What a complete snapshot no longer states: found before anything is written, removed as the last step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import polars as pl

from graph.store import Block, Outcome, Store
from loaders.errors import WouldShrink
from loaders.keys import Keys, edge_keys, node_keys, within
from loaders.stage import Stage
from ontology.model import EdgeType, Model

MOST = 0.10
"""Share of a source's nodes that a snapshot may remove unasked."""
_HALF, _SMALL = 0.5, 20  # a single type may lose less than half of its records, unless they are few


@dataclass(slots=True)
class Sweep:
    """What will go, and what the source states now, type by type."""

    going: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    stated: dict[str, Keys] = field(default_factory=dict)  # ascending keys of what the source states in the store
    counts: dict[str, int] = field(default_factory=dict)

    def edges(self, model: Model) -> Mapping[str, set[tuple[str, str]]]:
        """The edges that go."""
        return {name: {(ids[0], ids[1]) for ids in some} for name, some in self.going.items() if name in model.edges}


def sweepable(stage: Stage, model: Model, types: Mapping[str, frozenset[str]]) -> list[str]:
    """The types that were read to the end: every table that may state them was (`types`: type -> its tables), and
    no rejected row may have meant one that is still there. Logs are never swept."""
    found = []
    for name, tables in types.items():
        kind = model.type(name)
        if isinstance(kind, EdgeType) or not kind.log:
            unknown = stage.unknown[name]
            if tables <= set(stage.tables) and not unknown:
                found.append(name)
            elif unknown:
                stage.book.flags[f"not-swept:{name}"] += unknown
    return found


def find(store: Store, source: str, stage: Stage, types: Sequence[str], swept: Sequence[str]) -> Sweep:
    """Look through what the source states of `types`; of `swept` ones, what the load no longer states goes."""
    sweep = Sweep()
    for name in types:
        now = stage.stated(name) if name in swept else None
        keys = [np.zeros(0, dtype=np.uint64)]
        for batch in store.owned(source, name):
            mine = _keys(batch)
            keys.append(mine)
            if now is not None:
                gone = np.flatnonzero(~within(mine, now)).tolist()
                sweep.going.setdefault(name, set()).update(batch[at] for at in gone)
        sweep.stated[name] = np.sort(np.concatenate(keys))
        sweep.counts[name] = len(sweep.stated[name])
    sweep.going = {name: ids for name, ids in sweep.going.items() if ids}
    return sweep


def _keys(batch: Sequence[tuple[str, ...]]) -> Keys:
    if not batch:
        return np.zeros(0, dtype=np.uint64)
    columns = [pl.Series(list(column), dtype=pl.String) for column in zip(*batch, strict=True)]
    return node_keys(columns[0]) if len(columns) == 1 else edge_keys(columns[0], columns[1])


def refuse_shrinking(store: Store, sweep: Sweep, name: str, removed: Mapping[str, int]) -> None:
    """Raise `WouldShrink` when more would go than is likely meant; `removed` is what would really change."""
    nodes = store.model.nodes
    owned, going = (sum(counts.get(kind, 0) for kind in nodes) for counts in (sweep.counts, removed))
    fix = "check that the snapshot is whole; to load it all the same, say --allow-shrink"
    if owned and going > MOST * owned:
        others = (kind for kind in nodes if kind not in sweep.counts)  # counted only where it matters
        owned += sum(len(batch) for kind in others for batch in store.owned(name, kind))
    if owned and going > MOST * owned:
        share = f"{going} of the {owned} nodes that {name!r} states ({going / owned:.0%})"
        raise WouldShrink(f"this snapshot would remove {share}, more than {MOST:.0%}: {fix}")
    for kind, count in removed.items():
        if count >= _SMALL and count >= _HALF * sweep.counts[kind]:
            raise WouldShrink(f"this snapshot would remove {count} of {sweep.counts[kind]} {kind}: {fix}")


def removals(sweep: Sweep, model: Model, version: int, order: Sequence[str], size: int) -> Iterator[Block]:
    """Tombstones, edges first and then nodes, what refers before what is referred to; blocks of at most `size`."""
    edges = [name for name in sweep.going if name in model.edges]
    nodes = [name for name in reversed(order) if name in sweep.going]
    for name in [*edges, *nodes]:
        columns = ("from", "to") if name in model.edges else ("id",)
        ids = iter(sorted(sweep.going[name]))
        while some := list(islice(ids, size)):
            values = dict(zip(columns, map(list, zip(*some, strict=True)), strict=True))
            yield Block(name, values, [version] * len(some), [0] * len(some), removed=True)


GOING = (Outcome.REMOVED, Outcome.RETIRED)
