"""xAPI statements that are pushed: a batch is taken whole or not at all, and what was acknowledged stays.

What a statement says becomes the same rows as by file. They are written at once, without the stages of a load: these
rows are made here and can't be wrong, so all that may come of one is that what it is about is not there yet. Such a row
is loaded as any other, and waits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph.canonical import content_hashes
from graph.kinds import NODES
from graph.settings import Settings
from graph.store import Batch, Block, Node, Outcome, Store
from graph.viewer import OPERATOR
from loaders.sources.xapi_agents import Actor, Agents
from loaders.sources.xapi_ids import ENROLMENT, EVIDENCE, STATEMENT, VERSION, voiding_of
from loaders.sources.xapi_statement import Fact, Reader, Said, folded_facts, seconds
from loaders.sources.xapi_voids import (
    Kept,
    NotTheirs,
    Told,
    keys_of,
    learners_of,
    local_of,
    not_voidable,
    sources_of,
    voids_of,
)
from loaders.strict import Unreadable
from ontology.model import Datatype, NodeType
from ontology.values import parse_decimal

_PREFIXES = {"Evidence": EVIDENCE, "Enrolment": ENROLMENT}
_TO_TELL = (Outcome.MISSING, Outcome.WRONG_TYPE, Outcome.FOREIGN, Outcome.CONFLICT_KEPT)
"""Outcomes of a fact that a load keeps with their reasons: it waits, is refused, or contradicts another."""


class Clash(ValueError):
    """Another statement, or another source, has the id."""

    def __init__(self, id: str, reason: str) -> None:
        super().__init__(reason)
        self.id, self.reason = id, reason


class Erased(ValueError):
    """A statement names a person who was erased."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch."""

    ids: Sequence[str]  # of the statements, in their order
    waiting: int = 0  # facts that wait for what they are about


class Intake:
    """Takes statements into one store; several threads may use it."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self.reader = Reader(Agents(store.ledger.secret), store.model.prefixes)
        self._kept = Kept(store, self.reader)
        self._turn = threading.Lock()

    def take(self, source: str, values: Sequence[Mapping[str, Any]], now: int) -> Taken:
        """Write the statements, each with an id, by the name of a source.

        Raises `Unreadable`, whose field begins with the place of the statement, `Clash` or `Erased`; nothing is written
        then.
        """
        said = [self._read(place, value, now) for place, value in enumerate(values)]
        with self._turn:  # between the look at what is here and the write nobody of this process gets in
            fresh = self._fresh(said)
            self._check_people(fresh)
            self._check_voids(source, fresh)
            waiting = self._write(source, fresh) if fresh else 0
        return Taken([each.id for each in said], waiting)

    def _read(self, place: int, value: Mapping[str, Any], now: int) -> Said:
        try:
            return self.reader.read(value, now)
        except Unreadable as error:
            raise Unreadable(f"[{place}].{error.field}", error.reason, error.value) from error

    def _fresh(self, said: Sequence[Said]) -> list[Said]:
        """Those that are not here yet; raises for an id that another statement has."""
        by_id = {each.id: each for each in said}
        if len(by_id) < len(said):
            ids = [each.id for each in said]
            twice = next(id for id in ids if ids.count(id) > 1)
            raise Unreadable("id", "stands twice in the batch: send each statement once", twice)
        ids = [f"{STATEMENT}:{id}" for id in by_id]
        there = [id for id, is_here in zip(ids, self._here("Statement", ids), strict=True) if is_here]
        for id, node in self._store.many(there, OPERATOR).items() if there else ():
            plain = id.partition(":")[2]
            if not _same(by_id.pop(plain), node):
                raise Clash(plain, "another statement has this id: give yours another")
        return list(by_id.values())

    def _check_people(self, fresh: Sequence[Said]) -> None:
        texts = {text for said in fresh for actor in said.actors for text in actor.texts}
        if any(self._store.ledger.erased(sorted(texts))):
            raise Erased("a statement names a person who was erased here")

    def _check_voids(self, source: str, fresh: Sequence[Said]) -> None:
        """Raise for a statement that can't be taken back, or not by this source."""
        voids = voids_of(fresh)
        for said in fresh:
            if said.voids is not None and said.id in voids:
                raise not_voidable(said.id)
        for id, error in self._kept.refused(list(voids), source).items():
            raise Clash(id, error.reason) if isinstance(error, NotTheirs) else error

    def _write(self, source: str, fresh: Sequence[Said]) -> int:
        facts, voidings = self._settled(source, fresh)
        people = self._people(self._strangers({actor.id: actor for said in fresh for actor in said.actors}))
        facts, absent = self._parted(facts)
        waiting = 0
        if absent:  # held before the statements are acknowledged: who sends them again after a crash sends these too
            self._store.write(Batch(source, None, [block for block in people if len(block)]))
            waiting = self._wait(source, absent)
        blocks = [
            *people,
            self._block("Statement", [_statement(said) for said in fresh], [int(VERSION)] * len(fresh)),
            *self._facts(facts),
            *self._voidings(voidings),
        ]
        blocks = [block for block in blocks if len(block)]
        receipt = self._store.write(Batch(source, None, blocks))
        for block, outcomes in zip(blocks, receipt.outcomes, strict=True):
            if block.type == "Statement":
                _check_written(block, outcomes.tolist())
        missed = self._missed(blocks, receipt.outcomes, facts)
        waiting += self._wait(source, missed) if missed else 0
        return waiting + self._crossed(source, fresh, [*facts, *absent])

    def _crossed(self, source: str, fresh: Sequence[Said], facts: Sequence[Fact]) -> int:
        """What another process voided, or said, at the same time: both look again after they wrote, so one sees it."""
        again, voidings = self._settled(source, fresh)
        known = {(fact.type, fact.id): fact for fact in facts}
        other = [fact for fact in again if known.get((fact.type, fact.id)) != fact]
        if not other:
            return 0
        blocks = [block for block in (*self._facts(other), *self._voidings(voidings)) if len(block)]
        receipt = self._store.write(Batch(source, None, blocks))
        missed = self._missed(blocks, receipt.outcomes, other)
        return self._wait(source, missed) if missed else 0

    def _settled(self, source: str, fresh: Sequence[Said]) -> tuple[list[Fact], list[dict[str, Any]]]:
        """What the statements say, with what voided statements say made anew; and the rows of voidings."""
        plain = folded_facts([fact for said in fresh for fact in said.facts])
        voids = voids_of(fresh)
        if not voids and not self._kept.any_voided():
            return plain, []
        there = self._kept.statements(list(voids))
        for node in there:
            if node.source != source:  # which stated it since the look before the write
                del voids[local_of(node)]
        targets = [fact for node in there if local_of(node) in voids for fact in self._kept.facts(node)]
        told = Told(voids=self._kept.voids({said.id: source for said in fresh if said.voids is None}) | voids)
        by_id = {said.id: said for said in fresh}
        voided = [fact for id in told.voids if id in by_id for fact in by_id[id].facts]
        contested = keys_of([*targets, *voided]) | self._kept.contested(list(keys_of(plain)), source)
        rows = [void.row(voiding_of(id, source), void.at) for id, void in voids.items()]
        if not contested:
            return plain, rows
        here = self._kept.of(learners_of([*targets, *plain]))
        for id, facts in {**self._kept.by_id(here), **{said.id: said.facts for said in fresh}}.items():
            told.add(id, facts, contested)
        told.voids = self._kept.voids(sources_of(here)) | told.voids
        facts, marks = told.settled(source)
        return [fact for fact in plain if (fact.type, fact.id) not in contested] + facts, [*rows, *marks]

    def _strangers(self, actors: Mapping[str, Actor]) -> list[tuple[Actor, bool, bool]]:
        """Those whose record or identity is not here yet, and which; whoever stated the others first states them."""
        people, told = (
            self._here(NODES, list(actors)),
            self._here("Identity", [each.identity for each in actors.values()]),
        )
        known = zip(actors.values(), people, told, strict=True)
        return [(actor, not person, not identity) for actor, person, identity in known if not (person and identity)]

    def _here(self, space: str, ids: Sequence[str]) -> list[bool]:
        """Which ids of a key space are here."""
        return [key != 0 for key in self._store.keys(space, ids).tolist()] if ids else []

    def _people(self, actors: Sequence[tuple[Actor, bool, bool]]) -> list[Block]:
        learners = [{"id": actor.id} for actor, is_new, _ in actors if is_new]
        rows = [
            {"id": actor.identity, "learner": actor.id, "system": actor.system, "value": actor.value}
            for actor, _, is_new in actors
            if is_new
        ]
        return [
            self._block(name, some, [int(VERSION)] * len(some))
            for name, some in (("Learner", learners), ("Identity", rows))
        ]

    def _parted(self, facts: Sequence[Fact]) -> tuple[list[Fact], list[Fact]]:
        """Facts about what is there, and about what is not there yet."""
        about = list({fact.about for fact in facts})
        there = dict(zip(about, self._here(NODES, about), strict=True))
        return [fact for fact in facts if there[fact.about]], [fact for fact in facts if not there[fact.about]]

    def _facts(self, facts: Sequence[Fact]) -> Iterable[Block]:
        for name, prefix in _PREFIXES.items():
            some = [fact for fact in facts if fact.type == name]
            rows = [{**fact.row, "id": f"{prefix}:{fact.id}"} for fact in some]
            yield self._block(name, rows, [fact.version for fact in some])

    def _voidings(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[Block]:
        plain = [{name: cell for name, cell in row.items() if name != "version"} for row in rows]
        yield self._block("Voiding", plain, [int(row["version"]) for row in rows])

    def _block(self, name: str, rows: Sequence[Mapping[str, Any]], versions: Sequence[int]) -> Block:
        kind = self._store.model.nodes[name]
        columns = {column: _held([row[column] for row in rows], kind, column) for column in (rows[0] if rows else ())}
        stated = [column for column in columns if column != "id"]
        hashes = (
            content_hashes(columns, stated) if stated else content_hashes({"nothing": [None] * len(rows)}, ["nothing"])
        )
        return Block(name, columns, versions, hashes)

    def _missed(self, blocks: Sequence[Block], outcomes: Sequence[Any], facts: Sequence[Fact]) -> list[Fact]:
        """Facts that were not written: what they are about is not there, or somebody else says otherwise."""
        found: list[Fact] = []
        for block, codes in zip(blocks, outcomes, strict=True):
            if block.type in _PREFIXES:
                some = [fact for fact in facts if fact.type == block.type]
                found += [fact for fact, code in zip(some, codes.tolist(), strict=True) if code in _TO_TELL]
        return found

    def _wait(self, source: str, facts: Sequence[Fact]) -> int:
        """Load the facts, so that those which can't be written are held with their reasons; how many wait."""
        from loaders.load import load_rows

        tables: dict[str, list[dict[str, Any]]] = {}
        for fact in facts:
            row = {**fact.row, "id": f"{_PREFIXES[fact.type]}:{fact.id}", "version": str(fact.version)}
            tables.setdefault(fact.type, []).append(row)
        return load_rows(self._store, source, tables, settings=self._settings).waiting


def _statement(said: Said) -> dict[str, Any]:
    return {**said.row, "id": f"{STATEMENT}:{said.id}"}


def _same(said: Said, node: Node) -> bool:
    """Whether a statement is the one that is kept; one without instant got it when it was stored."""
    mine, kept = orjson.loads(str(said.row["statement"])), orjson.loads(str(node.properties["statement"]))
    if not said.timed:
        mine.pop("timestamp", None)
        kept.pop("timestamp", None)
    return bool(mine == kept)


def _check_written(block: Block, codes: Sequence[int]) -> None:
    """Raise for a statement that could not be written: somebody took its id meanwhile."""
    refused = (Outcome.FOREIGN, Outcome.CONFLICT_KEPT, Outcome.CONFLICT_TAKEN, Outcome.WRONG_TYPE)
    for id, code in zip(block.columns["id"], codes, strict=True):
        if code in refused:
            raise Clash(str(id).partition(":")[2], "another statement has this id: give yours another")
        if code == Outcome.ERASED:
            raise Erased("a statement names a person who was erased here")


def _held(cells: list[Any], kind: NodeType, column: str) -> list[Any]:
    """Texts as held values."""
    if column == "id":
        return cells
    match kind.properties[column].datatype:
        case Datatype.INSTANT:
            return [None if cell is None else seconds(cell) for cell in cells]
        case Datatype.DECIMAL:
            return [None if cell is None else parse_decimal(cell) for cell in cells]
    return [tuple(cell) if isinstance(cell, list) else cell for cell in cells]
