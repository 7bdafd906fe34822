"""What a write would do: outcomes row by row, from questions that only read; the same for every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress, repeat
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from graph.canonical import as_sets
from graph.kinds import IDENTITY, E, EdgeKind, N, Reference
from graph.lookup import TYPE_BITS, Flags, HeldEdges, HeldNodes, Ints, Lookup, key_of, packed, type_of
from graph.merge import REMOVED, Stated, merge_edges, merge_nodes, merge_repeats
from graph.rows import as_list
from graph.store import Batch, Block, Outcome

Erased = Callable[[Sequence[str]], Sequence[bool]]
"""Whether each learner id, or `system value` of an identity, was erased."""

_WRITTEN = np.isin(np.arange(len(Outcome)), [Outcome.ADDED, Outcome.CHANGED, Outcome.CONFLICT_TAKEN])
_ACTED = _WRITTEN | np.isin(np.arange(len(Outcome)), [Outcome.REMOVED, Outcome.RETIRED])


@dataclass
class Setting(Generic[N, E]):
    """What the blocks of one batch are planned in.

    `adding`: space -> ids that blocks planned before add, packed with key 0; `last`: no block comes after.
    """

    look: Lookup[N, E]
    source: int
    erased: Erased
    adding: dict[str, dict[str, int]] = field(default_factory=dict)
    last: bool = False


@dataclass
class Draft:
    """A block with what is to be done with each row."""

    block: Block
    versions: Ints
    hashes: Ints
    outcomes: NDArray[np.uint8]
    remember: Flags
    holders: dict[int, int] = field(default_factory=dict)  # row -> the owner's number
    keys: dict[str, dict[str, int]] = field(default_factory=dict)  # reference column -> id -> key, 0 if yet to be added

    def written(self) -> Flags:
        """Rows whose content is to be stored."""
        return _WRITTEN[self.outcomes]

    def acts(self) -> bool:
        """Whether anything is to be stored."""
        return bool(self.remember.any() or _ACTED[self.outcomes].any())

    def refuse(self, rows: Flags | Ints, outcome: Outcome) -> None:
        self.outcomes[rows] = outcome
        self.remember[rows] = False


@dataclass
class NodeDraft(Draft, Generic[N]):
    kind: N = field(kw_only=True)
    ids: list[str] = field(kw_only=True)
    found: HeldNodes = field(kw_only=True)

    def sorted_out(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """The rows to be added, taken over from who left them, changed, removed, retired."""
        new, written = (self.outcomes == Outcome.ADDED) & ~self.found.left, self.written()
        sets = (new, written & self.found.left, written & ~new)
        removed, retired = self.outcomes == Outcome.REMOVED, self.outcomes == Outcome.RETIRED
        added, taken, changed, gone, staying = map(np.flatnonzero, (*sets, removed, retired))
        return added, taken, changed, gone, staying


@dataclass
class EdgeDraft(Draft, Generic[E]):
    kind: E = field(kw_only=True)
    starts: list[str] = field(kw_only=True)
    ends: list[str] = field(kw_only=True)
    found: HeldEdges = field(kw_only=True)


def independent(batch: Batch) -> bool:
    """Whether no block removes anything and no two are of one type: then each can be planned before any is applied."""
    types = [block.type for block in batch.blocks]
    return len(set(types)) == len(types) and not any(block.removed for block in batch.blocks)


def plan_blocks(setting: Setting[N, E], blocks: Sequence[Block]) -> list[NodeDraft[N] | EdgeDraft[E]]:
    """The drafts of blocks that are all planned before any is applied."""
    drafts: list[NodeDraft[N] | EdgeDraft[E]] = []
    for left, block in zip(range(len(blocks) - 1, -1, -1), blocks, strict=True):
        setting.last = left == 0
        drafts.append(plan_block(setting, block))
    return drafts


def plan_block(setting: Setting[N, E], block: Block) -> NodeDraft[N] | EdgeDraft[E]:
    """One block's draft; the setting learns what the block adds."""
    kind = setting.look.layout.kind(block.type)
    for name in block.columns:
        if name.partition("@")[0] not in kind.properties and name not in ("id", "from", "to"):
            raise ValueError(f"{kind.name} has no property {name!r}: it has {', '.join(kind.properties)}")
    block = _with_sets(kind, block)
    if isinstance(kind, EdgeKind):
        return _plan_edges(setting, kind, block)
    return _plan_nodes(setting, kind, block)


def _with_sets(kind: N | E, block: Block) -> Block:
    """A list is a set: what counts as the same for the content hash and the digest is stored alike, in every engine."""
    lists = {name: as_sets(block.columns[name]) for name in block.columns if _is_list(kind, name)}
    return replace(block, columns={**block.columns, **lists}) if lists else block


def _is_list(kind: N | E, column: str) -> bool:
    each = kind.properties.get(column.partition("@")[0])
    return each is not None and each.many


def _column(block: Block, name: str) -> list[str]:
    return as_list(block.columns[name]) if len(block) else []


def _stated(block: Block) -> Stated:
    versions = np.array(as_list(block.versions), np.int64)
    if block.removed:
        return Stated(versions, np.full(len(versions), REMOVED))
    return Stated(versions, np.array(as_list(block.hashes), np.int64))


def _plan_nodes(setting: Setting[N, E], kind: N, block: Block) -> NodeDraft[N]:
    ids, rows = _column(block, "id"), _stated(block)
    found = setting.look.nodes(kind, ids, setting.source)
    merged = merge_nodes(rows, found.held, found.foreign)
    draft = NodeDraft(
        block, rows.versions, rows.hashes, merged.outcomes, merged.remember, kind=kind, ids=ids, found=found
    )
    draft.refuse(found.other_type, Outcome.WRONG_TYPE)
    foreign = np.flatnonzero(draft.outcomes == Outcome.FOREIGN).tolist()
    draft.holders = {row: int(found.sources[row]) for row in foreign}
    _settle_repeats(draft, ids)
    if block.removed:
        _retire(setting.look, draft)
        return draft
    _refuse_taken_ids(setting.look, draft)
    _refuse_erased(draft, setting.erased)
    _refuse_nodes_unresolved(setting, draft)
    return draft


def _settle_repeats(draft: Draft, names: Sequence[Any]) -> None:
    """A row that another row of the block beats is told so."""
    numbers: dict[Any, int] = {}
    if len(set(names)) == len(names):
        return
    positions = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.intp)
    loses, outcomes = merge_repeats(positions, Stated(draft.versions, draft.hashes))
    draft.outcomes[loses] = outcomes[loses]
    draft.remember[loses] = False


def _retire(look: Lookup[N, E], draft: NodeDraft[N]) -> None:
    going = np.flatnonzero(draft.outcomes == Outcome.REMOVED)
    keys = draft.found.keys[going]
    staying = look.referred(draft.kind, keys.tolist())
    draft.outcomes[going[np.isin(keys, list(staying))]] = Outcome.RETIRED


def _refuse_taken_ids(look: Lookup[N, E], draft: NodeDraft[N]) -> None:
    """An id is one node's only, whatever the key space."""
    new = (draft.outcomes == Outcome.ADDED) & (draft.found.keys == 0)
    ids = draft.ids if new.all() else list(compress(draft.ids, new.tolist()))
    taken = look.elsewhere(draft.kind.space, ids) if ids else set()
    if taken:
        draft.refuse(new & _among(draft.ids, taken), Outcome.WRONG_TYPE)


def _refuse_erased(draft: NodeDraft[N], erased: Erased) -> None:
    """Erased people, and identities that were theirs, do not come back."""
    if draft.kind.person == "id":
        names = draft.ids
    elif draft.kind.name == IDENTITY:
        nothing = [""] * len(draft.ids)
        parts = (draft.block.columns.get(name, nothing) for name in ("system", "value"))
        names = [f"{system} {value}" for system, value in zip(*parts, strict=True)]
    else:
        return
    draft.refuse(draft.written() & np.array(erased(names), bool), Outcome.ERASED)


def _refuse_nodes_unresolved(setting: Setting[N, E], draft: NodeDraft[N]) -> None:
    """Refuse rows with a reference that leads nowhere; a row may refer to another row of its own block."""
    kind, references = draft.kind, draft.kind.references.values()
    inward = any(kind.number in each.targets for each in references)
    if setting.last and not inward:
        _refuse_unresolved(setting, draft, references)
        return
    mine = setting.adding.setdefault(kind.space, {})
    adds = set(compress(draft.ids, (draft.outcomes == Outcome.ADDED).tolist()))
    mine.update(dict.fromkeys(adds, packed(0, kind.number)))
    refused = _refuse_unresolved(setting, draft, references)
    gone = list(adds.intersection(draft.ids[row] for row in refused))
    referring = _referring(draft, references, adds) if gone and inward else {}
    while gone:
        lost = gone.pop()
        del mine[lost]
        for row in referring.get(lost, ()):
            if _WRITTEN[draft.outcomes[row]]:
                if draft.outcomes[row] == Outcome.ADDED:
                    gone.append(draft.ids[row])
                draft.refuse(np.array([row]), Outcome.MISSING)


def _referring(draft: NodeDraft[N], references: Iterable[Reference], ids: set[str]) -> dict[str, list[int]]:
    """The rows to be written that refer to each of these ids."""
    rows: dict[str, list[int]] = {}
    for reference in references:
        column = draft.block.columns.get(reference.property.name)
        if column is None or reference.space != draft.kind.space:
            continue
        values = as_list(column)
        for row in np.flatnonzero(draft.written()).tolist():
            named = values[row] if reference.property.many else (values[row],)
            for id in ids.intersection(named or ()):
                rows.setdefault(id, []).append(row)
    return rows


def _refuse_unresolved(setting: Setting[N, E], draft: Draft, references: Iterable[Reference]) -> list[int]:
    """Refuse written rows whose references are missing, of a wrong type or erased; returns which."""
    refused: list[int] = []
    for reference in references:
        name, many = reference.property.name, reference.property.many
        column, written = draft.block.columns.get(name), draft.written()
        if column is None or not written.any():
            continue
        values = as_list(column)
        chosen = values if written.all() else list(compress(values, written.tolist()))
        keys, faults = _resolved(setting, reference, _distinct(chosen, many))
        draft.keys[name] = keys
        for row, value in zip(np.flatnonzero(written).tolist(), chosen, strict=True) if faults else ():
            named = value if many else (value,)
            worst = max((faults[id] for id in named or () if id in faults), default=None)
            if worst is not None:
                draft.refuse(np.array([row]), worst)
                refused.append(row)
    return refused


def _distinct(values: Sequence[Any], many: bool) -> set[str]:
    found = {id for value in values if value for id in value} if many else set(values)
    found.discard(None)
    return found


def _resolved(setting: Setting[N, E], reference: Reference, ids: set[str]) -> tuple[dict[str, int], dict[str, Outcome]]:
    """The keys of ids that a reference holds (0 for one that the batch adds), and what is wrong with ids."""
    known = setting.look.resolve(reference.space, ids)
    places = np.fromiter(map(known.get, ids, repeat(0)), np.int64, len(ids))
    if not places.all() and (added := setting.adding.get(reference.space)):
        places = np.fromiter((known.get(id) or added.get(id, 0) for id in ids), np.int64, len(ids))
    faults = {}
    wrong = ~reference.allows[type_of(places)]
    if wrong.any():
        people = bool(reference.targets & setting.look.layout.people)
        faults = dict.fromkeys(compress(ids, wrong.tolist()), Outcome.WRONG_TYPE)
        nowhere = list(compress(ids, (places == 0).tolist()))
        faults |= _absent(setting.look, reference.space, nowhere, setting.erased if people else None)
    return dict(zip(ids, key_of(places).tolist(), strict=True)), faults


def _absent(look: Lookup[N, E], space: str, ids: list[str], erased: Erased | None) -> dict[str, Outcome]:
    """Why ids are not in a space: another space has them, they were erased, or they are not there yet."""
    if not ids:
        return {}
    faults = dict.fromkeys(ids, Outcome.MISSING)
    faults.update(dict.fromkeys(look.elsewhere(space, ids), Outcome.WRONG_TYPE))
    if erased is not None:
        faults.update(dict.fromkeys(compress(ids, erased(ids)), Outcome.ERASED))
    return faults


def _plan_edges(setting: Setting[N, E], kind: E, block: Block) -> EdgeDraft[E]:
    starts, ends, rows = _column(block, "from"), _column(block, "to"), _stated(block)
    start_places = _places(setting, kind.start_space, starts)
    end_places = _places(setting, kind.end_space, ends)
    pairs = list(zip(starts, ends, strict=True))
    found = setting.look.edges(kind, key_of(start_places), key_of(end_places), pairs, setting.source)
    merged = merge_edges(rows, found.held, found.others, found.other_hashes)
    draft = EdgeDraft(
        block, rows.versions, rows.hashes, merged.outcomes, merged.remember,
        kind=kind, starts=starts, ends=ends, found=found,
    )  # fmt: skip
    foreign = np.flatnonzero(draft.outcomes == Outcome.FOREIGN).tolist()
    draft.holders = {row: int(found.other_sources[row]) for row in foreign}
    _settle_repeats(draft, pairs)
    if not block.removed:
        _refuse_ends(setting, draft, start_places, end_places)
        _refuse_unresolved(setting, draft, kind.references.values())
    return draft


def _places(setting: Setting[N, E], space: str, ids: list[str]) -> Ints:
    """Packed keys of ids; 0 for one that is not there, a type alone for one that the batch adds."""
    distinct = set(ids)
    known, adding = setting.look.resolve(space, distinct), setting.adding.get(space, {})
    places = {id: known.get(id) or adding.get(id, 0) for id in distinct}
    return np.fromiter(map(places.__getitem__, ids), np.int64, len(ids))


def _refuse_ends(setting: Setting[N, E], draft: EdgeDraft[E], start_places: Ints, end_places: Ints) -> None:
    """Refuse edges whose ends are not there, or are of types that this edge does not join."""
    kind, written = draft.kind, draft.written()
    absent = written & ((start_places == 0) | (end_places == 0))
    rows = np.flatnonzero(absent).tolist()
    lost_starts = {draft.starts[row] for row in rows if not start_places[row]}
    lost_ends = {draft.ends[row] for row in rows if not end_places[row]}
    starts = _absent(setting.look, kind.start_space, sorted(lost_starts), setting.erased)
    ends = _absent(setting.look, kind.end_space, sorted(lost_ends), setting.erased)
    worst = [max(starts.get(draft.starts[row], 0), ends.get(draft.ends[row], 0)) for row in rows]
    draft.outcomes[rows], draft.remember[rows] = worst, False
    pairs = (type_of(start_places) << TYPE_BITS) | type_of(end_places)
    joins = np.array([packed(start, end) for start, end in kind.joins], np.int64)
    draft.refuse(written & ~absent & ~np.isin(pairs, joins), Outcome.WRONG_TYPE)


def _among(values: Sequence[str], wanted: set[str]) -> Flags:
    return np.fromiter((value in wanted for value in values), bool, len(values))
