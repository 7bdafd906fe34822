"""Files of statements read: to rows of every table, with what voided statements told made anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import orjson

from graph.kinds import NODES
from loaders.errors import LoadError
from loaders.readers.documents import Item, Unread
from loaders.rows import shown
from loaders.source import BadRow, Chunk, Config
from loaders.sources.signs import looks_like, not_this
from loaders.sources.xapi_agents import Actor, Agents
from loaders.sources.xapi_files import statements
from loaders.sources.xapi_ids import ACTOR, IDENTITY, VERSION, voiding_of
from loaders.sources.xapi_result import OUTCOMES, VOIDED
from loaders.sources.xapi_rows import TABLES_OF, Rows, fact_cells, void_cells
from loaders.sources.xapi_statement import NO_ID, TAKEN_UP, Fact, Reader, Said, folded_facts, verb_of
from loaders.sources.xapi_voids import (
    Kept,
    Key,
    Told,
    keys_of,
    learners_of,
    not_voidable,
    sources_of,
    voids_of,
)
from loaders.strict import Unreadable

AT_ONCE = 25_000
"""Statements of a chunk."""

_SAYS = {*OUTCOMES, *TAKEN_UP, VOIDED}


class Reading:
    """One load's reading of files, once for what they say and, where statements are voided, once more for that."""

    def __init__(self, config: Config) -> None:
        if config.secret is None:
            raise LoadError("people's ids need the deployment's secret: set SKILLGRAPH_SECRET")
        self._config = config
        self._reader = Reader(Agents(config.secret), config.model.prefixes)
        self._kept = Kept(config.store, self._reader) if config.store else None
        self._told, self._contested = Told(), set[Key]()
        self._pending: list[tuple[str, Sequence[Fact]]] = []  # what was read since the last chunk, by statement
        self._stated: set[str] = set()  # actors that are stated already
        self._gone: dict[str, bool] = {}  # actor -> whether who has the id or the identity was erased
        self._voiders: set[str] = set()  # statements that void
        self._refused: dict[str, Unreadable] = {}  # statements that can't be taken back, each with why

    def rows(self) -> Iterator[Chunk]:
        self._find_voids()
        looks = self._kept is not None and (bool(self._told.voids) or self._kept.any_voided())
        rows: Rows | None = None
        for item in self._items():
            file = item.file
            if rows is None or rows.file != file or len(rows.numbers) + len(rows.bad) >= AT_ONCE:
                yield from self._let_out(rows, looks)
                if rows is None:
                    _refuse_others(item)
                rows = rows if rows is not None and rows.file == file else Rows(file)
            self._take(item, rows)
        yield from self._let_out(rows, looks)
        if self._contested:
            yield from self._settled(file)

    def _items(self, holding: bytes = b"") -> Iterator[Item | Unread]:
        return statements(self._config.paths, self._config.max_field, holding)

    def _find_voids(self) -> None:
        """The statements that voids of these files take back, and what is kept of them, before any of them is read."""
        voids = voids_of(self._voiding())
        self._refused = {id: not_voidable(id) for id in self._voiders & voids.keys()}
        if self._kept is not None:
            self._refused |= self._kept.refused(list(voids), self._config.name)
        self._told.voids = {id: void for id, void in voids.items() if id not in self._refused}
        if self._kept is not None:
            there = self._kept.statements(list(self._told.voids))
            self._contested |= keys_of(fact for node in there for fact in self._kept.facts(node))

    def _voiding(self) -> Iterator[Said]:
        """Statements that void, noted as such; what is wrong with others is told when the rows are read."""
        for item in self._items(b"voided"):
            if not isinstance(item, Item) or not _is_void(item.value):
                continue
            with suppress(Unreadable):
                said = self._reader.read(item.value)
                if said.at is not None and not self._names_erased(said):
                    self._voiders.add(said.id)
                    yield said

    def _take(self, item: Item | Unread, rows: Rows) -> None:
        if isinstance(item, Unread):
            rows.bad.append(item.bad)
            return
        try:
            verb = verb_of(item.value) if isinstance(item.value, dict) else VOIDED
            if verb not in _SAYS:
                self._skip(item, verb, rows, "no")
                return
            said = self._reader.read(item.value)
            if self._names_erased(said):
                self._skip(item, verb, rows, "erased")
                return
            if said.voids is not None:
                self._check_void(said)
        except Unreadable as error:
            rows.bad.append(_bad(item, error))
            return
        self._add(item.row, said, rows)

    def _add(self, number: int, said: Said, rows: Rows) -> None:
        rows.numbers.append(number)
        rows.unmarked += NO_ID in said.flags
        row = said.row
        rows.tables["statements"].append(
            (
                *(said.id, row["verb"], row["object"], row["registration"]),
                *(row["learner"], row["mentions"], row["statement"], "yes", VERSION),
            )
        )
        for actor in said.actors:
            self._state(actor, rows)
        if said.voids is not None:
            void = self._told.voids.get(said.voids) or voids_of([said])[said.voids]
            rows.tables["voidings"].append(void_cells(void.row(voiding_of(said.voids, self._config.name), void.at)))
        if said.facts:
            self._pending.append((said.id, said.facts))

    def _names_erased(self, said: Said) -> bool:
        """Whether somebody in it was erased, who may have had another id then."""
        return any(map(self._is_gone, said.actors))

    def _is_gone(self, actor: Actor) -> bool:
        store = self._config.store
        if store is not None and actor.id not in self._gone:
            self._gone[actor.id] = any(store.ledger.erased(actor.texts))
        return self._gone.get(actor.id, False)

    def _skip(self, item: Item, verb: str, rows: Rows, says: str) -> None:
        rows.numbers.append(item.row)
        id = item.value.get("id")
        text = id if isinstance(id, str) else str(item.row)
        rows.tables["statements"].append((text, verb, None, None, None, None, None, says, VERSION))

    def _state(self, actor: Actor, rows: Rows) -> None:
        if actor.id not in self._stated:
            self._stated.add(actor.id)
            local = actor.id.partition(":")[2]
            rows.tables["actors"].append((local, VERSION))
            rows.tables["identities"].append((local, actor.system, actor.value, VERSION))

    def _check_void(self, said: Said) -> None:
        if said.at is None:
            raise Unreadable("timestamp", "is missing: say when the statement was taken back")
        if said.voids in self._refused:
            raise self._refused[said.voids]

    def _let_out(self, rows: Rows | None, looks: bool) -> Iterator[Chunk]:
        if rows is None:
            return
        pending = self._pending
        facts = folded_facts([fact for _, some in pending for fact in some])
        if looks:
            self._look(pending)
            facts = [fact for fact in facts if (fact.type, fact.id) not in self._contested]
        else:
            self._contested |= keys_of(fact for id, some in pending if id in self._told.voids for fact in some)
        for fact in facts:
            rows.tables[TABLES_OF[fact.type]].append(fact_cells(fact))
        self._forget_known(rows)
        yield from rows.let_out()
        self._pending = []

    def _forget_known(self, rows: Rows) -> None:
        """People that the store has are not stated again: whoever stated them first states them."""
        store = self._config.store
        for table, space, prefix in (("actors", NODES, ACTOR), ("identities", "Identity", IDENTITY)):
            some = rows.tables[table]
            if store is not None and some:
                keys = store.keys(space, [f"{prefix}:{local}" for local, *_ in some]).tolist()
                rows.tables[table] = [row for row, key in zip(some, keys, strict=True) if not key]

    def _look(self, pending: Sequence[tuple[str, Sequence[Fact]]]) -> None:
        """Note the facts that a voided statement tells, in these files or in the store."""
        assert self._kept is not None
        stored = self._kept.voids(dict.fromkeys((id for id, _ in pending), self._config.name))
        self._told.voids |= {id: void for id, void in stored.items() if id not in self._told.voids}
        voided = [fact for id, some in pending if id in self._told.voids for fact in some]
        keys = list(keys_of(fact for _, some in pending for fact in some))
        self._contested |= keys_of(voided) | self._kept.contested(keys, self._config.name)

    def _settled(self, file: str) -> Iterator[Chunk]:
        """The facts that voided statements tell, made of every statement that tells them."""
        told, people = self._told, dict[str, None]()
        for item in self._items():
            if isinstance(item, Item) and isinstance(item.value, dict):
                try:
                    said = self._reader.read(item.value)
                except Unreadable:
                    continue  # told when the rows were read
                if not self._names_erased(said):
                    told.add(said.id, said.facts, self._contested)
        if self._kept is not None:
            people |= dict.fromkeys(learners_of(fact for some in told.facts.values() for fact in some.values()))
            self._add_kept(told, people)
        facts, marks = told.settled(self._config.name)
        rows = Rows(f"{file}/voided")
        for fact in facts:
            rows.tables[TABLES_OF[fact.type]].append(fact_cells(fact))
        rows.tables["voidings"] = [void_cells(mark) for mark in marks]
        yield from rows.let_out()

    def _add_kept(self, told: Told, people: Iterable[str]) -> None:
        assert self._kept is not None
        there = self._kept.statements(list(told.voids))
        learners = [*people, *learners_of(fact for node in there for fact in self._kept.facts(node))]
        kept = self._kept.of(list(dict.fromkeys(learners)))
        for statement, facts in self._kept.by_id(kept).items():
            told.add(statement, facts, self._contested)
        told.voids = self._kept.voids(sources_of(kept)) | told.voids


def _refuse_others(first: Item | Unread) -> None:
    """Raise for files of another format, known by their first value."""
    found = looks_like(first.value) if isinstance(first, Item) else None
    if found not in (None, "xAPI statements"):
        raise not_this(found, "xAPI statements", first.file, "")


def _is_void(value: Any) -> bool:
    verb = value.get("verb") if isinstance(value, dict) else None
    return isinstance(verb, dict) and verb.get("id") == VOIDED


def _bad(item: Item, error: Unreadable) -> BadRow:
    text = orjson.dumps(item.value).decode()
    return BadRow(item.row, error.field, shown(error.value), str(error), {"statement": text})
