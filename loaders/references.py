"""References of a load: to what is in the store, or in a row of the load that is written too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.store import Outcome, Store
from loaders.book import State
from loaders.keys import Keys, node_keys
from loaders.outcomes import ERASED
from loaders.people import people_of
from loaders.rows import Fault
from loaders.stage import Part, Stage
from ontology.model import EdgeType, Model, NodeType

Codes = NDArray[np.uint8]
_NONE, _ABSENT = 0, 255  # code of an id that is nowhere, and of an empty cell


@dataclass(frozen=True, slots=True)
class _Staged:
    """The ids of the load's own nodes, ascending by key, each with its type's code and its rows."""

    keys: Keys
    codes: Codes
    starts: NDArray[np.intp]
    rows: NDArray[np.uint32]


class References:
    """Resolves the references of records whose plan found one missing, until nothing changes any more."""

    def __init__(self, stage: Stage, store: Store, names: Mapping[tuple[str, str], str]) -> None:
        self._stage, self._store, self._names = stage, store, names
        self._model: Model = store.model
        self._types = list(self._model.nodes)
        self._code = {name: code for code, name in enumerate(self._types, start=1)}
        self._staged: _Staged | None = None
        self._until = State.WAITING  # at first, rows that wait for one thing are looked through for worse
        self._stored: dict[str, int] = {}

    def settle(self) -> None:
        """Rows that miss something wait, rows that name the wrong type are rejected, and so on for what needs
        them.
        """
        unsure = [part for part in self._stage.all_parts() if part.outcomes is not None and _unsure(part).any()]
        if not unsure:
            return
        staged = self._own_nodes({part.type for part in unsure})
        alive = _alive_ids(staged, self._stage)
        while sum(self._check(part, alive) for part in unsure):
            self._until = State.ALIVE
            alive = self._lasting(staged, unsure)

    def _own_nodes(self, referring: Collection[str]) -> _Staged:
        """The load's nodes that may be referred to: facts that come by the million only where a type refers to them."""
        model = self._model
        targets = {name for kind in referring for prop in model.type(kind).properties.values() for name in prop.targets}
        names = [name for name in self._types if model.nodes[name].storage == "nodes" or name in targets]
        parts = [part for name in names for part in self._stage.parts.get(name, ())]
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *(part.keys for part in parts)])
        rows = np.concatenate([np.zeros(0, dtype=np.uint32), *(part.rows for part in parts)])
        codes = [np.full(len(part), self._code[part.type], dtype=np.uint8) for part in parts]
        order = np.argsort(keys, kind="stable")
        unique, starts = np.unique(keys[order], return_index=True)
        code = np.concatenate([np.zeros(0, dtype=np.uint8), *codes])[order]
        self._staged = _Staged(unique, code[starts], starts, rows[order])
        return self._staged

    def _lasting(self, staged: _Staged, unsure: Sequence[Part]) -> NDArray[np.bool_]:
        """Which of the load's ids are still stated when all that refers to others has stopped, link by link."""
        book, count = self._stage.book, len(staged.keys)
        standing = _standing(staged, self._stage)
        rows, targets = self._own_references(staged, unsure)
        begins = np.searchsorted(targets, np.arange(count + 1))
        ids = np.repeat(np.arange(count), np.diff([*staged.starts.tolist(), len(staged.rows)]))
        order = np.argsort(staged.rows, kind="stable")
        of_rows, ids = staged.rows[order], ids[order]
        running = book.states[: len(book)] == State.ALIVE
        dead = np.flatnonzero(standing == 0).tolist()
        while dead:
            lost = dead.pop()
            for row in rows[begins[lost] : begins[lost + 1]]:
                if not running[row]:
                    continue
                running[row] = False
                first, last = np.searchsorted(of_rows, row, "left"), np.searchsorted(of_rows, row, "right")
                for id in ids[first:last].tolist():
                    standing[id] -= 1
                    if not standing[id]:
                        dead.append(id)
        return np.asarray(standing > 0)

    def _own_references(self, staged: _Staged, unsure: Sequence[Part]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
        """Rows that refer to ids of the load that the store has not, with the id's position; ascending by that."""
        rows, targets = [np.zeros(0, dtype=np.uint32)], [np.zeros(0, dtype=np.intp)]
        for part in unsure if len(staged.keys) else ():
            kind = self._model.type(part.type)
            named = [name for name, prop in kind.properties.items() if prop.targets]
            frame = part.frame(["_row", "from", "to", *named])
            for column in frame.columns[1:]:
                pairs = frame.select("_row", id=column)
                pairs = (pairs.explode("id") if isinstance(pairs["id"].dtype, pl.List) else pairs).drop_nulls()
                keys = node_keys(pairs["id"])
                at = np.minimum(np.searchsorted(staged.keys, keys), len(staged.keys) - 1)
                own = np.flatnonzero(staged.keys[at] == keys)
                texts = pairs["id"].gather(own).to_list()
                self._look_up(texts)
                own = own[np.array([self._stored[text] == _NONE for text in texts], dtype=np.bool_)]
                rows.append(pairs["_row"].to_numpy()[own].astype(np.uint32))
                targets.append(at[own])
        found = np.concatenate(targets)
        order = np.argsort(found, kind="stable")
        return np.concatenate(rows)[order], found[order]

    def _check(self, part: Part, alive: NDArray[np.bool_]) -> int:
        outcomes = part.outcomes
        assert outcomes is not None, "references are settled after the plan"
        positions = np.flatnonzero(_unsure(part) & (self._stage.book.states[part.rows] <= self._until))
        if not len(positions):
            return 0
        kind = self._model.type(part.type)
        frame = part.frame()[positions]
        faults = list(self._faults(kind, frame, alive))
        faults += self._wrong_ids(kind, frame, outcomes[positions], {fault.row for fault in faults})
        if not faults:
            return 0
        return self._record(faults, frame, kind)

    def _record(self, faults: Sequence[Fault], frame: pl.DataFrame, kind: NodeType | EdgeType) -> int:
        """Rows that wait for an erased person are skipped: they wait for what must not come back."""
        book = self._stage.book
        named = people_of(frame.filter(frame["_row"].is_in([fault.row for fault in faults])), kind)
        waited = [fault.refers_to for fault in faults]
        erased = self._store.ledger.erased(waited)
        gone = np.array([f.row for f, is_erased in zip(faults, erased, strict=True) if is_erased], dtype=np.uint32)
        before = int(np.count_nonzero(book.states == State.ALIVE))
        book.skip(gone, ERASED)
        skipped = set(gone.tolist())
        kept = [_named(fault, named) for fault in faults if fault.row not in skipped]
        book.fault(kept)
        return before - int(np.count_nonzero(book.states == State.ALIVE))

    def _faults(self, kind: NodeType | EdgeType, frame: pl.DataFrame, alive: NDArray[np.bool_]) -> Iterator[Fault]:
        if isinstance(kind, EdgeType):
            yield from self._edge_faults(kind, frame, alive)
        for name, prop in kind.properties.items():
            if not prop.targets or name not in frame.columns:
                continue
            allowed = np.zeros(256, dtype=np.bool_)
            allowed[[_NONE, _ABSENT, *(self._code[target] for target in prop.targets)]] = True
            items = frame.select("_row", name)
            if prop.many:
                items = items.explode(name).drop_nulls()
            codes = self._codes(items[name], alive)
            yield from self._missing(kind, name, items, codes)
            for at in np.flatnonzero(~allowed[codes]).tolist():
                wanted = " or ".join(prop.targets)
                yield self._wrong(kind, name, items["_row"][at], items[name][at], code=codes[at], wanted=wanted)

    def _edge_faults(self, kind: EdgeType, frame: pl.DataFrame, alive: NDArray[np.bool_]) -> Iterator[Fault]:
        allowed = np.zeros((256, 256), dtype=np.bool_)
        allowed[_NONE, :] = allowed[:, _NONE] = True
        for start, end in kind.ends:
            allowed[self._code[start], self._code[end]] = True
        starts, ends = (self._codes(frame[side], alive) for side in ("from", "to"))
        for side, codes in (("from", starts), ("to", ends)):
            yield from self._missing(kind, side, frame, codes)
        for at in np.flatnonzero(~allowed[starts, ends]).tolist():
            row = frame["_row"][at]
            side = "from" if not allowed[starts[at]][1:255].any() else "to"
            code = starts[at] if side == "from" else ends[at]
            wanted = " or ".join(sorted({pair[0 if side == "from" else 1] for pair in kind.ends}))
            yield self._wrong(kind, side, row, frame[side][at], code=code, wanted=wanted)

    def _missing(self, kind: NodeType | EdgeType, name: str, frame: pl.DataFrame, codes: Codes) -> Iterator[Fault]:
        source = self._names.get((kind.name, name), name)
        for at in np.flatnonzero(codes == _NONE).tolist():
            target = frame[name][at]
            reason = f"{target!r} is not there yet: the row waits until a load brings it"
            shape = f"{kind.name}.{name}"
            yield Fault(frame["_row"][at], source, target, reason, shape, "waiting", target)

    def _wrong(self, kind: NodeType | EdgeType, name: str, row: int, value: str, *, code: int, wanted: str) -> Fault:
        found = self._types[code - 1]
        reason = f"{value!r} is a {found}: {kind.name} takes a {wanted} there"
        return Fault(row, self._names.get((kind.name, name), name), value, reason, f"{kind.name}.{name}")

    def _wrong_ids(
        self, kind: NodeType | EdgeType, frame: pl.DataFrame, outcomes: Codes, explained: set[int]
    ) -> Iterator[Fault]:
        """Nodes whose id is another type's in the store."""
        for at in np.flatnonzero(outcomes == Outcome.WRONG_TYPE).tolist():
            row = frame["_row"][at]
            if row not in explained and "id" in frame.columns:
                id = frame["id"][at]
                found = self._store.types_of([id])[0] or "node of another type"
                reason = f"{id!r} is a {found} in the store, so it can't be a {kind.name}: give it another id"
                yield Fault(row, self._names.get((kind.name, "id"), "id"), id, reason, kind.name)

    def _codes(self, ids: pl.Series, alive: NDArray[np.bool_]) -> Codes:
        """The type code of each id: as the load states it, else as the store has it."""
        keys, staged = node_keys(ids), self._staged
        codes = np.zeros(len(ids), dtype=np.uint8)
        if staged is not None and len(staged.keys):
            at = np.minimum(np.searchsorted(staged.keys, keys), len(staged.keys) - 1)
            found = (staged.keys[at] == keys) & alive[at]
            codes[found] = staged.codes[at[found]]
        codes[ids.is_null().to_numpy()] = _ABSENT
        unknown = np.flatnonzero(codes == _NONE)
        if len(unknown):
            texts = ids.gather(unknown).to_list()
            self._look_up(texts)
            codes[unknown] = [self._stored[text] for text in texts]
        return codes

    def _look_up(self, ids: Sequence[str]) -> None:
        asked = sorted({id for id in ids if id not in self._stored})
        for id, found in zip(asked, self._store.types_of(asked), strict=True):
            self._stored[id] = _NONE if found is None else self._code[found]


def _unsure(part: Part) -> NDArray[np.bool_]:
    """The records whose references the plan did not find, or not as they should be."""
    assert part.outcomes is not None
    return np.isin(part.outcomes, (Outcome.MISSING, Outcome.WRONG_TYPE))


def _alive_ids(staged: _Staged, stage: Stage) -> NDArray[np.bool_]:
    """Which of the load's ids are stated by a row that is written."""
    return _standing(staged, stage) > 0


def _standing(staged: _Staged, stage: Stage) -> NDArray[np.intp]:
    """How many rows that are written state each of the load's ids."""
    if not len(staged.rows):
        return np.zeros(0, dtype=np.intp)
    return np.add.reduceat(stage.book.alive(staged.rows).astype(np.intp), staged.starts)


def _named(fault: Fault, people: Mapping[int, set[str]]) -> Fault:
    names = people.get(fault.row)
    if not names:
        return fault
    return Fault(
        fault.row,
        fault.field,
        fault.value,
        fault.reason,
        fault.shape,
        fault.kind,
        fault.refers_to,
        sorted(names),
    )
