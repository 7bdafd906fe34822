"""Statements taken back: what evidence is when some of the statements that tell it were voided.

A piece of evidence that no voided statement tells is what the latest of its statements says. One that a voided
statement tells is made anew of all its statements that are known, so that it comes out the same whatever came first:
what the latest that still stands says, else withdrawn. Its version rises with each statement and each voiding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from graph.store import Node, Store
from graph.viewer import OPERATOR
from loaders.sources.xapi_ids import STATEMENT, contested_of, voiding_of
from loaders.sources.xapi_result import VOIDED
from loaders.sources.xapi_statement import Fact, Reader, Said, folded_facts, seconds
from loaders.strict import Unreadable
from ontology.values import format_instant

Key = tuple[str, str]
"""Type and local id of a fact."""


@dataclass(frozen=True, slots=True)
class Void:
    """Who took a statement back, and when."""

    by: str
    at: int
    learner: str | None  # who did it; None for a group

    def row(self, id: str, version: int) -> dict[str, Any]:
        """As a row of Voiding."""
        moment = format_instant(self.at)
        return {"id": id, "learner": self.learner, "voided_by": self.by, "voided_at": moment, "version": version}


@dataclass(slots=True)
class Told:
    """Facts by key, with the statements that tell them; and the statements that are voided."""

    facts: dict[Key, dict[str, Fact]] = field(default_factory=dict)
    voids: dict[str, Void] = field(default_factory=dict)

    def add(self, statement: str, facts: Iterable[Fact], keys: frozenset[Key] | set[Key]) -> None:
        """Take what a statement says of some keys."""
        for fact in facts:
            if (key := (fact.type, fact.id)) in keys:
                self.facts.setdefault(key, {})[statement] = fact

    def settled(self, source: str) -> tuple[list[Fact], list[dict[str, Any]]]:
        """What each key is now, and the rows by which a source marks it as one to look at again."""
        found, marks = [], []
        for key, told in self.facts.items():
            voids = {statement: self.voids[statement] for statement in told if statement in self.voids}
            if voids:
                fact = _settled(told, voids)
                last = max(voids.values(), key=lambda void: (void.at, void.by))
                found.append(fact)
                marks.append(last.row(contested_of(key[1], source), fact.version))
            else:
                found += folded_facts(list(told.values()))
        return found, marks


def _settled(told: Mapping[str, Fact], voids: Mapping[str, Void]) -> Fact:
    standing = [fact for statement, fact in told.items() if statement not in voids]
    (fact,) = folded_facts(standing or list(told.values()))
    last = max(void.at for void in voids.values())
    version = max([last, *(each.version for each in told.values())]) + len(told) + len(voids)
    if standing:
        return replace(fact, version=version)
    moment = format_instant(last)
    over = {"withdrawn_at": moment} if fact.type == "Evidence" else {"status": "withdrawn", "ended_at": moment}
    return replace(fact, row={**fact.row, **over}, version=version)


class NotTheirs(Unreadable):
    """A statement is to be taken back by a source that did not state it."""


class Kept:
    """What a store holds of statements."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store, self._reader = store, reader

    def any_voided(self) -> bool:
        """Whether any statement was ever voided here."""
        return bool(self._store.page("Voiding", OPERATOR, limit=1))

    def voids(self, statements: Mapping[str, str]) -> dict[str, Void]:
        """Which of the statements (id -> the source that states it) that source took back."""
        ids = {voiding_of(each, source): each for each, source in statements.items()}
        nodes = self._store.many(list(ids), OPERATOR)
        return {ids[id]: _void(node) for id, node in nodes.items() if node.source == statements[ids[id]]}

    def contested(self, keys: Sequence[Key], source: str) -> set[Key]:
        """Which facts a voided statement of the source tells."""
        ids = [contested_of(local, source) for _, local in keys]
        found = self._store.keys("Voiding", ids).tolist() if ids else []
        return {key for key, number in zip(keys, found, strict=True) if number}

    def statements(self, ids: Sequence[str]) -> list[Node]:
        """Those of the statements that are here."""
        return list(self._store.many([f"{STATEMENT}:{each}" for each in ids], OPERATOR).values()) if ids else []

    def of(self, learners: Sequence[str]) -> list[Node]:
        """Every statement here of these learners."""
        return self._store.facts("Statement", {"learner": learners}, OPERATOR) if learners else []

    def refused(self, statements: Sequence[str], source: str) -> dict[str, Unreadable]:
        """Those of the statements here that a source can't take back, each with why."""
        found: dict[str, Unreadable] = {}
        for node in self.statements(statements):
            id = local_of(node)
            if node.properties["verb"] == VOIDED:
                found[id] = not_voidable(id)
            elif node.source != source:
                found[id] = NotTheirs("object.id", "another source stated it: only that one takes it back", id)
        return found

    def by_id(self, nodes: Iterable[Node]) -> dict[str, list[Fact]]:
        """What statements say, by their ids."""
        return {local_of(node): self.facts(node) for node in nodes}

    def facts(self, node: Node) -> list[Fact]:
        """What a statement says."""
        learner = node.properties.get("learner")
        if learner is None:
            return []
        value = orjson.loads(str(node.properties["statement"]))
        time = value.get("timestamp")
        return self._reader.facts(value, str(learner), None if time is None else seconds(time), time)


def local_of(node: Node) -> str:
    """The id of a kept statement, as xAPI has it."""
    return node.id.partition(":")[2]


def sources_of(nodes: Iterable[Node]) -> dict[str, str]:
    """The sources that state statements, by the statements' ids."""
    return {local_of(node): node.source for node in nodes}


def not_voidable(statement: str) -> Unreadable:
    """Why a statement that voids can't be taken back itself."""
    reason = "voids another statement, and can't be voided itself: send the other statement again under a new id"
    return Unreadable("object.id", reason, statement)


def _void(node: Node) -> Void:
    held = node.properties
    learner = held.get("learner")
    return Void(str(held["voided_by"]), int(str(held["voided_at"])), None if learner is None else str(learner))


def keys_of(facts: Iterable[Fact]) -> set[Key]:
    """The keys of facts."""
    return {(fact.type, fact.id) for fact in facts}


def learners_of(facts: Iterable[Fact]) -> list[str]:
    """Whom facts are about."""
    return list(dict.fromkeys(str(fact.row["learner"]) for fact in facts))


def voids_of(voiders: Iterable[Said]) -> dict[str, Void]:
    """What statements that void do, by the statement taken back; of two that take back the same one the latest."""
    found: dict[str, Void] = {}
    for said in voiders:
        if said.voids is not None:
            void = Void(said.id, said.at or 0, said.row["learner"])
            found[said.voids] = max(found.get(said.voids, void), void, key=lambda each: (each.at, each.by))
    return found
