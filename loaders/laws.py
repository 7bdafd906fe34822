"""Laws of the whole graph, held over what is in the store and what a load brings: the column twins of the
shapes' `sh:sparql`, under the same names."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import polars as pl

from graph.errors import StoreLocked
from graph.records import record_columns
from graph.store import Busy, Node, Outcome, Store
from graph.viewer import OPERATOR
from loaders.book import State
from loaders.crosswalk import REACHES_HOME, Scales, Step, crosswalk_faults, level_faults
from loaders.people import people_columns, people_of
from loaders.rows import Fault
from loaders.stage import Part, Stage
from ontology.cycles import Numbers, a_cycle, knots, law_of
from ontology.model import Datatype, EdgeType, Model, NodeType, Property

Pairs = list[tuple[str, str]]
PATIENCE = 60.0
"""Seconds that a load waits for another one that brings hierarchies or scales."""
_PAUSE = 0.05
_LAWS = "\0laws"  # what is held meanwhile; no load is called so
_NEW = (Outcome.ADDED, Outcome.CHANGED, Outcome.CONFLICT_TAKEN, Outcome.MISSING)


@dataclass(slots=True)
class _Numbers:
    """Node numbers of ids, given out as they come."""

    known: dict[str, int]

    def of(self, ids: Iterable[str]) -> Numbers:
        return np.array([self.known.setdefault(id, len(self.known)) for id in ids], dtype=np.int64)

    def ids(self) -> Sequence[str]:
        return list(self.known)


@contextmanager
def kept_lawful(store: Store, stage: Stage, patience: float = PATIENCE) -> Iterator[None]:
    """Let nobody else bring what the laws are about until the block ends: two loads, each lawful, need not be so
    together. Waits up to `patience` seconds, then raises `StoreLocked`; a load that brings none of it waits for nobody.
    """
    if not _under_law(stage, store.model):
        yield
        return
    with ExitStack() as held:
        until = time.monotonic() + patience
        while True:
            try:
                held.enter_context(store.hold(_LAWS))
                break
            except Busy as error:
                if time.monotonic() > until:
                    raise StoreLocked(
                        store.url, "another load of hierarchies or scales is writing", "Wait until it has finished."
                    ) from error
            time.sleep(_PAUSE)
        yield


def _under_law(stage: Stage, model: Model) -> bool:
    """Whether a stage has records that may break a law together with others: of a reference that has no cycle, only
    records that state it.
    """
    edges = (kind.name for kind in model.edges.values() if kind.acyclic)
    if any(stage.parts.get(name) for name in ("Scale", *_SCALES, *edges)):
        return True
    acyclic = (
        (name, prop.name) for name, kind in model.nodes.items() for prop in kind.properties.values() if prop.acyclic
    )
    return any(part.frame([prop]).columns for name, prop in acyclic for part in stage.parts.get(name, ()))


class Laws:
    """The laws of a model, over a stage and its store. `going` are the edges that the sweep will remove."""

    def __init__(
        self,
        stage: Stage,
        store: Store,
        names: Mapping[tuple[str, str], str],
        going: Mapping[str, set[tuple[str, str]]],
    ) -> None:
        self._stage, self._store, self._names, self._going = stage, store, names, going
        self._model: Model = store.model

    def hold(self) -> int:
        """Reject the rows that break a law; how many were to be written until now."""
        before = self._alive()
        for kind in self._model.edges.values():
            if kind.acyclic and self._brings(kind.name):
                self._no_edge_cycle(kind)
        for node in self._model.nodes.values():
            for prop in node.properties.values():
                if prop.acyclic and self._brings(node.name):
                    self._no_reference_cycle(node, prop)
        self._levels()
        return before - self._alive()

    def _alive(self) -> int:
        return int(np.count_nonzero(self._stage.book.states[: len(self._stage.book)] == State.ALIVE))

    def _brings(self, type_name: str) -> bool:
        return any(len(frame) for _, frame in self._news(type_name))

    def _news(
        self, type_name: str, columns: Sequence[str] | None = None, state: State = State.ALIVE
    ) -> Iterator[tuple[Part, pl.DataFrame]]:
        """The records of a type that the load adds or changes, part by part; or those of rows in another state."""
        for part in self._stage.parts.get(type_name, ()):
            assert part.outcomes is not None, "laws are held after the plan"
            chosen = np.flatnonzero(np.isin(part.outcomes, _NEW) & self._stage.among(part, state))
            if len(chosen):
                yield part, part.frame(columns)[chosen]

    def _no_edge_cycle(self, kind: EdgeType) -> None:
        going = self._going.get(kind.name, set())
        kept = [pair for pair in _stored_edges(self._store, kind) if pair not in going]
        fresh = pl.concat([frame.select("_row", "from", "to") for _, frame in self._news(kind.name)])
        self._no_cycle(kind, "to", law_of(kind.name), kept, fresh)

    def _no_reference_cycle(self, kind: NodeType, prop: Property) -> None:
        frames = []
        for _, frame in self._news(kind.name, ["_row", "id", prop.name]):
            if prop.name in frame.columns:
                pairs = frame.rename({"id": "from", prop.name: "to"})
                frames.append((pairs.explode("to") if prop.many else pairs).drop_nulls("to"))
        if not frames:
            return
        restated = {id for _, frame in self._news(kind.name, ["id"]) for id in frame["id"]}
        kept = [pair for pair in _stored_references(self._store, kind, prop) if pair[0] not in restated]
        self._no_cycle(kind, prop.name, law_of(prop.name), kept, pl.concat(frames))

    def _no_cycle(self, kind: NodeType | EdgeType, column: str, law: str, kept: Pairs, fresh: pl.DataFrame) -> None:
        numbers = _Numbers({})
        starts = numbers.of([*(a for a, _ in kept), *fresh["from"]])
        ends = numbers.of([*(b for _, b in kept), *fresh["to"]])
        ids = numbers.ids()
        rows = fresh["_row"].to_list()
        for knot in knots(starts, ends):
            inside = np.isin(starts, knot) & np.isin(ends, knot)
            path = [ids[number] for number in a_cycle(knot, starts, ends)]
            told = " -> ".join([*path[:8], *(["..."] if len(path) > 8 else []), path[0]])
            what = kind.name if isinstance(kind, EdgeType) else column
            reason = f"{what} leads back to where it began: {told}; remove one of them"
            hits = np.flatnonzero(inside[len(kept) :]).tolist()
            source = self._names.get((kind.name, column), column)
            self._stage.book.fault(Fault(rows[at], source, fresh["to"][at], reason, law) for at in hits)

    def _levels(self) -> None:
        """The laws of levels, cut scores and crosswalks; read only when the load states such."""
        told = [name for name in self._stage.parts if name in _SCALES or any(map(_is_level, self._properties(name)))]
        if not any(len(frame) for name in told for state in _JUDGED for _, frame in self._news(name, state=state)):
            return
        scales = Scales(self._model, self._steps(), self._walks())
        for name in _SCALES:
            for _, frame in self._news(name):
                self._reject(self._model.type(name), frame, crosswalk_faults(frame, name, scales))
        for name in told:
            kind = self._model.type(name)
            columns = [prop.name for prop in self._properties(name) if _is_level(prop)]
            wanted = ["_row", *_KEYS, *people_columns(kind), "scale", *columns]
            for _, frame in self._news(name, wanted):
                self._reject(kind, frame, level_faults(frame, kind, scales))
            for _, frame in self._news(name, wanted, State.WAITING):  # perhaps for its scale: that is no fault yet
                faults = level_faults(frame, kind, scales)
                self._reject(kind, frame, [fault for fault in faults if fault.shape != REACHES_HOME])

    def _properties(self, type_name: str) -> Collection[Property]:
        return self._model.type(type_name).properties.values()

    def _reject(self, kind: NodeType | EdgeType, frame: pl.DataFrame, faults: Sequence[Fault]) -> None:
        if not faults:
            return
        people = people_of(frame.filter(frame["_row"].is_in([fault.row for fault in faults])), kind)
        self._stage.book.fault(
            Fault(
                fault.row,
                self._names.get((kind.name, fault.field), fault.field),
                fault.value,
                fault.reason,
                fault.shape,
                people=sorted(people.get(fault.row, ())),
            )
            for fault in faults
        )

    def _steps(self) -> list[Step]:
        """Every Level, as the load leaves it."""
        stored = {node.id: node.properties for node in _all_nodes(self._store, "Level")}
        for _, frame in self._news("Level"):
            for record in frame.iter_rows(named=True):
                stored[record["id"]] = {k: v for k, v in record.items() if v is not None}
        return [Step.of(id, properties) for id, properties in stored.items()]

    def _walks(self) -> dict[tuple[str, str], tuple[int | None, int | None]]:
        """Every CORRESPONDS_TO, as the load leaves it, with since and until."""
        kind, going = self._model.edges["CORRESPONDS_TO"], self._going.get("CORRESPONDS_TO", set())
        found: dict[tuple[str, str], tuple[int | None, int | None]] = {}
        for batch in record_columns(self._store, kind):
            rows = zip(batch["from"], batch["to"], batch["since"], batch["until"], strict=True)
            found.update({(a, b): (since, until) for a, b, since, until in rows if (a, b) not in going})
        for _, frame in self._news("CORRESPONDS_TO"):
            for record in frame.iter_rows(named=True):
                found[record["from"], record["to"]] = (record.get("since"), record.get("until"))
        return found


_JUDGED = (State.ALIVE, State.WAITING)
_KEYS = ("id", "from", "to")
_SCALES = ("Level", "CORRESPONDS_TO")


def _is_level(prop: Property) -> bool:
    return prop.datatype is Datatype.CUT_SCORES or (prop.name == "level" and prop.datatype is Datatype.DECIMAL)


def _stored_edges(store: Store, kind: EdgeType) -> Pairs:
    return [pair for batch in record_columns(store, kind) for pair in zip(batch["from"], batch["to"], strict=True)]


def _stored_references(store: Store, kind: NodeType, prop: Property) -> Pairs:
    pairs: Pairs = []
    for batch in record_columns(store, kind):
        for id, value in zip(batch["id"], batch.get(prop.name, ()), strict=False):
            pairs += [(id, target) for target in (value if isinstance(value, tuple) else (value,)) if target]
    return pairs


def _all_nodes(store: Store, type_name: str) -> Iterator[Node]:
    after = ""
    while page := store.page(type_name, OPERATOR, after, 1000):
        yield from page
        after = page[-1].id
